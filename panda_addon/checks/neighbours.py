"""Neighbours: texts of one voice, joined, so that what was cut in two is seen as it will be read."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from panda_addon.exchange import Span
from panda_addon.text.fold import BARRIER, SEAM, neutral

# So many characters on either side of a seam are looked at; no combination reaches across what takes the place of the
# rest.
_REACH = 1024
_REST = BARRIER * 2048

_ENDS = frozenset(".!?")


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
    """The texts of each voice that has several, joined by what does not show.

    Where one may be the beginning of an encoded run or an escape, as it does not end a sentence, they are also joined
    by nothing at all.
    """
    voices: dict[str, list[Piece]] = defaultdict(list)
    for number, span in enumerate(spans):
        if span.voice and span.text:
            voices[span.voice].append(Piece(number, 0, len(span.text)))
    for parts in voices.values():
        if len(parts) > 1:
            yield _join(spans, parts, [SEAM] * (len(parts) - 1))
            going_on = [_goes_on(spans[part.span].text) for part in parts[:-1]]
            if any(going_on):
                yield _join(spans, parts, ["" if goes_on else BARRIER for goes_on in going_on])


def _goes_on(text: str) -> bool:
    return text.rstrip()[-1:] not in _ENDS


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
