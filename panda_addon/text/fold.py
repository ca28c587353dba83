"""Folding: what reads the same becomes the same, with the way back to the original characters.

Every character is folded on its own (compatibility decomposition, case folding, combining marks and ignorable
characters dropped, any white space to a blank), then runs of blanks become one. Because no step looks at a
neighbour, `fold(a + b)` differs from `fold(a) + fold(b)` only in a blank run across the seam, and every folded
character has exactly one origin.
"""

import re
import unicodedata
from functools import cache

# The table is filled by whatever text comes by. Past this many entries it starts again, so that a caller who sends
# every code point there is cannot grow it for good.
_TABLE_LIMIT = 20_000

_BLANKS = re.compile("  +")

# Default_Ignorable_Code_Point characters that are not already in general category Cf (Unicode 15, DerivedCoreProperties).
_IGNORABLE = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065)) | frozenset(
    (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))
)


# A noncharacter for use inside the program: it stands for nothing, on the character before it.
FILLING = "\ufdd0"

# Another, which no phrase has and none reaches across.
BARRIER = "\uffff"

# Letters and symbols by name that show as a blank: Hangul fillers and the empty Braille pattern.
BLANK_LETTERS = "\u3164\uffa0\u2800"


def _is_ignorable(char: str) -> bool:
    """Whether a character shows nothing: format and control characters, fillers, variation selectors, tags."""
    return unicodedata.category(char) in ("Cf", "Cc") or ord(char) in _IGNORABLE


def _is_mark(char: str) -> bool:
    """Whether a character sits on the one before it. An enclosing mark has no combining class and does so too."""
    return bool(unicodedata.combining(char)) or char == FILLING or unicodedata.category(char) == "Me"


def _fold_char(char: str) -> str:
    if char.isspace() or char in BLANK_LETTERS:
        return " "
    if _is_ignorable(char):
        return ""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(c for c in folded if not _is_mark(c) and not _is_ignorable(c))


class _Table(dict[int, str]):
    """Code point to folded text, filled as needed: the shape `str.translate` reads."""

    def __missing__(self, point: int) -> str:
        if len(self) >= _TABLE_LIMIT:
            self.clear()
        folded = self[point] = _fold_char(chr(point))
        return folded


_table = _Table()
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def fold(text: str) -> str:
    """The folded form of `text`."""
    if text.isascii():
        # Most traffic: lowering is folding here, unless there are control characters.
        folded = text.lower()
        if _CONTROLS.search(folded):
            folded = folded.translate(_table)
    else:
        folded = text.translate(_table)
    return _BLANKS.sub(" ", folded) if "  " in folded else folded


def origins(text: str) -> list[int]:
    """For every character of `fold(text)` the index of the character in `text` that it came from."""
    found: list[int] = []
    blank = False
    for index, char in enumerate(text):
        for folded in _table[ord(char)]:
            if folded == " " and blank:
                continue
            blank = folded == " "
            found.append(index)
    return found


def original_end(text: str, index: int) -> int:
    """The end of the written character that starts at `index`: behind it and the combining marks that sit on it."""
    end = index + 1
    while end < len(text) and _is_mark(text[end]):
        end += 1
    return end


def steps(text: str) -> tuple[str, ...]:
    """The names of the folding steps that change `text`: `case`, `escape`, `form`, `ignorable`, `marks`, `space`."""
    found = {_step(char) for char in text} - {""}
    if "  " in "".join(_table[ord(char)] for char in text):
        found.add("space")
    return tuple(sorted(found))


@cache
def _ascii_step(char: str) -> str:
    return _name_step(char)


def _step(char: str) -> str:
    return _ascii_step(char) if char.isascii() else _name_step(char)


def _name_step(char: str) -> str:
    folded = _fold_char(char)
    if folded == char:
        return ""
    if _is_mark(char):
        return "escape" if char == FILLING else "marks"
    if not folded:
        return "ignorable"
    if folded == " ":
        return "space"
    if char.casefold() == folded:
        return "case"
    return "marks" if unicodedata.normalize("NFKD", char) == unicodedata.normalize("NFD", char) else "form"
