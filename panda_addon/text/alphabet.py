"""Alphabets: what is compared of a text, its letters, with the way back to the original characters.

Of folded characters letters and digits are compared alone: what separates words differs from text to text, and is looked
at where something was found. Because every character is folded on its own, the letters of `a + b` are those of `a` and
those of `b`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, chain, compress, repeat

from panda_addon.text.fold import BARRIER, SEAM, classes, fold_char

# So many characters are worked out at a time.
_BLOCK = 512

# The tables are filled by whatever text comes by. Past this many entries they start again, so that a caller who sends
# every code point there is cannot grow them for good. All that fold to something else find place in them.
_TABLE_LIMIT = 1 << 16

# What is no ASCII, with what stands between where that is not long.
_OTHER = re.compile(r"([^\0-\x7f]++(?:[\0-\x7f]{1,16}+[^\0-\x7f]++)*+)")

# Bytes that stand for marks of the program's own, so that texts of ASCII between them are still done as bytes.
_BARRIER, _SEAM = "\xff", "\xfe"

# By how many letters a character has: a bit of its own for those with none.
_WITHOUT = bytes.maketrans(b"\0\1", b"\2\0")

_PLANE_2, _PLANE_4 = 0x20000, 0x40000


@lru_cache(maxsize=4096)
def _is_letter(char: str) -> bool:
    """Whether a folded character is a letter, a digit or a vowel sign."""
    return char == BARRIER or char.isalnum() or unicodedata.category(char) in ("Mc", "Mn", "Nd", "Nl")


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
        barrier = _BARRIER.encode("latin-1")
        self._bytes = bytes(ord(letter) if letter else 0 for letter in table).ljust(255, b"\0") + barrier
        self._dropped = bytes(point for point, letter in enumerate(table) if not letter) + _SEAM.encode("latin-1")
        self._flags = bytes(bool(letter) for letter in table).ljust(255, b"\0") + b"\1"

    def spell(self, char: str) -> str:
        """The letters of one character: a blank for what separates, nothing for what shows nothing."""
        return self._spelling[ord(char)]

    def letters(self, text: str) -> str:
        """The letters of a text, of which those that may stand for each other are the same."""
        return "".join([self._letters(part) for part in _parts(text)])

    def _letters(self, part: str | bytes) -> str:
        if isinstance(part, bytes):
            return part.translate(self._bytes, self._dropped).decode("latin-1").replace(_BARRIER, BARRIER)
        return part.translate(self._classes)

    def origins(self, text: str) -> "Origins":
        """For every character of `letters(text)` the index of the character in `text` that it came from."""
        return Origins(b"".join([self._count(part) for part in _parts(text)]))

    def _count(self, part: str | bytes) -> bytes:
        """How many letters each character has."""
        if isinstance(part, bytes):
            return part.translate(self._flags)
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
        """For every letter what is told of its character, which is 0 or 1."""
        if _is_single(self._counts):
            # All at once: those without a letter are marked and left out.
            without = int.from_bytes(self._counts.translate(_WITHOUT))
            return (int.from_bytes(told) | without).to_bytes(len(told)).translate(None, b"\2\3")
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


def _parts(text: str) -> Iterator[str | bytes]:
    """A text in stretches of ASCII, as bytes, and of others with short stretches of ASCII in them."""
    if text.isascii():
        yield text.encode("ascii")
    elif text.replace(BARRIER, "").replace(SEAM, "").isascii():
        yield text.replace(BARRIER, _BARRIER).replace(SEAM, _SEAM).encode("latin-1")
    else:
        for at in range(0, len(text), _BLOCK):
            for part in filter(None, _OTHER.split(text[at : at + _BLOCK])):
                yield part.encode("ascii") if part.isascii() else part


LETTERS = Alphabet()
