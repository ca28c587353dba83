"""The answer in a few sentences: what was spent, and what it was mostly spent on, or what made it rise."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from panda_addon.report.figures import changed, counted, decimals, money, percent, short
from panda_addon.report.summary import Report, Row
from panda_addon.report.tally import Sums

# So many fees are named.
_FEES = 6
# So many of unknown cost are named where a list leaves them out.
_UNSEEN = 3


def headline(report: Report) -> list[str]:
    """The lines above the table: the period, the sums, and the main cause. They hold nothing that needs escaping."""
    total = report.total.now
    if not total["calls"] and not report.total.before["calls"]:
        return ["No calls."]
    facts = [
        f"{sum_of(report, total)} spent",
        counted(total["calls"], "call"),
        f"{total['blocked']:,} blocked",
    ]
    if total["errors"]:
        facts.append(counted(total["errors"], "error"))
    lines = [f"{span(report)}: {', '.join(facts)}{lacking(total)}."]
    if report.compared:
        before = report.total.before
        lines.append(
            f"{span_before(report)}: {sum_of(report, before)} spent, "
            f"{counted(before['calls'], 'call')}{lacking(before)}. {trend(report)}"
        )
    return [*lines, *cautions(report), *filter(None, (cause(report),))]


def cautions(report: Report) -> list[str]:
    """What is to be known before the sums, and their change, are believed."""
    return [*filter(None, (missing(report), _hidden(report), _dearer(report)))]


def sum_of(report: Report, sums: Sums) -> str:
    """What was spent, within a sentence."""
    return money(sums.cost, most=digits(report)) if sums.known else "an unknown sum"


def _hidden(report: Report) -> str:
    """A warning where a rise may hide among calls whose cost is not known, or be none, for it was not known before."""
    more = report.total.now["unpriced"] - report.total.before["unpriced"]
    if not report.compared or not more:
        return ""
    if more > 0:
        return f"{counted(more, 'call')} of unknown cost more than before: what {'it' if more == 1 else 'they'} cost is in no sum."
    return (
        f"{counted(-more, 'call')} of unknown cost fewer than before: what has a price only now may look like a rise."
    )


def _dearer(report: Report) -> str:
    """How many calls cost more than the sum says, and for what; empty if there are none."""
    partial = report.total.now["partial"]
    if not partial:
        return ""
    ranked = [short(name) for name, _ in report.fees.most_common(_FEES)]
    more = ", …" if len(report.fees) > _FEES else ""
    return f"{counted(partial, 'call')} cost more than shown ({', '.join(ranked)}{more})."


def lacking(sums: Sums) -> str:
    """What is to be said beside a sum that some calls are not in, or not yet."""
    later = sums["background"]
    return f"{unknown(sums['unpriced'])}{f', {later:,} in the background (billed when fetched)' if later else ''}"


def unknown(unpriced: int) -> str:
    """The same of those whose cost is not known."""
    return f", {unpriced:,} of unknown cost" if unpriced else ""


def unseen(named: Sequence[tuple[str, int]]) -> str:
    """Who made calls of unknown cost, and how many, of those that a list leaves out; empty if there are none."""
    shown = ", ".join(f"{name} ({counted(calls, 'call')})" for name, calls in named[:_UNSEEN])
    more = f" and {counted(len(named) - _UNSEEN, 'other')}" if len(named) > _UNSEEN else ""
    return f"Of unknown cost among them: {shown}{more}." if named else ""


def unseen_rows(report: Report, rows: Iterable[Row]) -> str:
    """The same of rows: those with the most tokens come first, for what they cost is not known."""
    ranked = sorted(rows, key=lambda row: -row.now["input_tokens"] - row.now["output_tokens"])
    return unseen([(label(report, row), row.now["unpriced"]) for row in ranked if row.now["unpriced"]])


def digits(report: Report) -> int:
    """How many digits behind the point its sums have, so that they are the same in sentences and in the table."""
    return decimals(report.largest)


def chosen(report: Report) -> str:
    """Which rows a list in the order of time shows, where it leaves others out."""
    if not report.compared:
        return "shown are those that cost most, in the order of time"
    most = "fell most" if report.total.change < 0 else "rose most"
    return f"shown are those that {most}{as_known(report)}, in the order of time"


def as_known(report: Report) -> str:
    """What is to be said beside a change, where it is not that of all calls."""
    return ", as far as is known" if report.total.unsure else ""


def span(report: Report) -> str:
    """The period in words."""
    period = report.question.period
    since, until = period.since or report.first, period.until
    if since is None:
        return "In all"
    if until is None and report.last and period.since is None:
        until = report.last
    return f"{_minute(since)} to {_minute(until)} UTC" if until else f"From {_minute(since)} UTC on"


def span_before(report: Report) -> str:
    """The period before in words."""
    period = report.question.period
    return f"Before, from {_minute(period.before or '')} to {_minute(period.since or '')}"


def missing(report: Report) -> str:
    """What the log lacks of the period before; empty where it lacks nothing, or none is asked for."""
    period, first = report.question.period, report.first
    if not period.before or not first or first <= period.passed(0.05):
        return ""
    begins = f"The log begins at {_minute(first)}"
    if not report.compared:
        return f"{begins}, so there is nothing before {_minute(period.since)} to compare with."
    return f"{begins}, within the period before: it is compared with a part of it."


def trend(report: Report) -> str:
    """How much more or less it is than before."""
    change, before = report.total.known_change, report.total.before.cost
    if change is None:
        return "Change: unknown."
    known = report.total.unsure
    if not change:
        return "No known change." if known else "No change."
    share = f", {'+' if change > 0 else ''}{percent(change, before)}" if before else ""
    return f"{'Known change' if known else 'Change'}: {changed(change, most=digits(report))}{share}."


def cause(report: Report) -> str:
    """The row that explains the most, and how much of it; empty where there is nothing to explain.

    Where the change is not known it has no cause. Where that of the row is not, the sentence says so.
    """
    change = report.total.known_change if report.compared else None
    if not change:
        return _most(report)
    up = change > 0
    row = max(report.rows, key=lambda row: row.change if up else row.change.copy_negate())
    name = label(report, row)
    if row.known_change is None:
        before = f"{sum_of(report, row.before)} for {counted(row.before['calls'], 'call')} before"
        return f"Main cause, if it is one: {name}: {sum_of(report, row.now)}, against {before}."
    way = f"{'known ' if report.total.unsure else ''}{'increase' if up else 'decrease'}"
    explained = f"{percent(row.change, change)} of the {way}"
    if row.change.copy_abs() > change.copy_abs():
        explained = f"more than the whole {way}; other rows went the other way"
    return f"Main cause: {name}: {changed(row.change, most=digits(report))}, {explained}{_without(row)}."


def _without(row: Row) -> str:
    """Which calls of a row its change is without; empty if it is without none."""
    parts = [
        f"{sums['unpriced']:,} of its calls {when}"
        for sums, when in ((row.now, "now"), (row.before, "before"))
        if sums["unpriced"]
    ]
    return f"; what {' and '.join(parts)} cost is not known" if parts else ""


def label(report: Report, row: Row) -> str:
    """A row by its fields: `user=bob model=gpt-6-astra`."""
    return " ".join(f"{name}={short(value)}" for name, value in zip(report.question.by, row.key, strict=True))


def _most(report: Report) -> str:
    total = report.total.now.cost
    row = max(report.rows, key=lambda row: row.now.cost, default=None)
    if row is None or not total or len(report.rows) == 1:
        return ""
    sum_ = money(row.now.cost, most=digits(report))
    return f"Most of it: {label(report, row)}: {sum_}, {percent(Decimal(row.now.cost), total)} of it all."


def _minute(time: str | None) -> str:
    return (time or "")[:16].replace("T", " ")
