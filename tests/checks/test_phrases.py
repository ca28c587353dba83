import pytest

from panda_addon.checks import phrases as module
from panda_addon.checks.phrases import check
from panda_addon.exchange import Exchange, Span
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.combine import Combination
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action


def policy(lists, side="request"):
    """A policy with phrase lists, each an action and its phrases, named by their numbers."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, _) in enumerate(lists))
    index = PhraseIndex((phrase, number) for number, (_, words) in enumerate(lists) for phrase in words)
    return Policy(name="p", **{f"{side}_phrases": Phrases(rules, index)})


def places(text, *words):
    """What is found in a text: where, and by which phrase."""
    exchange = Exchange(side="request", spans=(Span("/a", text),))
    return [(found.start, found.end, found.phrase) for found in check(exchange, policy([(Action.BLOCK, words)]))]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("a darn thing", ["darn"], [(2, 6, "darn")]),
        ("DARN it", ["darn"], [(0, 4, "darn")]),
        ("darned", ["darn"], []),
        ("", ["darn"], []),
        ("nothing here", ["darn"], []),
        ("darn, darn", ["darn"], [(0, 4, "darn"), (6, 10, "darn")]),
        ("pro\u200bject   borealis", ["project borealis"], [(0, 19, "project borealis")]),
        ("😀 \uff44\uff41\uff52\uff4e", ["darn"], [(2, 6, "darn")]),
        ("da\u0301rn\u0301!", ["darn"], [(0, 6, "darn")]),
        ("one two three", ["one two", "two three"], [(0, 13, "two three")]),
        ("one two three", ["two", "one two three"], [(0, 13, "one two three")]),
        ("a b", ["a", "b"], [(0, 1, "a"), (2, 3, "b")]),
        ("a b c", ["a b", "b c", "a", "c"], [(0, 5, "b c")]),
    ],
)
def test_phrases_are_found_as_whole_words_at_their_original_places(text, words, found):
    """Offsets are those of the original text; occurrences that overlap are one, named by the longest phrase."""
    assert places(text, *words) == found


def test_a_finding_says_all_but_the_text():
    """List, phrase, place and folding steps are told; the message has the list's name alone."""
    exchange = Exchange(side="response", spans=(Span("/x", "ok"), Span("/metadata/DARN", "DARN", key=True)))
    (found,) = check(exchange, policy([(Action.REDACT, ["darn"])], "response"))
    assert (found.side, found.at, found.key, found.action) == ("response", "/metadata/DARN", True, Action.REDACT)
    assert (found.rule, found.phrase, found.folded) == ("list 0", "darn", ("case",))
    assert (found.code, found.message) == ("policy_violation", "list 0 phrase")


def test_each_list_finds_for_itself():
    """A phrase in two lists is found by both, with the action of each."""
    exchange = Exchange(side="request", spans=(Span("/a", "darn borealis"),))
    lists = [(Action.AUDIT, ["darn", "borealis"]), (Action.BLOCK, ["darn borealis", "darn"])]
    found = [(one.rule, one.action, one.start, one.end) for one in check(exchange, policy(lists))]
    assert sorted(found) == [
        ("list 0", Action.AUDIT, 0, 4),
        ("list 0", Action.AUDIT, 5, 13),
        ("list 1", Action.BLOCK, 0, 13),
    ]


def test_the_other_sides_lists_do_not_matter():
    """A list for answers finds nothing in a request."""
    exchange = Exchange(side="request", spans=(Span("/a", "darn"),))
    assert list(check(exchange, policy([(Action.BLOCK, ["darn"])], "response"))) == []


@pytest.mark.parametrize(("action", "refused"), [(Action.REDACT, True), (Action.AUDIT, False), (Action.BLOCK, False)])
def test_a_list_that_finds_too_much_stops_and_what_it_would_redact_is_refused(action, refused, monkeypatch):
    """Findings have a bound for each list; redaction that would stop there becomes a refusal."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 3)
    spans = (Span("/a", "darn darn"), Span("/b", "darn darn"), Span("/c", "darn heck"))
    lists = [(action, ["darn"]), (Action.AUDIT, ["heck"])]
    found = list(check(Exchange(side="request", spans=spans), policy(lists)))
    assert [(one.rule, one.at) for one in found if one.start is not None] == [
        ("list 0", "/a"),
        ("list 0", "/a"),
        ("list 0", "/b"),
        ("list 1", "/c"),
    ]
    messages = [one.message for one in found if one.start is None]
    assert messages == ["list 0 phrases in more than 3 places"] * refused


def test_the_last_finding_of_a_list_takes_in_what_overlaps_it(monkeypatch):
    """Where the bound is reached a longer occurrence still widens the last finding."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 1)
    assert places("one two three four one", "one two", "two three four", "one") == [(0, 18, "two three four")]


def test_what_cannot_be_edited_is_refused_instead():
    """A phrase to redact in a query refuses the call; one to audit there is noted as ever."""
    index = PhraseIndex([("darn", 0), ("heck", 1)])
    lists = (PhraseList("a", Action.REDACT), PhraseList("b", Action.AUDIT))
    policy = Policy(name="p", request_phrases=Phrases(lists, index))
    exchange = Exchange(side="request", spans=(Span("", "darn heck", fixed=True),))
    assert [found.action for found in check(exchange, policy)] == [Action.BLOCK, Action.AUDIT]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": "my darn thing"}', [(10, 14, ())]),
        ('{"darn": 1}', [(2, 6, ())]),
        (r'{"a": "d\u0061rn"}', [(7, 16, ("escape",))]),
        (r'{"a": "\u0044ARN"}', [(7, 16, ("case", "escape"))]),
        (r'{"a": "darn\u0301\u0323!"}', [(7, 23, ("escape", "marks"))]),
        (r'{"a": "\ndarn\t"}', [(9, 13, ())]),
        (r'{"a": "\"darn\""}', [(9, 13, ())]),
        (r'{"a": "\\darn"}', [(9, 13, ())]),
        (r'{"a": "\\u0064arn"}', [(7, 17, ("escape",))]),
        ('{"a": "ndarn"}', []),
        (r'{"a": darn, "b": d\u0061rn}', [(6, 10, ()), (17, 26, ("escape",))]),
        ('{"a": "da", "b": "rn"}', []),
        ("my darn thing", [(3, 7, ())]),
        ('{"a": "darn', [(7, 11, ())]),
        ("", []),
    ],
)
def test_phrases_are_found_in_what_nested_json_says(text, found):
    """Escapes are read before words are looked for; offsets and folding steps are those of the text as written."""
    exchange = Exchange(side="request", spans=(Span("/arguments", text, nested=True),))
    rules = policy([(Action.AUDIT, ["darn"])])
    assert [(one.start, one.end, one.folded) for one in check(exchange, rules)] == found


@pytest.mark.parametrize(("nested", "found"), [(True, []), (False, [(7, 21)])])
def test_no_phrase_reaches_across_a_quote_of_nested_json(nested, found):
    """A literal ends where its quote stands, and in plain text a quote is a character like any other."""
    exchange = Exchange(side="request", spans=(Span("/a", '{"a": "one", "two": 3}', nested=nested),))
    rules = policy([(Action.AUDIT, ['one", "two', 'one", "two": 3'])])
    assert [(one.start, one.end) for one in check(exchange, rules)] == found


def test_only_what_is_nested_is_read_as_json():
    """In a text that is not JSON by its place a quote is a separator like any other; in JSON no phrase reaches across."""
    exchange = Exchange(side="request", spans=(Span("/a", '"darn" "it"'), Span("/b", '"darn" "it"', nested=True)))
    assert [found.at for found in check(exchange, policy([(Action.AUDIT, ["darn it"])]))] == ["/a"]


@pytest.mark.parametrize(
    ("parts", "places"),
    [
        (["one", "two"], [("/0", 0, 3), ("/1", 0, 3)]),
        (["o", "ne two"], [("/0", 0, 1), ("/1", 0, 6)]),
        (["say three ", "now four"], [("/1", 4, 8)]),
        (["three four", "four"], [("/0", 6, 10)]),
        (["three x", "x four"], [("/1", 2, 6)]),
    ],
)
def test_neighbours_of_one_voice_are_judged_together(parts, places):
    """A phrase over a seam has a finding in each part; a combination one where it completes, told once."""
    combined = Combination("within 9 words: three & four", 9, (("three",), ("four",)))
    rules = (PhraseList("list", Action.AUDIT),)
    phrases = Phrases(rules, PhraseIndex([("one two", 0), (combined, 0)]))
    spans = tuple(Span(f"/{number}", part, voice="user") for number, part in enumerate(parts))
    findings = check(Exchange(side="request", spans=spans), Policy(name="p", request_phrases=phrases))
    assert [(found.at, found.start, found.end) for found in findings] == places
    answer = Policy(name="p", response_phrases=phrases)
    assert len(list(check(Exchange(side="response", spans=spans), answer))) == ("three four" in parts)
