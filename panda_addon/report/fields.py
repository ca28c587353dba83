"""What a report can group and filter by: the name of each field, and what a record says under it."""

import difflib
import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from panda_addon.report.figures import NONE
from panda_addon.report.records import Record
from panda_addon.report.tally import part

type Value = str | int | None


def _text(value: object) -> str | None:
    # `None` is what a record says of what it does not know, and an empty name says no more than that; anything else
    # that is no text does not come from Panda.
    return value or None if type(value) is str else None if value is None else str(value)[:256]


def _user(record: Record) -> Value:
    return _text(part(record, "client").get("proxy_user") or record.get("end_user"))


def _model(record: Record) -> Value:
    return _text(part(record, "response").get("model") or part(record, "request").get("model"))


def _status(record: Record) -> Value:
    status = part(record, "response").get("status")
    return status if type(status) is int and 0 <= status < 1000 else None


def _tier(record: Record) -> Value:
    return _text(part(record, "response").get("service_tier") or part(record, "price").get("tier"))


def _hour(record: Record) -> Value:
    time = record.get("time")
    return f"{time[:13]}:00Z" if type(time) is str else None


def _day(record: Record) -> Value:
    time = record.get("time")
    return time[:10] if type(time) is str else None


FIELDS: dict[str, Callable[[Record], Value]] = {
    "user": _user,
    "proxy_user": lambda record: _text(part(record, "client").get("proxy_user")),
    "end_user": lambda record: _text(record.get("end_user")),
    "key": lambda record: _text(record.get("key")),
    "model": _model,
    "endpoint": lambda record: _text(part(record, "request").get("endpoint")),
    "policy": lambda record: _text(part(record, "policy").get("name")),
    "client": lambda record: _text(part(record, "client").get("ip")),
    "organization": lambda record: _text(record.get("organization")),
    "project": lambda record: _text(record.get("project")),
    "decision": lambda record: _text(record.get("decision")),
    "status": _status,
    "hour": _hour,
    "day": _day,
    "tier": _tier,
}
# Those by which rows stand in the order of time.
TIMES = ("hour", "day")


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a field: that a shell pattern fits what it says, or with `unlike` that it does not."""

    field: str
    pattern: re.Pattern[str]
    unlike: bool = False

    def fits(self, record: Record) -> bool:
        """Whether a record is one of those that are meant. What a record does not say is an empty word."""
        value = FIELDS[self.field](record)
        return bool(self.pattern.match("" if value is None else str(value))) is not self.unlike


def fields(text: str) -> tuple[str, ...]:
    """The fields of a list with commas, each once. Raises ValueError."""
    return tuple(dict.fromkeys(_known(name.strip()) for name in text.split(",")))


def where(text: str) -> Where:
    """The condition that `FIELD=PATTERN` or `FIELD!=PATTERN` says. Raises ValueError."""
    name, equals, pattern = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is no condition: give FIELD=PATTERN or FIELD!=PATTERN")
    meant = re.compile(fnmatch.translate(_as_shown(pattern)))
    return Where(_known(name.removesuffix("!").strip()), meant, name.endswith("!"))


def fit(record: Record, conditions: Sequence[Where]) -> bool:
    """Whether a record is as all conditions say."""
    return all(condition.fits(record) for condition in conditions)


def _as_shown(name: str) -> str:
    """The pattern for a name as a table shows it: cut, none, or in quotes; any other is one itself."""
    if name == NONE:
        return ""
    if len(name) > 1 and name[0] == name[-1] == '"':
        return name[1:-1]
    return name[:-1] + "*" if name.endswith("…") else name


def _known(name: str) -> str:
    if name in FIELDS:
        return name
    near = difflib.get_close_matches(name, FIELDS, 1)
    meant = f": did you mean {near[0]}?" if near else "."
    raise ValueError(f"no such field: {name!r}{meant} The fields are {', '.join(FIELDS)}")
