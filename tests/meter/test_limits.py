import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Exchange, Order, Span
from panda_addon.meter import limits
from panda_addon.meter.limits import exceeds, prompt_tokens, texts
from panda_addon.meter.tokens import bounds, count
from panda_addon.meter.vocabulary import TokenizerError
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action
from panda_addon.wire.read import Head, read_request
from panda_addon.wire.route import find


def chat(text="hello", **order):
    """A request for a chat completion."""
    spans = (Span("/messages/0/content", text),)
    return Exchange(
        side="request", endpoint="chat.completions", model="gpt-6-luna", spans=spans, order=Order(messages=1, **order)
    )


def policy(**fields):
    """A policy."""
    return Policy(name="all", **fields)


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
    assert list(prompt_tokens(chat("hello world", numbers=10), policy(prompt_tokens=11)))
    assert not list(prompt_tokens(chat("hello world", numbers=10), policy(prompt_tokens=12)))


def test_an_answer_and_a_query_have_no_prompt():
    """What is limited is what a request says in its body."""
    rules = policy(prompt_tokens=0)
    assert not list(prompt_tokens(replace(chat(), side="response"), rules))
    assert not list(prompt_tokens(replace(chat(), spans=(Span("", "hello", fixed=True),), order=None), rules))


def read(body, path="/v1/responses"):
    """A request as it comes in."""
    return read_request(find("POST", path), "POST", Head("application/json"), json.dumps(body).encode())[0]


def test_no_model_reads_metadata():
    """It is no prompt, neither its names nor its values; what is only called so further down is."""
    plain = {"model": "gpt-6-luna", "input": [{"role": "user", "content": "hi"}]}
    noted = {**plain, "metadata": {"our own project": "a note to ourselves", "metadata": "and one more"}}
    assert list(texts(read(noted))) == list(texts(read(plain))) == ["hi"]
    assert list(texts(read({**plain, "metadata": "a note to ourselves"}))) == ["hi"]
    below = [{"role": "user", "content": "hi", "metadata": {"a": "told all the same"}}]
    assert "told all the same" in list(texts(read({**plain, "input": below})))
    assert "a new member" in list(texts(read({**plain, "metadata2": "a new member"})))
    assert not list(prompt_tokens(read(noted), policy(prompt_tokens=1)))


def test_metadata_is_judged_and_measured_all_the_same():
    """It leaves the company, whoever reads it: phrases are looked for in it, and its characters count."""
    asked = read({"model": "gpt-6-luna", "input": "hi", "metadata": {"a b": "a note"}})
    assert {span.text for span in asked.spans} == {"hi", "a b", "a note"}
    assert asked.chars == 11


def test_of_a_path_that_is_not_known_all_is_prompt():
    """What is metadata there is not known either."""
    asked = read({"metadata": {"a": "a note"}}, "/v1/something")
    assert "a note" in list(texts(asked))


def test_nothing_is_counted_that_bounds_decide(monkeypatch):
    """Few bytes cannot be many tokens, and many bytes not few."""

    def refuse(*_arguments):
        raise AssertionError("it was counted")

    monkeypatch.setattr(limits, "count", refuse)
    for text, limit in (("x" * 100, 100), ("x" * 12_900, 100)):
        list(prompt_tokens(chat(text), policy(prompt_tokens=limit)))
    with pytest.raises(AssertionError):
        list(prompt_tokens(chat("x" * 101), policy(prompt_tokens=100)))


@given(st.lists(st.text(max_size=40), max_size=4), st.integers(0, 60))
def test_the_limit_holds_exactly(texts, limit):
    """A finding there is if, and only if, the texts have more tokens."""
    exchange = replace(chat(), spans=tuple(Span(f"/{number}", text) for number, text in enumerate(texts)))
    found = list(prompt_tokens(exchange, policy(prompt_tokens=limit)))
    assert bool(found) == (count(texts, "o200k_base") > limit)
    assert bounds(texts)[0] <= count(texts, "o200k_base") <= bounds(texts)[1]


def test_tools_count_as_the_json_they_are():
    """Numbers and names of types are shown to the model too; what stands there as text is not counted twice."""
    schema = {"enum": list(range(1000)), "description": "a number"}
    asked = chat(declared={"/tools": [schema]})
    asked = replace(asked, spans=(*asked.spans, Span("/tools/0/description", "a number")))
    assert exceeds(asked, 2000)
    assert not exceeds(asked, 8000)
    least = 1 + count(['[{"enum": [1], "description": "a number"}]'], "o200k_base")
    assert not exceeds(replace(asked, order=Order(declared={"/tools": [{**schema, "enum": [1]}]})), least)
    assert exceeds(replace(asked, order=Order(declared={"/tools": [{**schema, "enum": [1]}]})), least - 1)


def test_without_a_vocabulary_the_size_decides(monkeypatch):
    """There may be as many tokens as there are bytes, so what could be too long is."""

    def refuse(*_arguments):
        raise TokenizerError("damaged")

    monkeypatch.setattr(limits, "count", refuse)
    assert exceeds(chat("x" * 11), 10)
    assert not exceeds(chat("x" * 10), 10)
