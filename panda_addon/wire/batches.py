"""Batches, read back: one says what it took. Making one sends nothing but a file's id."""

from panda_addon.wire.shape import Route

ROUTES = (Route("GET", "/v1/batches/{}", "batches"),)
