"""The phrase index: every whole-word occurrence of any of many phrases, in one pass over the letters of a text.

Stands on pyahocorasick, of which it searches with `iter()` alone and asks `match()` for prefixes: version 2.3.1 loses
matches in `iter_long()` and corrupts memory in the iterator's `set()`. The automaton holds the interpreter lock while it searches.

What it finds are letters in a row; `explain` tells whether they read as the phrase where they stand. A text is searched
as it is written, and once more each with its escapes undone, with signs for letters, and for phrases with symbols in
them; what is encoded in it is a text of its own.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from panda_addon.text.combine import Combination, Combiner
from panda_addon.text.encoded import Run, runs
from panda_addon.text.escapes import View, view
from panda_addon.text.explain import MAX_GAP, explain
from panda_addon.text.fold import BARRIER, LETTERS, Origins, neutral
from panda_addon.text.forms import is_sign, signs
from panda_addon.text.keys import Automaton, Entry, Keys, index, sort
from panda_addon.text.written import Written

# What is encoded may hold what is encoded, so deep.
_DEEPEST = 3

# A letter and what stands before the next.
_WIDEST = MAX_GAP + 1


@dataclass(frozen=True, slots=True)
class Hit:
    """An occurrence: half-open offsets into the text as it was written, and the folding steps that it took."""

    start: int
    end: int
    entry: Entry
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A hit in a text that may go on. `settled` is the offset behind the character that made it certain.

    None: what comes next may still lengthen it, or turn it into part of a longer word.
    """

    hit: Hit
    settled: int | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen in a text that may go on.

    Nothing starts before `undecided` that more text could still complete or change. What follows is read rightly if it
    is read with all from `kept` on before it. Of combinations (by number) only some are `possible`; None: any.
    """

    sightings: list[Sighting]
    undecided: int
    kept: int
    possible: frozenset[int] | None = None


class _Reading:
    """One way to read a text, and the keys that its letters have."""

    def __init__(self, keys: Keys, automaton: "Automaton", written: Written, lens: View | None) -> None:
        self.keys = keys
        self.automaton = automaton
        self.written = written
        self.lens = lens
        self.matches = list(automaton.iter(written.letters))
        written.prepare(len(self.matches))


class PhraseIndex:
    """An immutable index over phrases; an empty one finds nothing."""

    def __init__(self, phrases: Iterable[tuple[str | Combination, int]], kept: frozenset[str] = frozenset()) -> None:
        """Index `(phrase, owner)` pairs. A phrase without anything that shows is left out.

        `kept` are symbols that count beside those of the phrases themselves.
        """
        self._pairs = tuple(dict.fromkeys(phrases))
        self._combinations, entries = sort(self._pairs)
        self._letters, self._symbols = index(entries, kept)
        self._size = len(entries)

    def __len__(self) -> int:
        """How many different phrases it looks for."""
        return self._size

    def only(self, owners: Collection[int]) -> "PhraseIndex":
        """An index of the phrases of some owners; this one itself if that is all of them."""
        kept = [(phrase, owner) for phrase, owner in self._pairs if owner in owners]
        return self if len(kept) == len(self._pairs) else PhraseIndex(kept, self._symbols.alphabet.kept)

    @property
    def longest(self) -> int:
        """The length of the longest phrase, in letters."""
        return max(self._letters.longest, self._symbols.longest)

    @property
    def combines(self) -> bool:
        """Whether it looks for combinations."""
        return bool(self._combinations)

    def find(self, text: str) -> list[Hit]:
        """Every whole-word occurrence in a text, nested and overlapping ones too, in the order in which they are certain."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str], depth: int = 0) -> list[list[Hit]]:
        """What `find` finds in each of many texts, which are searched together."""
        found: list[list[Hit]] = [[] for _ in texts]
        begins = [0, *accumulate(len(text) + 1 for text in texts)]
        by_text: dict[int, list[tuple[int, Hit]]] = {}
        scan = self.scan(BARRIER.join(texts), last=True, depth=depth, whole=True)
        for one in scan.sightings:
            number = bisect_right(begins, one.hit.start) - 1
            hit = Hit(one.hit.start - begins[number], one.hit.end - begins[number], one.hit.entry, one.hit.steps)
            by_text.setdefault(number, []).append((one.settled or begins[-1], hit))
        for number, hits in by_text.items():
            found[number] = [hit for _, hit in self.combine(sorted(hits, key=order), texts[number], scan)]
        return found

    def combine(
        self,
        settled: Iterable[tuple[int, Hit]],
        text: str,
        scan: Scan,
        combiner: Combiner | None = None,
        before: int = 0,
    ) -> Iterator[tuple[int, Hit]]:
        """Hits, each with where it became certain, and those combinations that they complete.

        `combiner` has followed the text up to here, and `before` is the number of letters before it.
        """
        combiner = combiner or Combiner()
        origins: Origins | None = None
        for at, hit in settled:
            if hit.entry.owners:
                yield at, hit
            terms = [one for one in hit.entry.terms if scan.possible is None or one[0] in scan.possible]
            if not terms:
                continue
            origins = origins or LETTERS.origins(text)
            start, end = before + origins.before(hit.start), before + origins.before(hit.end)
            for number, term in terms:
                combination, entry = self._combinations[number]
                steps = combiner.completes(number, combination, term, (start, end), hit.steps)
                if steps is not None:
                    yield at, Hit(hit.start, hit.end, entry, steps)

    def _possible(self, readings: "list[_Reading]") -> frozenset[int]:
        """The combinations (by number) of which a text may have every term."""
        entries = {
            id(entry): entry for reading in readings for _, (_, known) in reading.matches for _, entry, _ in known
        }
        seen: dict[int, set[int]] = {}
        for entry in entries.values():
            for number, term in entry.terms:
                seen.setdefault(number, set()).add(term)
        return frozenset(number for number, its in seen.items() if len(its) == len(self._combinations[number][0].terms))

    def scan(
        self, text: str, skip: int = 0, *, last: bool = False, depth: int = 0, limit: int = 1 << 20, whole: bool = False
    ) -> Scan:
        """What `find` finds in a text that may go on, unless this is its last, before terms are combined.

        Occurrences that start before `skip`, in what is there as context only, are left out. Encoded runs are looked
        into as far as `limit` characters. Where a text is there as a `whole`, terms are passed over that complete nothing.
        """
        if not self._size:
            return Scan([], len(text), len(text))
        seen = view(text, last=last)
        # Escapes within tags are seen where tags are left as they are.
        inner = view(text, last=last, tags=False) if seen and "<" in text else None
        readings = [
            _Reading(keys, keys.automaton, Written(said, text, keys.alphabet, plain), lens)
            for said, plain, lens in _ways(text, seen, inner, last=last)
            for keys in (self._letters, self._symbols)
            if keys.automaton is not None
        ]
        possible = self._possible(readings) if whole and self._combinations else None
        found: dict[tuple[int, int, int], Sighting] = {}
        undecided = len(text)
        for reading in readings:
            for sighting in _sightings(reading, skip, possible):
                _keep(found, sighting)
                if sighting.settled is None:
                    undecided = min(undecided, sighting.hit.start)
            if not last:
                undecided = min(undecided, _pending(reading, skip))
        encoded, unfinished = runs(text, skip, last=last, limit=limit) if depth < _DEEPEST else ([], len(text))
        for run, hit in self._inside(encoded, depth):
            if run.settled > len(text):
                undecided = min(undecided, run.start)
            _keep(found, Sighting(hit, run.settled if run.settled <= len(text) else None))
        open_at = [lens.unfinished for lens in (seen, inner) if lens and lens.letter]
        undecided = min(undecided, unfinished, *open_at)
        return Scan(list(found.values()), undecided, _context(text, seen, undecided), possible)

    def _inside(self, encoded: list[Run], depth: int) -> Iterator[tuple[Run, Hit]]:
        """What encoded runs say, as found where they stand."""
        plains = [neutral(run.plain) for run in encoded]
        for run, hits in zip(encoded, self.find_all(plains, depth + 1) if encoded else (), strict=True):
            for hit in hits:
                yield run, Hit(run.start, run.end, hit.entry, tuple(sorted({*hit.steps, run.step})))


def _ways(
    text: str, seen: View | None, inner: View | None, *, last: bool
) -> Iterator[tuple[str, str | None, View | None]]:
    """The ways in which a text may be read: what it says, that before signs were taken for letters, and by which view."""
    yield text, None, None
    for lens in (seen, inner) if seen else (None,):
        plain = text
        if lens:
            plain = lens.text
            yield plain, None, lens
        elif seen:
            continue
        read = signs(plain)
        if read is not None:
            yield read, plain, lens
        if not last and (open_read := signs(plain, going_on=True)) not in (None, read):
            yield open_read, plain, lens


def _sightings(reading: _Reading, skip: int, possible: frozenset[int] | None) -> Iterator[Sighting]:
    """The phrases that a text reads as; where it does so as it is written anyhow, only in that way."""
    written, lens = reading.written, reading.lens
    for last, (length, every) in reading.matches:
        known = every
        if possible is not None:
            known = [one for one in every if one[1].owners or any(number in possible for number, _ in one[1].terms)]
            if not known:
                continue
        place = written.place(last - length + 1, last)
        if place is None or place[0] < skip or place[1] - place[0] > length * _WIDEST:
            continue
        start, end = place
        said = written.said[start:end]
        apart = written.apart(start, end)
        if apart and written.same(start - 1, end + 1):
            continue
        small = said.lower() if apart and said.isascii() else ""
        for way, entry, plain in known:
            if small and plain == small:
                # Most of what is found: words in ASCII with a blank between them.
                steps = {way.step, "" if said == small else "case"} - {""}
                yield _sighting(Hit(start, end, entry, tuple(sorted(steps))), end + 1, lens)
                continue
            found = explain(way, said, written.text[start:end], written.alphabet)
            if found is None:
                continue
            whole, settled = written.whole(start, end, thin=found.thin)
            if whole:
                yield _sighting(Hit(start, end, entry, found.steps), settled, lens)


def _sighting(hit: Hit, settled: int | None, lens: View | None) -> Sighting:
    """A hit in a text that is seen through a view, which may not know by then how a character is to be read."""
    if settled is not None and lens is not None:
        settled = lens.known(settled - 1)
        settled = settled if settled <= len(lens.written) else None
    return Sighting(hit, settled)


def _keep(found: dict[tuple[int, int, int], Sighting], sighting: Sighting) -> None:
    """Keep of those of one phrase in one place the one that was certain first, and came to it in the fewest steps."""
    hit = sighting.hit
    place = hit.start, hit.end, id(hit.entry)
    known = found.get(place)
    if known is None or _rank(sighting) < _rank(known):
        found[place] = sighting


def _rank(sighting: Sighting) -> tuple[float, int, tuple[str, ...]]:
    at = sighting.settled
    return float("inf") if at is None else at, len(sighting.hit.steps), sighting.hit.steps


def _pending(reading: _Reading, skip: int) -> int:
    """Where the first phrase may start of which the text has the beginning; the text's length if there is none."""
    keys, written = reading.keys, reading.written
    letters, count = written.letters, len(written.letters)
    for first in range(max(0, count - keys.longest), count):
        if letters[first] not in keys.initials or written.inside(first) or written.origin[first] < skip:
            continue
        start, rest = written.origin[first], letters[first:]
        if (
            reading.automaton.match(rest)
            and rest not in keys.closed
            and written.near(first)
            and written.begins(start, thin=True)
        ):
            return start
    return len(written.text)


def _context(text: str, seen: View | None, at: int) -> int:
    """From where on a text must be kept so that what follows `at` is read rightly.

    That is from the last character before it that shows and is no sign, or the beginning of the escape in which it is.
    """
    if seen is None:
        if at and text[at - 1].isalnum() and text[at - 1].isascii():
            return at - 1
    else:
        at = min(at, seen.unfinished)
    floor = at - MAX_GAP
    start = seen.token(at)[0] if seen else at
    while start > max(0, floor):
        start = seen.token(start - 1)[0] if seen else start - 1
        char = seen.text[start] if seen else text[start]
        if LETTERS.spell(char) and not is_sign(char):
            break
    return start


def order(found: tuple[int, Hit]) -> tuple[int, int, int, str]:
    """What was certain first comes first."""
    at, hit = found
    return at, hit.start, hit.end, hit.entry.phrase
