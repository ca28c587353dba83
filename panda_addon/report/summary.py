"""A report as figures: a row for each value of the fields it groups by, compared with the period before.

Knows nothing of files and formats: records come in, rows come out.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from panda_addon.report.exact import difference
from panda_addon.report.fields import FIELDS, TIMES, Value, Where, fit
from panda_addon.report.figures import counted
from panda_addon.report.moments import Period, time_of
from panda_addon.report.records import Record
from panda_addon.report.tally import Measured, Sums, number

# The schema of the records that this version writes. `audit.record` has it too, and takes ten times as long to import.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a log."""

    by: tuple[str, ...]
    where: tuple[Where, ...] = ()
    period: Period = field(default_factory=Period)


@dataclass(slots=True)
class Row:
    """What the calls of one group add up to, in the period and in the one before."""

    key: tuple[Value, ...]
    now: Sums = field(default_factory=Sums)
    before: Sums = field(default_factory=Sums)

    def merge(self, other: "Row") -> None:
        """Take in the sums of another row."""
        self.now.merge(other.now)
        self.before.merge(other.before)

    @property
    def change(self) -> Decimal:
        """By how many dollars it costs more than before, of what is known of both: rows are put in order by it."""
        return difference(self.now.cost, self.before.cost)

    @property
    def known_change(self) -> Decimal | None:
        """The same to be told; None where of either nothing is known."""
        return self.change if self.now.known and self.before.known else None

    @property
    def unsure(self) -> bool:
        """Whether its change is not that of all its calls."""
        return bool(self.now["unpriced"] or self.before["unpriced"])


@dataclass(slots=True)
class Report:
    """The answer: rows in their order, their total, and what else the log said.

    `first` and `last` are the times of the first and the last call of the whole log, whatever was asked for. `fees` says of
    what is in no call's cost how many calls of the period it was a part of. `largest` is the most that a row cost, in the
    period or in the one before.
    """

    question: Question
    rows: list[Row] = field(default_factory=list)
    total: Row = field(default_factory=lambda: Row(()))
    first: str | None = None
    last: str | None = None
    lost: int = 0
    fees: Counter[str] = field(default_factory=Counter)
    largest: Decimal = Decimal(0)

    @property
    def compared(self) -> bool:
        """Whether there is a period before, and a log of it: where that begins later, nothing is known to have been less."""
        period = self.question.period
        return bool(period.before and period.since and self.first and self.first < period.since)

    @property
    def timed(self) -> bool:
        """Whether rows stand in the order of time."""
        return any(name in TIMES for name in self.question.by)

    def cut(self, top: int) -> tuple[list[Row], list[Row]]:
        """So many rows (0: all) and the rest, both in their order: in that of time too it is the smallest that go."""
        if not top or len(self.rows) <= top:
            return self.rows, []
        kept = {id(row) for row in sorted(self.rows, key=_weight(self))[:top]}
        return [row for row in self.rows if id(row) in kept], [row for row in self.rows if id(row) not in kept]


class Watcher(Protocol):
    """Who looks at each call that is counted, besides."""

    def see(self, record: Record, call: Measured, *, before: bool) -> None:
        """Take in one call of the period, or of the one before; its time is then moved to where it would be now."""


def summarize(
    records: Iterable[Record], question: Question, warn: Callable[[str], None], watcher: Watcher | None = None
) -> Report:
    """Add up all calls that are asked for. What the log says it lacks is a warning."""
    report = Report(question)
    rows: dict[tuple[Value, ...], Row] = {}
    reads = [FIELDS[name] for name in question.by]
    period = question.period
    odd: Counter[str] = Counter()
    for record in records:
        if record.get("event") != "exchange":
            _event(record, report, odd)
            continue
        time = time_of(record)
        _note(record, time, report, odd)
        before = period.precedes(time)
        if not before and not period.holds(time):
            continue
        record["time"] = period.shifted(time) if before and time else time
        if question.where and not fit(record, question.where):
            continue
        call = Measured(record)
        key = tuple([read(record) for read in reads])
        row = rows.get(key)
        if row is None:
            row = rows[key] = Row(key)
        (row.before if before else row.now).add(call)
        if call.without and not before:
            report.fees.update(dict.fromkeys(call.without, 1))
        if watcher:
            watcher.see(record, call, before=before)
    for row in rows.values():
        report.total.merge(row)
        report.largest = max(report.largest, row.now.cost, row.before.cost)
    report.rows = sorted(rows.values(), key=_order(report))
    _warn(report, odd, warn)
    return report


def _event(record: Record, report: Report, odd: Counter[str]) -> None:
    if record.get("event") == "records_lost":
        report.lost += number(record.get("count"))
    elif not isinstance(record.get("event"), str):
        odd["foreign"] += 1


def _note(record: Record, time: str | None, report: Report, odd: Counter[str]) -> None:
    if record.get("schema") != SCHEMA:
        odd["schema"] += 1
    if time is None:
        odd["untimed"] += 1
        return
    if report.first is None or time < report.first:
        report.first = time
    if report.last is None or time > report.last:
        report.last = time


def _order(report: Report) -> Callable[[Row], tuple[object, ...]]:
    """Rows by time if they have one; then by what weighs most."""
    times = [place for place, name in enumerate(report.question.by) if name in TIMES]
    weight = _weight(report)

    def order(row: Row) -> tuple[object, ...]:
        return (*(str(row.key[place] or "") for place in times), *weight(row))

    return order


def _weight(report: Report) -> Callable[[Row], tuple[object, ...]]:
    """First what rose most, or fell most where the sum fell, or without a comparison what cost most.

    What calls of unknown cost would add is anybody's guess: they are no reason to move a row.
    """
    falls = report.total.change < 0

    def weight(row: Row) -> tuple[object, ...]:
        words = tuple("" if value is None else str(value) for value in row.key)
        change = (row.change if falls else row.change.copy_negate()) if report.compared else Decimal(0)
        # Of what is known to have cost the same, what may have cost more comes first.
        return (
            change,
            row.now.cost.copy_negate(),
            -row.now["unpriced"],
            -row.now["calls"],
            -row.before["calls"],
            words,
        )

    return weight


def _warn(report: Report, odd: Counter[str], warn: Callable[[str], None]) -> None:
    period = report.question.period
    if report.lost:
        warn(f"the log says that {counted(report.lost, 'record was', 'records were')} lost: in no figure here")
    if odd["foreign"]:
        lines = (
            "1 line is JSON but no record"
            if odd["foreign"] == 1
            else f"{odd['foreign']:,} lines are JSON but no records"
        )
        warn(f"{lines} of Panda's: skipped")
    if odd["schema"]:
        count = counted(odd["schema"], "record is", "records are")
        warn(f"{count} not of schema {SCHEMA}, the one this version knows: read as if of it")
    if odd["untimed"]:
        fate = "counted" if period == Period() else "left out"
        warn(f"{counted(odd['untimed'], 'record does', 'records do')} not say when: {fate}")
    if period.since and period.before is None:
        warn("--since is still to come, so there is no period before it to compare with")
