# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text.alphabet import LETTERS, Alphabet
from panda_addon.text.explain import MAX_GAP
from panda_addon.text.fold import BARRIER, FILLING, SEAM, THIN
from panda_addon.text.forms import signs
from panda_addon.text.written import Written


def written(text, said=None, plain=None):
    """A text that says what it says, or something else."""
    return Written(text if said is None else said, text, LETTERS, plain)


def test_a_text_stands_beside_its_letters():
    """The letters are those of what is said, and each leads back to its character."""
    one = Written("a$+b", "a$+b", Alphabet(frozenset("+")))
    assert (one.letters, [*one.origin]) == ("a+b", [0, 2, 3])
    one = written("&#97;ß", f"a{FILLING * 4}ß")
    assert (one.letters, [*one.origin]) == ("ass", [0, 5, 5])


@pytest.mark.parametrize(
    ("text", "first", "last", "place"),
    [
        ("darn", 0, 3, (0, 4)),
        ("a darn b", 1, 4, (2, 6)),
        ("(darn)", 0, 3, (1, 5)),
        ("d a r n", 0, 3, (0, 7)),
        # with the marks on the last character, and not what does not show
        ("darn\u0301\u0302!", 0, 3, (0, 6)),
        ("\u0301darn\u20dd", 0, 3, (1, 6)),
        ("darn\u200b", 0, 3, (0, 4)),
        (f"darn{FILLING}", 0, 3, (0, 5)),
        ("darn" + "\u0301" * (MAX_GAP + 1), 0, 3, (0, 4 + MAX_GAP)),
        # beside a letter or digit
        ("darning", 0, 3, None),
        ("adarn", 1, 4, None),
        ("darn1", 0, 3, None),
        ("1darn", 1, 4, None),
        ("darn_", 0, 3, (0, 4)),
        ("darn\u0301s", 0, 3, (0, 5)),
        # of a script without blanks, or no word at all
        ("中文x", 0, 1, (0, 2)),
        ("x中文", 1, 2, (1, 3)),
        ("x™y", 1, 2, (1, 2)),
        # others are told later
        ("éarn", 1, 3, (1, 4)),
        ("darné", 0, 3, (0, 4)),
        # part of a character
        ("xﬁ", 0, 1, None),
        ("a ﬁ", 1, 1, None),
        ("ß", 0, 1, (0, 1)),
        ("a ß b", 1, 2, (2, 3)),
        ("a ß b", 1, 1, None),
        ("a ß b", 2, 2, None),
    ],
)
def test_letters_have_a_place_unless_they_are_inside(text, first, last, place):
    """The place of letters goes behind the marks on the last; there is none within a character or a longer word."""
    assert written(text).place(first, last) == place


@pytest.mark.parametrize(
    ("text", "first", "inside"),
    [
        ("ab", 0, False),
        ("ab", 1, True),
        ("a b", 1, False),
        ("1b", 1, True),
        ("_b", 0, False),
        ("éb", 1, False),
        ("a中", 1, False),
        ("ﬁ", 0, False),
        ("a ﬁ", 1, False),
        ("a ﬁ", 2, True),
        ("a™", 1, False),
        ("\u0301b", 0, False),
    ],
)
def test_a_letter_inside_of_a_word_is_told_at_a_look(text, first, inside):
    """A letter behind another, and one that is not the first of its character, begin nothing."""
    assert written(text).inside(first) is inside


@pytest.mark.parametrize(
    ("text", "start", "end", "whole", "thin"),
    [
        ("darn", 0, 4, True, True),
        ("a darn b", 2, 6, True, True),
        ("_darn-", 1, 5, True, True),
        # a letter before or behind, also one that is no ASCII
        ("darns", 0, 4, False, False),
        ("adarn", 1, 5, False, False),
        ("éarn", 1, 4, False, False),
        ("darnб", 0, 4, False, False),
        ("darn１", 0, 4, False, False),
        ("darnа\u0301", 0, 4, False, False),
        ("रामा", 0, 3, False, False),
        # and one behind what does not show, unless words are parted so
        ("darn\u200bs", 0, 4, False, True),
        ("a\u200bdarn", 2, 6, False, True),
        (f"darn{THIN}s", 0, 4, False, True),
        # and the end of a text
        (f"a{SEAM}darn{SEAM}s", 2, 6, True, True),
        ("darn\u200b\u200b s", 0, 4, True, True),
        ("a \u200bdarn", 3, 7, True, True),
        ("darn\u200b", 0, 4, True, True),
        ("\u200bdarn", 1, 5, True, True),
        # marks part nothing
        ("darn\u0301s", 0, 5, False, False),
        ("darn\u0301 s", 0, 5, True, True),
        ("a\u0301darn", 2, 6, False, False),
        ("\u0301darn", 1, 5, True, True),
        (f"darn{FILLING}s", 0, 4, False, False),
        ("darn\u0301\u200bs", 0, 5, False, True),
        ("darn\u200b\u0301s", 0, 4, False, True),
        # what is no part of a word though it has letters
        ("darn™s", 0, 4, True, True),
        ("²darn½", 1, 5, True, True),
        ("中darn文", 1, 5, True, True),
        (f"a{BARRIER}darn{BARRIER}b", 2, 6, True, True),
        # letters of a kind of their own make words with each other
        ("ⓗⓔ", 0, 1, False, False),
        ("ⓔⓗ", 1, 2, False, False),
        ("ⓗ\u200bⓔ", 0, 1, False, True),
        ("ⓗe", 0, 1, True, True),
        ("eⓗ", 1, 2, True, True),
        ("ⓗ中", 0, 1, True, True),
        ("中ⓗ", 1, 2, True, True),
        (f"{BARRIER}ⓗ{BARRIER}", 1, 2, True, True),
        # a stretch whose own ends are no words
        ("😀™", 0, 1, True, True),
        ("x中文y", 1, 3, True, True),
        ("x™y", 1, 2, True, True),
        ("😀x", 0, 1, True, True),
        # marks alone do not stand between a stretch and its last letter
        ("中\u0301y", 0, 2, True, True),
        ("\u0301\u0301", 0, 2, True, True),
    ],
)
def test_a_stretch_is_whole_between_the_ends_of_words(text, start, end, whole, thin):
    """A word may end where no letter follows, be it behind what does not show; that parts words only if others are."""
    one = written(text)
    assert one.whole(start, end, thin=False)[0] is whole
    assert one.whole(start, end, thin=True)[0] is thin


@pytest.mark.parametrize(
    ("text", "at", "begins", "thin"),
    [
        ("darn", 0, True, True),
        ("darn", 1, False, False),
        (" darn", 1, True, True),
        ("a\u200bdarn", 2, False, True),
        ("a\u0301darn", 2, False, False),
        ("é\u200bdarn", 2, False, True),
        ("a中", 1, True, True),
    ],
)
def test_a_word_begins_where_none_goes_on(text, at, begins, thin):
    """What stands before is seen as it is behind a word."""
    assert written(text).begins(at, thin=False) is begins
    assert written(text).begins(at, thin=True) is thin


def test_nothing_is_looked_at_further_than_a_gap():
    """Behind as many characters that do not show as a gap may have, words are parted."""
    near, far = "\u200b" * MAX_GAP, "\u200b" * (MAX_GAP + 1)
    assert not written(f"a{near}darn").begins(1 + len(near), thin=False)
    assert written(f"a{far}darn").begins(1 + len(far), thin=False)
    assert written(f"darn{near}s").whole(0, 4, thin=False) == (False, len(near) + 5)
    assert written(f"darn{far}").whole(0, 4, thin=False) == (True, None)
    assert written(f"darn{far}s").whole(0, 4, thin=False) == (True, len(far) + 5)


@pytest.mark.parametrize(
    ("text", "end", "settled", "thin"),
    [
        # marks may follow, or letters
        ("darn", 4, None, None),
        ("darn\u0301", 5, None, None),
        ("darn\u200b", 4, None, 5),
        ("darn\u200b\u0301", 4, None, 5),
        # with the first character that shows
        ("darn.", 4, 5, 5),
        ("darn. it", 4, 5, 5),
        ("darn\u0301 it", 5, 6, 6),
        ("darn\u200b\u200b it", 4, 7, 5),
        ("darn\u200bs", 4, 6, 5),
        # with the next character, whatever it is
        ("中x", 1, 2, 2),
        ("中\u200b", 1, 2, 2),
        ("中", 1, None, None),
        ("™", 1, None, None),
    ],
)
def test_an_occurrence_is_settled_by_the_next_character_that_tells(text, end, settled, thin):
    """It is so with the character that shows that its last word ends; None as long as that is to come."""
    assert written(text).whole(0, end, thin=False)[1] == settled
    assert written(text).whole(0, end, thin=True)[1] == thin


@pytest.mark.parametrize(
    ("text", "start", "end", "apart"),
    [
        ("a darn b", 2, 6, True),
        ("darn. It", 0, 4, True),
        ("(darn)", 1, 5, True),
        ("_darn_", 1, 5, True),
        ("\tdarn\n", 1, 5, True),
        (f"{BARRIER}darn{BARRIER}", 1, 5, True),
        # more may follow
        ("darn", 0, 4, False),
        ("a darn", 2, 6, False),
        # what is told by a closer look
        ("adarn ", 1, 5, False),
        (" darns", 1, 5, False),
        ("darn\u200b ", 0, 4, False),
        ("\u00a0darn ", 1, 5, False),
        ("darn… ", 0, 4, False),
        ("darn\u0301 ", 0, 4, False),
    ],
)
def test_an_occurrence_between_plain_characters_is_told_at_a_look(text, start, end, apart):
    """Between punctuation and blanks of ASCII a stretch is whole, and it is certain."""
    assert written(text).apart(start, end) is apart
    if apart:
        assert written(text).whole(start, end, thin=False) == (True, end + 1)


@pytest.mark.parametrize(
    ("text", "joined_before", "joined_behind"),
    [
        ("", "", ""),
        ("ab c1!d", "01010", "10100"),
        ("aé bÁ", "0000", "0000"),
        # of a letter that is two in folded form neither is told at a look
        ("aßb cd", "000001", "000010"),
        ("ab" * 300 + "ß", "0" + "1" * 599 + "00", "1" * 599 + "000"),
    ],
)
def test_letters_side_by_side_are_told_at_a_look(text, joined_before, joined_behind):
    """Of every letter it is known whether another of ASCII stands right before or behind it."""
    told = [bytes(map(int, joined)) for joined in (joined_before, joined_behind)]
    assert [*written(text).joints()] == told


@pytest.mark.parametrize("text", ["aass ", "a\u200bass "])
def test_what_does_not_begin_is_not_settled(text):
    """Where a word goes on before a stretch nothing behind it is looked at."""
    assert written(text).whole(len(text) - 4, len(text) - 1, thin=False) == (False, None)


@pytest.mark.parametrize(
    ("text", "end", "settled"),
    [
        ("ass. $$", 3, 4),
        ("ass $$", 3, 4),
        ("ass!", 3, None),
        ("ass!!", 3, None),
        ("ass!!.", 3, 6),
        ("ass| +a", 3, 5),
        ("ass!\u200b!", 3, 5),
    ],
)
def test_behind_signs_an_occurrence_is_settled_with_what_follows_them(text, end, settled):
    """Signs are letters or not by what stands behind them."""
    one = Written(signs(text) or text, text, LETTERS, text)
    assert one.whole(0, end, thin=False)[1] == settled


def test_what_is_said_may_be_shorter():
    """Where the rest is not known yet nothing there settles anything."""
    assert written("darn&#3", "darn").whole(0, 4, thin=False)[1] is None
    assert written("darn. &#3", "darn. ").whole(0, 4, thin=False)[1] == 5
    assert Written("darn\u200b", "darn\u200b&#3", LETTERS, "darn\u200b").whole(0, 4, thin=False)[1] is None


@pytest.mark.parametrize(
    ("between", "behind", "first", "near"),
    [
        (0, 0, 0, True),
        (MAX_GAP, 0, 0, True),
        (MAX_GAP + 1, 0, 0, False),
        (MAX_GAP + 1, 0, 1, True),
        (0, MAX_GAP, 0, True),
        (0, MAX_GAP, 1, True),
        (0, MAX_GAP + 1, 1, False),
        (0, MAX_GAP + 1, 0, False),
        (5, MAX_GAP + 1, 0, False),
    ],
)
def test_letters_are_near_as_long_as_no_gap_is_too_wide(between, behind, first, near):
    """From a letter to the end of the text no more characters may stand between two letters than a phrase may have."""
    assert written("a" + "." * between + "b" + "." * behind).near(first) is near
