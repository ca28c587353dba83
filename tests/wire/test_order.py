from dataclasses import replace

import pytest

from panda_addon.exchange import Order
from panda_addon.wire.order import read_order
from panda_addon.wire.route import find

FUNCTION, SEARCH = {"type": "function"}, {"type": "web_search"}


def order(path, **members):
    """What a request to a path orders."""
    return read_order(find("POST", path).shape, members, {})


@pytest.mark.parametrize(
    ("path", "members", "expected"),
    [
        ("chat/completions", {}, Order()),
        ("chat/completions", {"messages": [{}, {}], "service_tier": "flex"}, Order(tier="flex", messages=2)),
        ("chat/completions", {"messages": "3", "service_tier": 3, "tools": {}}, Order(messages=1)),
        (
            "chat/completions",
            {"messages": [{"tool_calls": [{}, {}, {}]}, {"tool_calls": None}, "x"]},
            Order(messages=6),
        ),
        (
            "chat/completions",
            {"messages": [{"name": "bob"}, {"name": None}, "x", {"name": "system"}, {"content": "x"}]},
            Order(messages=5, names=2),
        ),
        ("chat/completions", {"messages": {"name": "bob"}}, Order()),
        ("responses", {"input": [{"type": "function_call", "name": "f"}]}, Order(messages=1)),
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
            {"input": [{"encrypted_content": "abc"}, {"encrypted_content": None}, {"encrypted_content": "de"}, "x"]},
            Order(messages=4, opaque=5),
        ),
        ("responses", {"input": [{"type": "reasoning", "id": "rs_1", "summary": []}]}, Order(messages=1, kept=True)),
        ("responses", {"input": [{"type": "web_search_call", "id": "ws_1"}]}, Order(messages=1, kept=True)),
        ("responses", {"input": [{"id": "msg_1"}]}, Order(messages=1, kept=True)),
        ("responses", {"input": [{"type": "message", "id": "msg_1"}]}, Order(messages=1, kept=True)),
        ("responses", {"input": [{"type": "message", "id": "msg_1", "content": "x"}]}, Order(messages=1)),
        ("responses", {"input": [{"type": "reasoning", "summary": []}]}, Order(messages=1)),
        (
            "responses",
            {"input": [{"type": "reasoning", "id": "rs_1", "encrypted_content": "abc"}]},
            Order(messages=1, opaque=3),
        ),
        ("responses", {"input": [{"type": "function_call", "id": "fc_1", "arguments": "{}"}]}, Order(messages=1)),
        (
            "responses",
            {"input": [{"type": "computer_call", "action": {"path": [{"x": 12, "y": 3.5}, {"x": True}]}}]},
            Order(messages=1, numbers=5),
        ),
        ("chat/completions", {"messages": [{"content": [{"n": 100}]}]}, Order(messages=1, numbers=3)),
        ("responses", {"tools": [{"type": "shell", "environment": {"type": "local"}}]}, Order(tools=1)),
        ("responses", {"tools": [{"type": "shell", "environment": {"type": "x"}}]}, Order(tools=1, hosted=True)),
        ("responses", {"tools": [{"type": "shell"}]}, Order(tools=1, hosted=True)),
        ("completions", {"prompt": [1, 2, 3]}, Order(token_ids=3)),
        ("completions", {"prompt": [[1, 2.0], [3, True], "x"]}, Order(token_ids=3)),
        ("embeddings", {"input": [[1], [2, 3]]}, Order(messages=2, token_ids=3)),
        ("images/generations", {"prompt": "x"}, Order(text=False)),
        ("audio/speech", {"input": "x", "service_tier": "flex"}, Order(messages=1, text=False, characters=1)),
        ("embeddings", {"input": "x", "service_tier": "batch"}, Order(messages=1)),
        ("audio/speech", {"input": "x😀 é"}, Order(messages=1, text=False, characters=4)),
        ("audio/speech", {"input": ["x"]}, Order(messages=1, text=False)),
        ("audio/speech", {}, Order(text=False)),
    ],
)
def test_what_a_price_depends_on_is_read(path, members, expected):
    """Tier, messages, token ids and tools are counted; what has another shape than it should is none."""
    assert replace(order(f"/v1/{path}", **members), declared={}) == expected


def test_what_is_shown_as_json_is_named():
    """Tools and formats, by where they stand; null is none."""
    item = {"type": "additional_tools", "tools": [{"enum": [1, 2]}]}
    assert order("/v1/responses", input=["x", item]).declared == {"/input/1/tools": [{"enum": [1, 2]}]}
    assert order("/v1/responses", input=[item]).numbers == 0
    members = {"tools": [FUNCTION], "functions": None, "response_format": {"type": "text"}, "text": {}, "model": "m"}
    assert order("/v1/responses", **members).declared == {
        "/tools": [FUNCTION],
        "/response_format": {"type": "text"},
        "/text": {},
    }


def test_pictures_are_kept_as_they_were_noted():
    """By where they are."""
    shape = find("POST", "/v1/responses").shape
    assert read_order(shape, {}, {"/input/0": "data:"}).pictures == {"/input/0": "data:"}
    assert order("/v1/responses").pictures == {}


@pytest.mark.parametrize("path", ["moderations", "responses/input_tokens", "chat/completions/chatcmpl-1"])
def test_what_is_free_is_no_order(path):
    """Nobody is billed for moderation, for counting and for what is stored."""
    assert order(f"/v1/{path}", model="gpt-6-luna", messages=[{}]) is None
