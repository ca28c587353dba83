import json

import pytest

from panda_addon.exchange import Exchange, OutputCap, Span
from panda_addon.judge import judge
from panda_addon.policy.model import OutputTokens, PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Edit, Finding, Put, Refusal


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


def redacted(text, *phrases, redaction="****"):
    """Nested JSON as it is after the edits of its verdict."""
    span = Span("/messages/0/tool_calls/0/function/arguments", text, nested=True)
    verdict = judge(Exchange(side="request", spans=(span,)), policy((Action.REDACT, *phrases), redaction=redaction))
    for edit in sorted(verdict.edits, key=lambda edit: edit.start, reverse=True):
        assert (edit.pointer, edit.key) == (span.pointer, False)
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    ("text", "phrases", "expected"),
    [
        ('{"a": "my darn thing"}', ["darn"], '{"a": "my **** thing"}'),
        ('{"a": "my darn thing"}', ["my darn", "darn thing"], '{"a": "****"}'),
        ('{"darn": "x"}', ["darn"], '{"****": "x"}'),
        (r'{"a": "d\u0061rn\u0301!"}', ["darn"], '{"a": "****!"}'),
        (r'{"a": "\ud83d\ude00"}', ["😀"], '{"a": "****"}'),
        (r'{"a": "\"darn\""}', ["darn"], r'{"a": "\"****\""}'),
        (r'{"a": "\\darn\\"}', ["darn"], r'{"a": "\\****\\"}'),
        (r'{"a": "one\ttwo"}', ["one two"], '{"a": "****"}'),
        ('{"a": 4711, "b": "4711"}', ["4711"], '{"a": 9999, "b": "****"}'),
        ('{"a": -4711.5e-3}', ["4711"], '{"a": -9999.5e-3}'),
        ('{"a": -4711.5}', ["-4711.5"], '{"a": -9999.9}'),
        ('{"a":true,"b":[false,null]}', ["true", "false null"], '{"a":null,"b":[null,null]}'),
        ("[1, 2,3 ,4]", ["1, 2,3 ,4"], "[9, 9,9 ,9]"),
        ("[[1], [2]]", ["1], [2"], "[[9], [9]]"),
        ("4711", ["4711"], "9999"),
        ('"darn"', ["darn"], '"****"'),
    ],
)
def test_redacted_arguments_stay_json(text, phrases, expected):
    """A literal has the redaction in it, a number keeps its form alone and a word becomes null."""
    assert redacted(text, *phrases) == expected
    json.loads(expected)


@pytest.mark.parametrize(("text", "phrase"), [('{"a": -5}', "-"), ('{"a": 1.5}', "1."), ("[1.5]", "1.")])
def test_a_part_of_a_number_is_redacted_so_that_it_stays_one(text, phrase):
    """Where a phrase is a sign or ends in a point, what is left is a number that JSON knows."""
    json.loads(redacted(text, phrase))


@pytest.mark.parametrize("redaction", ["", "<gone>", "é 😀"])
def test_a_redaction_is_written_into_arguments_as_json_has_it(redaction):
    """Whatever a policy writes instead is what the arguments then say."""
    assert json.loads(redacted('{"a": "my darn thing"}', "darn", redaction=redaction)) == {"a": f"my {redaction} thing"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my darn, thing", "my null, thing"),
        ('{"a": "darn', '{"a": "****'),
        ("12 darn", "12 null"),
        ("[$]", "[null]"),
        ("-🔥!", "-null"),
    ],
)
def test_arguments_that_are_no_json_are_redacted_too(text, expected):
    """What a model writes beside JSON is replaced as words are."""
    assert redacted(text, "darn", "$", "-🔥!") == expected


def test_a_name_and_a_plain_text_are_edited_as_ever():
    """Only the value at a nested place is JSON inside, not the member's name, nor any other text."""
    spans = (
        Span("/arguments", "arguments", key=True),
        Span("/arguments", "true arguments", nested=True),
        Span("/other", "arguments"),
    )
    verdict = judge(Exchange(side="request", spans=spans), policy((Action.REDACT, "arguments"), redaction="#"))
    assert verdict.edits == (
        Edit("/arguments", 0, 9, "#", key=True),
        Edit("/arguments", 5, 14, "null"),
        Edit("/other", 0, 9, "#"),
    )


def long(exchange, policy):
    """A check of the kind that is made for one call."""
    if policy.prompt_tokens is not None:
        yield Finding(check="long", action=Action.BLOCK, side=exchange.side, code="prompt_too_long", message="too long")


@pytest.mark.parametrize(("enforce", "checks"), [(True, ["phrases"]), (False, ["phrases", "long"])])
def test_what_takes_time_is_left_out_for_a_call_that_is_refused(enforce, checks):
    """A policy that only audits refuses none, and finds all there is to find."""
    rules = policy((Action.BLOCK, "darn"), prompt_tokens=1, enforce=enforce)
    assert [finding.check for finding in judge(said("darn"), rules, [long]).findings] == checks
    assert [finding.check for finding in judge(said("hello"), rules, [long]).findings] == ["long"]


def test_what_is_watched_is_noted_and_changes_nothing():
    """The findings of a policy that only audits beside are audits, those of more checks too."""
    watched = Policy(name="w", prompt_chars=1, prompt_tokens=1, output_tokens=OutputTokens(9, set_missing=True))
    rules = policy((Action.REDACT, "darn"), watched=watched)
    verdict = judge(said("oh darn", output_cap=OutputCap(("max_tokens",))), rules, [long])
    assert [(finding.check, finding.action) for finding in verdict.findings] == [
        ("phrases", Action.REDACT),
        ("prompt_chars", Action.AUDIT),
        ("output_tokens", Action.AUDIT),
        ("long", Action.AUDIT),
    ]
    assert (verdict.action, verdict.puts, verdict.refusal) == (Action.REDACT, (), None)
    assert len(verdict.edits) == 1
