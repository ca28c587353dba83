"""What goes wrong on the wire, whose fault it is, and the body a refusal has."""

import json

from panda_addon.verdict import Refusal
from panda_addon.wire.names import unescape

TOO_LARGE = 413

# Every answer has it, forwarded or not.
DECISION_HEADER = "x-panda-decision"


class WireError(Exception):
    """Bytes that cannot be read for certain.

    `reason` is one sentence without any of the bytes, fit for the client and the log; `status` is what HTTP would
    answer if the client is at fault. 400 is the one status that every OpenAI client reports at once without retrying.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def error_object(refusal: Refusal, policy: str | None, decision: str) -> dict[str, str | None]:
    """The refusal as OpenAI writes an error, naming the policy and the decision's id."""
    by = f"policy '{policy}'" if policy else "the proxy"
    return {
        "message": f"Blocked by {by}: {refusal.message}. Decision {decision}",
        "type": "invalid_request_error",
        "param": refusal.param,
        "code": refusal.code,
    }


def error_body(refusal: Refusal, policy: str | None, decision: str) -> bytes:
    """The refusal as the JSON body of an answer."""
    return json.dumps({"error": error_object(refusal, policy, decision)}).encode()


def error_headers(decision: str) -> tuple[tuple[str, str], ...]:
    """The header fields of a refusal, which keep clients from trying again."""
    return (
        ("content-type", "application/json"),
        ("x-should-retry", "false"),
        ("x-request-id", decision),
        (DECISION_HEADER, decision),
    )


def parameter(pointer: str) -> str | None:
    """A JSON pointer as OpenAI names a parameter: `/messages/0/content` is `messages[0].content`."""
    name = ""
    for part in map(unescape, pointer.split("/")[1:]):
        name += f"[{part}]" if part.isdecimal() else f".{part}" if name else part
    return name or None
