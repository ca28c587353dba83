# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text.alphabet import LETTERS
from panda_addon.text.fold import (
    BARRIER,
    FILLING,
    SEAM,
    THIN,
    classes,
    fold,
    fold_char,
    in_word,
    is_mark,
    is_unspaced,
    neutral,
    original_end,
    shows,
)

# The planes with scripts and symbols, the compatibility ideographs, and the tags.
ASSIGNED = [
    chr(point) for points in (range(0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE1001)) for point in points
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("DARN it", "darn it"),
        ("DÄRN", "darn"),
        ("da\u0308rn", "darn"),
        ("Straße", "strasse"),
        ("\u212a", "k"),
        ("İ", "i"),
        ("ı", "i"),
        ("ſ", "s"),
        ("ﬁne ｄａｒｎ 𝐝𝐚𝐫𝐧 ⓓⓐⓡⓝ", "fine darn darn darn"),
        ("½", "1\u20442"),
        ("㏂ … ℃", "a.m. ... °c"),
        ("⑴ ③ ２", "(1) 3 2"),
        ("한", "\u1112\u1161\u11ab"),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab"),
        ("😀", "😀"),
        ("中文", "中文"),
        ("\ud800", "\ud800"),
        # what imitates: another alphabet, the sign of a currency, a letter in a box, a small capital
        ("рауpаl", "paypal"),
        ("ΣΑΣ", "oao"),
        ("€₿¢", "ebc"),
        ("🅰🇧ᴄ", "abc"),
        ("µ", "m"),
        # as it stands, before what it is composed of
        ("⒜🄐ϲ￨", "aacl"),
        # a small iota below is a mark and never the letter that case folding makes of it
        ("ᾳ\u0345", "a"),
    ],
)
def test_what_reads_the_same_becomes_the_same(text, folded):
    """Case, marks, width, style, composition and look-alikes do not tell two texts apart."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    "char",
    [
        *("\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u061c"),  # format characters
        *("\x00", "\x1b", "\x7f", "\x9f"),  # controls
        *("\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180f"),  # fillers and joiners
        *("\u2065", "\ufff0", "\ufff8", "\U000e0000", "\U000e0fff"),  # kept free by Unicode for characters like these
        *("\ufe00", "\ufe0f", "\U000e0041", "\U000e0100"),  # variation selectors and tags
        *("\u0301", "\u0336", "\u20d2", "\u3099"),  # combining marks
        *("\u20dd", "\u20e3", "\u0489"),  # enclosing marks, which have no combining class
        *("\ufdd0", "\ufdd1", "\ufdef", "\ufffe", "\U0001ffff"),  # noncharacters, of which all but one are nothing
    ],
)
def test_what_does_not_show_or_only_decorates_is_dropped(char):
    """A character that shows nothing of its own cannot break up a word."""
    assert fold(f"d{char}ar{char}n") == "darn"
    assert LETTERS.spell(char) == ""


@pytest.mark.parametrize("char", ["\ufdcf", "\ufdf0", "\ufffd", "\U000e1000", "\ufe10", "\ue000"])
def test_what_stands_beside_those_ranges_shows(char):
    """The neighbours of what shows nothing are characters like others."""
    assert fold(f"d{char}n") != "dn"


@pytest.mark.parametrize(
    "blank",
    [*("\t", "\n", "\x0b", "\x1f", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000"), *("\u3164", "\uffa0", "\u2800")],
)
def test_white_space_and_what_shows_as_it_is_a_blank(blank):
    """White space of any kind, Hangul fillers and the empty Braille pattern are one blank each."""
    assert fold(f"a{blank}b{blank}{blank}") == "a b  "
    assert LETTERS.spell(blank) == " "


def test_the_barrier_stays():
    """What no phrase reaches across is folded to itself and counts as a letter."""
    assert fold(f"a{BARRIER}b") == f"a{BARRIER}b"
    assert LETTERS.letters(f"A {BARRIER}") == f"a{BARRIER}"


def test_vowel_signs_stay():
    """A mark without a combining class is a letter's vowel, not an ornament: dropping it would change the word."""
    assert fold("रामू") == "रामू"
    assert LETTERS.letters("रामू!") == "रामू"


def test_folding_every_character_twice_changes_nothing_more():
    """The folded form of every character there is folds to itself."""
    folded = {fold_char(char) for char in ASSIGNED}
    assert [text for text in folded if fold(text) != text] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain <&\\%", "plain <&\\%"),
        ("é", "é"),
        (f"a{FILLING}b{THIN}c{BARRIER}", "a\ufdd2b\ufdd2c\ufdd2"),
        (THIN, "\ufdd2"),
        (SEAM, "\ufdd2"),
        (BARRIER, "\ufdd2"),
        (FILLING, "\ufdd2"),
        ("\ufdd2\ufdd4\ufffe", "\ufdd2\ufdd4\ufffe"),
    ],
)
def test_a_callers_text_holds_nothing_with_a_meaning_inside(text, expected):
    """Noncharacters that mean something here become one that means nothing, and offsets stay."""
    assert neutral(text) == expected
    assert fold(expected) == fold(expected.replace("\ufdd2", ""))


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        *[("a", False), ("é", False), ("д", False), ("א", False), (" ", False), ("\u0dff", False), ("一", True)],
        *[("\u0e00", True), ("ไ", True), ("ກ", True), ("\u0eff", True), ("\u0f00", True), ("\u0fff", True)],
        *[("\u1000", True), ("\u109f", True), ("\u10a0", False), ("\u1780", True), ("\u17ff", True), ("\u177f", False)],
        *[("\u1800", False), ("\u2e7f", False), ("\u2e80", True), ("\u2fff", True), ("\u3000", True), ("カ", True)],
        *[
            ("\u312f", True),
            ("\u3130", False),
            ("\u31ef", False),
            ("\u31f0", True),
            ("\u9fff", True),
            ("\ua000", False),
        ],
        *[("한", False), ("\uf8ff", False), ("\uf900", True), ("\ufaff", True), ("\ufb00", False)],
        *[("\U0001afff", False), ("\U0001b000", True), ("\U0001b16f", True), ("\U0001b170", False)],
        *[("\U0001ffff", False), ("𠀀", True), ("\U0003ffff", True), ("\U00040000", False)],
    ],
)
def test_scripts_without_blanks_are_known(char, expected):
    """Thai, Lao, Tibetan, Myanmar, Khmer, Chinese and Japanese are written without spaces; others are not."""
    assert is_unspaced(char) is expected


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        *[("a", True), ("1", True), ("_", False), (" ", False), ("~", False), ("\x00", False)],
        *[("é", True), ("д", True), ("中", False), ("𠀀", False), ("ไ", False), ("한", True), ("א", True)],
        *[("™", False), ("²", False), ("ª", False), ("ᵃ", False), ("ₐ", False), ("½", False), ("①", False)],
        *[("Ⅷ", True), ("१", True), ("ू", True), ("ा", True), ("ａ", True), ("ⓐ", False), ("𝐚", True), ("😀", False)],
        *[("\u0301", True), ("\u20dd", False), ("\u3164", False), ("\uffa0", False), ("\u2800", False)],
        *[("\u200b", False), ("\ud800", False), ("€", False), (BARRIER, False)],
    ],
)
def test_what_belongs_to_a_word(char, expected):
    """Letters, digits and vowel signs of a script that writes spaces, as they are written, make words."""
    assert in_word(char) is expected


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        *[("\u0301", True), ("\u20dd", True), ("\u3099", True), ("्", True), (FILLING, True)],
        *[("a", False), ("ा", False), ("\u200b", False), (" ", False), (THIN, False), (BARRIER, False)],
    ],
)
def test_what_sits_on_the_character_before(char, expected):
    """Combining and enclosing marks do, and the filling of an escape; vowel signs and what shows nothing do not."""
    assert is_mark(char) is expected


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("0123456789", "oizeasgtbg"),
        ("il", "ii"),
        ("abcdefghjkmnopqrstuvwxyz", "abcdefghjkmnopqrstuvwxyz"),
        ("лı中", "лı中"),
    ],
)
def test_letters_that_may_stand_for_each_other_are_one(letters, expected):
    """Digits fall together with the letters they are written for, and i with l."""
    assert classes(letters) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", True), (" . ", True), ("😀", True), ("\u0301", False), ("", False), (" \n\u3164", False), ("\u200b", False)],
)
def test_what_can_be_seen(text, expected):
    """A text shows something if any of it is neither a blank nor nothing, nor a mark on nothing."""
    assert shows(text) is expected


@pytest.mark.parametrize(
    ("text", "index", "most", "end"),
    [
        ("abc", 0, 300, 1),
        ("abc", 2, 300, 3),
        ("e\u0301x", 0, 300, 2),
        ("e\u0301\u0336", 0, 300, 3),
        ("1\ufe0f\u20e3x", 0, 300, 1),
        ("n\u20dd x", 0, 300, 2),
        (f"a{FILLING * 4};", 0, 300, 5),
        (f"a{THIN}", 0, 300, 1),
        ("e\u0301\u0301\u0301", 0, 2, 3),
        ("e\u0301\u0301\u0301", 0, 3, 4),
        ("e\u0301", 0, 0, 1),
        ("xe\u0301", 1, 1, 3),
    ],
)
def test_the_end_of_a_character_is_behind_its_marks(text, index, most, end):
    """Marks that sit on a character go with it, at most so many; what stands behind them does not."""
    assert original_end(text, index, most) == end
