"""A report for people at a terminal: a headline, and a table of the columns that say something."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from panda_addon.report import exact
from panda_addon.report.figures import cells_wide, changed, counted, cut, money, named, percent, spent, whole, wrapped
from panda_addon.report.headline import chosen, digits, headline, unknown, unseen_rows
from panda_addon.report.summary import Report, Row

# A name is cut to no fewer characters than these.
_NARROW = 8
# Columns of these weights go where there is no room for them beside names of 24 characters, and beside the shortest ones.
_SPARE, _LAST = 8, 10


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: `weight` says how long it stays when there is not room for all; `spare` goes where it is all zero."""

    title: str
    show: Callable[[Row], str]
    weight: int
    spare: Callable[[Row], object] | None = None
    left: bool = False


# Which calls `before` and `change` are without.
_UNPRICED_BEFORE = _Column(
    "unpriced before", lambda row: whole(row.before["unpriced"]), 3, lambda row: row.before["unpriced"]
)


def table(report: Report, *, width: int = 120, top: int = 0) -> Iterator[str]:
    """The lines of a report, none wider than `width` columns of a terminal; with `top` only so many rows of it."""
    for sentence in headline(report):
        yield from wrapped(sentence, width)
    if not report.rows:
        return
    yield ""
    rows, rest = report.cut(top)
    columns = [column for column in _columns(report) if column.spare is None or _says(column, report)]
    widths, columns = _fit(columns, [*rows, report.total], width)
    yield _line([column.title for column in columns], columns, widths)
    yield "  ".join("─" * size for size in widths)
    for row in rows:
        yield _line([column.show(row) for column in columns], columns, widths)
    if rest:
        more = f"… and {counted(len(rest), 'more row')} with {_left(report, rest)}"
        yield from wrapped(f"{more}; {chosen(report)}" if report.timed else more, width)
        unseen = unseen_rows(report, rest)
        yield from wrapped(unseen, width) if unseen else ()
    yield "  ".join("─" * size for size in widths)
    yield _line([column.show(report.total) for column in columns], columns, widths)


def _left(report: Report, rest: list[Row]) -> str:
    """What the rows come to that are left out."""
    left = exact.total(row.now.cost for row in rest)
    unpriced = sum(row.now["unpriced"] for row in rest)
    if not exact.known(left, unpriced):
        return f"{counted(unpriced, 'call')} of unknown cost"
    return f"{money(left, most=digits(report))}, {percent(left, report.total.now.cost)}{unknown(unpriced)}"


def _columns(report: Report) -> list[_Column]:
    places = digits(report)
    total = report.total.now.cost
    compared = [
        _Column("before", lambda row: spent(row.before.cost, row.before["unpriced"], places), 9),
        _Column("change", lambda row: changed(row.known_change, places), 11),
    ]
    share = _Column("share", lambda row: _share(row, total), 4, lambda row: row.now.cost)
    return [
        *(_field(report, place) for place in range(len(report.question.by))),
        _Column("calls", lambda row: whole(row.now["calls"]), 10),
        _count("input", "input_tokens", 8),
        _count("cached", "cached_tokens", 3),
        _count("output", "output_tokens", 8),
        _count("reasoning", "reasoning_tokens", 1),
        _Column("cost", lambda row: spent(row.now.cost, row.now["unpriced"], places), 11),
        *(compared if report.compared else [share]),
        _count("unpriced", "unpriced", 7),
        *([_UNPRICED_BEFORE] if report.compared else []),
        _count("background", "background", 3),
        _count("partial", "partial", 3),
        _count("counted", "counted", 2),
        _count("blocked", "blocked", 6),
        _count("redacted", "redacted", 5),
        _count("audited", "audited", 4),
        _count("errors", "errors", 5),
        _latency("p50 ms", 0.5),
        _latency("p95 ms", 0.95),
    ]


def _share(row: Row, total: Decimal) -> str:
    """What share of the whole a row is; of a cost that is not known none is known."""
    return percent(row.now.cost, total) if exact.known(row.now.cost, row.now["unpriced"]) else "-"


def _count(title: str, name: str, weight: int) -> _Column:
    return _Column(title, lambda row: whole(row.now[name]), weight, lambda row: row.now[name])


def _latency(title: str, share: float) -> _Column:
    def show(row: Row) -> str:
        value = row.now.latency.at(share)
        return "-" if value is None else f"{value:,.0f}"

    return _Column(title, show, 2, lambda row: row.now.latency.at(share))


def _field(report: Report, place: int) -> _Column:
    def show(row: Row) -> str:
        if row is report.total:
            return "total" if place == 0 else ""
        return named(row.key[place])

    return _Column(report.question.by[place], show, 12, left=True)


def _says(column: _Column, report: Report) -> bool:
    return any(column.spare(row) for row in report.rows) if column.spare else True


def _fit(columns: list[_Column], rows: list[Row], width: int) -> tuple[list[int], list[_Column]]:
    """The widths of the columns, and those of them that there is room for."""
    sizes = {
        column: max(cells_wide(text) for text in (column.title, *(column.show(row) for row in rows)))
        for column in columns
    }

    def needed(name: int) -> int:
        found = [min(size, name) if column.left else size for column, size in sizes.items()]
        return sum(found) + 2 * (len(found) - 1)

    for heaviest, name in ((_SPARE, 24), (_LAST, _NARROW)):
        while needed(name) > width and any(column.weight <= heaviest for column in sizes):
            del sizes[min(sizes, key=lambda column: column.weight)]
    left = [column for column in sizes if column.left]
    while sum(sizes.values()) + 2 * (len(sizes) - 1) > width:
        widest = max(left, key=lambda column: sizes[column])
        if sizes[widest] <= _NARROW:
            break
        sizes[widest] -= 1
    return list(sizes.values()), list(sizes)


def _line(texts: list[str], columns: list[_Column], widths: list[int]) -> str:
    parts = []
    for text, column, width in zip(texts, columns, widths, strict=True):
        shown = cut(text, width)
        space = " " * (width - cells_wide(shown))
        parts.append(shown + space if column.left else space + shown)
    return "  ".join(parts).rstrip()
