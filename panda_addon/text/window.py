"""The window: a text that arrives in pieces, searched so that the cuts make no difference.

What was found is told as soon as nothing that follows can change it. How much of the text is decided is told too: what
lies before `decided` is no part of an occurrence still to come. That is the longest suffix that is still a prefix of
some phrase, found from the index, and not a window of fixed width.
"""

from collections.abc import Callable
from dataclasses import dataclass

from panda_addon.text.fold import fold
from panda_addon.text.phrases import Entry, Hit, PhraseIndex, Sighting


@dataclass(frozen=True, slots=True)
class Match:
    """An occurrence in a window's whole text: half-open offsets, and what is written there."""

    start: int
    end: int
    entry: Entry
    text: str


class Window:
    """One text, of which only what may still matter is kept. Lengths and offsets are code points of the whole text.

    `index` holds every phrase, `acting` those that redact or block: only they hold text back. `stops` says of a hit
    whether everything ends there: then `decided` does not go past its start, and nothing more is to be fed.
    """

    def __init__(self, index: PhraseIndex, acting: PhraseIndex, stops: Callable[[Hit], bool]) -> None:
        self.length = 0
        self.decided = 0
        # Nothing that is found later starts before this.
        self.undecided = 0
        self._index = index
        self._acting = acting
        self._stops = stops
        self._kept = ""
        # The head of what is kept is there only for the sake of the word boundary behind it.
        self._context = 0

    @property
    def kept(self) -> int:
        """How many characters it keeps."""
        return len(self._kept)

    def feed(self, text: str, *, last: bool = False) -> list[Match]:
        """Take in the next piece; with `last` no other will come. Gives what has become certain, earliest first."""
        before, whole = len(self._kept), self._kept + text
        base = self.length - before
        self.length += len(text)
        sightings, undecided = self._index.scan(whole, self._context)
        if last:
            undecided = len(whole)
        fresh: list[tuple[int, Sighting]] = []
        stop: tuple[int, Hit] | None = None
        if sightings:
            fresh = [(at, sighting) for sighting in sightings if (at := _settled(sighting, whole, last=last)) > before]
            fresh.sort(key=lambda found: (found[0], found[1].hit.start))
            stop = next(((at, found.hit) for at, found in fresh if self._stops(found.hit)), None)
        if stop is not None:
            at, hit = stop
            fresh = [found for found in fresh if found[0] <= at]
            settled = self._acting.scan(whole[:at], self._context)[1] if at <= len(whole) else len(whole)
            self.decided = base + min(settled, hit.start)
        elif undecided < len(whole) and self._acting is not self._index:
            self.decided = base + self._acting.scan(whole, self._context)[1]
        else:
            self.decided = base + undecided
        self.undecided = base + undecided
        context = _context(whole, undecided)
        self._kept, self._context = context + whole[undecided:], len(context)
        return [
            Match(base + found.hit.start, base + found.hit.end, found.hit.entry, whole[found.hit.start : found.hit.end])
            for _, found in fresh
        ]


def _settled(sighting: Sighting, whole: str, *, last: bool) -> int:
    """Where a sighting became certain: the end of a text that does not go on settles what nothing else has."""
    if sighting.settled is not None:
        return sighting.settled
    return len(whole) + 1 if last else 0


def _context(whole: str, end: int) -> str:
    """What must be known of `whole[:end]` to tell whether a word may start behind it.

    That is the last character that shows and is no underscore, and whether underscores follow it.
    """
    if end and " " <= whole[end - 1] <= "~" and whole[end - 1] != "_":
        return whole[end - 1]
    underscores = ""
    for at in range(end - 1, -1, -1):
        shown = fold(whole[at])
        if shown.strip("_"):
            return whole[at] + underscores
        underscores = underscores or shown
    return underscores
