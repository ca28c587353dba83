"""How a stream ends that must not go on, in the words that its client understands.

HTTP has said 200 by then. What each client makes of what was found by trying them: the openai SDKs raise on an `error`
member; Codex ends without retrying only on `response.failed` with a code it knows.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Literal

from panda_addon.verdict import Refusal
from panda_addon.wire.errors import error_object
from panda_addon.wire.strictjson import Json

# Numbers beyond this are not the same to every reader of JSON.
_MAX_NUMBER = 1 << 53

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(slots=True)
class Progress:
    """What must be known of a stream to end it: which kind it is, the last number, the head of its response."""

    kind: Literal["chunks", "responses", "typed"] = "chunks"
    number: int = -1
    response: dict[str, Json] = field(default_factory=dict)

    def sent(self, number: int | None) -> None:
        """Take note of the number that an event left with."""
        if number is not None:
            self.number = max(self.number, number)

    def note(self, value: dict[str, Json]) -> None:
        """Take note of an event."""
        name = value.get("type")
        if isinstance(name, str) and self.kind != "responses":
            self.kind = "responses" if name.startswith("response.") else "typed"
        response = value.get("response")
        if isinstance(response, dict) and not self.response:
            self.response = {name: response[name] for name in ("id", "model", "created_at") if name in response}


def numbered(value: dict[str, Json]) -> int | None:
    """The number of an event in its stream, if it has one that can be believed."""
    number = value.get("sequence_number")
    return number if type(number) is int and 0 <= number < _MAX_NUMBER else None


def ending(progress: Progress, refusal: Refusal, policy: str | None, decision: str) -> bytes:
    """The events that end a stream."""
    error = error_object(refusal, policy, decision)
    if progress.kind == "chunks":
        return f"data: {json.dumps({'error': error})}\n\ndata: [DONE]\n\n".encode()
    number = progress.number + 1
    failed: dict[str, object] = {
        "type": "response.failed",
        "sequence_number": number,
        "response": _failed(progress, error),
    }
    flat = {"code": error["code"], "message": error["message"], "param": error["param"]}
    last: dict[str, object] = {"type": "error", "sequence_number": number + 1, **flat, "error": error}
    events = [failed, last] if progress.kind == "responses" else [last | {"sequence_number": number}]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def _failed(progress: Progress, error: dict[str, str | None]) -> dict[str, object]:
    """A response that failed with the one code for which no client tries again."""
    head = progress.response
    name, model, created = head.get("id"), head.get("model"), head.get("created_at")
    return {
        "id": name if isinstance(name, str) and _ID.fullmatch(name) else "resp_blocked",
        "object": "response",
        "created_at": created if isinstance(created, (int, float)) and 0 < created < _MAX_NUMBER else 0,
        "status": "failed",
        "error": {"code": "invalid_prompt", "message": error["message"]},
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": model if isinstance(model, str) and _ID.fullmatch(model) else "unknown",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }
