# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text import alphabet as module
from panda_addon.text.alphabet import LETTERS, Alphabet


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
