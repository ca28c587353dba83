"""The endpoint families, each by its golden bodies: a body, and what the room should say of it."""

import json
from dataclasses import astuple
from pathlib import Path

import pytest

from panda_addon.wire.read import Head, read_answer, read_request
from panda_addon.wire.route import ENDPOINTS, find

DATA = Path(__file__).parent.parent / "data"
FILES = sorted(DATA.glob("*/*.json"))
JSON = Head("application/json")


def read(file: Path):
    """The exchange and document in a golden file, its bytes, and what is expected of it."""
    case = json.loads(file.read_bytes())
    target = find(case["method"], case["path"])
    body = json.dumps(case["body"]).encode()
    if case["side"] == "request":
        exchange, document = read_request(target, case["method"], JSON, body)
    else:
        exchange, document = read_answer(target, JSON, body)
    return exchange, document, body, case["expect"]


def summary(exchange) -> dict:
    """What an exchange says, in the form the golden files have."""
    cap, bill = exchange.output_cap, exchange.bill
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
        "usage": list(astuple(bill.usage)[:4]) if bill and bill.usage else None,
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_body_says_what_its_golden_file_says_it_says(file):
    """Texts, names, what is unread, model, end user, caps and usage are found where the golden file has them."""
    exchange, _, _, expected = read(file)
    assert summary(exchange) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_body_without_edits_is_written_as_it_came(file):
    """Writing a golden body back without an edit gives its own bytes."""
    _, document, body, _ = read(file)
    assert document.write(()) == body


def test_every_endpoint_has_golden_bodies():
    """No endpoint that this version reads is without an example."""
    assert {json.loads(file.read_bytes())["expect"]["endpoint"] for file in FILES} == set(ENDPOINTS)
