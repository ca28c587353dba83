"""Image generation from a prompt."""

from panda_addon.wire.shape import Route, Shape

ROUTES = (Route("POST", "/v1/images/generations", "images.generations", Shape(end_user=("safety_identifier", "user"))),)
