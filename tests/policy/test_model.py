import re

import pytest

from panda_addon.policy.model import Globs, PhraseList, Phrases, Policy, Ruleset
from panda_addon.text.combine import Combination
from panda_addon.text.phrases import Entry, Hit, PhraseIndex
from panda_addon.verdict import Action


@pytest.mark.parametrize(
    ("name", "expected"), [("gpt-6", True), ("gpt-6-pro", False), ("xgpt-6", False), ("o9", True), ("", False)]
)
def test_globs_match_names_as_a_whole(name, expected):
    """A name fits if any pattern fits all of it."""
    assert Globs((re.compile("gpt-6"), re.compile("o."))).match(name) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", True),
        ("API.OpenAI.com", True),
        ("api.openai.com.", True),
        ("eu.api.openai.com", True),
        ("a.b.api.openai.com", True),
        ("xapi.openai.com", False),
        (".api.openai.com", False),
        ("api.openai.com.evil.example", False),
        ("openai.com", False),
        ("", False),
        (None, False),
    ],
)
def test_a_ruleset_covers_its_hosts(host, expected):
    """A host name is compared as DNS does; a star stands for at least one label."""
    assert Ruleset(("api.openai.com", "*.api.openai.com"), (), "sha256:0").covers(host) is expected


def test_a_star_does_not_cover_the_name_behind_it():
    """`*.a.b` is every name below `a.b`, not `a.b`."""
    assert not Ruleset(("*.a.b",), (), "sha256:0").covers("a.b")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [((), False), ((Action.AUDIT,), False), ((Action.AUDIT, Action.REDACT), True), ((Action.BLOCK,), True)],
)
def test_a_policy_knows_on_which_side_it_acts(actions, expected):
    """Lists that only audit change nothing, and one side says nothing about the other."""
    policy = Policy(name="p", response_phrases=Phrases(tuple(PhraseList("l", action) for action in actions)))
    assert policy.acts_on_text("response") is expected
    assert policy.acts_on_text("request") is False


LISTS = (PhraseList("a", Action.AUDIT), PhraseList("r", Action.REDACT), PhraseList("b", Action.BLOCK))


@pytest.mark.parametrize(
    ("phrases", "acting"),
    [
        ([("one", 0), ("two", 1), ("three", 2)], {"two": (1,), "three": (2,)}),
        ([("one", 0), ("ONE", 2)], {"ONE": (2,)}),
        ([("one", 0), ("one", 2)], {"one": (2,)}),
        ([(Combination("c", 3, (("one",), ("two",))), 0)], {}),
        ([(Combination("c", 3, (("one",), ("two",))), 2), ("two", 0)], {"c": (2,)}),
        ([("one", 0)], {}),
        ([("two", 1), ("three", 2), ("TWO", 2)], {"two": (1, 2), "three": (2,)}),
        ([], {}),
    ],
)
def test_the_phrases_that_act_are_those_of_lists_that_redact_or_block(phrases, acting):
    """What is only audited is left out, also where the same phrase acts by another list."""
    found = Phrases(LISTS, PhraseIndex(phrases)).acting.find("one two three")
    assert {hit.entry.phrase: hit.entry.owners for hit in found} == acting


def test_where_all_lists_act_there_is_one_index():
    """No second index is built of the same phrases, nor twice of others."""
    phrases = Phrases(LISTS, PhraseIndex([("two", 1), ("three", 2)]))
    assert phrases.acting is phrases.index
    some = Phrases(LISTS, PhraseIndex([("one", 0), ("three", 2)]))
    assert some.acting is some.acting
    assert some.acting is not some.index


@pytest.mark.parametrize(
    ("steps", "owners"),
    [
        ((), [0, 1, 2]),
        (("case",), [0, 1, 2]),
        (("leet",), [0, 2]),
        (("rot13",), [0, 2]),
        (("case", "leet"), [0, 2]),
        (("tag",), [0, 1]),
        (("leet", "tag"), [0]),
    ],
)
def test_a_list_does_without_steps(steps, owners):
    """A hit is one for the lists that hold its phrase and name none of its steps."""
    lists = (
        PhraseList("all", Action.BLOCK),
        PhraseList("plain", Action.BLOCK, without=frozenset(("leet", "rot13"))),
        PhraseList("flat", Action.AUDIT, without=frozenset(("tag",))),
        PhraseList("other", Action.AUDIT),
    )
    assert Phrases(lists).owners(Hit(0, 4, Entry("darn", (0, 1, 2)), steps)) == owners


def test_a_hit_of_no_list_has_no_owner():
    """A phrase that is only a term of a combination is nobody's."""
    assert Phrases(LISTS).owners(Hit(0, 4, Entry("darn", (), ((0, 0),)))) == []
