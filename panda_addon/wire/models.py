"""The list of models."""

from panda_addon.wire.shape import Route

ROUTES = (
    Route("GET", "/v1/models", "models"),
    Route("GET", "/v1/models/{}", "models"),
    Route("DELETE", "/v1/models/{}", "models"),
)
