"""Folding: what reads the same becomes the same letters, with the way back to the original characters.

Every character is folded on its own: a look-alike to the letter it imitates, then compatibility decomposition and case
folding; combining marks and characters that show nothing are dropped. What is left is letters, digits and all else,
and only the first two are compared: what separates words differs from text to text, and is looked at where something
was found. Because no step looks at a neighbour, the letters of `a + b` are those of `a` and those of `b`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, chain, compress, repeat

from panda_addon.text.confusables import CONFUSABLES

# So many characters are worked out at a time.
_BLOCK = 512

# The tables are filled by whatever text comes by. Past this many entries they start again, so that a caller who sends
# every code point there is cannot grow them for good. All that fold to something else find place in them.
_TABLE_LIMIT = 1 << 16
_CACHE_LIMIT = 4096

# Default_Ignorable_Code_Point characters that are not already in general category Cf (Unicode 15, DerivedCoreProperties).
_IGNORABLE = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065)) | frozenset(
    (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))
)

# What is no ASCII, with what stands between where that is not long.
_OTHER = re.compile(r"([^\0-\x7f]++(?:[\0-\x7f]{1,16}+[^\0-\x7f]++)*+)")

_PLANE_2, _PLANE_4 = 0x20000, 0x40000

_FIRST_MARK = "\u0300"

# Noncharacters for use inside the program. One stands for nothing, on the character before it; one for nothing between
# two characters; one for the end of a text and the beginning of its neighbour; and none reaches across the last, which
# no phrase has.
FILLING = "\ufdd0"
THIN = "\ufdd1"
SEAM = "\ufdd3"
BARRIER = "\uffff"
_OURS = {ord(char): "\ufdd2" for char in (FILLING, THIN, SEAM, BARRIER)}
_ANY_OF_OURS = re.compile(f"[{FILLING}{THIN}{SEAM}{BARRIER}]")

# Letters and symbols by name that show as a blank: Hangul fillers and the empty Braille pattern.
BLANK_LETTERS = "\u3164\uffa0\u2800"

# Digits that stand for letters, and letters that stand for each other, become one letter.
LEET = {"0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}
_CLASSES = str.maketrans("0123456789l", "oizeasgtbgi")

# Scripts written without spaces between words: there a neighbouring letter is no reason to doubt a match.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FFF),  # CJK radicals
    (0x3000, 0x30FF),  # kana
    (0x3100, 0x312F),  # bopomofo
    (0x31F0, 0x9FFF),  # kana extensions, CJK ideographs
    (0xF900, 0xFAFF),  # CJK compatibility
    (0x1B000, 0x1B16F),  # kana supplements
    (0x20000, 0x3FFFF),  # CJK extensions
)


def neutral(text: str) -> str:
    """A text of the same length without the noncharacters that have a meaning inside the program."""
    if text.isascii() or not _ANY_OF_OURS.search(text):
        return text
    return text.translate(_OURS)


def is_unspaced(char: str) -> bool:
    """Whether a character is of a script that is written without spaces between words."""
    point = ord(char)
    return point >= _UNSPACED[0][0] and any(low <= point <= high for low, high in _UNSPACED)


def in_word(char: str) -> bool:
    """Whether a character belongs to a word in a script that writes spaces.

    It is asked of characters as they are written: a trade mark or a superscript may fold to letters and is none.
    """
    if char.isascii():
        return char.isalnum()
    if char in BLANK_LETTERS or is_unspaced(char):
        return False
    # A dependent vowel sign is no letter to Python, and yet part of its word. Folding leaves no other marks.
    if not char.isalpha() and unicodedata.category(char) not in ("Mc", "Mn", "Nd", "Nl"):
        return False
    return not unicodedata.decomposition(char).startswith(("<super>", "<sub>"))


def is_mark(char: str) -> bool:
    """Whether a character sits on the one before it. An enclosing mark has no combining class and does so too."""
    if char < _FIRST_MARK:
        return False
    return bool(unicodedata.combining(char)) or char == FILLING or unicodedata.category(char) == "Me"


def _is_ignorable(char: str) -> bool:
    """Whether a character shows nothing: format and control characters, noncharacters, variation selectors, tags."""
    point = ord(char)
    return (
        unicodedata.category(char) in ("Cf", "Cc")
        or point in _IGNORABLE
        or 0xFDD0 <= point <= 0xFDEF
        or point & 0xFFFE == 0xFFFE
    )


@lru_cache(maxsize=_CACHE_LIMIT)
def fold_char(char: str) -> str:
    """A character in its folded form: a blank for any white space, nothing for what shows nothing."""
    if char == BARRIER:
        return char
    if char.isspace() or char in BLANK_LETTERS:
        return " "
    if _is_ignorable(char):
        return ""
    shown = unicodedata.normalize("NFKD", CONFUSABLES.get(ord(char), char))
    # Marks go first, for one of them has a letter for its small form.
    shown = "".join(CONFUSABLES.get(ord(c), c) for c in shown if not is_mark(c))
    return unicodedata.normalize("NFKD", shown.casefold())


def fold(text: str) -> str:
    """The folded form of a text."""
    return "".join(map(fold_char, text))


@lru_cache(maxsize=_CACHE_LIMIT)
def _is_letter(char: str) -> bool:
    """Whether a folded character is a letter, a digit or a vowel sign."""
    return char == BARRIER or char.isalnum() or unicodedata.category(char) in ("Mc", "Mn", "Nd", "Nl")


def classes(letters: str) -> str:
    """Folded letters, of which those that may stand for each other are the same."""
    return letters.translate(_CLASSES)


def _rare(point: int) -> str | None:
    """What is compared of a character that has no other form, of areas with more of them than there is place for.

    Planes 2 and 3 are for ideographs. Private use shows and is no letter, like what no version of Unicode has assigned.
    """
    if point < _PLANE_2:
        return " " if 0xD800 <= point <= 0xF8FF else None
    if point & 0xFFFE == 0xFFFE or 0x2F800 <= point <= 0x2FA1F or 0xE0000 <= point <= 0xE0FFF:
        return None
    return chr(point) if point < _PLANE_4 else " "


class _Spelling(dict[int, str]):
    """Code point to what is compared of it, filled as needed: the shape `str.translate` reads."""

    def __init__(self, kept: frozenset[str]) -> None:
        super().__init__()
        self._kept = kept

    def rare(self, point: int) -> str | None:
        """What is compared of a character that is not worth a place."""
        found = _rare(point)
        return None if found == " " and chr(point) in self._kept else found

    def __missing__(self, point: int) -> str:
        if (rare := self.rare(point)) is not None:
            return rare
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        folded = fold_char(chr(point))
        letters = "".join(char for char in folded if _is_letter(char) or char in self._kept)
        # What shows and is no letter separates.
        spelled = self[point] = letters or (" " if folded else "")
        return spelled


class _Classes(dict[int, str]):
    """Code point to the classes of its letters."""

    def __init__(self, spelling: _Spelling) -> None:
        super().__init__()
        self.spelling = spelling

    def __missing__(self, point: int) -> str:
        if (rare := self.spelling.rare(point)) is not None:
            return rare.strip()
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        found = self[point] = classes(self.spelling[point].replace(" ", ""))
        return found


class _Counts(dict[int, str]):
    """Code point to a character whose own code point is the number of its letters."""

    def __init__(self, classes: _Classes) -> None:
        super().__init__()
        self._classes = classes

    def __missing__(self, point: int) -> str:
        if (rare := self._classes.spelling.rare(point)) is not None:
            return "\0" if rare == " " else "\1"
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        found = self[point] = chr(len(self._classes[point]))
        return found


class Alphabet:
    """What is compared of a text: letters and digits, and those symbols that are kept."""

    def __init__(self, kept: frozenset[str] = frozenset()) -> None:
        self.kept = kept
        self._spelling = _Spelling(kept)
        self._classes = _Classes(self._spelling)
        self._counts = _Counts(self._classes)
        table = [self._classes[point] for point in range(128)]
        # Of ASCII every character has one class or none, so that bytes can be translated, which is quicker.
        self._bytes = bytes(ord(letter) if letter else 0 for letter in table).ljust(256, b"\0")
        self._dropped = bytes(point for point, letter in enumerate(table) if not letter)
        self._flags = bytes(bool(letter) for letter in table).ljust(256, b"\0")

    def spell(self, char: str) -> str:
        """The letters of one character: a blank for what separates, nothing for what shows nothing."""
        return self._spelling[ord(char)]

    def letters(self, text: str) -> str:
        """The letters of a text, of which those that may stand for each other are the same."""
        return "".join(self._letters(part) for part in _parts(text))

    def _letters(self, part: str) -> str:
        if part.isascii():
            return part.encode("ascii").translate(self._bytes, self._dropped).decode("ascii")
        return part.translate(self._classes)

    def origins(self, text: str) -> "Origins":
        """For every character of `letters(text)` the index of the character in `text` that it came from."""
        return Origins(b"".join(self._count(part) for part in _parts(text)))

    def _count(self, part: str) -> bytes:
        """How many letters each character has."""
        if part.isascii():
            return part.encode("ascii").translate(self._flags)
        return part.translate(self._counts).encode("ascii")


class Origins:
    """The way back from letters to characters, worked out where it is asked for: of most of a text it never is."""

    def __init__(self, counts: bytes) -> None:
        """`counts` are the letters of each character."""
        self._counts = counts
        blocks = [counts[at : at + _BLOCK] for at in range(0, len(counts), _BLOCK)]
        single = _is_single(counts)
        self._begins = [0, *accumulate(block.count(1) if single else sum(block) for block in blocks)]
        self._known: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return self._begins[-1]

    def __getitem__(self, at: int) -> int:
        number = bisect_right(self._begins, at) - 1
        known = self._known.get(number)
        if known is None:
            if not 0 <= at < len(self):
                raise IndexError(at)
            known = self._known[number] = list(self._spread(number, range(number * _BLOCK, (number + 1) * _BLOCK)))
        return known[at - self._begins[number]]

    def before(self, index: int) -> int:
        """How many letters stand before a character."""
        number = index // _BLOCK
        counts = self._counts[number * _BLOCK : index]
        return self._begins[number] + (counts.count(1) if _is_single(counts) else sum(counts))

    def pick(self, told: bytes) -> bytes:
        """For every letter what is told of its character."""
        if _is_single(self._counts):
            return bytes(compress(told, self._counts))
        blocks = range(len(self._begins) - 1)
        return b"".join(bytes(self._spread(at, told[at * _BLOCK : (at + 1) * _BLOCK])) for at in blocks)

    def _spread(self, number: int, told: Iterable[int]) -> Iterable[int]:
        """Of a block what is told of each character, as often as that has letters."""
        counts = self._counts[number * _BLOCK : (number + 1) * _BLOCK]
        if _is_single(counts):
            return compress(told, counts)
        return chain.from_iterable(map(repeat, told, counts))


def _is_single(counts: bytes) -> bool:
    """Whether no character has more than one letter."""
    return not counts.translate(None, b"\0\1")


def _parts(text: str) -> Iterator[str]:
    """A text in stretches of ASCII, for which there is a quicker way, and others with short stretches of ASCII in them."""
    if text.isascii():
        yield text
        return
    for at in range(0, len(text), _BLOCK):
        block = text[at : at + _BLOCK]
        if block.isascii():
            yield block
        else:
            yield from filter(None, _OTHER.split(block))


LETTERS = Alphabet()


def shows(text: str) -> bool:
    """Whether there is anything in a text that can be seen."""
    return bool(fold(text).strip())


def original_end(text: str, index: int, most: int) -> int:
    """The end of the written character that starts at `index`: behind it and the marks on it, at most so many."""
    end = index + 1
    while end < len(text) and end <= index + most and is_mark(text[end]):
        end += 1
    return end
