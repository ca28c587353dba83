"""However a text is cut into pieces, what leaves and what is found is what the judge makes of the whole text."""

import json

import pytest
from chunk_invariance import assert_chunk_invariant
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panda_addon.checks.watch import Terms, Watch
from panda_addon.text.fold import neutral
from panda_addon.text.nested import Lens
from panda_addon.text.phrases import PhraseIndex
from panda_addon.text.window import Window
from panda_addon.verdict import Action
from tests.properties.strategies import (
    REDACTIONS,
    applied,
    cut,
    cuts,
    documents,
    escaped,
    policy,
    said,
    searches,
    whole,
)

REDACT, BLOCK, AUDIT = Action.REDACT, Action.BLOCK, Action.AUDIT

# Texts no longer than sixteen characters are cut in all ways, longer ones into up to four pieces.
NASTY = [
    ("x darn y", (REDACT, "darn")),
    ("darn", (REDACT, "darn")),
    ("darn darned", (REDACT, "darn", "darned x")),
    ("a darn\u0301 b", (REDACT, "darn")),
    ("a _darn_ __b", (REDACT, "darn", "b")),
    ("darn_it darn__", (REDACT, "darn")),
    ("__darn__b darn__", (REDACT, "darn")),
    ("ab ab ab ab", (REDACT, "ab ab")),
    ("aaaa aaaa a", (REDACT, "a", "aaaa a")),
    ("a b c d e", (REDACT, "a b"), (REDACT, "b c d")),
    ("a b c d e", (REDACT, "a b c d f"), (AUDIT, "b c"), (REDACT, "c d")),
    ("a b c d e", (AUDIT, "a b c d e"), (REDACT, "c")),
    ("a  \t b", (REDACT, "a b")),
    ("a \u200b \u00a0b", (REDACT, "a b")),
    ("a b \u200b", (REDACT, "a b")),
    ("d\u200ba\u00adrn\u200d x", (REDACT, "darn")),
    ("ﬁne ﬁ ﬁ\u0301x", (REDACT, "fi", "fine")),
    ("ofﬁ ce", (REDACT, "off", "i ce")),
    ("½ 1\u20442 ½½", (REDACT, "1\u20442")),
    ("ß ss SS sS", (REDACT, "ss")),
    ("İ i\u0307 I", (REDACT, "i")),
    ("👨\u200d👩\u200d👧👨👩👧", (REDACT, "👨👩👧")),
    ("👍🏽👍 x", (REDACT, "👍")),
    ("中文中文字中", (REDACT, "中文", "文中")),
    ("カ\u3099ガ カ", (REDACT, "カ")),
    ("ไ ก็ไก่", (REDACT, "ก")),
    ("a™ a² a2 ™", (REDACT, "a", "tm")),
    ("\ufffda\ufffdb \ufffd", (REDACT, "a", "\ufffd")),
    ("a.b,c.-d", (REDACT, "b,c", ".-d", "a.")),
    ("\u0301a\u20dd \u20ddb", (REDACT, "a", "b")),
    ("a\u3164b a b", (REDACT, "a b")),
    ("\u00b4a \u00b4", (REDACT, "a")),
    ("कि क कि", (REDACT, "क", "कि")),
    ("  a  ", (REDACT, "a", " ")),
    ("Project \u200b Borealis, project bore", (REDACT, "project borealis", "bore")),
    ("The glass quagmire and glass qua", (REDACT, "glass quagmire", "quagmire and glass quagmires")),
]
JSON = [
    ('{"a":"darn"}', (REDACT, "darn")),
    ('["d\\u0061rn"]', (REDACT, "darn")),
    ('["\\ud83d\\ude00"]', (REDACT, "😀")),
    ('["\\ud83d", "x"]', (REDACT, "x")),
    ('["a\\nb\\\\c"]', (REDACT, "a b", "c")),
    ('[true, 12, "a"]', (REDACT, "true", "12")),
    ('{"a b":1,"c":2}', (REDACT, "a b", "1", "c")),
    ('["a\\"b","a b"]', (REDACT, "a", 'a"b')),
    ('"a\\u0301" a\\n', (REDACT, "a", "n")),
    ('"a\\', (REDACT, "a")),
    ('"\\u00', (REDACT, "a", "u00")),
    ('"\\ud83d\\u0061"', (REDACT, "a")),
]


def watch_of(rules, *, nested=False):
    """The watch of a text under a policy."""
    terms = Terms(rules.response_phrases, rules.redaction, rules.enforce, [0] * len(rules.response_phrases.lists))
    return Watch("/text", terms, nested=nested)


def streamed(pieces, rules, *, nested=False):
    """What leaves of a text that comes in pieces: each piece written once it is decided. With the watch and its steps.

    A step is where the text was decided after a piece. Nothing is fed behind what stops a stream.
    """
    watch = watch_of(rules, nested=nested)
    waiting, written, steps = [], [], []
    for text in (*pieces, None):
        if text is not None:
            waiting.append((watch.length, text))
        watch.feed(text or "", last=text is None)
        steps.append(watch.decided)
        while waiting and (watch.stopped or sum(map(len, waiting[0][1:])) + waiting[0][0] <= watch.decided):
            start, piece = waiting.pop(0)
            written.append(applied(piece, watch.edits("", start, piece)))
        if watch.stopped:
            break
    return written, watch, steps


@pytest.mark.parametrize(("text", "lists"), [(text, lists) for text, *lists in NASTY])
@pytest.mark.parametrize("redaction", ["****", ""])
def test_no_cut_changes_what_leaves(text, lists, redaction):
    """A text with something nasty in it becomes the same in all ways to cut it."""
    rules = policy(*lists, redaction=redaction)
    tried = assert_chunk_invariant(
        lambda pieces: streamed(pieces, rules)[0],
        lambda text: whole(text, rules)[1],
        text,
        splits="all" if len(text) <= 12 else 3,
    )
    assert tried >= len(text)


@pytest.mark.parametrize(("text", "lists"), [(text, lists) for text, *lists in JSON])
@pytest.mark.parametrize("redaction", ["****", '"\\'])
def test_no_cut_changes_what_leaves_of_json(text, lists, redaction):
    """So does JSON in text, with its escapes cut in two."""
    rules = policy(*lists, redaction=redaction)
    assert_chunk_invariant(
        lambda pieces: streamed(pieces, rules, nested=True)[0],
        lambda text: whole(text, rules, nested=True)[1],
        text,
        splits="all" if len(text) <= 12 else 3,
    )


@settings(max_examples=300, deadline=None)
@given(st.data(), searches((AUDIT, REDACT)), REDACTIONS, st.booleans(), st.booleans())
def test_random_cuts_change_neither_text_nor_findings(data, search, redaction, enforce, nested):
    """Random phrases in random texts are redacted and found as in the whole text."""
    lists, (text,) = search
    rules = policy(*lists, redaction=redaction, enforce=enforce)
    verdict, wanted = whole(text, rules, nested=nested)
    written, watch, _ = streamed(cuts(data.draw, text), rules, nested=nested)
    assert "".join(written) == wanted
    assert said(watch.findings) == said(verdict.findings)
    assert watch.stopped is None


@settings(max_examples=300, deadline=None)
@given(st.data(), searches(), REDACTIONS)
def test_random_cuts_change_nothing_in_json(data, search, redaction):
    """JSON in text, with random escapes, is redacted and found as in one piece, and is JSON afterwards."""
    lists, (letters,) = search
    # Quotes are seen as that, see below.
    assume(not any("\uffff" in word for _, *words in lists for word in words))
    value = data.draw(documents(st.sampled_from(letters or "a")))
    text = data.draw(escaped(value))
    rules = policy(*((REDACT, *words) for _, *words in lists), redaction=redaction)
    verdict, wanted = whole(text, rules, nested=True)
    written, watch, _ = streamed(cuts(data.draw, text), rules, nested=True)
    assert "".join(written) == wanted
    assert said(watch.findings) == said(verdict.findings)
    json.loads(wanted)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("[-1]", "-"),
        ("[1e+3]", "1e"),
        ("[-1.5]", "1."),
        ("[1e-3]", "1e-"),
        ("[0.50]", "0"),
        ("[10, true]", "10, true"),
        ('["a"]', "\uffff"),
    ],
)
def test_odd_phrases_leave_json_too(text, phrase):
    """A phrase that is a part of a number, or a noncharacter, leaves JSON."""
    json.loads(whole(text, policy((REDACT, phrase)), nested=True)[1])


@settings(max_examples=300, deadline=None)
@given(st.data(), searches(), st.booleans(), REDACTIONS)
def test_a_block_lets_out_the_same_however_the_text_is_cut(data, search, nested, redaction):
    """What leaves before a block is what leaves where characters come one by one, and holds nothing that is blocked."""
    lists, (text,) = search
    rules = policy(*lists, redaction=redaction)
    written, watch, _ = streamed(cuts(data.draw, text), rules, nested=nested)
    singly, other, _ = streamed(list(text), rules, nested=nested)
    assert "".join(written) == "".join(singly)
    assert said(watch.findings) == said(other.findings)
    assert said([watch.stopped] if watch.stopped else []) == said([other.stopped] if other.stopped else [])
    assert bool(watch.stopped) == (whole(text, rules, nested=nested)[0].refusal is not None)
    if watch.stopped:
        seen = Lens().feed(text, last=True) if nested else text
        blocked = PhraseIndex((word, 0) for action, *words in lists for word in words if action is BLOCK)
        assert watch.decided <= min(hit.start for hit in blocked.find(neutral(seen)))
        mild = policy(
            *((AUDIT if action is BLOCK else action, *words) for action, *words in lists), redaction=redaction
        )
        assert whole(text, mild, nested=nested)[1].startswith("".join(written))


@settings(max_examples=300, deadline=None)
@given(st.data(), searches())
def test_what_is_decided_stays_so(data, search):
    """Decided text never grows back, and never takes in the beginning of an occurrence that is still to be found."""
    lists, (text,) = search
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    acting = index.only({number for number, (action, *_) in enumerate(lists) if action is not AUDIT})
    window = Window(index, acting, lambda _: False)
    there = {(hit.start, hit.end, hit.entry.phrase) for hit in index.find(text)}
    slow = {(hit.start, hit.end) for hit in acting.find(text)}
    found = set()
    decided = 0
    pieces = cuts(data.draw, text)
    for number, piece in enumerate((*pieces, "")):
        fresh = window.feed(piece, last=number == len(pieces))
        fresh = {(match.start, match.end, match.entry.phrase) for match in fresh}
        assert not fresh & found
        found |= fresh
        assert decided <= window.decided <= window.length
        decided = window.decided
        assert window.undecided <= decided
        # All that begins before it is known by now.
        assert {(start, end) for start, end in slow if start < decided} <= {(start, end) for start, end, _ in found}
    assert found == there
    assert decided == len(text)


def naively_decided(text, phrases):
    """Up to where nothing that may follow makes a difference, by trying what may follow."""
    index = PhraseIndex((phrase, 0) for phrase in phrases)
    tails = {f"{phrase[at:]}{end}" for phrase in phrases for at in range(len(phrase) + 1) for end in ("", " ", "a")}
    futures = [{(hit.start, hit.end) for hit in index.find(text + tail)} for tail in (*tails, "\u0301")]
    moot = set.union(*futures) - set.intersection(*futures)
    return min([start for start, _ in moot if start < len(text)], default=len(text))


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(st.from_regex(r"[ab1.-]{1,3}( [ab1]{1,2}){0,2}", fullmatch=True), min_size=1, max_size=4))
def test_no_less_is_held_than_must_be(data, phrases):
    """What follows may still make an occurrence of nothing that is decided."""
    pieces = data.draw(st.lists(st.sampled_from([*"ab1.- ", *phrases]), max_size=8))
    index = PhraseIndex((phrase, 0) for phrase in phrases)
    window = Window(index, index, lambda _: False)
    text = ""
    for piece in pieces:
        text += piece
        window.feed(piece)
        assert window.decided <= naively_decided(text, phrases)


@settings(max_examples=100, deadline=None)
@given(st.text("klm ,.", max_size=40), st.data())
def test_text_that_no_phrase_begins_in_is_not_held(text, data):
    """Text without the beginning of a phrase or a code at its end is decided at once, whatever is only audited."""
    watch = watch_of(policy((REDACT, "darn", "glass quagmire"), (AUDIT, "k", "l m k", "m,")))
    for piece in cuts(data.draw, text):
        watch.feed(piece)
        assert watch.decided == watch.length


@pytest.mark.parametrize("text", [" \u3164a", " \uffa0a", "\u3164a", "a\uffa0"])
def test_a_filler_is_a_blank(text):
    """What shows as a blank parts words like one, with another blank before it or not."""
    rules = policy((REDACT, "a"))
    assert "".join(streamed([text], rules)[0]) == text.replace("a", "****")


def test_the_cuts_of_this_file_are_cuts():
    """The helper that cuts loses nothing."""
    assert cut("abc", [1, 1, 3]) == ["a", "", "bc", ""]
