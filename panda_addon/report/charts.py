"""Charts as SVG inside HTML: bars for money, lines for latency, each with its numbers as text.

The drawing is stretched to the room there is; what is written beside it is HTML, so that it stays readable.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

from panda_addon.report.detail import Slot
from panda_addon.report.figures import counted, decimals, milliseconds, money, spent

# A slot's width and the plot's height in the units of the drawing.
_WIDE, _HIGH = 10, 100
_TICKS = 7


@dataclass(frozen=True, slots=True)
class _Scale:
    """An axis from nothing to `top`, with the labels at `marks`."""

    top: float
    marks: tuple[tuple[float, str], ...]

    def y(self, value: float) -> float:
        return _HIGH - _HIGH * value / self.top


def spend(slots: Sequence[Slot], *, compared: bool) -> str:
    """A bar for what each slot cost, with what it cost in the period before behind it."""
    largest = max(max(slot.row.now.cost, slot.row.before.cost) for slot in slots)
    scale = _scale(float(largest), lambda value: _axis_money(Decimal(str(value))))

    def draw(place: int, slot: Slot) -> str:
        now, before = slot.row.now, slot.row.before
        title = f"{_long(slot.name)}: {spent(now.cost, now['unpriced'], most=decimals(now.cost))}, {counted(now['calls'], 'call')}"
        bars = ""
        if compared:
            title += f"; before: {spent(before.cost, before['unpriced'], most=decimals(before.cost))}, {counted(before['calls'], 'call')}"
            bars = _bar("was", place, 0.06, float(before.cost), scale)
        return _titled(place, title, bars + _bar("now", place, 0.2, float(now.cost), scale))

    said = "What each stretch of time cost" + (", and behind it what it cost in the period before" if compared else "")
    top = max(slots, key=lambda slot: slot.row.now.cost)
    said += "."
    if top.row.now.cost:
        said += f" The most was {money(top.row.now.cost, most=decimals(top.row.now.cost))} at {_long(top.name)}."
    return _plot("spend", ("Spend over time", said), slots, scale, (draw(*each) for each in enumerate(slots)))


def latency(slots: Sequence[Slot]) -> str:
    """A line for the latency that half the calls of a slot did not exceed, and a dashed one for nineteen of twenty."""
    points = [(slot.row.now.latency.at(0.5), slot.row.now.latency.at(0.95)) for slot in slots]
    scale = _scale(max((high or 0 for _, high in points), default=0), _axis_time)

    def draw(place: int, slot: Slot) -> str:
        mid, high = points[place]
        said = "no calls" if mid is None else f"p50 {milliseconds(mid)}, p95 {milliseconds(high)}"
        return _titled(place, f"{_long(slot.name)}: {said}", "")

    parts = [draw(*each) for each in enumerate(slots)]
    # Where both are the same the dashes, and the smaller dots, leave what is below them to be seen.
    parts += _lines("mid", [mid for mid, _ in points], scale) + _lines("high", [high for _, high in points], scale)
    said = "How long half of the calls took at most, and dashed how long nineteen of twenty took at most."
    return _plot("latency", ("Latency over time", said), slots, scale, parts, low=True)


def legend(*entries: tuple[str, str]) -> str:
    """What each kind of bar or line stands for: pairs of its class and its words."""
    shown = []
    for kind, words in entries:
        line = kind in ("mid", "high")
        drawn = (
            f'<path class="{kind}" d="M1 5H21"/>' if line else f'<rect class="{kind}" width="22" height="10" rx="2"/>'
        )
        shown.append(f'<span><svg viewBox="0 0 22 10" aria-hidden="true">{drawn}</svg>{escape(words)}</span>')
    return f'<div class="legend">{"".join(shown)}</div>'


def _plot(
    name: str, titles: tuple[str, str], slots: Sequence[Slot], scale: _Scale, parts: Iterable[str], *, low: bool = False
) -> str:
    width = _WIDE * len(slots)
    grid = "".join(
        f'<path class="grid{"" if value else " base"}" d="M0 {scale.y(value):.2f}H{width}"/>'
        for value, _ in scale.marks
    )
    labels = "".join(
        f'<span class="y" style="top:{scale.y(value):.2f}%">{escape(label)}</span>' for value, label in scale.marks
    )
    return (
        f'<div class="plot{" low" if low else ""}">{labels}'
        f'<svg viewBox="0 0 {width} {_HIGH}" preserveAspectRatio="none" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(titles[0])}</title><desc id="{name}-d">{escape(titles[1])}</desc>'
        f"{grid}{''.join(parts)}</svg></div>{_below(slots)}"
    )


def _below(slots: Sequence[Slot]) -> str:
    """The names of some slots, evenly spread, each below its own."""
    step = -(-len(slots) // _TICKS)
    if len(slots[0].name) == 13:
        # Round hours are read more easily.
        step = next(hours for hours in (1, 2, 3, 4, 6, 12, 24) if hours >= step or hours == 24)
    return (
        '<div class="x" aria-hidden="true">'
        + "".join(
            f'<span style="left:{(place + 0.5) / len(slots) * 100:.2f}%">{_short(slots[place].name)}</span>'
            for place in range(0, len(slots), step)
        )
        + "</div>"
    )


def _titled(place: int, title: str, drawn: str) -> str:
    hit = f'<rect class="hit" x="{place * _WIDE}" y="0" width="{_WIDE}" height="{_HIGH}"/>'
    return f"<g><title>{escape(title)}</title>{hit}{drawn}</g>"


def _bar(kind: str, place: int, inset: float, value: float, scale: _Scale) -> str:
    if not value:
        return ""
    # What is very little is still there to be seen.
    high = max(_HIGH * value / scale.top, 0.6)
    left, width = (place + inset) * _WIDE, (1 - 2 * inset) * _WIDE
    return f'<rect class="{kind}" x="{left:.2f}" y="{_HIGH - high:.2f}" width="{width:.2f}" height="{high:.2f}"/>'


def _lines(kind: str, values: Sequence[float | None], scale: _Scale) -> list[str]:
    """A line through the middles of the slots, broken where there is nothing; one that stands alone is a dot."""
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{(place + 0.5) * _WIDE:.1f} {scale.y(value):.2f}")
    # A line of no length with round ends is round however the drawing is stretched.
    return [
        f'<path class="{kind}{"" if len(run) > 1 else " dot"}" d="M{"L".join(run if len(run) > 1 else run * 2)}"/>'
        for run in runs
        if run
    ]


def _scale(largest: float, label: Callable[[float], str]) -> _Scale:
    """An axis that ends at a round number at or above the largest, and has four or five marks."""
    step = 10.0**-9
    rounds = (2.0, 2.5, 2.0)
    turn = 0
    while step * 4 < largest:
        step *= rounds[turn % 3]
        turn += 1
    count = max(-(-largest // step), 1)
    return _Scale(step * count, tuple((step * mark, label(round(step * mark, 12))) for mark in range(int(count) + 1)))


def _axis_money(value: Decimal) -> str:
    return f"${value:,.0f}" if value >= 10 else money(value)


def _axis_time(value: float) -> str:
    return milliseconds(value).replace(".0 ", " ") if value else "0"


def _short(name: str) -> str:
    if len(name) == 7:
        return f"{datetime.fromisoformat(name + '-01'):%b %Y}"
    when = datetime.fromisoformat(name)
    if len(name) == 10:
        return f"{when:%b} {when.day}"
    return f"{when:%b} {when.day}" if when.hour == 0 else f"{when:%H}:00"


def _long(name: str) -> str:
    if len(name) == 7:
        return _short(name)
    when = datetime.fromisoformat(name)
    day = f"{when:%a} {when.day} {when:%b %Y}"
    return day if len(name) == 10 else f"{day}, {when:%H}:00 UTC"
