"""Points in time as a user names them, and the stretch of time that a report is about.

Knows no clock: what `now` is, is given. Times of records are compared as text, in the one form that `stamp` writes.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(\d+)([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

# A day, maybe with an offset, or a time. The standard reader takes anything between the two for the sign of a time.
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:?\d\d|)", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ].+", re.ASCII)

# What is outside is a mistake, and too near to the ends of what can be reckoned with.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z", re.ASCII)
# The alphabet of ULIDs, in order.
_ULID = {char: value for value, char in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


def moment(text: str, now: datetime) -> datetime:
    """The point in time that a user names. Raises ValueError.

    `2026-11-23`, `2026-11-23T13:00`, either with an offset or Z (UTC if there is none); `90m`, `24h`, `7d`, `2w` ago;
    `now`, `today`, `yesterday`.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    words = {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    if text in words:
        return words[text]
    ago, day = _AGO.fullmatch(text), _DAY.fullmatch(text)
    when = None
    with suppress(ValueError, OverflowError):
        if ago:
            when = now - int(ago[1]) * _UNITS[ago[2]]
        elif day or _TIME.fullmatch(text):
            found = _read(f"{day[1]}T00:00{day[2]}" if day else text)
            when = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if when is None or not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        raise ValueError(
            f"{text!r} is no time: give a date (2026-11-23), a time (2026-11-23T13:00, in UTC or with an offset), "
            "90m, 24h, 7d or 2w ago, now, today or yesterday"
        )
    return when


def stamp(when: datetime) -> str:
    """A point in time as a record writes it: UTC, to the microsecond."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_of(record: dict[str, object]) -> str | None:
    """When a record's call began; None if it does not say. A record of a failure may have nothing but its id."""
    time = record.get("time")
    written = _WRITTEN.fullmatch(time) if isinstance(time, str) else None
    if written and _is_time(written[1]):
        return f"{written[1]}.{written[2] or '':0<6}Z"
    name = record.get("id")
    if isinstance(name, str) and len(name) == 26 and name[0] < "8" and all(char in _ULID for char in name[:10]):
        milliseconds = 0
        for char in name[:10]:
            milliseconds = milliseconds << 5 | _ULID[char]
        if milliseconds < 221845392000000:
            return stamp(datetime.fromtimestamp(milliseconds / 1000, UTC))
    return None


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` up to and without `until`, either of which may be open, and the stretch `before` it.

    `length` is what lies between `before` and `since`, None where there is nothing to compare with.
    """

    since: str | None = None
    until: str | None = None
    before: str | None = None
    length: timedelta | None = None

    def holds(self, time: str | None) -> bool:
        """Whether a time is in it; of a record that says none, only if it is open on both sides."""
        if time is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= time) and (self.until is None or time < self.until)

    def precedes(self, time: str | None) -> bool:
        """Whether a time is in the stretch before."""
        return (
            time is not None and self.before is not None and self.since is not None and self.before <= time < self.since
        )

    def passed(self, share: float) -> str:
        """The point at which so large a share of the period before has passed."""
        return "" if self.since is None or self.length is None else _back(_read(self.since), self.length * (1 - share))

    def shifted(self, time: str) -> str:
        """Where a time before would be in the period itself."""
        return time if self.length is None else stamp(_read(time) + self.length)


def period(since: datetime | None, until: datetime | None, now: datetime) -> Period:
    """The stretch of time from `since` to `until`, and the one of the same length before it. Raises ValueError.

    Without `until` it stays open, and the stretch before is as long as it is from `since` to `now`. Without `since`, or
    if that is still to come, there is none.
    """
    if since and until and since >= until:
        raise ValueError("--since must be before --until")
    if since is None:
        return Period(until=stamp(until) if until else None)
    length = (until or now) - since
    if length <= timedelta(0):
        return Period(since=stamp(since))
    return Period(stamp(since), stamp(until) if until else None, _back(since, length), length)


def _back(when: datetime, length: timedelta) -> str:
    """The point that lies so long before; of what lies before the first year the beginning of that."""
    try:
        return stamp(when - length)
    except OverflowError:
        return "0001"


def _is_time(text: str) -> bool:
    try:
        return _FIRST_YEAR <= _read(text).year <= _LAST_YEAR
    except ValueError:
        return False


def _read(time: str) -> datetime:
    return datetime.fromisoformat(time)
