"""What calls add up to. Money is summed exactly, in decimal; a figure that a record lacks is counted as lacking."""

from decimal import Decimal
from typing import Any

from panda_addon.report.exact import EXACT, known
from panda_addon.report.quantiles import Quantiles
from panda_addon.report.records import Record

# What is counted of calls, by the names that a row has. Tokens are those that are known.
COUNTS = (
    "calls",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "unpriced",
    "background",
    "partial",
    "counted",
    "blocked",
    "redacted",
    "audited",
    "errors",
    "findings",
)

_NOTHING: dict[str, Any] = {}
# Above it a number is a mistake, and could take all memory to write out.
_SANE = 10**15


class Measured:
    """One call's share in a sum: its counts, its cost in dollars (None if unknown) and its latency in milliseconds.

    `without` names the fees that its cost lacks. `unpriced` says that its cost is in no sum. That of a call in the background
    is in the record of its answer.
    """

    __slots__ = ("cost", "counts", "latency", "unpriced", "without")

    def __init__(self, record: Record) -> None:
        usage = part(record, "usage")
        self.cost = cost(record)
        later = self.cost is None and awaited(record)
        self.unpriced = self.cost is None and not later
        self.without = () if self.cost is None else fees(record)
        decision = record.get("decision")
        self.counts = (
            1,
            number(usage.get("input_tokens")),
            number(usage.get("cached_tokens")),
            number(usage.get("output_tokens")),
            number(usage.get("reasoning_tokens")),
            self.unpriced,
            later,
            bool(self.without),
            bool(usage) and usage.get("source") != "reported",
            decision == "block",
            decision == "redact",
            decision == "audit",
            failed(record),
            found(record),
        )
        total = part(record, "latency_ms").get("total")
        self.latency = float(total) if isinstance(total, Decimal | int) and 0 <= total < _SANE else None


class Sums:
    """The sums over some calls."""

    __slots__ = ("cost", "counts", "latency")

    def __init__(self) -> None:
        self.counts = [0] * len(COUNTS)
        self.cost = Decimal(0)
        self.latency = Quantiles()

    def add(self, call: Measured) -> None:
        """Take one more call in."""
        counts = self.counts
        for place, count in enumerate(call.counts):
            if count:
                counts[place] += count
        if call.cost:
            self.cost = EXACT.add(self.cost, call.cost)
        if call.latency is not None:
            self.latency.add(call.latency)

    def merge(self, other: "Sums") -> None:
        """Take in all that another one has taken in."""
        self.counts = [one + more for one, more in zip(self.counts, other.counts, strict=True)]
        self.cost = EXACT.add(self.cost, other.cost)
        self.latency.merge(other.latency)

    @property
    def known(self) -> bool:
        """Whether anything is known of what they cost."""
        return known(self.cost, self["unpriced"])

    def __getitem__(self, name: str) -> int:
        """One of the counts."""
        return self.counts[COUNTS.index(name)]


def part(record: Record, name: str) -> dict[str, Any]:
    """A record's member that is an object; an empty one if it is none."""
    value = record.get(name)
    return value if type(value) is dict else _NOTHING


def number(value: object) -> int:
    """A count as a record gives it; 0 if it is none."""
    return value if type(value) is int and 0 <= value < _SANE else 0


def cost(record: Record) -> Decimal | None:
    """What a call cost in dollars, None if that is unknown."""
    value = record.get("cost_usd")
    if type(value) is int:
        value = Decimal(value) if 0 <= value < _SANE else None
    if type(value) is not Decimal or not value.is_finite() or value.is_signed():
        return None
    # What is outside is no price, and could not be summed with one exactly.
    return value if not value or -60 < value.adjusted() < 15 else None


def awaited(record: Record) -> bool:
    """Whether a call began an answer in the background: the bill comes with that, in the record of its being fetched."""
    return part(record, "price").get("reason") == "background"


def fees(record: Record) -> tuple[str, ...]:
    """What a call was charged for besides, at fees that no answer tells."""
    without = part(record, "price").get("without")
    return tuple(name for name in without if type(name) is str) if type(without) is list else ()


def found(record: Record) -> int:
    """How many findings a call had. A record lists some of many and says how many there were."""
    findings = record.get("findings")
    return number(record.get("findings_total")) or (len(findings) if type(findings) is list else 0)


def failed(record: Record) -> bool:
    """Whether a call went wrong: Panda's own error, or an answer that is an error or broke off. A refusal is none."""
    decision = record.get("decision")
    if decision in ("error", "block"):
        return bool(decision == "error")
    response = part(record, "response")
    return number(response.get("status")) >= 400 or response.get("ended") == "upstream_error"
