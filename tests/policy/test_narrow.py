import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Exchange, OutputCap, Span
from panda_addon.judge import judge
from panda_addon.policy.model import Fallback, Globs, Match, Names, OutputTokens, PhraseList, Phrases, Policy
from panda_addon.policy.narrow import narrow, narrowed, unfounded
from panda_addon.policy.tree import read_tree
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action

CLAIM = Match(projects=frozenset({"p"}))


def globs(*patterns):
    """Patterns that a name must fit whole."""
    return Globs(tuple(map(re.compile, patterns)))


def phrases(*lists):
    """Lists of phrases: a name, an action and its words each."""
    rules = tuple(PhraseList(name, action) for name, action, *_ in lists)
    return Phrases(rules, PhraseIndex((word, owner) for owner, (_, _, *words) in enumerate(lists) for word in words))


def listed(found):
    """Names and actions of the lists, and which of them find something in a text that has everything."""
    hits = {owner for hit in found.index.find("alpha beta gamma") for owner in hit.entry.owners}
    return [(rule.name, rule.action.label, owner in hits) for owner, rule in enumerate(found.lists)]


def test_names_must_pass_both():
    """What either denies, or does not allow, is not allowed."""
    one, two = Policy(name="a", models=Names(globs("x.*"))), Policy(name="b", models=Names(globs(".*y"), globs("xzy")))
    three = Policy(name="c", models=Names(None, globs("xqy")), endpoints=Names(globs("chat")))
    both = narrow(one, two)
    assert [name for name in ("xy", "xxy", "x", "y", "xzy", "xqy") if both.models.allows(name)] == ["xy", "xxy", "xqy"]
    assert not narrow(both, three).models.allows("xqy")
    assert narrow(three, one).models.select
    assert not narrow(three, Policy(name="d")).models.select
    assert not narrow(one, three).endpoints.allows("responses")


@pytest.mark.parametrize(
    ("one", "two", "least"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7)]
)
def test_the_lower_limit_holds(one, two, least):
    """Where both limit something the lower limit holds, where one does its own."""
    for name in ("prompt_chars", "prompt_tokens", "request_cost_usd"):
        both = narrow(Policy(name="a", **{name: one}), Policy(name="b", **{name: two}))
        assert getattr(both, name) == least
    caps = [value and OutputTokens(value, set_missing=True) for value in (one, two)]
    both = narrow(Policy(name="a", output_tokens=caps[0]), Policy(name="b", output_tokens=caps[1]))
    assert both.output_tokens == (least and OutputTokens(least, set_missing=True))


def test_a_missing_cap_is_set_only_where_both_set_it():
    """One that refuses a missing cap refuses it still."""
    sets, blocks = OutputTokens(5, set_missing=True), OutputTokens(9, set_missing=False)
    both = narrow(Policy(name="a", output_tokens=sets), Policy(name="b", output_tokens=blocks))
    assert both.output_tokens == OutputTokens(5, set_missing=False)


CHEAP, DEAR = Fallback(Decimal(1), Decimal(9)), Fallback(Decimal(2), Decimal(8))


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        ((None, None), (None, None), None),
        (("block", None), ("warn", None), "block"),
        ((CHEAP, None), ("block", 1), "block"),
        (("warn", None), (None, 1), None),
        ((CHEAP, None), (None, 1), None),
        (("warn", 1), (None, None), "warn"),
        ((None, None), ("warn", None), "warn"),
        ((CHEAP, None), ("warn", 1), CHEAP),
        ((CHEAP, 1), (DEAR, 1), Fallback(Decimal(2), Decimal(9))),
    ],
)
def test_an_unknown_price_is_refused_where_either_refuses_it(one, two, both):
    """A claim cannot turn a refusal into a warning, nor a dear figure into a cheap one."""
    names = "unknown_price", "request_cost_usd"
    for first, second in ((one, two), (two, one)):
        policies = [
            Policy(name=name, **dict(zip(names, said, strict=True))) for name, said in (("a", first), ("b", second))
        ]
        assert narrow(*policies).unknown_price == both


@pytest.mark.parametrize(("one", "two"), [(True, False), (False, True), (True, True), (False, False)])
def test_an_end_user_is_required_where_either_says_so(one, two):
    """It is asked for by the policy and by the one that it is within."""
    both = narrow(Policy(name="a", end_user_required=one), Policy(name="b", end_user_required=two))
    assert both.end_user_required is (one or two)
    assert (both.name, both.within) == ("a", "b")


def test_the_lists_of_both_are_at_work():
    """Each list once, under its own action."""
    same = ("same", Action.BLOCK, "alpha")
    one = Policy(name="a", request_phrases=phrases(same, ("mine", Action.AUDIT, "beta")))
    two = Policy(name="b", request_phrases=phrases(("mine", Action.BLOCK, "beta"), same, ("other", Action.AUDIT, "no")))
    both = narrow(one, two)
    assert listed(both.request_phrases) == [
        ("same", "block", True),
        ("mine", "audit", True),
        ("mine", "block", True),
        ("other", "audit", False),
    ]
    assert narrow(one, one).request_phrases is one.request_phrases
    assert both.response_phrases.lists == ()


def test_one_that_only_audits_forbids_nothing_and_finds_all_the_same():
    """Beside a policy that is enforced its lists are noted, and its limits are none."""
    lists = phrases(("mine", Action.BLOCK, "alpha"))
    trial = Policy(
        name="a", enforce=False, models=Names(globs("x")), endpoints=Names(globs("x")), prompt_chars=1,
        output_tokens=OutputTokens(1, set_missing=False), end_user_required=True, request_phrases=lists,
        response_phrases=lists, prompt_tokens=1, request_cost_usd=Decimal(1), unknown_price="block",
    )  # fmt: skip
    for both in (narrow(trial, Policy(name="b")), narrow(Policy(name="b"), trial)):
        assert both.enforce
        assert both.models.allows("y")
        assert both.endpoints.allows("y")
        assert (both.prompt_chars, both.output_tokens, both.end_user_required) == (None, None, False)
        assert (both.prompt_tokens, both.request_cost_usd, both.unknown_price) == (None, None, None)
        assert listed(both.request_phrases) == listed(both.response_phrases) == [("mine", "audit", True)]
        verdict = judge(Exchange(side="request", model="y", takes_model=True, spans=(Span("/a", "alpha"),)), both)
        found = [(finding.check, finding.action.label) for finding in verdict.findings]
        assert found == [("phrases", "audit"), ("endpoints", "audit"), ("models", "audit"), ("prompt_chars", "audit")]
        assert verdict.refusal is None
    both = narrow(trial, replace(trial, name="b"))
    assert both.watched is None
    assert (both.enforce, both.prompt_chars) == (False, 1)
    assert listed(both.request_phrases) == [("mine", "block", True)]


def test_a_claim_is_paired_with_every_policy_behind_it_that_asks_for_none():
    """What comes before it is chosen before it, and another claim is no ground."""
    names = ("first", Match()), ("claimed", CLAIM), ("also claimed", CLAIM), ("second", Match()), ("third", Match())
    found = narrowed(tuple(Policy(name=name, match=match) for name, match in names))
    assert sorted(found) == [(one, two) for one in ("also claimed", "claimed") for two in ("second", "third")]
    assert all((both.name, both.within) == pair for pair, both in found.items())


@pytest.mark.parametrize(
    ("policies", "lines"),
    [
        ("[{name: a}]", []),
        ("[{name: a, match: {projects: [p]}}, {name: b}]", []),
        ("[{name: a, match: {keys: [k]}}]", []),
        ("[{name: a, match: {projects: [p]}}]", [1]),
        ("[{name: b}, {name: a, match: {keys: [k], organizations: [o]}}]", [1]),
        ("[{name: a, match: {projects: [p]}},\n {name: b, match: {organizations: [o]}}]", [1, 2]),
        ("[{name: a, match: 3}]", []),
        ("3", []),
    ],
)
def test_a_claim_alone_grants_nothing(policies, lines):
    """A policy for a claim with none behind it that asks for none is a mistake, at its `match`."""
    found = list(unfounded(read_tree(f"policies: {policies}", "p.yaml")))
    assert [problem.line for problem in found] == lines
    assert all("must follow" in problem.message for problem in found)


POLICIES = st.builds(
    Policy,
    name=st.just("a"),
    enforce=st.booleans(),
    models=st.builds(Names, st.none() | st.just(globs("x.*", "y")), st.sampled_from([globs(), globs("xx")])),
    prompt_chars=st.none() | st.integers(0, 20),
    output_tokens=st.none() | st.builds(OutputTokens, max=st.integers(1, 4), set_missing=st.booleans()),
    end_user_required=st.booleans(),
    request_phrases=st.sampled_from(
        [
            phrases(),
            phrases(("l", Action.BLOCK, "alpha")),
            phrases(("l", Action.REDACT, "alpha"), ("m", Action.BLOCK, "b")),
        ]
    ),
)
EXCHANGES = st.builds(
    Exchange,
    side=st.just("request"),
    endpoint=st.just("chat.completions"),
    spans=st.lists(st.builds(Span, st.just("/a"), st.sampled_from(["alpha", "b", "other"])), max_size=3).map(tuple),
    takes_model=st.just(True),
    model=st.none() | st.sampled_from(["x", "xx", "y", "z"]),
    takes_end_user=st.just(True),
    end_user=st.none() | st.just("u"),
    output_cap=st.builds(OutputCap, st.just(("max",)), st.sampled_from([(), (("max", 1),), (("max", 3),)])),
)


@given(POLICIES, POLICIES, EXCHANGES)
def test_what_either_refuses_is_refused_within(one, two, exchange):
    """No call passes that one of the two alone would refuse, and none is refused that both would let pass."""
    verdicts = [judge(exchange, policy) for policy in (one, two)]
    both = judge(exchange, narrow(one, two))
    assert (both.refusal is not None) == any(verdict.refusal is not None for verdict in verdicts)
