"""The phrase index: every whole-word occurrence of any of many phrases, in one pass over the letters of a text.

Stands on pyahocorasick, of which it searches with `iter()` alone and asks `match()` for prefixes: version 2.3.1 loses
matches in `iter_long()` and corrupts memory in the iterator's `set()`. The automaton holds the interpreter lock while it searches.

What it finds are letters in a row; `explain` tells whether they read as the phrase where they stand. A text is searched
as it is written, and once more each with its escapes undone, with signs for letters, and for phrases with symbols in
them; what is encoded in it is a text of its own.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain

from panda_addon.text.alphabet import LETTERS, Origins
from panda_addon.text.combine import STRETCH, Combination, Combiner, Nearby
from panda_addon.text.encoded import UNSEEN, Run, runs
from panda_addon.text.escapes import View, view
from panda_addon.text.explain import MAX_GAP, explain
from panda_addon.text.fold import BARRIER, neutral
from panda_addon.text.forms import is_sign
from panda_addon.text.keys import Entry, index, sort
from panda_addon.text.readings import Reading, ways

# What is encoded may hold what is encoded, so deep.
_DEEPEST = 3

# A run of fewer bytes may be there by chance, and say in such a disguise what it does not say plainly.
_CHANCY = frozenset(("confusable", "form", "ignorable", "leet", "marks"))
_SHORT = 12

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
    is read with all from `kept` on before it. Of combinations, terms were seen `near` each other in some places only;
    `origin` tells of every letter where in the text it is.
    """

    sightings: list[Sighting]
    undecided: int
    kept: int
    near: Nearby | None = field(default=None, compare=False)
    origin: Origins | None = field(default=None, compare=False)


class PhraseIndex:
    """An immutable index over phrases; an empty one finds nothing."""

    def __init__(
        self, phrases: Iterable[tuple[str | Combination, int]], kept: Sequence[frozenset[str]] = (frozenset(),) * 3
    ) -> None:
        """Index `(phrase, owner)` pairs. A phrase without anything that shows is left out.

        `kept` are symbols that count beside those of the phrases themselves, by the groups of `keys.index`.
        """
        self._pairs = tuple(dict.fromkeys(phrases))
        self._combinations, entries = sort(self._pairs)
        self._combined = [one for one, _ in self._combinations]
        self._keys = index(entries, kept)
        self._size = len(entries)

    def __len__(self) -> int:
        """How many different phrases it looks for."""
        return self._size

    def only(self, owners: Collection[int]) -> "PhraseIndex":
        """An index of the phrases of some owners; this one itself if that is all of them."""
        kept = [(phrase, owner) for phrase, owner in self._pairs if owner in owners]
        return self if len(kept) == len(self._pairs) else PhraseIndex(kept, [keys.alphabet.kept for keys in self._keys])

    @property
    def pairs(self) -> tuple[tuple[str | Combination, int], ...]:
        """What it was made of: phrases and their owners."""
        return self._pairs

    @property
    def longest(self) -> int:
        """The length of the longest phrase, in letters."""
        return max(keys.longest for keys in self._keys)

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
            found[number] = [
                hit for _, hit in self.combine(sorted(hits, key=order), scan, begins[number], terms=depth > 0)
            ]
        return found

    def combine(
        self,
        settled: Iterable[tuple[int, Hit]],
        scan: Scan,
        at: int = 0,
        combiner: Combiner | None = None,
        before: int = 0,
        *,
        terms: bool = False,
    ) -> Iterator[tuple[int, Hit]]:
        """Hits, each with where it became certain, and those combinations that they complete.

        Their text begins `at` an offset into what was scanned. `combiner` has followed it up to there, and `before` is
        the number of letters before that. What is nothing but a term of one is told if `terms` are asked for.
        """
        combiner = combiner or Combiner()
        # An encoded run may have one that its terms complete here as well.
        told: set[tuple[int, int, int]] = set()
        for end, hit in settled:
            place = hit.start, hit.end, id(hit.entry)
            if (hit.entry.owners or (terms and hit.entry.terms)) and place not in told:
                yield end, hit
            if hit.entry.combined:
                told.add(place)
            for combined in self._completed(hit, scan, at, combiner, before):
                place = hit.start, hit.end, id(combined.entry)
                if place not in told:
                    told.add(place)
                    yield end, combined

    def _completed(self, hit: Hit, scan: Scan, at: int, combiner: Combiner, before: int) -> Iterator[Hit]:
        """The combinations that a hit completes."""
        if scan.near is None or scan.origin is None or not hit.entry.terms:
            return
        start, behind = scan.origin.before(at + hit.start), scan.origin.before(at + hit.end)
        for number, term in scan.near.of(hit.entry.terms, start // STRETCH):
            combination, entry = self._combinations[number]
            steps = combiner.completes(number, combination, term, (before + start, before + behind), hit.steps)
            if steps is not None:
                yield Hit(hit.start, hit.end, entry, steps)

    def scan(
        self, text: str, skip: int = 0, *, last: bool = False, depth: int = 0, limit: int = 1 << 20, whole: bool = False
    ) -> Scan:
        """What `find` finds in a text that may go on, unless this is its last, before terms are combined.

        Occurrences that start before `skip`, in what is there as context only, are left out. Encoded runs are looked
        into as far as `limit` characters. A text that is there as a `whole` has nothing before it either.
        """
        if not self._size:
            return Scan([], len(text), len(text))
        seen = view(text, last=last)
        # Escapes within tags are seen where tags are left as they are.
        inner = view(text, last=last, tags=False) if seen and "<" in text else None
        readings = [
            Reading(keys, keys.automaton, text, way)
            for way in ways(text, seen, inner, last=last)
            for keys in self._keys
            if keys.automaton is not None
        ]
        encoded, unfinished = runs(text, skip, last=last, limit=limit) if depth < _DEEPEST else ([], len(text))
        inside = [*self._inside(encoded, depth)]
        origin: Origins | None = None
        near: Nearby | None = None
        if self._combinations:
            origin = readings[0].written.origin if self._keys[0].automaton else LETTERS.origins(text)
            keys = {pair for reading in readings for pair in reading.stretches(origin)}
            terms = [(stretch, key.terms) for stretch, key in keys if key.terms]
            terms += [(origin.before(hit.start) // STRETCH, hit.entry.terms) for _, hit in inside]
            near = Nearby(self._combined, terms, open_at=len(origin) if depth or not whole else None)
        found: dict[tuple[int, int, int], list[Sighting]] = {}
        undecided = len(text)
        for reading in readings:
            for sighting in _sightings(reading, skip, near):
                _keep(found, sighting)
                if sighting.settled is None:
                    undecided = min(undecided, sighting.hit.start)
            if not last:
                undecided = min(undecided, _pending(reading, skip))
        for run, hit in inside:
            if run.settled > len(text):
                undecided = min(undecided, run.start)
            _keep(found, Sighting(hit, run.settled if run.settled <= len(text) else None))
        open_at = [lens.unfinished for lens in (seen, inner) if lens and lens.letter]
        undecided = min(undecided, unfinished, *open_at)
        return Scan([*chain.from_iterable(found.values())], undecided, _context(text, seen, undecided), near, origin)

    def _inside(self, encoded: list[Run], depth: int) -> Iterator[tuple[Run, Hit]]:
        """What encoded runs say, as found where they stand.

        Short ones are heeded if they say something in plain letters: in disguise many a colour or identifier does.
        """
        encoded = [run for run in encoded if not _by_chance(run) or _is_plain(run.plain)]
        plains = [neutral(run.plain) for run in encoded]
        for run, hits in zip(encoded, self.find_all(plains, depth + 1) if encoded else (), strict=True):
            sure = not _by_chance(run)
            for hit in hits:
                if sure or _CHANCY.isdisjoint(hit.steps):
                    yield run, Hit(run.start, run.end, hit.entry, tuple(sorted({*hit.steps, run.step})))


def _by_chance(run: Run) -> bool:
    """Whether an identifier or a colour may look like a run."""
    return run.step in ("base64", "hex") and len(run.plain) < _SHORT and len(run.plain.encode()) < _SHORT


def _is_plain(text: str) -> bool:
    """Whether a text is words, in such capitals and small letters as they are written in."""
    words = all(char.isalpha() or char in " .,!?'-\n" for char in text)
    return words and text in (text.lower(), text.upper(), text.capitalize())


def _sightings(reading: Reading, skip: int, near: Nearby | None) -> Iterator[Sighting]:
    """The phrases that a text reads as."""
    written, lens = reading.written, reading.lens
    for last, length, known in reading.worth(near):
        place = written.place(last - length + 1, last)
        if place is None or place[0] < skip or place[1] - place[0] > length * _WIDEST:
            continue
        start, end = place
        said = written.said[start:end]
        small = said.lower() if said.isascii() and written.apart(start, end) and not written.signed else ""
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


def _keep(found: dict[tuple[int, int, int], list[Sighting]], sighting: Sighting) -> None:
    """Keep a sighting unless another of the phrase in this place was as soon certain, by no step that this one goes without.

    Of several that differ, one may be by a step that a list does without, and another not.
    """
    hit = sighting.hit
    known = found.setdefault((hit.start, hit.end, id(hit.entry)), [])
    if not any(_covers(one, sighting) for one in known):
        known[:] = [sighting, *(one for one in known if not _covers(sighting, one))]


def _covers(one: Sighting, other: Sighting) -> bool:
    at, upto = (float("inf") if each.settled is None else each.settled for each in (one, other))
    return at <= upto and set(one.hit.steps) <= set(other.hit.steps)


def _pending(reading: Reading, skip: int) -> int:
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
    floor = max(0, at - MAX_GAP)
    start = seen.token(at)[0] if seen else at
    if start > floor:
        # Of these there may be thousands.
        start = floor + len(text[floor:start].rstrip(UNSEEN))
    while start > floor:
        start = seen.token(start - 1)[0] if seen else start - 1
        char = seen.text[start] if seen else text[start]
        if LETTERS.spell(char) and not is_sign(char):
            break
    return start


def order(found: tuple[int, Hit]) -> tuple[int, int, int, str]:
    """What was certain first comes first."""
    at, hit = found
    return at, hit.start, hit.end, hit.entry.phrase
