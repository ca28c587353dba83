"""Folding: what reads the same becomes the same characters.

Every character is folded on its own: a look-alike to the letter it imitates, then compatibility decomposition and case
folding; combining marks and characters that show nothing are dropped. No step looks at a neighbour.
"""

import re
import unicodedata
from functools import lru_cache

from panda_addon.text.confusables import CONFUSABLES

# So many characters are remembered in their folded form.
_CACHE_LIMIT = 4096

# Default_Ignorable_Code_Point characters that are not already in general category Cf (Unicode 15, DerivedCoreProperties).
_IGNORABLE = frozenset((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065)) | frozenset(
    (*range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))
)

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


def classes(letters: str) -> str:
    """Folded letters, of which those that may stand for each other are the same."""
    return letters.translate(_CLASSES)


def shows(text: str) -> bool:
    """Whether there is anything in a text that can be seen."""
    return bool(fold(text).strip())


def original_end(text: str, index: int, most: int) -> int:
    """The end of the written character that starts at `index`: behind it and the marks on it, at most so many."""
    end = index + 1
    while end < len(text) and end <= index + most and is_mark(text[end]):
        end += 1
    return end
