# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text import fold as module
from panda_addon.text.fold import (
    BARRIER,
    FILLING,
    LETTERS,
    SEAM,
    THIN,
    Alphabet,
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
    ("text", "letters", "origins"),
    [
        ("", "", []),
        ("abc", "abc", [0, 1, 2]),
        ("a \t\n b", "ab", [0, 5]),
        ("A-B_C.d'e", "abcde", [0, 2, 4, 6, 8]),
        ("\x00a\x7fb", "ab", [1, 3]),
        ("H3llo 1O!", "heiioio", [0, 1, 2, 3, 4, 6, 7]),
        ("@$!|+%&<>\\", "", []),
        ("a\u200bb", "ab", [0, 2]),
        ("ß!", "ss", [0, 0]),
        ("e\u0301a", "ea", [0, 2]),
        ("\u3000 \u3000", "", []),
        ("😀x", "x", [1]),
        ("½", "iz", [0, 0]),
        ("ﬁl™", "fiitm", [0, 0, 1, 2, 2]),
        ("㏂", "am", [0, 0]),
        ("ﷺ", "صلىاللهعليهوسلم", [0] * 15),
        ("\ud800a", "a", [1]),
    ],
)
def test_letters_lead_back_to_the_original(text, letters, origins):
    """What is compared of a text are letters and digits, each with the index of the character it came from."""
    assert LETTERS.letters(text) == letters
    assert ([*LETTERS.origins(text)], len(LETTERS.origins(text))) == (origins, len(letters))


def test_ascii_takes_a_short_cut_to_the_same_result():
    """The fast ways for ASCII say what the table says."""
    text = "".join(map(chr, range(128)))
    for alphabet in (LETTERS, Alphabet(frozenset("+*<"))):
        letters = alphabet.letters(text + "中")
        assert letters == alphabet.letters(text) + "中"
        assert [*alphabet.origins(text + "中")] == [*alphabet.origins(text), 128]
        assert len(letters) == len(alphabet.origins(text)) + 1


@pytest.mark.parametrize("text", ["a.b ", "ﬁ é\u200b½", "a" * 7, " . ", "é", "ﷺ中"])
@pytest.mark.parametrize("times", [1, 100, 1000, 5000])
def test_the_way_back_is_the_same_in_long_texts(text, times):
    """In a text of any length each letter has its origin, and each character so many letters before it."""
    origins = LETTERS.origins(text * times)
    expected = [at for at, char in enumerate(text * times) for _ in LETTERS.letters(char)]
    assert len(origins) == len(expected)
    assert [origins[at] for at in reversed(range(len(expected)))] == expected[::-1]
    assert [*origins] == expected
    for index in {0, 1, len(text), len(text) * times // 2, len(text) * times}:
        assert origins.before(index) == sum(at < index for at in expected)


@pytest.mark.parametrize(
    ("kept", "text", "letters", "spelled"),
    [
        ("+", "c++ x", "c++x", ["c", "+", "+", " ", "x"]),
        ("", "c++", "c", ["c", " ", " "]),
        ("*", "A**le +", "a**ie", ["a", "*", "*", "l", "e", " ", " "]),
        ("😀", "a😀\u200b😁", "a😀", ["a", "😀", "", " "]),
        ("+", "a＋", "a+", ["a", "+"]),
        ("+", "é+", "e+", ["e", "+"]),
        (".", "㏂…", "a.m....", ["a.m.", "..."]),
    ],
)
def test_symbols_that_are_kept_are_compared(kept, text, letters, spelled):
    """An alphabet may keep symbols, which count as letters wherever they come from; all others separate."""
    alphabet = Alphabet(frozenset(kept))
    assert alphabet.letters(text) == letters
    assert "".join(text[at] for at in alphabet.origins(text)).strip() != ""
    assert [alphabet.spell(char) for char in text] == spelled


def test_the_tables_do_not_grow_for_good(monkeypatch):
    """A caller who sends every code point there is fills bounded tables, and folding stays right meanwhile."""
    monkeypatch.setattr(module, "_TABLE_LIMIT", 200)
    alphabet = Alphabet()
    text = "".join(chr(point) for point in range(0x4E00, 0x4E00 + 1000))
    assert alphabet.letters(text) == text
    assert [*alphabet.origins(text)] == list(range(1000))
    assert "".join(map(alphabet.spell, text)) == text
    assert max(len(alphabet._spelling), len(alphabet._classes), len(alphabet._counts)) <= 200


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


@pytest.mark.parametrize(
    ("char", "spelled"),
    [
        ("\ud7ff", " "),
        ("\ue000", " "),
        ("\uf8ff", " "),
        ("\uf900", "豈"),
        ("\U00020000", "\U00020000"),
        ("\U0002f800", "丽"),
        ("\U0003ffff", ""),
        ("\U0003fffd", "\U0003fffd"),
        ("\U00040000", " "),
        ("\U000e0041", ""),
        ("\U000e1000", " "),
        ("\U0010fffd", " "),
        ("\U0010ffff", ""),
    ],
)
def test_rare_characters_are_spelled_like_others(char, spelled):
    """Of areas with more characters than a table has place for, each is compared as if it had one."""
    alphabet = Alphabet()
    assert alphabet.spell(char) == spelled
    assert alphabet.letters(char) == spelled.strip()
    assert [*alphabet.origins(f"a{char}b")] == [0, *([1] if spelled.strip() else []), 2]


def test_no_character_takes_long_twice():
    """A text with all characters there are leaves no more in the tables than they have place for."""
    alphabet = Alphabet()
    every = "".join(map(chr, range(0x110000)))
    letters = alphabet.letters(every)
    assert len(alphabet.origins(every)) == len(letters)
    assert max(len(alphabet._spelling), len(alphabet._classes), len(alphabet._counts)) <= 1 << 16
