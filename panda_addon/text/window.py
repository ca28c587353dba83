"""The window: a text that arrives in pieces, searched so that the cuts make no difference.

What was found is told as soon as nothing that follows can change it. How much of the text is decided is told too: what
lies before `decided` is no part of an occurrence still to come. That is the longest suffix that is still a prefix of
some phrase, found from the index, and not a window of fixed width.
"""

from collections.abc import Callable, Iterable, Iterator

from panda_addon.text.alphabet import LETTERS
from panda_addon.text.combine import Combiner
from panda_addon.text.phrases import Hit, PhraseIndex, Scan, order

# A long text is searched in pieces of so many characters: a search holds the interpreter lock.
_PIECE = 1 << 16

_NOTHING = PhraseIndex(())


class Window:
    """One text, of which only what may still matter is kept. Lengths and offsets are code points of the whole text.

    `index` holds every phrase, `acting` those that redact or block: only they hold text back. `stops` says of a hit
    whether everything ends there: then `decided` does not go past its start, and nothing more is to be fed. Encoded
    runs are looked into as far as `limit` characters.
    """

    def __init__(
        self,
        index: PhraseIndex,
        acting: PhraseIndex = _NOTHING,
        stops: Callable[[Hit], bool] = lambda _: False,
        limit: int = 1 << 20,
    ) -> None:
        self.length = 0
        self.decided = 0
        # Nothing that is found later starts before this.
        self.undecided = 0
        self._index = index
        self._acting = acting
        self._stops = stops
        self._limit = limit
        self._kept = ""
        # The head of what is kept is there only for the sake of reading rightly what is behind it.
        self._context = 0
        self._combiner = Combiner()
        # How many letters came before what is kept.
        self._letters = 0

    @property
    def kept(self) -> int:
        """How many characters it keeps."""
        return len(self._kept)

    def feed(self, text: str, *, last: bool = False) -> list[Hit]:
        """Take in the next piece; with `last` no other will come. Gives what has become certain, earliest first."""
        before, whole = len(self._kept), self._kept + text
        base = self.length - before
        self.length += len(text)
        scan = self._index.scan(whole, self._context, last=last, limit=self._limit)
        found, stop = self._fresh(scan, whole, before, last=last)
        if stop is not None:
            at, hit = stop
            settled = self._waits(whole[:at]) if at <= len(whole) else len(whole)
            self.decided = base + min(settled, hit.start)
        elif last or scan.undecided == len(whole):
            self.decided = self.length
        else:
            self.decided = base + (scan.undecided if self._acting is self._index else self._waits(whole))
        self.undecided = self.length if last else base + scan.undecided
        self._drop(whole, scan)
        return [Hit(base + hit.start, base + hit.end, hit.entry, hit.steps) for hit in found]

    def _fresh(self, scan: Scan, whole: str, before: int, *, last: bool) -> tuple[list[Hit], tuple[int, Hit] | None]:
        """What has become certain since the text was `before` long, and what everything ends at, if anything."""
        if not scan.sightings:
            return [], None
        end = len(whole) + 1 if last else 0
        fresh = [(at, one.hit) for one in scan.sightings if (at := one.settled or end) > before]
        found: list[Hit] = []
        stop: tuple[int, Hit] | None = None
        for at, hit in self._index.combine(sorted(fresh, key=order), scan, 0, self._combiner, self._letters):
            if stop is not None and at > stop[0]:
                break
            found.append(hit)
            if stop is None and self._stops(hit):
                stop = at, hit
        return found, stop

    def _waits(self, whole: str) -> int:
        """From where on a text waits for what acts."""
        return self._acting.scan(whole, self._context, limit=self._limit).undecided

    def _drop(self, whole: str, scan: Scan) -> None:
        if self._index.combines:
            self._letters += len(LETTERS.letters(whole[: scan.kept]))
        self._kept, self._context = whole[scan.kept :], scan.undecided - scan.kept


def search(index: PhraseIndex, texts: Iterable[str]) -> Iterator[tuple[int, list[Hit]]]:
    """What is found in some whole texts: the number of the text and hits in it, the earliest first.

    Short ones are searched together, for there may be very many, and long ones in pieces, so that others have a turn;
    of these hits are given piece by piece.
    """
    together: list[str] = []
    first = size = 0
    for number, text in enumerate(texts):
        if size + len(text) > _PIECE:
            yield from enumerate(index.find_all(together), first)
            together, first, size = [], number, 0
        if len(text) > _PIECE:
            yield from ((number, hits) for hits in _in_pieces(index, text))
            first = number + 1
        else:
            together.append(text)
            size += len(text) + 1
    yield from enumerate(index.find_all(together), first)


def _in_pieces(index: PhraseIndex, text: str) -> Iterator[list[Hit]]:
    window = Window(index)
    at, last = 0, False
    while not last:
        # Where much is undecided more is taken at once, so that it is not looked at time and again.
        start, at = at, at + max(_PIECE, window.kept)
        last = at >= len(text)
        yield window.feed(text[start:at], last=last)
