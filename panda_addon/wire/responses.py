"""Responses over HTTP: created, read back, counted, compacted."""

from panda_addon.wire.shape import Route, Shape

STORED = ("previous_response_id", "conversation", "prompt")

CREATE = Shape(caps=("max_output_tokens",), end_user=("safety_identifier", "user"), stored=STORED)

ROUTES = (
    Route("POST", "/v1/responses", "responses", CREATE),
    Route("GET", "/v1/responses/{}", "responses"),
    Route("DELETE", "/v1/responses/{}", "responses"),
    Route("POST", "/v1/responses/{}/cancel", "responses"),
    Route("GET", "/v1/responses/{}/input_items", "responses"),
    Route("POST", "/v1/responses/input_tokens", "responses", Shape(stored=STORED, free=True)),
    Route("POST", "/v1/responses/compact", "responses", Shape(stored=STORED)),
)
