import pytest

from panda_addon.exchange import Order
from panda_addon.wire.order import read_order
from panda_addon.wire.route import find


def order(path, **members):
    """What a request to a path orders."""
    return read_order(find("POST", path).shape, members)


@pytest.mark.parametrize(
    ("path", "members", "expected"),
    [
        ("chat/completions", {}, Order()),
        ("chat/completions", {"messages": [{}, {}], "service_tier": "flex"}, Order(tier="flex", messages=2)),
        ("chat/completions", {"messages": 3, "service_tier": 3, "tools": {}}, Order()),
        ("chat/completions", {"tools": [{"type": "function"}, {"type": "custom"}]}, Order(tools=2)),
        ("chat/completions", {"web_search_options": {"search_context_size": "low"}}, Order(hosted=True)),
        ("responses", {"input": "one text"}, Order(messages=1)),
        ("responses", {"input": "one text", "instructions": "another"}, Order(messages=2)),
        ("responses", {"instructions": None}, Order()),
        ("responses", {"input": [{}, "x", {}]}, Order(messages=3)),
        ("responses", {"tools": [{"type": "web_search"}]}, Order(tools=1, hosted=True)),
        ("responses", {"tools": [{"type": "something new"}, 3]}, Order(tools=2, hosted=True)),
        ("responses", {"tools": ["x"]}, Order(tools=1)),
        (
            "responses",
            {"tools": [{"type": "function"}], "input": [{"type": "additional_tools", "tools": [{"type": "mcp"}]}]},
            Order(messages=1, tools=2, hosted=True),
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
    assert order(f"/v1/{path}", **members) == expected


@pytest.mark.parametrize("path", ["moderations", "responses/input_tokens", "chat/completions/chatcmpl-1"])
def test_what_is_free_is_no_order(path):
    """Nobody is billed for moderation, for counting and for what is stored."""
    assert order(f"/v1/{path}", model="gpt-6-luna", messages=[{}]) is None
