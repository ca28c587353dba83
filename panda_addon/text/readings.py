"""Readings: the ways in which a text may be read, and which letters of each may be a phrase.

A text is searched as it is written, and once more each with its escapes undone and with signs for letters. Most of what
an index finds in it are parts of longer words, or stand where another reading has them as well. That is told at a look
here; the rest is looked at closely by whoever asks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panda_addon.text.alphabet import Origins
from panda_addon.text.combine import STRETCH, Nearby
from panda_addon.text.escapes import View
from panda_addon.text.forms import signs
from panda_addon.text.keys import Automaton, Key, Keys, Known
from panda_addon.text.written import Written

# What a reading changes is looked for in blocks of so many characters.
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Way:
    """What a text says if it is read in one way: as its signs are read, and before these were; through a view, or as written.

    Where it says the same as one of `others` it is left to that one, by which as much is certain as soon.
    """

    said: str
    plain: str | None
    lens: View | None
    others: tuple[str, ...]


class Reading:
    """One way to read a text. `matches` are what may be whole words in it: the number of the last letter, and its key.

    Of any but the text as it is written, they are only those in or beside which it says something else than the others.
    """

    def __init__(self, keys: Keys, automaton: Automaton, text: str, way: Way) -> None:
        self.keys = keys
        self.automaton = automaton
        self.written = written = Written(way.said, text, keys.alphabet, way.plain)
        self.lens = way.lens
        self._others = way.others
        found = [*self._near_changes()] if way.others else [*automaton.iter(written.letters)]
        if found:
            before, behind = written.joints()
            found = [(last, key) for last, key in found if not (behind[last] or before[last - key.length + 1])]
        self.matches = [one for one in found if self._changed(*one)] if way.others else found
        self._stretches: list[int] = []

    def stretches(self, origin: Origins) -> set[tuple[int, Key]]:
        """What may stand in which stretch of the letters of the text as it is written, of which `origin` tells where they are."""
        own = self.written.origin
        if own is origin:
            self._stretches = [last // STRETCH for last, _ in self.matches]
        else:
            self._stretches = [origin.before(own[last]) // STRETCH for last, _ in self.matches]
        return {(stretch, key) for stretch, (_, key) in zip(self._stretches, self.matches, strict=True)}

    def worth(self, near: Nearby | None) -> Iterator[tuple[int, int, Sequence[Known]]]:
        """Of every match the last letter, the length and what it may be, but for terms of what cannot be complete `near`."""
        if near is None:
            yield from ((last, key.length, key.known) for last, key in self.matches)
            return
        cached: dict[tuple[int, Key], list[Known]] = {}
        for stretch, (last, key) in zip(self._stretches, self.matches, strict=True):
            known = cached.get((stretch, key))
            if known is None:
                known = cached[stretch, key] = [
                    one for one in key.known if one[1].owners or near.of(one[1].terms, stretch)
                ]
            if known:
                yield last, key.length, known

    def _near_changes(self) -> Iterator[tuple[int, Key]]:
        """What the index finds within the length of a key from where the text is read as something else."""
        letters, longest = self.written.letters, self.keys.longest
        # What differs from all of them differs from that to which it is most alike.
        alike = min(([*self._changes(other)] for other in self._others), key=lambda its: sum(b - a for a, b in its))
        begin = end = 0
        for start, behind in alike:
            first = max(0, self.written.origin.before(start) - longest)
            if first > end:
                yield from self.automaton.iter(letters, begin, end)
                begin = first
            end = min(len(letters), self.written.origin.before(behind) + longest)
        yield from self.automaton.iter(letters, begin, end)

    def _changes(self, other: str) -> Iterator[tuple[int, int]]:
        """Where it says something else than another: half-open offsets of the blocks in which it is, those in a row as one."""
        said = self.written.said
        size = len(said)
        start: int | None = None
        for at in range(0, size, _BLOCK):
            end = at + _BLOCK
            # What comes behind the last block of what is known so far may be anything.
            same = said[at:end] == other[at:end] and (end < size or size == len(self.written.text))
            if same and start is not None:
                yield start, at
            start = None if same else at if start is None else start
        if start is not None:
            yield start, size

    def _changed(self, last: int, key: Key) -> bool:
        """Whether it says something else than all others from the letter before a match to the one behind it."""
        written, first = self.written, last - key.length + 1
        origin, said = written.origin, written.said
        if last + 1 == len(origin) and len(said) < len(written.text):
            return True
        start = origin[first - 1] if first else 0
        end = origin[last + 1] + 1 if last + 1 < len(origin) else len(said)
        return all(said[start:end] != other[start:end] for other in self._others)


def ways(text: str, seen: View | None, inner: View | None, *, last: bool) -> list[Way]:
    """The ways in which a text may be read, which may go on unless this is its `last`; by views, if there are any."""
    found = [Way(text, None, None, ()), *_signed(text, None, (text,), going_on=False)]
    known = tuple(way.said for way in found)
    if not last:
        found += [way for way in _signed(text, None, known, going_on=True) if way.said not in known]
    for lens in filter(None, (seen, inner)):
        others = *known, lens.text
        found += Way(lens.text, None, lens, known), *_signed(lens.text, lens, others, going_on=not last)
    return found


def _signed(plain: str, lens: View | None, others: tuple[str, ...], *, going_on: bool) -> Iterator[Way]:
    """A text with signs for letters; also as it is read if a letter follows."""
    read = signs(plain)
    if read is not None:
        yield Way(read, plain, lens, others)
    open_read = signs(plain, going_on=True) if going_on else None
    if open_read is not None and open_read != read:
        yield Way(open_read, plain, lens, others)
