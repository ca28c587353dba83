"""Chat completions, and the stored ones."""

from panda_addon.wire.shape import Route, Shape

CREATE = Shape(
    caps=("max_completion_tokens", "max_tokens"),
    answers=("n",),
    end_user=("safety_identifier", "user"),
    reports_on_demand=True,
)

ROUTES = (
    Route("POST", "/v1/chat/completions", "chat.completions", CREATE),
    Route("GET", "/v1/chat/completions", "chat.completions"),
    Route("GET", "/v1/chat/completions/{}", "chat.completions"),
    Route("POST", "/v1/chat/completions/{}", "chat.completions", Shape(model=False)),
    Route("DELETE", "/v1/chat/completions/{}", "chat.completions"),
    Route("GET", "/v1/chat/completions/{}/messages", "chat.completions"),
)
