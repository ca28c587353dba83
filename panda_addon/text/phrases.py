"""The phrase index: every whole-word occurrence of any of many phrases, in one pass over folded text.

Stands on pyahocorasick, of which it uses `iter()` alone: version 2.3.1 loses matches in `iter_long()` and corrupts
memory in the iterator's `set()`. The automaton holds the interpreter lock while it searches.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from panda_addon.text.fold import fold

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


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase as its list writes it, and the lists (numbers the caller chose) that hold it."""

    phrase: str
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An occurrence: half-open offsets into the folded text."""

    start: int
    end: int
    entry: Entry


def joined(left: str, right: str) -> bool:
    """Whether no word boundary lies between two neighbouring characters of folded text."""
    return _in_word(left) and _in_word(right)


def _in_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char == "_"
    point = ord(char)
    if any(low <= point <= high for low, high in _UNSPACED):
        return False
    # A dependent vowel sign is no letter to Python, and yet part of its word. Folding leaves no other marks.
    return char.isalnum() or unicodedata.category(char) in ("Mc", "Mn")


class PhraseIndex:
    """An immutable index over phrases; an empty one finds nothing."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        """Index `(phrase, owner)` pairs. A phrase that folds to nothing is left out."""
        entries: dict[str, Entry] = {}
        for phrase, owner in phrases:
            key = fold(phrase).strip(" ")
            known = entries.get(key)
            if known is None:
                entries[key] = Entry(phrase, (owner,))
            elif owner not in known.owners:
                entries[key] = Entry(known.phrase, (*known.owners, owner))
        entries.pop("", None)
        self._automaton: ahocorasick.Automaton[tuple[int, Entry]] | None = None
        if entries:
            self._automaton = ahocorasick.Automaton()
            for key, entry in entries.items():
                self._automaton.add_word(key, (len(key), entry))
            self._automaton.make_automaton()
        self._size = len(entries)

    def __len__(self) -> int:
        """How many different phrases it looks for."""
        return self._size

    def find(self, folded: str) -> Iterator[Hit]:
        """Every whole-word occurrence in text that was folded, nested and overlapping ones too, ordered by end."""
        if self._automaton is None:
            return
        size = len(folded)
        for last, (length, entry) in self._automaton.iter(folded):
            start, end = last - length + 1, last + 1
            if start and joined(folded[start - 1], folded[start]):
                continue
            if end < size and joined(folded[last], folded[end]):
                continue
            yield Hit(start, end, entry)
