import pytest

from panda_addon.exchange import Exchange, OutputCap, Span
from panda_addon.judge import judge
from panda_addon.policy.model import OutputTokens, PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Edit, Put, Refusal


def policy(*lists, **fields):
    """A policy with phrase lists for requests, each an action and its phrases, and other fields."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, *_) in enumerate(lists))
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    return Policy(name="p", request_phrases=Phrases(rules, index), **fields)


def said(*texts, **fields):
    """A request with these texts as messages."""
    spans = (Span(f"/messages/{number}/content", text) for number, text in enumerate(texts))
    return Exchange(side="request", spans=tuple(spans), **fields)


def test_where_nothing_is_found_the_call_is_allowed():
    """No finding, no change."""
    verdict = judge(said("hello"), policy((Action.BLOCK, "darn")))
    assert (verdict.action, verdict.findings, verdict.edits, verdict.puts) == (Action.ALLOW, (), (), ())
    assert verdict.refusal is None


@pytest.mark.parametrize(
    ("actions", "strongest"),
    [
        ([Action.AUDIT, Action.BLOCK, Action.REDACT], Action.BLOCK),
        ([Action.AUDIT, Action.REDACT], Action.REDACT),
        ([Action.AUDIT], Action.AUDIT),
    ],
)
def test_the_strongest_finding_decides(actions, strongest):
    """Block stands over redact and redact over audit, and all findings are told."""
    words = ["one", "two", "three"]
    rules = [(action, word) for action, word in zip(actions, words, strict=False)]
    verdict = judge(said("one two three"), policy(*rules))
    assert verdict.action is strongest
    assert len(verdict.findings) == len(actions)


def test_redaction_replaces_what_was_found_and_nothing_else():
    """Places that overlap are one edit, audited ones are none, and a name is edited as a name."""
    rules = policy((Action.REDACT, "one two"), (Action.REDACT, "two three"), (Action.AUDIT, "four"), redaction="#")
    spans = (Span("/a", "one two three four"), Span("/metadata/one two", "one two", key=True))
    verdict = judge(Exchange(side="request", spans=spans), rules)
    assert verdict.edits == (Edit("/a", 0, 13, "#"), Edit("/metadata/one two", 0, 7, "#", key=True))
    assert verdict.refusal is None


def test_a_refusal_names_the_list_and_the_place_and_changes_nothing():
    """Of what was found the refusal says the list and the parameter, in OpenAI's way of writing it."""
    verdict = judge(said("fine", "a darn thing"), policy((Action.BLOCK, "darn"), (Action.REDACT, "thing")))
    assert verdict.refusal == Refusal("policy_violation", "list 0 phrase in messages[1].content", "messages[1].content")
    assert (verdict.edits, verdict.puts) == ((), ())


def test_of_several_refusals_the_first_checks_speaks():
    """Who may call and how much come before what is said."""
    verdict = judge(
        said("darn", takes_end_user=True), policy((Action.BLOCK, "darn"), prompt_chars=1, end_user_required=True)
    )
    assert [finding.code for finding in verdict.findings] == [
        "end_user_required",
        "prompt_too_long",
        "policy_violation",
    ]
    assert verdict.refusal.code == "end_user_required"
    assert verdict.refusal.param == "safety_identifier"


def test_a_refusal_without_a_place_names_none():
    """Where the whole request is at fault there is no parameter."""
    verdict = judge(said("too long"), policy(prompt_chars=1))
    assert verdict.refusal == Refusal("prompt_too_long", "the request has 8 characters of text, the limit is 1")


def test_a_missing_cap_is_put():
    """A cap that the policy sets goes along with redactions."""
    rules = policy((Action.REDACT, "darn"), output_tokens=OutputTokens(9, set_missing=True))
    verdict = judge(said("darn", output_cap=OutputCap(("max_tokens",))), rules)
    assert verdict.puts == (Put("max_tokens", 9),)
    assert len(verdict.edits) == 1
    assert judge(said("ok", output_cap=OutputCap(("max_tokens",))), rules).action is Action.SET


@pytest.mark.parametrize("action", [Action.AUDIT, Action.REDACT, Action.BLOCK])
def test_a_policy_that_only_audits_finds_the_same_and_changes_nothing(action):
    """In audit mode the findings stay what they are, and nothing follows from them."""
    rules = {"output_tokens": OutputTokens(9, set_missing=True)}
    exchange = said("darn", output_cap=OutputCap(("max_tokens",)))
    enforced = judge(exchange, policy((action, "darn"), **rules))
    audited = judge(exchange, policy((action, "darn"), **rules, enforce=False))
    assert audited.findings == enforced.findings
    assert (audited.action, audited.edits, audited.puts, audited.refusal) == (Action.AUDIT, (), (), None)


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span("/metadata/my project", "darn"), "/metadata/*"),
        (Span("/metadata/4111111111111111", "darn"), "/metadata/*"),
        (Span("/metadata/darn", "darn", key=True), "/metadata/*"),
        (Span("/metadata/1234", "1234", key=True), "/metadata/*"),
        (Span("/input/0/text", "darn"), "/input/0/text"),
    ],
)
def test_a_finding_shows_nothing_of_the_senders_names(span, shown):
    """Findings and refusals are written with pointers in which the sender's own names are starred."""
    verdict = judge(Exchange(side="request", spans=(span,)), policy((Action.BLOCK, "darn", "1234")))
    (finding,) = verdict.findings
    assert finding.at == shown
    assert verdict.refusal.message.startswith("list 0 phrase in ")
    assert not any(word in verdict.refusal.message + verdict.refusal.param for word in ("darn", "1234", "project"))


def test_edits_keep_the_senders_names():
    """What is shown is starred, what is edited is found by its real name."""
    spans = (Span("/metadata/my project", "darn"), Span("/metadata/your project", "darn"))
    verdict = judge(Exchange(side="request", spans=spans), policy((Action.REDACT, "darn")))
    assert [edit.pointer for edit in verdict.edits] == ["/metadata/my project", "/metadata/your project"]
    assert [finding.at for finding in verdict.findings] == ["/metadata/*", "/metadata/*"]
