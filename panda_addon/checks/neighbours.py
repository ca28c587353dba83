"""Neighbours: texts of one voice, joined, so that what was cut in two is seen as it will be read."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from panda_addon.exchange import Span
from panda_addon.text.encoded import first_run, runs
from panda_addon.text.escapes import view
from panda_addon.text.fold import BARRIER, SEAM, is_mark, neutral

# So many characters on either side of a seam are looked at; no combination reaches across what takes the place of the
# rest.
_REACH = 1024
_REST = BARRIER * 2048
# An encoded run of which a text is the beginning is followed so far.
_LONGEST = 4096
_ENOUGH = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a span: its number among the spans of its exchange, and half-open offsets."""

    span: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts in a row. `parts` are what of them is in it: where each begins, and the stretch of a span that it is."""

    text: str
    parts: tuple[tuple[int, Piece], ...]

    def pieces(self, start: int, end: int) -> list[Piece]:
        """The stretches that something found at half-open offsets is made of."""
        found: list[Piece] = []
        number = max(0, bisect_right(self.parts, start, key=itemgetter(0)) - 1)
        while number < len(self.parts) and self.parts[number][0] < end:
            begins, part = self.parts[number]
            number += 1
            first = max(start, begins) - begins + part.start
            last = min(end, begins + part.end - part.start) - begins + part.start
            if first < last:
                found.append(Piece(part.span, first, last))
        return found


def joined(spans: Sequence[Span]) -> Iterator[Joined]:
    """The texts of each voice that has several, with seams between them.

    Those of which one may end within an escape, or within an encoded run, are also joined by nothing there.
    """
    voices: dict[str, list[Piece]] = defaultdict(list)
    for number, span in enumerate(spans):
        if span.voice and span.text:
            voices[span.voice].append(Piece(number, 0, len(span.text)))
    for parts in voices.values():
        if len(parts) > 1:
            tails = [neutral(spans[part.span].text[-_REACH:]) for part in parts[:-1]]
            yield _join(spans, parts, [SEAM] * len(tails))
            # What sits on the last letter belongs to it.
            heads = (spans[part.span].text[0] for part in parts[1:])
            going_on = zip(heads, _going_on(tails, _open_escape), strict=True)
            escaped = ["" if goes_on or is_mark(head) else SEAM for head, goes_on in going_on]
            if "" in escaped:
                yield _join(spans, parts, escaped)
            yield from _encoded(spans, parts, [*_going_on(tails, _open_run)])


def _going_on(tails: Iterable[str], still_open: Callable[[str], str]) -> Iterator[bool]:
    """Whether something is open at the end of each text, which may have begun in one before it."""
    begun = ""
    for tail in tails:
        begun = (still_open(begun + tail) if begun else "") or still_open(tail)
        yield bool(begun)


def _open_escape(text: str) -> str:
    seen = view(text, last=False)
    return text[seen.unfinished :] if seen else ""


def _open_run(text: str) -> str:
    begun = text[runs(text, last=False)[1] :]
    # That it has gone on for long is enough to know; it is made of units of two or four.
    passed = max(0, len(begun) - _ENOUGH)
    return begun[passed + -passed % 4 :]


def _encoded(spans: Sequence[Span], parts: Sequence[Piece], going_on: Sequence[bool]) -> Iterator[Joined]:
    """The texts between which an encoded run may be going on."""
    first = 0
    for goes_on, run in groupby(going_on):
        last = first + sum(1 for _ in run)
        if goes_on:
            glued = _join(spans, parts[first : last + 1], [""] * (last - first))
            yield glued
            yield from _begun(glued)
        first = last


def _begun(glued: Joined) -> Iterator[Joined]:
    """The encoded runs that begin with a text, if the last letter of the one before it makes it look like a word."""
    done = 0
    for number, (at, _) in enumerate(glued.parts):
        if at < max(done, 1) or not glued.text[at - 1].isalnum():
            continue
        run = first_run(glued.text[at : at + _LONGEST])
        if run is not None:
            done = at + run.end
            behind = bisect_left(glued.parts, done, key=itemgetter(0))
            parts = tuple((begins - at, part) for begins, part in glued.parts[number:behind])
            yield Joined(glued.text[at:done], parts)


def _join(spans: Sequence[Span], parts: Sequence[Piece], seams: Sequence[str]) -> Joined:
    texts: list[str] = []
    placed: list[tuple[int, Piece]] = []
    length = 0
    for part, seam in zip(parts, ("", *seams), strict=True):
        text = neutral(spans[part.span].text)
        cut = len(text) > 2 * _REACH
        for begins, half in ((0, text[:_REACH]), (len(text) - _REACH, text[-_REACH:])) if cut else ((0, text),):
            between = _REST if begins else seam
            length += len(between)
            placed.append((length, Piece(part.span, begins, begins + len(half))))
            texts += (between, half)
            length += len(half)
    return Joined("".join(texts), tuple(placed))
