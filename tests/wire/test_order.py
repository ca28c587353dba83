from dataclasses import replace

import pytest

from panda_addon.exchange import Order
from panda_addon.wire.order import read_order
from panda_addon.wire.route import find

FUNCTION, SEARCH = {"type": "function"}, {"type": "web_search"}


def order(path, **members):
    """What a request to a path orders."""
    return read_order(find("POST", path).shape, members)


@pytest.mark.parametrize(
    ("path", "members", "expected"),
    [
        ("chat/completions", {}, Order()),
        ("chat/completions", {"messages": [{}, {}], "service_tier": "flex"}, Order(tier="flex", messages=2)),
        ("chat/completions", {"messages": 3, "service_tier": 3, "tools": {}}, Order()),
        ("chat/completions", {"messages": [{"tool_calls": [1, 2, 3]}, {"tool_calls": None}, "x"]}, Order(messages=6)),
        ("chat/completions", {"tools": [FUNCTION, {"type": "custom"}]}, Order(tools=2)),
        ("chat/completions", {"web_search_options": {"search_context_size": "low"}}, Order(hosted=True)),
        ("chat/completions", {"web_search_options": {}}, Order(hosted=True)),
        ("chat/completions", {"web_search_options": None}, Order()),
        ("chat/completions", {"modalities": ["text", "audio"]}, Order(sound=True)),
        ("chat/completions", {"modalities": ["text"]}, Order()),
        ("chat/completions", {"modalities": "audio"}, Order()),
        ("chat/completions", {"audio": {"voice": "x"}}, Order(sound=True)),
        ("responses", {"input": "one text"}, Order(messages=1)),
        ("responses", {"input": "one text", "instructions": "another"}, Order(messages=2)),
        ("responses", {"instructions": None}, Order()),
        ("responses", {"input": [{}, "x", {}]}, Order(messages=3)),
        ("responses", {"prompt": {"id": "pmpt_1"}}, Order(hosted=True)),
        ("responses", {"tools": [SEARCH]}, Order(tools=1, hosted=True)),
        ("responses", {"tools": [{"type": "something new"}, 3]}, Order(tools=2, hosted=True)),
        ("responses", {"tools": ["x"]}, Order(tools=1)),
        ("responses", {"tools": [{"type": "namespace", "tools": [FUNCTION, SEARCH]}]}, Order(tools=3, hosted=True)),
        ("responses", {"tools": [{"type": "namespace", "tools": [FUNCTION, FUNCTION]}]}, Order(tools=3)),
        (
            "responses",
            {"tools": [FUNCTION], "input": [{"type": "additional_tools", "tools": [{"type": "mcp"}]}]},
            Order(messages=1, tools=2, hosted=True),
        ),
        (
            "responses",
            {"input": [{"encrypted_content": "abc"}, {"encrypted_content": 3}, {"encrypted_content": "de"}, "x"]},
            Order(messages=4, opaque=5),
        ),
        ("completions", {"prompt": [1, 2, 3]}, Order(token_ids=3)),
        ("completions", {"prompt": [[1, 2.0], [3, True], "x"]}, Order(token_ids=3)),
        ("embeddings", {"input": [[1], [2, 3]]}, Order(messages=2, token_ids=3)),
        ("images/generations", {"prompt": "x"}, Order(text=False)),
        ("audio/speech", {"input": "x"}, Order(messages=1, text=False)),
    ],
)
def test_what_a_price_depends_on_is_read(path, members, expected):
    """Tier, messages, token ids and tools are counted; what has another shape than it should is none."""
    assert replace(order(f"/v1/{path}", **members), declared={}) == expected


def test_what_is_shown_as_json_is_named():
    """Tools and formats, by where they stand; null is none."""
    members = {"tools": [FUNCTION], "functions": None, "response_format": {"type": "text"}, "text": {}, "model": "m"}
    assert order("/v1/responses", **members).declared == {
        "/tools": [FUNCTION],
        "/response_format": {"type": "text"},
        "/text": {},
    }


@pytest.mark.parametrize("path", ["moderations", "responses/input_tokens", "chat/completions/chatcmpl-1"])
def test_what_is_free_is_no_order(path):
    """Nobody is billed for moderation, for counting and for what is stored."""
    assert order(f"/v1/{path}", model="gpt-6-luna", messages=[{}]) is None
