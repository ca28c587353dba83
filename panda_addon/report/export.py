"""A report for other programs: JSON and CSV, with every row, every column and exact sums."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal

from panda_addon.report.figures import plain
from panda_addon.report.summary import Report, Row
from panda_addon.report.tally import COUNTS

type Cell = str | int | float | Decimal | None

# Where `cost_usd` stands among the counts.
_COST = COUNTS.index("reasoning_tokens") + 1

# What a spreadsheet takes for the beginning of a formula, also in its wide forms.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cells(report: Report, row: Row) -> dict[str, Cell]:
    """A row by the names of its columns. Latencies are in milliseconds, a fraction of one kept to the microsecond.

    Costs are sums of what is known, so that rows add up; `unpriced` and `unpriced_before` say how many calls they are
    without. A change from or to a cost of which nothing is known is None. Where a comparison is asked for and the log has
    nothing of the period before, its columns are there and empty.
    """
    now = row.now
    counts = [(name, now[name]) for name in COUNTS]
    found: dict[str, Cell] = dict(zip(report.question.by, row.key, strict=True))
    found |= dict(counts[:_COST]) | {"cost_usd": now.cost} | dict(counts[_COST:])
    for name, share in (("latency_p50_ms", 0.5), ("latency_p95_ms", 0.95)):
        latency = now.latency.at(share)
        found[name] = None if latency is None else round(latency, 3)
    if report.question.period.before:
        found |= dict.fromkeys(("calls_before", "cost_usd_before", "cost_usd_change", "unpriced_before"))
    if report.compared:
        before = row.before
        found |= {"calls_before": before["calls"], "cost_usd_before": before.cost}
        found |= {"cost_usd_change": row.known_change, "unpriced_before": before["unpriced"]}
    return found


def to_json(report: Report) -> Iterator[str]:
    """A list of rows, one a line. Sums of money are numbers with all their digits."""
    lead = "[\n"
    for row in report.rows:
        yield (
            lead
            + "{"
            + ", ".join(f"{json.dumps(name)}: {_json(cell)}" for name, cell in cells(report, row).items())
            + "}"
        )
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


def to_csv(report: Report) -> Iterator[str]:
    """A line of names, then a line a row (RFC 4180). What a caller chose cannot become a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(cells(report, Row((None,) * len(report.question.by))))
    for row in report.rows:
        writer.writerow([_csv(cell) for cell in cells(report, row).values()])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _json(cell: Cell) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else json.dumps(cell)


def _csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    text = plain(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
