"""What a page shows besides the rows: sums over time, who spent what, what was decided and found, what is unknown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from panda_addon.report.exact import EXACT, difference, known
from panda_addon.report.fields import FIELDS, Value
from panda_addon.report.figures import named
from panda_addon.report.records import Record
from panda_addon.report.summary import Report, Row
from panda_addon.report.tally import Measured, part

SPENDERS = ("user", "model", "key")

# So much is shown hour by hour, so much day by day, and what is longer month by month.
HOURS = timedelta(hours=96)
DAYS = timedelta(days=124)
_MAX_HOURS = 97

# What a record says had no price, in words; other words are kinds of usage.
_REASONS = {
    "model": "no price for this model",
    "tier": "no price for this service tier",
    "usage": "its usage is not known",
}


@dataclass(slots=True)
class Spent:
    """What one value of a field stands for, in the period and in the one before."""

    calls: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    before: Decimal = Decimal(0)
    unpriced_before: int = 0

    @property
    def change(self) -> Decimal | None:
        """By how many dollars it costs more than before; None where of either nothing is known."""
        sides = (self.cost, self.unpriced), (self.before, self.unpriced_before)
        return difference(self.cost, self.before) if all(known(*side) for side in sides) else None


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time on a chart: an hour, a day or a month, by its name in ISO 8601."""

    name: str
    row: Row


@dataclass(slots=True)
class Detail:
    """A watcher of a summary that keeps what a page shows. The counters are of the period alone."""

    spenders: dict[str, dict[Value, Spent]] = field(default_factory=lambda: {name: {} for name in SPENDERS})
    days: dict[str, Row] = field(default_factory=dict)
    hours: dict[str, Row] | None = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    unpriced: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    fallback: Counter[str] = field(default_factory=Counter)

    def see(self, record: Record, call: Measured, *, before: bool) -> None:
        """Take in one call."""
        self._place(record, call, before=before)
        for name, values in self.spenders.items():
            value = FIELDS[name](record)
            spent = values.get(value)
            if spent is None:
                spent = values[value] = Spent()
            if before:
                spent.before = EXACT.add(spent.before, call.cost or 0)
                spent.unpriced_before += call.unpriced
            else:
                spent.calls += 1
                spent.cost = EXACT.add(spent.cost, call.cost or 0)
                spent.unpriced += call.unpriced
        if not before:
            self._count(record, call)

    def _place(self, record: Record, call: Measured, *, before: bool) -> None:
        time = record["time"]
        if time is None:
            return
        for slots, name in ((self.days, time[:10]), (self.hours, time[:13])):
            if slots is not None:
                row = slots.get(name)
                if row is None:
                    row = slots[name] = Row((name,))
                (row.before if before else row.now).add(call)
        if self.hours is not None and len(self.hours) > _MAX_HOURS:
            # They are more than are shown by the hour.
            self.hours = None

    def _count(self, record: Record, call: Measured) -> None:
        self.decisions[named(FIELDS["decision"](record))] += 1
        refusal = part(record, "refusal").get("code")
        if refusal:
            self.refusals[named(str(refusal))] += 1
        for entry in _entries(record, "findings"):
            self.findings[named(str(entry.get("list") or entry.get("check")))] += 1
        for reason in {str(entry.get("reason")) for entry in _entries(record, "uninspected")}:
            self.unread[named(reason)] += 1
        price = part(record, "price")
        if call.unpriced:
            reason = str(price.get("reason") or "no reason recorded")
            self.unpriced[f"{named(FIELDS['model'](record))}: {_REASONS.get(reason) or named(reason)}"] += 1
        if price.get("source") == "fallback":
            self.fallback[named(FIELDS["model"](record))] += 1
        source = part(record, "usage").get("source")
        if source not in ("reported", None):
            self.sources[named(str(source))] += 1


def slots(detail: Detail, report: Report) -> list[Slot]:
    """The stretches of time of the period in their order, with those in which nothing was."""
    if not detail.days:
        return []
    period = report.question.period
    first, last = _read(min(detail.days)), _read(max(detail.days))
    # What was asked for is shown whole, but not years in which nothing could have been.
    since = _read(period.since) if period.since and first - _read(period.since) <= DAYS else None
    until = (
        _read(period.until) - timedelta(microseconds=1) if period.until and _read(period.until) - last <= DAYS else None
    )
    if detail.hours is not None:
        start = since.replace(minute=0, second=0, microsecond=0) if since else _read(min(detail.hours))
        end = until or _read(max(detail.hours))
        if end - start <= HOURS:
            return [_slot(f"{when:%Y-%m-%dT%H}", detail.hours) for when in _steps(start, end, timedelta(hours=1))]
    first = since.replace(hour=0, minute=0, second=0, microsecond=0) if since else first
    last = until or last
    if last - first <= DAYS:
        return [_slot(f"{when:%Y-%m-%d}", detail.days) for when in _steps(first, last, timedelta(days=1))]
    months: dict[str, Row] = {}
    for day in _steps(first, last, timedelta(days=1)):
        name = f"{day:%Y-%m}"
        row = months.setdefault(name, Row((name,)))
        if (found := detail.days.get(f"{day:%Y-%m-%d}")) is not None:
            row.merge(found)
    return [Slot(name, row) for name, row in months.items()]


def _slot(name: str, rows: dict[str, Row]) -> Slot:
    return Slot(name, rows.get(name) or Row((name,)))


def _steps(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start <= end:
        yield start
        start += step


def _read(time: str) -> datetime:
    return datetime.fromisoformat(time.removesuffix("Z"))


def _entries(record: Record, name: str) -> list[Record]:
    listed = record.get(name)
    return [entry for entry in listed if type(entry) is dict] if type(listed) is list else []
