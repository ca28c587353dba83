"""What the stand-in answers: the shapes of OpenAI's answers, with as little in them as the SDK needs."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Received:
    """A request as it reached the stand-in, its body byte for byte."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    version: str

    @property
    def json(self):
        """The body's JSON."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What to send back, chunk by chunk; `cut` breaks off at the end instead of ending.

    With `hold` everything behind the first chunk waits for that event, up to a minute. `gone` is set when the other
    side closes the connection, or resets the stream, before all of it is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    chunks: list[bytes] = field(default_factory=list)
    cut: bool = False
    hold: threading.Event | None = None
    gone: threading.Event = field(default_factory=threading.Event)


def as_json(value: object, status: int = 200) -> Answer:
    """A JSON answer."""
    headers = {"content-type": "application/json", "x-request-id": "req_standin"}
    return Answer(status, headers, [json.dumps(value).encode()])


def as_stream(chunks: list[bytes], **more) -> Answer:
    """A streamed answer, labelled as OpenAI does; `more` are the answer's other members."""
    headers = {"content-type": "text/event-stream; charset=utf-8", "x-request-id": "req_standin"}
    return Answer(**{"headers": headers, "chunks": chunks, **more})


def answer(received: Received, text: str = "Hello there") -> Answer:
    """The usual answer to a request; `text` is what the model says."""
    path = received.path.partition("?")[0]
    if received.method == "GET":
        return as_json(
            {"object": "list", "data": [{"id": "gpt-6-luna", "object": "model", "created": 1, "owned_by": "o"}]}
        )
    body = received.json
    if body.get("stream"):
        return Answer(headers={"content-type": "text/event-stream"}, chunks=list(events(text)))
    if path == "/v1/audio/speech":
        return Answer(headers={"content-type": "audio/mpeg"}, chunks=[b"\xff\xf3" + bytes(2000)])
    return as_json(_SHAPES[path](text))


def events(text: str) -> Iterator[bytes]:
    """A chat completion as server-sent events, a word at a time."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-6-luna"}
    for word in text.split(" "):
        chunk = {**base, "choices": [{"index": 0, "delta": {"content": word + " "}, "finish_reason": None}]}
        yield b"data: " + json.dumps(chunk).encode() + b"\n\n"
    last = {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield b"data: " + json.dumps(last).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


def _chat(text: str) -> dict:
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-6-luna",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {
            "prompt_tokens": 30,
            "completion_tokens": 7,
            "total_tokens": 37,
            "prompt_tokens_details": {"cached_tokens": 4},
        },
    }


def _response(text: str) -> dict:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "gpt-6-luna",
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 17,
        },
    }


def _completion(text: str) -> dict:
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "davinci-002", "choices": [choice]}


def _embedding(_text: str) -> dict:
    data = [{"object": "embedding", "index": 0, "embedding": [0.125, -1.5]}]
    return {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 3, "total_tokens": 3}}


def _moderation(_text: str) -> dict:
    result = {"flagged": False, "categories": {"sexual": False}, "category_scores": {"sexual": 0.1}}
    return {"id": "modr-1", "model": "omni-moderation-latest", "results": [result]}


def _image(text: str) -> dict:
    return {"created": 1, "data": [{"b64_json": "iVBORw0KGgo" * 8, "revised_prompt": text}]}


_SHAPES = {
    "/v1/chat/completions": _chat,
    "/v1/responses": _response,
    "/v1/completions": _completion,
    "/v1/embeddings": _embedding,
    "/v1/moderations": _moderation,
    "/v1/images/generations": _image,
}
