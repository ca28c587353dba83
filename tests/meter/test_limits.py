from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Exchange, Order, OutputCap, Span, Uninspected, Usage
from panda_addon.meter import limits
from panda_addon.meter.limits import MAX_IMAGE, CostLimit, prompt_tokens
from panda_addon.meter.prices import price, window
from panda_addon.meter.tokens import bounds, count
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


def policy(**fields):
    """A policy."""
    return Policy(name="all", **fields)


def over(exchange, limit, **fields):
    """What is found of a call under a limit in USD."""
    rules = policy(request_cost_usd=limit and Decimal(limit), **fields)
    return [(one.action, one.code, one.message) for one in CostLimit(HOST, AT)(exchange, rules)]


@pytest.mark.parametrize(
    ("text", "limit", "found"),
    [
        ("hello world", None, False),
        ("hello world", 2, False),
        ("hello world", 1, True),
        ("", 0, False),
        ("x", 0, True),
        ("x" * 1000, 1000, False),
        ("x" * 1000, 7, True),
        ("\ud800" * 9, 1, True),
        (" " * 1_200_000, 100_000, False),
        (" " * 1_200_000, 9_000, True),
        ("<|endoftext|>", 1, True),
    ],
)
def test_a_prompt_of_more_tokens_is_refused(text, limit, found):
    """Tokens of text count, whatever the text is made of."""
    findings = list(prompt_tokens(chat(text), policy(prompt_tokens=limit)))
    assert [(one.action, one.code) for one in findings] == [(Action.BLOCK, "prompt_too_long")] * found


def test_token_ids_count_as_what_they_are():
    """A prompt that is given as token ids has as many."""
    asked = chat("hello world", token_ids=10)
    assert not list(prompt_tokens(asked, policy(prompt_tokens=12)))
    assert list(prompt_tokens(asked, policy(prompt_tokens=11)))
    assert list(prompt_tokens(asked, policy(prompt_tokens=9)))


def test_an_answer_and_a_query_have_no_prompt():
    """What is limited is what a request says in its body."""
    rules = policy(prompt_tokens=0)
    assert not list(prompt_tokens(replace(chat(), side="response"), rules))
    assert not list(prompt_tokens(replace(chat(), spans=(Span("", "hello", fixed=True),), order=None), rules))


def test_nothing_is_counted_that_bounds_decide(monkeypatch):
    """Few bytes cannot be many tokens, and many bytes not few."""

    def refuse(*_arguments):
        raise AssertionError("it was counted")

    monkeypatch.setattr(limits, "count", refuse)
    for text, limit in (("x" * 100, 100), ("x" * 12_900, 100)):
        list(prompt_tokens(chat(text), policy(prompt_tokens=limit)))
        assert over(chat(text, cap=10), "0.1") == []
    with pytest.raises(AssertionError):
        list(prompt_tokens(chat("x" * 101), policy(prompt_tokens=100)))


@given(st.lists(st.text(max_size=40), max_size=4), st.integers(0, 60))
def test_the_limit_holds_exactly(texts, limit):
    """A finding there is if, and only if, the texts have more tokens."""
    exchange = replace(chat(), spans=tuple(Span(f"/{number}", text) for number, text in enumerate(texts)))
    found = list(prompt_tokens(exchange, policy(prompt_tokens=limit)))
    assert bool(found) == (count(texts, "o200k_base") > limit)
    assert bounds(texts)[0] <= count(texts, "o200k_base") <= bounds(texts)[1]


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
        (chat(cap=1, uninspected=("image",)), "0.02", False),
        (chat(cap=1, uninspected=("image",) * 3), "0.02", True),
        (chat(cap=1, uninspected=("file",)), "0.01", True),
        (chat(cap=1, uninspected=("reference",)), "10", False),
        (chat(cap=1, hosted=True), "100", True),
        (replace(chat(cap=1), order=Order(text=False)), "100", True),
        (chat(cap=1, model=None), "100", True),
        (chat(), "0.01", True),
        (chat(), "10", False),
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
        (chat(cap=99_000), "with 99000 tokens of answer"),
        (chat(cap=1, hosted=True), "own tools"),
        (chat(cap=1, model=None), "names no model"),
        (replace(chat(), endpoint="images.generations", order=Order(text=False)), "a call to images.generations"),
        (replace(chat("x " * 90_000), endpoint="embeddings", model="text-embedding-3-large"), "the call could"),
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
    assert "files or stored context" in message
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
    """An answer, and a call that is free."""
    assert over(replace(chat(cap=10**9), order=None), "0.0001") == []


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
    if not list(CostLimit(HOST, AT)(exchange, rules)):
        sent = count([text], "o200k_base") + 7
        for usage in (
            Usage(sent, cap * answers),
            Usage(sent, cap * answers, cache_write_tokens=sent, long_cache_write_tokens=sent),
        ):
            assert price(rules, usage, model=model, tier=tier, host=HOST, at=AT).usd <= limit


def test_a_picture_is_taken_for_the_largest():
    """As many tokens as eight tiles of it have in gpt-4o-mini, at what it costs there to write them to the cache."""
    most = Decimal("0.00000015") * (MAX_IMAGE + 100)
    assert over(chat(cap=0, model="gpt-4o-mini", uninspected=("image",)), most) == []
    assert over(chat(cap=0, model="gpt-4o-mini", uninspected=("image",)), most / 2)
