import base64
import struct
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Exchange, Order, OutputCap, Span, Uninspected, Usage
from panda_addon.meter.cost_limit import CostLimit
from panda_addon.meter.pictures import MARGIN
from panda_addon.meter.prices import price, window
from panda_addon.meter.tokens import count
from panda_addon.policy.load import load
from panda_addon.policy.model import Fallback, OutputTokens, Policy
from panda_addon.verdict import Action

AT = datetime(2026, 11, 27, tzinfo=UTC)
HOST = "api.openai.com"
CAPS = ("max_completion_tokens", "max_tokens")


def chat(text="hello", *, cap=None, answers=1, model="gpt-6-luna", uninspected=(), **order):
    """A request for a chat completion."""
    given_cap = () if cap is None else (("max_completion_tokens", cap),)
    return Exchange(
        side="request",
        endpoint="chat.completions",
        model=model,
        spans=(Span("/messages/0/content", text),),
        uninspected=tuple(Uninspected("/messages/0/content/1", reason) for reason in uninspected),
        output_cap=OutputCap(CAPS, given_cap, answers),
        order=Order(messages=1, **order),
    )


def both_caps(one, two):
    """A request with both of its caps."""
    return replace(chat(), output_cap=OutputCap(CAPS, (("max_completion_tokens", one), ("max_tokens", two))))


def sealed(size):
    """A request with an item that OpenAI alone can read."""
    found = (Uninspected("/input/0/encrypted_content", "encrypted"),)
    return replace(chat(cap=1, opaque=size), uninspected=found)


def pictured(width, height, *, times=1, **fields):
    """A request with pictures of some size, of which no more is read than it says in its head."""
    head = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0\xff\xda\0\x08"
    url = f"data:image/jpeg;base64,{base64.b64encode(head).decode()}"
    places = [f"/messages/0/content/{place}" for place in range(1, times + 1)]
    asked = chat(cap=1, pictures=dict.fromkeys(places, url), **fields)
    return replace(asked, uninspected=tuple(Uninspected(place, "image") for place in places))


def policy(**fields):
    """A policy."""
    return Policy(name="all", **fields)


def over(exchange, limit, **fields):
    """What is found of a call under a limit in USD."""
    rules = policy(request_cost_usd=limit and Decimal(limit), **fields)
    return [(one.action, one.code, one.message) for one in CostLimit("POST", HOST, AT)(exchange, rules)]


@pytest.mark.parametrize(
    ("exchange", "limit", "refused"),
    [
        (chat(cap=1000), "0.001", False),
        (chat(cap=1000), "0.0005", True),
        (chat(cap=1000, tier="flex"), "0.0005", False),
        (chat(cap=1000, tier="priority"), "0.001", True),
        (chat(cap=1000, answers=3), "0.001", True),
        (chat(cap=0), "0.0001", False),
        (chat("hello " * 10_000, cap=1), "0.003", False),
        (chat("hello " * 20_000, cap=1), "0.003", True),
        (chat(cap=1, tools=5), "0.0002", False),
        (chat(cap=1, tools=50), "0.0002", True),
        (chat(cap=1, token_ids=1000), "0.0001", True),
        (chat(cap=1, token_ids=1000, uninspected=("tokens",)), "0.001", False),
        (chat(cap=1, uninspected=("image",), model="gpt-4o"), "0.008", False),
        (chat(cap=1, uninspected=("image",) * 3, model="gpt-4o"), "0.008", True),
        (chat(cap=1, uninspected=("image",) * 3, model="gpt-4o"), "0.024", False),
        (chat(cap=1, uninspected=("image",), model="gpt-4o-mini"), "0.008", True),
        (chat(cap=1, uninspected=("image",), model="gpt-4o-mini"), "0.016", False),
        (chat(cap=1, uninspected=("image",), model="gpt-4.1-nano"), "0.001", False),
        (chat(cap=1, uninspected=("image",), model="gpt-5.2"), "0.01", False),
        (chat(cap=1, uninspected=("image",), model="gpt-5.5"), "0.1", True),
        (chat(cap=1, uninspected=("image",), model="gpt-5.5"), "0.15", False),
        (chat(cap=1, uninspected=("image",)), "0.1", True),
        (chat(cap=1, uninspected=("image",)), "0.6", False),
        (chat(cap=1, uninspected=("image",), model="gpt-6.9-sol"), "100", True),
        (chat(cap=1, uninspected=("image",), model="gpt-5.6-luna"), "0.05", True),
        (chat(cap=1, uninspected=("image",), model="gpt-5.6-luna"), "0.08", False),
        (chat(cap=1, uninspected=("image",) * 4, model="gpt-4o-mini"), "0.021", False),
        (pictured(1024, 768), "0.001", False),
        (pictured(1024, 768), "0.0009", True),
        (pictured(1024, 768, times=10), "0.01", False),
        (pictured(4032, 3024), "0.001", True),
        (pictured(4032, 3024), "0.02", False),
        (pictured(1024, 768, model="gpt-5.1"), "0.005", False),
        (pictured(1024, 768, model="gpt-6-astra"), "0.1", False),
        (pictured(1024, 768, model="gpt-5.5"), "0.02", False),
        (pictured(1024, 768, times=500), "0.6", False),
        (pictured(1, 1, times=500, model="gpt-5.4-mini"), "0.1", False),
        (pictured(1, 1, times=501, model="gpt-5.4-mini"), "0.1", True),
        (pictured(1024, 768, model="o3-pro"), "1", True),
        (chat(cap=1, uninspected=("image",), model="gpt-image-1"), "100", True),
        (chat(cap=1, uninspected=("file",)), "0.01", True),
        (chat(cap=1, uninspected=("reference",)), "10", False),
        (chat(cap=1, hosted=True), "100", True),
        (chat(cap=1, sound=True), "100", True),
        (chat(cap=1, uninspected=("audio",)), "100", True),
        (chat(cap=1, model="gpt-4o-search-preview"), "100", True),
        (chat(cap=1, model="gpt-5-search-api"), "100", True),
        (chat(cap=1, model="o3-deep-research"), "100", True),
        (chat(cap=1, opaque=10_000), "0.002", True),
        (chat(cap=1, opaque=10_000), "0.01", False),
        (chat(cap=1, uninspected=("encrypted",)), "0.01", True),
        (sealed(10_000), "0.01", False),
        (chat(cap=1, kept=True), "0.01", True),
        (chat(cap=1, kept=True), "10", False),
        (chat(cap=1, numbers=10_000), "0.002", True),
        (chat(cap=1, numbers=10_000), "0.01", False),
        (sealed(10_000), "0.002", True),
        (chat(cap=1, declared={"/tools": [{"enum": [*range(9999)]}]}), "0.002", True),
        (chat(cap=1, declared={"/tools": [{"enum": [*range(9999)]}]}), "0.02", False),
        (chat(cap=10**100), "100", True),
        (chat(cap=1 << 31), "1000000000", True),
        (chat(cap=-1), "100", True),
        (chat(cap=True), "100", True),
        (chat(cap="100"), "100", True),
        (chat(cap=100.0), "100", True),
        (both_caps(1, 1000), "0.0001", True),
        (both_caps(1000, 1), "0.0001", True),
        (both_caps(1, 1), "0.0001", False),
        (both_caps(1, "1000"), "100", True),
        (both_caps(1, 1000.0), "100", True),
        (replace(chat(cap=1), order=Order(text=False)), "100", True),
        (chat(cap=1, model=None), "100", True),
        (chat(), "0.01", True),
        (chat(), "10", False),
        (chat(answers=2), "0.7", True),
        (chat(answers=1), "0.7", False),
    ],
)  # fmt: skip
def test_a_call_that_could_cost_more_is_refused(exchange, limit, refused):
    """By its cap, its text, its tier, and all that may come on top."""
    assert [(action, code) for action, code, _ in over(exchange, limit)] == [
        (Action.BLOCK, "budget_exceeded")
    ] * refused


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (chat(cap=99_000), "an answer of 99000 tokens could cost $0.0495"),
        (chat(), "without max_completion_tokens an answer of 1050000 tokens could cost $0.5250"),
        (chat("x " * 90_000, cap=1), "the prompt has more than the 39927 tokens that are left for it"),
        (pictured(2048, 2048, times=20), "the pictures could cost $0.2016"),
        (
            chat(cap=1, uninspected=("image",)),
            "a picture of unknown size may be all that the model has room for, and could",
        ),
        (
            replace(pictured(512, 512), output_cap=OutputCap(CAPS, (("max_tokens", 19_000),))),
            "an answer of 19000 tokens and what is sent beside text could cost $0.01",
        ),
        (
            chat(cap=1, uninspected=("file",)),
            "what the call refers to may be all that the model has room for, and could",
        ),
        (sealed(1_000_000), "what the call holds beside text could cost $0."),
        (chat(cap=1, hosted=True), "own tools"),
        (chat(cap=1, model=None), "no price is known"),
        (chat(cap=1.5), "without max_completion_tokens as a whole number"),
        (chat(cap=1, sound=True), "what sound costs"),
        (replace(chat(), order=None, known=False), "a path that the proxy does not know"),
        (replace(chat(), endpoint="images.generations", order=Order(text=False)), "a call to images.generations"),
        (
            replace(chat("x " * 90_000), endpoint="embeddings", model="text-embedding-3-large"),
            "the prompt has more than",
        ),
    ],
)
def test_a_refusal_says_why_and_the_limit(exchange, words):
    """It is for whoever has to change the call."""
    [(_, _, message)] = over(exchange, "0.01")
    assert words in message
    assert message.endswith("the limit for a request is $0.01")


def test_a_model_with_a_price_and_no_known_window_needs_a_cap():
    """How long its answer may be is anyone's guess, and so is what a file adds."""
    figures = {"unknown_price": Fallback(Decimal(1), Decimal(1))}
    assert window("gpt-99") is None
    [(_, code, message)] = over(chat(model="gpt-99"), "1", **figures)
    assert (code, "without max_completion_tokens" in message) == ("budget_exceeded", True)
    [(_, _, message)] = over(replace(chat(model="gpt-99"), output_cap=None), "1", **figures)
    assert "without a cap" in message
    [(_, _, message)] = over(chat(model="gpt-99", cap=1, uninspected=("file",)), "1", **figures)
    assert "no known bound" in message
    assert over(chat(model="gpt-99", cap=1), "1", **figures) == []


def test_a_cap_that_the_policy_sets_counts():
    """A request without one leaves with the policy's, which is for all its answers."""
    sets = {"output_tokens": OutputTokens(1000, set_missing=True)}
    assert over(chat(answers=3), "0.001", **sets) == []
    assert over(chat(answers=3, cap=1000), "0.001", **sets)
    assert over(chat(), "0.001", output_tokens=OutputTokens(1000, set_missing=False))


@pytest.mark.parametrize(
    ("unknown", "limit", "found"),
    [
        (None, None, []),
        ("warn", None, [(Action.AUDIT, "unknown_price")]),
        ("block", None, [(Action.BLOCK, "model_not_allowed")]),
        (None, "1", [(Action.BLOCK, "budget_exceeded")]),
        ("warn", "1", [(Action.AUDIT, "unknown_price")]),
        ("block", "1", [(Action.BLOCK, "model_not_allowed")]),
        (Fallback(Decimal(1), Decimal(1)), None, []),
        (Fallback(Decimal(1), Decimal(1)), "1", []),
        (Fallback(Decimal(1), Decimal(1)), "0.0001", [(Action.BLOCK, "budget_exceeded")]),
    ],
)
@pytest.mark.parametrize("exchange", [chat(model="gpt-99", cap=100), chat(tier="hyperfast", cap=100)])
def test_a_price_that_is_not_known(unknown, limit, found, exchange):
    """The policy says what becomes of such a call; under a limit it could cost more, unless it says otherwise."""
    assert [(action, code) for action, code, _ in over(exchange, limit, unknown_price=unknown)] == found


def test_what_nobody_is_billed_for_has_no_limit():
    """A call that is free, an answer, and what is only read or deleted."""
    assert over(replace(chat(cap=10**9), order=None), "0.0001") == []
    assert over(replace(chat(cap=10**9), side="response"), "0.0001") == []
    rules = policy(request_cost_usd=Decimal(1), unknown_price="block")
    unread = Exchange(side="request", known=False)
    for method, found in (("GET", 0), ("HEAD", 0), ("OPTIONS", 0), ("DELETE", 0), ("POST", 1), ("PUT", 1)):
        assert len(list(CostLimit(method, HOST, AT)(unread, rules))) == found
        assert not list(CostLimit(method, HOST, AT)(replace(unread, free=True), rules))
    assert not list(CostLimit("POST", HOST, AT)(unread, policy(unknown_price="block")))


def test_embeddings_need_no_price_for_an_answer():
    """Nothing is said by them, so a row with a price for input is all there is to know."""
    [row] = load_prices("{model: own-embedding, input: 0.02}")
    asked = replace(chat("x " * 50, model="own-embedding"), endpoint="embeddings", output_cap=None)
    assert over(asked, "0.0001", prices=(row,), unknown_price="block") == []
    assert [code for _, code, _ in over(asked, "0.000001", prices=(row,))] == ["budget_exceeded"]
    assert [code for _, code, _ in over(replace(asked, endpoint="chat.completions"), "1", prices=(row,))] == [
        "budget_exceeded"
    ]


def test_what_is_added_around_a_prompt_is_allowed_for():
    """A limit that the text alone would keep is not enough."""
    text = "hello " * 100
    alone = Decimal("0.00000025") * 101
    assert over(chat(text, cap=0), alone)
    assert over(chat(text, cap=0), alone + Decimal("0.00000025") * (7 + 63))
    assert over(chat(text, cap=0), alone + Decimal("0.00000025") * (7 + 64)) == []
    assert over(chat(text, cap=0, names=1), alone + Decimal("0.00000025") * (7 + 64))


def test_speech_costs_what_its_text_does():
    """It is billed by the character: its cost is known before, and no cap is needed."""
    order = Order(messages=1, text=False, characters=1000)
    asked = Exchange(side="request", endpoint="audio.speech", model="tts-1", order=order)
    assert over(asked, "0.015", unknown_price="block") == []
    assert over(replace(asked, model="tts-1-hd"), "0.03") == []
    [(action, code, message)] = over(asked, "0.0149")
    assert (action, code) == (Action.BLOCK, "budget_exceeded")
    assert "the call could cost $0.0150" in message
    [(_, _, message)] = over(replace(asked, model="gpt-4o-mini-tts"), "100")
    assert "a call to audio.speech" in message
    assert [code for _, code, _ in over(replace(asked, model="new-voice"), "1", unknown_price="block")] == [
        "model_not_allowed"
    ]


def test_pictures_cost_what_pictures_cost():
    """Where a model has a price of its own for them, that counts, for as many tokens as they may be."""
    [dear] = load_prices("{model: gpt-4o, input: 1, output: 1, image: {input: 10}}")
    [cheap] = load_prices("{model: gpt-4o, input: 1, output: 1, image: {input: 0.1}}")
    [blind] = load_prices("{model: gpt-4o, input: 1, output: 1, image: {output: 1}}")
    asked = chat(cap=0, model="gpt-4o", uninspected=("image",))
    assert over(asked, "0.003", prices=(cheap,)) == []
    assert over(asked, "0.003", prices=(dear,))
    assert over(asked, "0.03", prices=(dear,)) == []
    assert over(asked, "0.003", prices=(blind,)) == []


def test_a_picture_without_a_bound_fills_the_window():
    """At what pictures cost, where they have a price of their own; and there is no telling without a window."""
    [dear] = load_prices("{model: 'gpt-*', input: 1, output: 1, image: {input: 10}}")
    asked = chat(cap=0, model="gpt-6-luna", uninspected=("image",))
    assert window("gpt-6-luna") == 1_050_000
    assert over(asked, "10.4", prices=(dear,))
    assert over(asked, "10.51", prices=(dear,)) == []
    [(_, _, message)] = over(replace(asked, model="gpt-99"), "100", prices=(dear,))
    assert "no known bound" in message


def test_a_picture_in_a_long_prompt_costs_what_it_does_there():
    """What a row says of long prompts is true of the pictures in them too."""
    rows = load_prices(
        "{model: 'gpt-*', input: 1, output: 1, image: {input: 10}, long: {over: 5000, input: 2, output: 1}}"
    )
    asked = pictured(64, 64, model="gpt-6-luna")
    assert over(asked, "0.03", prices=rows) == []
    asked = replace(asked, spans=(Span("/messages/0/content", "word " * 5000),))
    bill = Usage(5000 + 2890, 1, input_image_tokens=2890)
    cost = price(policy(prices=rows), bill, model="gpt-6-luna", tier=None, host=HOST, at=AT).usd
    assert cost == Decimal("0.067801")
    assert over(asked, "0.0678", prices=rows)
    assert over(asked, "0.0685", prices=rows) == []


def test_one_picture_without_a_size_is_enough():
    """As many as there may be beside it: what could not be read fills the window."""
    small = pictured(32, 32)
    for url in ("https://example.com/a.png", "data:image/png;base64,AAAA", ""):
        pictures = {**small.order.pictures, "/messages/1": url}
        two = replace(
            small,
            uninspected=(*small.uninspected, Uninspected("/messages/1", "image")),
            order=replace(small.order, pictures=pictures),
        )
        assert over(small, "0.001") == []
        assert over(two, "0.1")
        assert over(two, "0.6") == []


def load_prices(*rows):
    """Rows as a policy file has them."""
    text = f"version: 1\nprices: [{', '.join(rows)}]\npolicies: [{{name: a}}]"
    return load(PurePath("p.yaml"), lambda _path: text.encode(), PurePath()).policies[0].prices


@given(
    st.text(max_size=200),
    st.integers(0, 5000),
    st.integers(1, 3),
    st.sampled_from([None, "default", "flex", "priority", "ultrafast"]),
    st.sampled_from(["gpt-6-luna", "gpt-6-astra", "gpt-4o-mini"]),
    st.decimals("0.00001", "0.1"),
)
def test_what_passes_never_costs_more(text, cap, answers, tier, model, limit):
    """No bill of a call that passes is above the limit, whatever of its cap the answers take."""
    exchange = chat(text, cap=cap, answers=answers, model=model, tier=tier)
    rules = policy(request_cost_usd=limit)
    if not list(CostLimit("POST", HOST, AT)(exchange, rules)):
        sent = count([text], "o200k_base") + 7
        for usage in (
            Usage(sent, cap * answers),
            Usage(sent, cap * answers, cache_write_tokens=sent, long_cache_write_tokens=sent),
        ):
            assert price(rules, usage, model=model, tier=tier, host=HOST, at=AT).usd <= limit


def test_a_picture_is_taken_for_the_largest():
    """Twice as many tokens as eight tiles of it have by the guide, at what it costs there to write them to the cache."""
    largest = Decimal("0.00000015") * (MARGIN * (2833 + 8 * 5667))
    asked = chat(cap=0, model="gpt-4o-mini", uninspected=("image",))
    assert over(asked, largest + Decimal("0.00000015") * 100) == []
    assert over(asked, largest)
