"""Moderations."""

from panda_addon.wire.shape import Route, Shape

ROUTES = (Route("POST", "/v1/moderations", "moderations", Shape(free=True)),)
