"""Embeddings, whose input may be token ids: LangChain sends them so unless told otherwise."""

from panda_addon.wire.shape import Route, Shape

ROUTES = (Route("POST", "/v1/embeddings", "embeddings", Shape(end_user=("user",), tokens=("input",))),)
