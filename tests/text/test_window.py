from itertools import chain, pairwise

import pytest

from panda_addon.text.phrases import PhraseIndex
from panda_addon.text.window import Window, search


def index(*phrases, owner=0):
    """An index of phrases of one owner."""
    return PhraseIndex((phrase, owner) for phrase in phrases)


def window(*phrases, acting=None, stops=()):
    """A window for phrases, all of which act unless said otherwise; `stops` are those that end everything."""
    whole = index(*phrases)
    return Window(whole, whole if acting is None else index(*acting), lambda hit: hit.entry.phrase in stops)


def told(pieces, *phrases, **options):
    """What becomes certain with each piece, the last being the end: the phrase's text and its offsets."""
    watched = window(*phrases, **options)
    found = [watched.feed(piece) for piece in pieces]
    found.append(watched.feed("", last=True))
    text = "".join(pieces)
    return [[(text[hit.start : hit.end], hit.start, hit.end) for hit in hits] for hits in found]


def decided(pieces, *phrases, **options):
    """How far a text is decided after each piece."""
    watched = window(*phrases, **options)
    marks = []
    for piece in pieces:
        watched.feed(piece)
        marks.append(watched.decided)
    return marks


HARD = {
    "a word": ("a darn thing", ["darn"]),
    "at the end": ("well, darn", ["darn"]),
    "part of a word": ("darning undarn darn1 darn", ["darn"]),
    "two words": ("so darn  \n it all", ["darn it"]),
    "a mark behind": ("da\u0301rn\u0301\u0323, darn\u20dd", ["darn"]),
    "characters that show nothing": ("\u200bda\u200brn\u200b\u2060 x", ["darn"]),
    "emphasis": ("so __darn__, _darn_ darn_it _x_darn", ["darn"]),
    "underscores across nothing": ("_\u200b_\u0301darn_\u200b_", ["darn"]),
    "one in another": ("a b c a b d", ["a b c", "b", "a", "b c d"]),
    "overlapping": ("one two three four", ["one two", "two three four", "three"]),
    "punctuation": ("c++ c+++ c", ["c++", "c"]),
    "no spaces": ("我說中文嗎中文", ["中文", "文嗎"]),
    "ligatures": ("ﬁ ﬁx ½ aﬁ", ["fi", "f", "1"]),
    "vowel signs": ("राम रामा राम", ["राम"]),
    "a trade mark": ("darn™ darn²", ["darn"]),
    "blanks": (" \t darn \u3164\u2800 it \n", ["darn it", "darn"]),
    "a sign before what may begin an escape": ("$b\\ d@rn& d@rn< 3 d@rn%", ["$b", "darn"]),
    "a sign behind what may open a tag": ("for j<n: print $ecret plan <b so @ss", ["secret plan", "ass"]),
    "a sign behind a sign": ("@me|0 0$<", ["@me", "0$"]),
    "beyond the plane": ("😀darn😀", ["darn", "😀"]),
}


@pytest.mark.parametrize(("text", "phrases"), HARD.values(), ids=HARD)
def test_the_cuts_make_no_difference(text, phrases):
    """Cut anywhere, once or between any two characters, what is found is what the index finds in the whole text."""
    whole = sorted((text[hit.start : hit.end], hit.start, hit.end) for hit in index(*phrases).find(text))
    assert whole
    cuts = [[text[:at], text[at:]] for at in range(len(text) + 1)]
    for pieces in [[text], list(text), *cuts]:
        assert sorted(chain(*told(pieces, *phrases))) == whole, pieces


@pytest.mark.parametrize(("text", "phrases"), HARD.values(), ids=HARD)
def test_what_is_decided_is_no_part_of_what_is_still_to_be_found(text, phrases):
    """Nothing is told that starts before where the text was decided, and that never goes back."""
    watched = window(*phrases)
    marks = [0]
    for at in range(len(text) + 1):
        matches = watched.feed(text[at : at + 1], last=at == len(text))
        assert all(match.start >= marks[-1] for match in matches)
        marks.append(watched.decided)
    assert all(before <= after for before, after in pairwise(marks))
    assert marks[-1] == len(text)


@pytest.mark.parametrize(
    ("pieces", "phrases", "expected"),
    [
        (["a darn", " thing"], ["darn"], [[], [("darn", 2, 6)], []]),
        (["a da", "rn thing"], ["darn"], [[], [("darn", 2, 6)], []]),
        (["a da", "rning"], ["darn"], [[], [], []]),
        (["a darn", "ing"], ["darn"], [[], [], []]),
        (["darn"], ["darn"], [[], [("darn", 0, 4)]]),
        (["un", "darn"], ["darn"], [[], [], []]),
        (["x.", "darn."], ["darn"], [[], [("darn", 2, 6)], []]),
        (["darn", "\u0301", "."], ["darn"], [[], [], [("darn\u0301", 0, 5)], []]),
        (["darn", "\u200b", "ing"], ["darn"], [[], [], [], []]),
        (["darn", "\u200b", "!"], ["darn"], [[], [], [("darn", 0, 4)], []]),
        (["darn_", "_", "!"], ["darn"], [[("darn", 0, 4)], [], [], []]),
        (["darn_", "_", "it"], ["darn"], [[("darn", 0, 4)], [], [], []]),
        (["d@rn", "!", "!", "?"], ["darn"], [[], [], [], [("d@rn", 0, 4)], []]),
        (["d@rn", "!", "!", "k"], ["darn"], [[], [], [], [], []]),
        (["d&#97;rn", "&", "am", "k"], ["darn"], [[], [], [], [], [("d&#97;rn", 0, 8)]]),
        (["d&#97;rn", "&", "am", " "], ["darn"], [[], [], [], [("d&#97;rn", 0, 8)], []]),
        (["ZGF", "ybg=", "=", " "], ["darn"], [[], [], [], [("ZGFybg==", 0, 8)], []]),
        (["ZGF", "ybg"], ["darn"], [[], [], [("ZGFybg", 0, 6)]]),
        (["x_", "_", "darn"], ["darn"], [[], [], [], [("darn", 3, 7)]]),
        ([" _", "_", "darn"], ["darn"], [[], [], [], [("darn", 3, 7)]]),
        (["x\u200b", "darn "], ["darn"], [[], [], []]),
        (["x_\u200b", "darn "], ["darn"], [[], [("darn", 3, 7)], []]),
        (["\u00e9", "darn "], ["darn"], [[], [], []]),
        (["~", "darn "], ["darn"], [[], [("darn", 1, 5)], []]),
        (["_\u200b", "_darn "], ["darn"], [[], [("darn", 3, 7)], []]),
        (["darn ", " \n", " it "], ["darn it"], [[], [], [("darn  \n it", 0, 10)], []]),
        (["c+", "+", "+"], ["c++"], [[], [], [("c++", 0, 3)], []]),
        (["中", "文", "字"], ["中文"], [[], [], [("中文", 0, 2)], []]),
        (["ﬁ", "."], ["fi"], [[], [("ﬁ", 0, 1)], []]),
        (["one two", " three."], ["one two three", "two"], [[], [("two", 4, 7), ("one two three", 0, 13)], []]),
    ],
)
def test_a_match_is_told_as_soon_as_nothing_can_change_it(pieces, phrases, expected):
    """A mark, a letter, or what may turn into one is waited for, and no more than that."""
    assert told(pieces, *phrases) == expected


@pytest.mark.parametrize(
    ("pieces", "phrases", "marks"),
    [
        (["hello"], ["darn"], [5]),
        (["hello g", "od"], ["gosh"], [6, 9]),
        (["a darn", "!"], ["darn"], [2, 7]),
        (["a darn", "ing"], ["darn"], [2, 9]),
        (["a darn.", ""], ["darn"], [7, 7]),
        (["undarn"], ["darn"], [6]),
        (["k", "darn"], ["darn"], [1, 5]),
        (["x", "darn"], ["darn"], [0, 5]),
        (["x", "k "], ["darn"], [0, 3]),
        (["x d", "\u0301", "\u200b", "o"], ["darn"], [2, 2, 2, 6]),
        (["a b", " ", " c", " "], ["a b c d"], [0, 0, 0, 0]),
        (["a b", " ", " c", " k"], ["a b c d"], [0, 0, 0, 8]),
        (["a b k"], ["a b c", "b"], [5]),
        (["a b"], ["a b c", "b"], [0]),
        (["b a"], ["a b c", "b"], [2]),
    ],
)
def test_a_text_is_decided_up_to_what_may_still_become_a_phrase(pieces, phrases, marks):
    """The longest end that begins a phrase waits, be it one character or a whole phrase, and all before it does not."""
    assert decided(pieces, *phrases) == marks


def test_nothing_is_decided_before_anything_has_come():
    """A window begins at the beginning of its text."""
    watched = window("darn")
    assert (watched.decided, watched.undecided, watched.length, watched.kept) == (0, 0, 0, 0)


def test_the_end_decides_everything():
    """With the last piece what was waited for is told, or will never be."""
    watched = window("darn", "darn it")
    assert watched.feed("so darn") == []
    (hit,) = watched.feed(" i", last=True)
    assert (hit.start, hit.end, hit.entry.phrase) == (3, 7, "darn")
    assert (watched.decided, watched.undecided, watched.length, watched.kept) == (9, 9, 9, 1)


def test_an_audited_phrase_holds_nothing_back():
    """What only audit lists look for is found across cuts, and the text does not wait for it."""
    watched = window("darn it", "heck", acting=["heck"])
    assert watched.feed("a darn") == []
    assert (watched.decided, watched.undecided) == (6, 2)
    (match,) = watched.feed(" it, he")
    assert (match.start, match.end) == (2, 9)
    assert (watched.decided, watched.undecided) == (11, 11)


def test_where_nothing_acts_nothing_waits():
    """With no acting phrase all is decided at once, and what is found is found all the same."""
    pieces = ["a da", "rn", " b"]
    assert decided(pieces, "darn", acting=[]) == [4, 6, 8]
    assert told(pieces, "darn", acting=[]) == [[], [], [("darn", 2, 6)], []]


@pytest.mark.parametrize(
    ("pieces", "expected", "mark"),
    [
        (["a darn thing heck."], [["darn"]], 2),
        (["a darn", " thing heck."], [[], ["darn"]], 2),
        (["a heck, da", "rn heck."], [["heck"], ["darn"]], 8),
        (["darning heck", ". darn. heck."], [[], ["heck", "darn"]], 14),
        (["a my darn", " x heck."], [[], ["darn"]], 2),
        (["my darn it al"], [["darn"]], 0),
        (["a darn. darn heck."], [["darn"]], 2),
    ],
)
def test_behind_what_stops_nothing_is_told_or_decided(pieces, expected, mark):
    """The text is decided up to where the stopping phrase starts, or a longer one still open in which it stands."""
    watched = window("darn", "heck", "my darn it all", stops=["darn"])
    assert [[hit.entry.phrase for hit in watched.feed(piece)] for piece in pieces] == expected
    assert watched.decided == mark


@pytest.mark.parametrize("pieces", [["a my darn it"], ["a my darn", " it"], list("a my darn it")])
def test_a_phrase_that_stops_at_the_end_of_the_text_stops_there(pieces):
    """A stopping phrase that the end alone makes certain is told with the last piece."""
    watched = window("darn it", "my darn", stops=["darn it"])
    found = [match for piece in pieces for match in watched.feed(piece)]
    found += watched.feed("", last=True)
    assert [hit.entry.phrase for hit in found] == ["my darn", "darn it"]
    assert watched.decided == 5


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        (["hello"], 1),
        (["hello world "], 1),
        (["hello _"], 1),
        (["k_\u200b\u0301__"], 1),
        (["k\u200b\u0301"], 3),
        (["k" + "\u200b" * 5000], 4096),
        (["__"], 1),
        (["a@@"], 3),
        (["a&lt;"], 4),
        (["a&amp;"], 6),
        (["k<b title='g'>"], 14),
        (["k<b title='g"], 12),
        ([""], 0),
        (["hello g"], 2),
        (["hello", " ", "gosh", "!" * 1000 + " "], 1),
        (["gosh" + "\u200b" * 290], 294),
    ],
)
def test_no_more_is_kept_than_may_matter(pieces, kept):
    """What is undecided is kept, and before it what tells how it is to be read, which is not much."""
    watched = window("gosh")
    for piece in pieces:
        watched.feed(piece)
    assert watched.kept == kept


def test_what_is_kept_for_its_context_is_not_found_again():
    """A phrase of one character that stays as context is told once."""
    assert told([".", "a", "."], ".", "a") == [[], [(".", 0, 1)], [("a", 1, 2)], [(".", 2, 3)]]


@pytest.mark.parametrize(
    "text", ["darn " * 40_000, "ZGFybiBpdA== " * 15_000, "k" * 65_534 + " darn it " + "k" * 65_530 + " d a r n"]
)
def test_a_long_text_is_searched_in_pieces(text):
    """A search that lets others have their turn finds what one without a break would."""
    whole = index("darn", "darn it")
    found = [(number, hit) for number, hits in search(whole, ["darn", text, "it darn"]) for hit in hits]
    assert found[0] == (0, *whole.find("darn"))
    assert [hit for number, hit in found if number == 1] == whole.find(text)
    assert found[-1] == (2, *whole.find("it darn"))
