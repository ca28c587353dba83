"""Neighbours: texts of one voice, joined, so that what was cut in two is seen as it will be read."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from panda_addon.exchange import Span
from panda_addon.text.encoded import first_run, runs
from panda_addon.text.escapes import view
from panda_addon.text.fold import BARRIER, SEAM, is_mark, neutral
from panda_addon.text.forms import is_sign

# So many characters on either side of a seam are looked at; no combination reaches across what takes the place of the
# rest.
_REACH = 1024
_REST = BARRIER * 2048
# An encoded run of which a text is the beginning is followed so far.
_LONGEST = 4096
# So many may lie over each other: of all but one it is chance that something can be read.
_MOST = 4
# Behind which none is open: a sentence has ended.
_CLOSED = re.compile(r"[A-Za-z0-9)][.!?]\Z")
# No escape is longer.
_WIDEST = 400


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
            yield _join(spans, parts, [SEAM] * (len(parts) - 1))
            glued = _join(spans, parts, [""] * (len(parts) - 1))
            seams = _seams(glued)
            if "" in seams:
                yield _join(spans, parts, seams)
            yield from _encoded(glued)


def _seams(glued: Joined) -> list[str]:
    """What stands between texts: nothing where it would part an escape, a letter and its marks, or a sign from letters."""
    seams: list[str] = []
    before = ""
    for (at, part), (behind, _) in pairwise(glued.parts):
        # Between the halves of one text it stays as it is.
        text = glued.text[at:behind].removesuffix(_REST)
        before = (before + text)[-_WIDEST:]
        if at + part.end - part.start < behind:
            continue
        after = glued.text[behind : behind + _WIDEST]
        whole = is_mark(_said(after)) or is_sign(after[0]) or is_sign(before[-1]) or _is_undone(before, after)
        seams.append("" if whole else SEAM)
        before += seams[-1]
    return seams


def _said(text: str) -> str:
    """The first character of a text, which may be escaped."""
    seen = view(text) if text[0] in "&\\%" else None
    return seen.text[0] if seen else text[0]


def _is_undone(before: str, after: str) -> bool:
    """Whether an escape or tag reaches from one text into another."""
    if not any(opener in before for opener in "&\\%<"):
        return False
    seen = view(before + after)
    return seen is not None and seen.token(len(before))[0] < len(before)


def _encoded(glued: Joined) -> Iterator[Joined]:
    """The encoded runs that reach from one text into another."""
    ends: list[int] = []
    for number, (at, part) in enumerate(glued.parts[:-1]):
        seam = at + part.end - part.start
        ends = [end for end in ends if end > at]
        for start in _begins(glued.text[max(at, seam - _REACH) : seam], whole=part.start == 0 and seam - at <= _REACH):
            if len(ends) == _MOST:
                break
            begin = max(at, seam - _REACH) + start
            run = first_run(glued.text[begin : begin + _LONGEST])
            if run is not None and begin + run.end > seam:
                ends.append(begin + run.end)
                behind = bisect_left(glued.parts, ends[-1], key=itemgetter(0))
                head = (0, Piece(part.span, part.start + begin - at, part.end))
                others = ((begins - begin, piece) for begins, piece in glued.parts[number + 1 : behind])
                yield Joined(glued.text[begin : ends[-1]], (head, *others))


def _begins(text: str, *, whole: bool) -> Iterator[int]:
    """Where an encoded run may begin that goes on behind a text, or behind the end of a text, the earliest few."""
    at = -1
    if whole:
        yield (at := 0)
    if _CLOSED.search(text, max(0, len(text) - 2)):
        return
    for _ in range(_MOST):
        at = runs(text, at + 1, last=False)[1]
        if at >= len(text):
            break
        yield at


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
