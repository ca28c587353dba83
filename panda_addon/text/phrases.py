"""The phrase index: every whole-word occurrence of any of many phrases, in one pass over its folded form.

Stands on pyahocorasick, of which it searches with `iter()` alone and asks `match()` for prefixes: version 2.3.1 loses
matches in `iter_long()` and corrupts memory in the iterator's `set()`. The automaton holds the interpreter lock while it searches.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from panda_addon.text.fold import BARRIER, BLANK_LETTERS, fold, original_end, origins

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
    """An occurrence: half-open offsets into the text as it was written."""

    start: int
    end: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Sighting:
    """A hit in a text that may go on. `settled` is the offset behind the character that made it certain.

    None: what comes next may still lengthen it, or turn it into part of a longer word.
    """

    hit: Hit
    settled: int | None


def in_word(char: str) -> bool:
    """Whether a character belongs to a word in a script that writes spaces.

    It is asked of characters as they are written: a trade mark or a superscript may fold to letters and is none.
    """
    if char.isascii():
        return char.isalnum()
    point = ord(char)
    if char in BLANK_LETTERS or any(low <= point <= high for low, high in _UNSPACED):
        return False
    # A dependent vowel sign is no letter to Python, and yet part of its word. Folding leaves no other marks.
    if not char.isalpha() and unicodedata.category(char) not in ("Mc", "Mn", "Nd", "Nl"):
        return False
    return not unicodedata.decomposition(char).startswith(("<super>", "<sub>"))


class _Written:
    """A text beside its folded form, with the way back."""

    def __init__(self, text: str, folded: str) -> None:
        self.text = text
        self.folded = folded
        # Folding ASCII to the same length changes case alone.
        same = text.isascii() and len(folded) == len(text)
        self.origin: Sequence[int] = range(len(text)) if same else origins(text)

    def whole(self, first: int, last: int) -> bool:
        """Whether the folded characters `first` to `last` (inclusive) are not part of a longer word."""
        return self._edge(first, -1) and self._edge(last, 1)

    def settled(self, last: int) -> int | None:
        """The offset behind the character after which nothing can change an occurrence that ends at `last`."""
        end = original_end(self.text, self.origin[last])
        if end == len(self.text):
            # Marks may follow, which are part of it.
            return None
        beside = last + 1
        if not in_word(self.folded[last]) or self._same(last, beside):
            return end + 1
        while beside < len(self.folded) and self.folded[beside] == "_":
            beside += 1
        return self.origin[beside] + 1 if beside < len(self.folded) else None

    def _same(self, at: int, beside: int) -> bool:
        """Whether two folded characters stand for one written character."""
        return 0 <= beside < len(self.folded) and self.origin[beside] == self.origin[at]

    def starts(self, at: int) -> bool:
        """Whether a phrase may start at the folded character `at`."""
        return self._edge(at, -1)

    def _edge(self, at: int, step: int) -> bool:
        """Whether a word may end at the folded character `at`, seen in the direction of `step`."""
        if not in_word(self.folded[at]):
            return True
        beside = at + step
        if self._same(at, beside):
            return not in_word(self.folded[beside])
        # Underscores join words, but around words they are emphasis.
        while 0 <= beside < len(self.folded) and self.folded[beside] == "_":
            beside += step
        return not 0 <= beside < len(self.folded) or not in_word(self.text[self.origin[beside]])


class PhraseIndex:
    """An immutable index over phrases; an empty one finds nothing."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        """Index `(phrase, owner)` pairs. A phrase that folds to nothing is left out."""
        entries: dict[str, Entry] = {}
        for phrase, owner in phrases:
            key = fold(phrase).replace(BARRIER, "").strip(" ")
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
        self._entries = tuple(entries.values())
        self._initials = frozenset(key[0] for key in entries)
        self._longest = max(map(len, entries), default=0)

    def __len__(self) -> int:
        """How many different phrases it looks for."""
        return len(self._entries)

    def only(self, owners: Collection[int]) -> "PhraseIndex":
        """An index of the phrases of some owners; this one itself if that is all of them."""
        kept = [(entry.phrase, owner) for entry in self._entries for owner in entry.owners if owner in owners]
        return self if len(kept) == sum(len(entry.owners) for entry in self._entries) else PhraseIndex(kept)

    @property
    def longest(self) -> int:
        """The length of the longest phrase, in folded characters."""
        return self._longest

    def find(self, text: str) -> Iterator[Hit]:
        """Every whole-word occurrence in a text, nested and overlapping ones too, ordered by end."""
        if self._automaton is None:
            return
        folded = fold(text)
        written: _Written | None = None
        for last, (length, entry) in self._automaton.iter(folded):
            written = written or _Written(text, folded)
            first = last - length + 1
            if written.whole(first, last):
                yield Hit(written.origin[first], original_end(text, written.origin[last]), entry)

    def scan(self, text: str, skip: int = 0) -> tuple[list[Sighting], int]:
        """What `find` finds in a text that may go on, and the offset from which on it is undecided.

        That is where the first occurrence starts that more text could still complete or change, or the text's length.
        Occurrences that start before `skip`, in what is there as context only, are left out.
        """
        if self._automaton is None:
            return [], len(text)
        folded = fold(text)
        written: _Written | None = None
        found: list[Sighting] = []
        undecided = len(text)
        for last, (length, entry) in self._automaton.iter(folded):
            written = written or _Written(text, folded)
            first = last - length + 1
            start = written.origin[first]
            if start >= skip and written.whole(first, last):
                settled = written.settled(last)
                found.append(Sighting(Hit(start, original_end(text, written.origin[last]), entry), settled))
                if settled is None:
                    undecided = min(undecided, start)
        plain = text.isascii()
        before = ""
        for first in range(max(0, len(folded) - self._longest), len(folded)):
            char = folded[first]
            # Inside a word no phrase starts; that is quickly told of most text.
            inside = plain and char.isalnum() and before.isalnum()
            before = char
            if not inside and char in self._initials and self._automaton.match(folded[first:]):
                written = written or _Written(text, folded)
                if written.origin[first] >= skip and written.starts(first):
                    return found, min(undecided, written.origin[first])
        return found, undecided
