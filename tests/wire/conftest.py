"""Reading a golden body: what the room says of it, beside what its file says it holds."""

import json
from pathlib import Path

import pytest

from panda_addon.wire.read import Head, read_answer, read_request
from panda_addon.wire.route import find

JSON = Head("application/json")


def summary(exchange):
    """What an exchange says, in the form the golden files have."""
    cap = exchange.output_cap
    return {
        "endpoint": exchange.endpoint,
        "texts": [span.pointer for span in exchange.spans if not span.key],
        "names": [span.pointer for span in exchange.spans if span.key],
        "uninspected": [[part.at, part.reason, part.text] for part in exchange.uninspected],
        "model": exchange.model,
        "end_user": exchange.end_user,
        "caps": dict(cap.given) if cap else None,
        "answers": cap.answers if cap else None,
        "stream": exchange.stream,
        "usage": [getattr(exchange.usage, name) for name in exchange.usage.__slots__] if exchange.usage else None,
    }


def _read(file: Path):
    case = json.loads(file.read_bytes())
    target = find(case["method"], case["path"])
    body = json.dumps(case["body"]).encode()
    if case["side"] == "request":
        exchange, document = read_request(target, case["method"], JSON, body)
    else:
        exchange, document = read_answer(target, JSON, body)
    return exchange, document, body, case["expect"]


@pytest.fixture
def golden():
    """A function from a golden file to the exchange read, its document, its bytes and what is expected of it."""
    return _read


@pytest.fixture
def summarise():
    """A function from an exchange to the form of the golden files."""
    return summary
