import json

import pytest

from panda_addon.checks import watch as module
from panda_addon.checks.watch import Terms, Watch
from panda_addon.exchange import Exchange, Span
from panda_addon.judge import judge
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Edit

AUDIT, REDACT, BLOCK = Action.AUDIT, Action.REDACT, Action.BLOCK


def terms(*lists, redaction="****", enforce=True):
    """The terms of lists, each an action and its phrases, named by their numbers."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, *_) in enumerate(lists))
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    return Terms(Phrases(rules, index), redaction, enforce, [0] * len(lists))


def edited(text, edits):
    """A text with edits made, the last first."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def streamed(pieces, watched):
    """What a client is sent of a text in pieces: each as soon as it is decided, and the head of one that is cut off."""
    sent, held = [], []

    def leave(*, stopped=False):
        while held and (stopped or held[0][0] + len(held[0][1]) <= watched.decided):
            start, piece = held.pop(0)
            sent.append(edited(piece, watched.edits("/x", start, piece)))

    for piece in pieces:
        held.append((watched.length, piece))
        watched.feed(piece)
        leave(stopped=watched.stopped is not None)
        if watched.stopped:
            return sent
    watched.feed("", last=True)
    leave(stopped=watched.stopped is not None)
    assert not held
    return sent


def found(watched):
    """What was found: list, phrase and place."""
    return [(one.rule, one.phrase, one.start, one.end) for one in watched.findings]


PLAIN = {
    "a phrase": ("a darn thing", [(REDACT, "darn")]),
    "at the end": ("well, darn", [(REDACT, "darn")]),
    "two lists over one another": ("one two three", [(REDACT, "one two"), (REDACT, "two three"), (AUDIT, "two")]),
    "one list over itself": ("one two three four", [(REDACT, "one two", "two three", "four")]),
    "side by side": ("中文中文!", [(REDACT, "中文")]),
    "a longer phrase audited": ("darn it all. darn it", [(REDACT, "darn"), (AUDIT, "darn it all")]),
    "a shorter phrase audited": ("darn it all. darn it", [(AUDIT, "darn"), (REDACT, "darn it all")]),
    "marks and nothings": ("d\u200barn\u0301\u0323 _darn_ undarn darning", [(REDACT, "darn")]),
    "a phrase of both": ("darn", [(REDACT, "darn"), (AUDIT, "darn")]),
    "nothing": ("hello there", [(REDACT, "darn")]),
    "no text": ("", [(REDACT, "darn")]),
}
NESTED = {
    "in a literal": ('{"a": "my darn thing"}', [(REDACT, "darn")]),
    "in a name": ('{"darn": 1}', [(REDACT, "darn")]),
    "escaped": ('{"a": "d\\u0061rn\\u0301 \\ud83d\\ude00 \\"darn\\""}', [(REDACT, "darn", "\U0001f600")]),
    "a number": ('{"a": [4711, -4711.5, 14711]}', [(REDACT, "4711")]),
    "a word": ('{"a": true, "b": "true"}', [(REDACT, "true")]),
    "across numbers": ("[1, 2,3]", [(REDACT, "1, 2,3")]),
    "across a quote": ('{"a": "one", "b": "two"}', [(REDACT, "one b", 'one", "b')]),
    "half escapes": ('{"a": "darn\\', [(REDACT, "darn")]),
    "no JSON": ("a darn thing", [(REDACT, "darn thing")]),
}
CASES = [(*case, False) for case in PLAIN.values()] + [(*case, True) for case in NESTED.values()]


@pytest.mark.parametrize("enforce", [True, False])
@pytest.mark.parametrize(("text", "lists", "nested"), CASES, ids=[*PLAIN, *NESTED])
def test_however_a_text_is_cut_it_becomes_what_the_judge_makes_of_all_of_it(text, lists, nested, enforce):
    """Cut once anywhere, or between any two characters, findings and what is written are the same."""
    made = terms(*lists, redaction="##", enforce=enforce)
    policy = Policy(name="p", enforce=enforce, response_phrases=made.phrases, redaction="##")
    verdict = judge(Exchange(side="response", spans=(Span("/x", text, nested=nested),)), policy)
    places = [(one.rule, one.phrase, one.start, one.end, one.folded, one.action) for one in verdict.findings]
    for pieces in [[text], list(text), *([text[:at], text[at:]] for at in range(1, len(text)))]:
        watched = Watch("/x", terms(*lists, redaction="##", enforce=enforce), nested=nested)
        assert "".join(streamed(pieces, watched)) == edited(text, verdict.edits), pieces
        told = [(one.rule, one.phrase, one.start, one.end, one.folded, one.action) for one in watched.findings]
        assert sorted(told) == sorted(places), pieces
        assert (watched.stopped, watched.length, watched.decided) == (None, len(text), len(text))


@pytest.mark.parametrize(
    ("text", "lists"), [case for name, case in NESTED.items() if name not in ("half escapes", "no JSON")]
)
def test_json_stays_json_however_it_is_cut(text, lists):
    """What is written of arguments can be read, with the same names and as many values, if that is what came."""
    for pieces in [list(text), *([text[:at], text[at:]] for at in range(len(text)))]:
        written = json.loads("".join(streamed(pieces, Watch("/x", terms(*lists), nested=True))))
        assert type(written) is type(json.loads(text))
        assert len(written) == len(json.loads(text))


def test_a_finding_says_all_but_the_text():
    """It is told once the occurrence is certain, with the place the watch was given."""
    watched = Watch("/output/0/arguments", terms((AUDIT, "darn")), nested=True)
    watched.feed('{"a": "D\\u0061')
    assert watched.findings == []
    watched.feed('rn!"}')
    (finding,) = watched.findings
    assert (finding.check, finding.side, finding.at) == ("phrases", "response", "/output/0/arguments")
    assert (finding.rule, finding.phrase, finding.folded) == ("list 0", "darn", ("case", "escape"))
    assert (finding.start, finding.end, finding.action) == (7, 16, AUDIT)


def test_findings_wait_for_what_may_join_them():
    """An occurrence that a longer one of its list may yet take in is not told before that is settled."""
    watched = Watch("/x", terms((REDACT, "one two", "two three"), (AUDIT, "one")), nested=False)
    watched.feed("one two t")
    assert found(watched) == [("list 1", "one", 0, 3)]
    watched.feed("hree.")
    assert found(watched) == [("list 1", "one", 0, 3), ("list 0", "two three", 0, 13)]


def test_findings_of_one_list_are_told_in_order():
    """What one piece makes certain is told from the front."""
    watched = Watch("/x", terms((AUDIT, "a b", "c", "d")), nested=False)
    watched.feed("d. c. a b", last=True)
    assert found(watched) == [("list 0", "d", 0, 1), ("list 0", "c", 3, 4), ("list 0", "a b", 6, 9)]


@pytest.mark.parametrize(
    ("pieces", "sent", "moves"),
    [
        (["a darn th", "ing"], ["a #### th", "ing"], [(2, 6, 4)]),
        (["a da", "rn!"], ["a ####", "!"], [(2, 6, 4)]),
        (["a d", "a", "r", "n!"], ["a ####", "", "", "!"], [(2, 6, 4)]),
        (["darn", ".", "darn", "."], ["####", ".", "####", "."], [(0, 4, 4), (5, 9, 4)]),
        (["darn darn."], ["#### ####."], [(0, 4, 4), (5, 9, 4)]),
        (["a da", "ta"], ["a da", "ta"], []),
    ],
)
def test_a_redaction_is_written_once_where_its_phrase_begins(pieces, sent, moves):
    """Of a phrase in several pieces the first has the redaction and the others nothing; what moved is kept."""
    watched = Watch("/x", terms((REDACT, "darn"), redaction="####"), nested=False)
    assert streamed(pieces, watched) == sent
    assert watched.moves == moves


@pytest.mark.parametrize(
    ("pieces", "sent"),
    [
        (['{"a": tr', "ue}"], ['{"a": null', "}"]),
        (['{"a": 47', '11, "b"', ": 4711}"], ['{"a": 99', '99, "b"', ": 9999}"]),
        (['{"a": "tr', 'ue"}'], ['{"a": "#', '"}']),
    ],
)
def test_a_piece_of_arguments_is_replaced_as_fits_its_place(pieces, sent):
    """A word becomes null and a number keeps its form alone, also where the cut goes through them."""
    watched = Watch("/x", terms((REDACT, "true", "4711"), redaction="#"), nested=True)
    assert streamed(pieces, watched) == sent


@pytest.mark.parametrize(
    ("start", "text", "edits"),
    [
        (0, "a darn", [Edit("/p", 2, 6, "#")]),
        (0, "a da", [Edit("/p", 2, 4, "#")]),
        (3, "arn ", [Edit("/p", 0, 3, "#")]),
        (3, "arn hel", [Edit("/p", 0, 3, "#"), Edit("/p", 4, 7, "")]),
        (0, "a darn hello", [Edit("/p", 2, 6, "#"), Edit("/p", 7, 12, "")]),
        (6, " ", []),
        (7, "hello", [Edit("/p", 0, 5, "")]),
        (9, "llo", [Edit("/p", 0, 3, "")]),
    ],
)
def test_edits_are_those_of_the_piece_and_what_is_not_decided_is_cut_away(start, text, edits):
    """Offsets are those of the piece; of one that the stream was stopped in the head alone is left."""
    watched = Watch("/x", terms((REDACT, "darn", "hello you"), redaction="#"), nested=False)
    watched.feed("a darn hello")
    assert watched.decided == 7
    assert watched.edits("/p", start, text) == edits


def test_a_watch_knows_whether_it_has_anything_left_to_replace():
    """From the time a phrase is certain until all of it has been asked for there is."""
    watched = Watch("/x", terms((REDACT, "darn"), (AUDIT, "heck")), nested=False)
    told = []
    for piece in ("heck da", "rn", " b"):
        watched.feed(piece)
        told.append(watched.redacts)
    for start, piece in ((0, "heck da"), (7, "rn"), (9, " b")):
        watched.edits("/p", start, piece)
        told.append(watched.redacts)
    assert told == [False, False, True, True, False, False]


@pytest.mark.parametrize("pieces", [["a darn thing heck"], list("a darn thing heck"), ["a da", "rn thing"]])
def test_a_blocked_phrase_stops_the_stream_where_it_starts(pieces):
    """What is in front of it leaves, itself and what is behind it do not, and it is told."""
    watched = Watch("/x", terms((REDACT, "heck"), (BLOCK, "darn"), (AUDIT, "a")), nested=False)
    assert "".join(streamed(pieces, watched)) == "a "
    stopped = watched.stopped
    assert (stopped.rule, stopped.action, stopped.start, stopped.end) == ("list 1", BLOCK, 2, 6)
    assert found(watched) == [("list 2", "a", 0, 1), ("list 1", "darn", 2, 6)]


@pytest.mark.parametrize("pieces", [["oh my darn x"], list("oh my darn x"), ["oh my da", "rn", " x"]])
def test_a_blocked_phrase_in_a_longer_one_still_open_stops_before_that(pieces):
    """What may yet be redacted or blocked as a part of the longer phrase does not leave."""
    watched = Watch("/x", terms((REDACT, "my darn thing"), (BLOCK, "darn")), nested=False)
    assert "".join(streamed(pieces, watched)) == "oh "
    assert watched.stopped.phrase == "darn"


def test_what_stops_is_the_first_that_is_certain():
    """Of two blocked phrases the one that is certain first ends the stream, be it in two lists."""
    watched = Watch("/x", terms((BLOCK, "darn", "heck"), (BLOCK, "darn")), nested=False)
    watched.feed("darn heck.")
    assert (watched.stopped.rule, watched.stopped.phrase) == ("list 0", "darn")
    assert found(watched) == [("list 0", "darn", 0, 4), ("list 1", "darn", 0, 4)]
    assert watched.decided == 0


def test_in_audit_mode_nothing_waits_and_nothing_stops():
    """What would be redacted or blocked is found, and the text goes through as it comes."""
    watched = Watch("/x", terms((REDACT, "darn"), (BLOCK, "heck"), enforce=False), nested=False)
    assert streamed(["a da", "rn he", "ck"], watched) == ["a da", "rn he", "ck"]
    assert found(watched) == [("list 0", "darn", 2, 6), ("list 1", "heck", 7, 11)]
    assert [one.action for one in watched.findings] == [REDACT, BLOCK]
    assert (watched.stopped, watched.moves) == (None, [])
    assert not terms((BLOCK, "heck"), enforce=False).acting()


@pytest.mark.parametrize(
    ("fed", "expected"),
    [
        ([], (0, 0, False)),
        (["hello"], (5, 1, False)),
        (["hello da"], (6, 3, False)),
        (["hello darn"], (6, 5, False)),
        (["hello darn", "."], (11, 1, False)),
    ],
)
def test_a_watch_says_how_far_it_has_got(fed, expected):
    """What is decided and what is kept are told at any time."""
    watched = Watch("/x", terms((REDACT, "darn")), nested=False)
    for piece in fed:
        watched.feed(piece)
    assert (watched.decided, watched.kept, watched.closed) == expected


def test_a_watch_is_closed_by_its_last_piece():
    """Behind the end no other piece belongs to the text."""
    watched = Watch("/x", terms((REDACT, "darn")), nested=True)
    watched.feed('"\\u00', last=True)
    assert (watched.closed, watched.decided, watched.length) == (True, 5, 5)


@pytest.mark.parametrize(("action", "stops"), [(REDACT, True), (AUDIT, False)])
@pytest.mark.parametrize("pieces", [["darn darn darn darn"], list("darn darn darn darn")])
def test_a_list_that_finds_too_much_stops_telling_and_what_it_would_redact_stops_the_stream(
    action, stops, pieces, monkeypatch
):
    """The bound is the one of a whole exchange: redaction that would end there ends the stream."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 2)
    watched = Watch("/x", terms((action, "darn")), nested=False)
    for piece in pieces:
        watched.feed(piece)
    assert [one.start for one in watched.findings] == [0, 5, None][: 2 + stops]
    assert (watched.stopped is not None) is stops
    assert watched.stopped is (watched.findings[2] if stops else None)


def test_the_bound_holds_for_all_texts_of_a_stream(monkeypatch):
    """The count is one for a list, not for a text, and another list's findings do not add to it."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 2)
    shared = terms((REDACT, "darn"), (AUDIT, "heck"))
    first, second = (Watch(place, shared, nested=False) for place in ("/a", "/b"))
    first.feed("darn heck heck heck.")
    assert first.stopped is None
    second.feed("darn heck.")
    assert (second.stopped.at, second.stopped.start, second.stopped.rule) == ("", None, "list 0")
    assert shared.counts == [2, 2]


def test_in_audit_mode_too_many_findings_stop_nothing(monkeypatch):
    """That the bound is reached is told, and the text goes on."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 1)
    watched = Watch("/x", terms((REDACT, "darn"), enforce=False), nested=False)
    assert streamed(["darn darn"], watched) == ["darn darn"]
    assert ([one.start for one in watched.findings], watched.stopped) == ([0, None], None)


def test_a_blocked_phrase_is_what_stops_also_where_the_bound_is_reached_with_it(monkeypatch):
    """The first reason to stop stands."""
    monkeypatch.setattr(module, "MAX_FINDINGS", 1)
    watched = Watch("/x", terms((REDACT, "one"), (BLOCK, "two")), nested=False)
    watched.feed("one-two three")
    assert watched.stopped.phrase == "two"
    assert [one.start for one in watched.findings] == [0, None, 4]


# A character of which JSON may write either half by itself.
HIGH, LOW = "\ud83d", "\ude00"


@pytest.mark.parametrize(
    ("pieces", "sent", "places"),
    [
        ([f"a {HIGH}", f"{LOW} b"], ["a ##", " b"], [(2, 4)]),
        (["a ", HIGH, LOW, "."], ["a ", "##", "", "."], [(2, 4)]),
        (["a ", HIGH, "", LOW], ["a ", "##", "", ""], [(2, 4)]),
        ([f"{HIGH}{LOW}{HIGH}", LOW], ["##", ""], [(0, 2), (2, 4)]),
        ([f"d{HIGH}", f"{LOW}d darn"], ["d##", "d ##"], [(1, 3), (5, 9)]),
        ([HIGH, "x"], [HIGH, "x"], []),
        ([HIGH, HIGH, LOW], [HIGH, "##", ""], [(1, 3)]),
        ([LOW, HIGH], [LOW, HIGH], []),
        ([f"darn{HIGH}"], [f"##{HIGH}"], [(0, 4)]),
        (["\U0001f600", "."], ["##", "."], [(0, 1)]),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_a_character_that_was_cut_in_two_is_found(pieces, sent, places, nested):
    """Its halves are put together for the search, and offsets stay those of the text as it came."""
    watched = Watch("/x", terms((REDACT, "\U0001f600", "darn"), redaction="##"), nested=nested)
    if nested:
        # Outside of a literal what takes the place of a text has another form.
        pieces, sent, places = ['"', *pieces], ['"', *sent], [(start + 1, end + 1) for start, end in places]
    assert streamed(pieces, watched) == sent
    assert [(one.start, one.end) for one in watched.findings] == places
    assert watched.decided == watched.length == sum(map(len, pieces))


@pytest.mark.parametrize(
    ("fed", "last", "expected"),
    [
        (f"hello {HIGH}", False, (6, 7)),
        (f"hello {HIGH}", True, (7, 7)),
        (f"hello {HIGH}{LOW}", False, (6, 8)),
        (f"hello {LOW}", False, (7, 7)),
    ],
)
def test_the_first_half_of_a_character_waits_for_the_second(fed, last, expected):
    """It is not decided before that or the end of the text has come."""
    watched = Watch("/x", terms((REDACT, "\U0001f600")), nested=False)
    watched.feed(fed, last=last)
    assert (watched.decided, watched.length) == expected


def test_a_blocked_character_that_was_cut_in_two_stops_the_stream():
    """What stops is told where its first half stands, and neither half leaves."""
    watched = Watch("/x", terms((BLOCK, "\U0001f600")), nested=False)
    assert streamed([f"a {HIGH}", f"{LOW}."], watched) == ["a ", ""]
    assert (watched.stopped.start, watched.stopped.end) == (2, 4)


@pytest.mark.parametrize("pieces", [["darn\u200b__ x"], list("darn\u200b__ x")])
def test_what_is_certain_before_something_in_front_of_it_keeps_its_place(pieces):
    """An underscore is certain before the word that it may still join to another; both are told and replaced."""
    watched = Watch("/x", terms((REDACT, "darn", "_"), redaction="##"), nested=False)
    assert "".join(streamed(pieces, watched)) == "##\u200b## x"
    assert [(one.start, one.end) for one in watched.findings] == [(0, 4), (5, 6), (6, 7)]
