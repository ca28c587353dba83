"""One record as a line for people: who asked what, what became of it, what it took."""

from collections import Counter
from collections.abc import Iterator

from panda_addon.report.fields import FIELDS
from panda_addon.report.figures import cells_wide, counted, cut, milliseconds, money, named, plain
from panda_addon.report.moments import time_of
from panda_addon.report.records import Record
from panda_addon.report.tally import Measured, number, part

# Select graphic rendition, ECMA-48, section 8.3.117.
_COLOURS = {
    "block": "\x1b[31m",
    "redact": "\x1b[33m",
    "audit": "\x1b[36m",
    "reply": "\x1b[34m",
    "error": "\x1b[35m",
    "allow": "\x1b[32m",
}
_DIM = "\x1b[2m"
_BOLD_RED = "\x1b[1;31m"
_OFF = "\x1b[0m"

# At which columns of a terminal the names end; one that is longer takes its room from what is behind it.
_NAMES = (("model", 16), ("endpoint", 34), ("user", 44))
_LONGEST = 40


def rendered(record: Record | None, *, colour: bool) -> str:
    """A record as one line, its time in UTC; None stands for a line that holds none; JSON of others is none.

    Whatever a caller chose is escaped: the only thing a terminal is told are colours, and those with `colour` only.
    """
    if record is None or type(record.get("event")) is not str:
        return _painted(f"{'':15}  a line that is no record", _DIM, colour=colour)
    if record.get("event") != "exchange":
        lost = record.get("event") == "records_lost"
        return _painted(f"{_time(record)}  {_event(record)}", _BOLD_RED if lost else _DIM, colour=colour)
    decision = named(FIELDS["decision"](record))
    status = FIELDS["status"](record)
    call = Measured(record)
    parts = [
        _time(record),
        _painted(_wide(cut(decision, 6), 6), _COLOURS.get(decision, ""), colour=colour),
        "  -" if status is None else f"{status:3}",
        f"{_names(record)}{_tokens(record):>13}",
        f"{_cost(call):>8}",
        f"{milliseconds(call.latency):>7}",
        ", ".join(_remarks(record, call)),
    ]
    return "  ".join(parts).rstrip()


def _painted(text: str, code: str, *, colour: bool) -> str:
    return f"{code}{text}{_OFF}" if colour and code else text


def _wide(text: str, size: int) -> str:
    return text + " " * (size - cells_wide(text))


def _names(record: Record) -> str:
    shown = ""
    for field, end in _NAMES:
        value = FIELDS[field](record)
        name = "-" if value is None else cut(named(value), _LONGEST)
        shown = _wide(f"{shown}{name}  ", end)
    return shown


def _time(record: Record) -> str:
    time = time_of(record)
    return f"{time[5:10]} {time[11:19]}Z" if time else f"{'-':15}"


def _tokens(record: Record) -> str:
    usage = part(record, "usage")
    if not usage:
        return "-"
    about = "" if usage.get("source") == "reported" else "~"
    return f"{about}{number(usage.get('input_tokens')):,}→{number(usage.get('output_tokens')):,}"


def _cost(call: Measured) -> str:
    if call.cost is None:
        return "$?"
    more = "+" if call.without else ""
    return f"{money(call.cost, 4 if call.cost < 1 else 2) if call.cost else '$0'}{more}"


def _remarks(record: Record, call: Measured) -> Iterator[str]:
    """What else there is to say: why it was refused, what was found, what is billed later, what went wrong, what was not read."""
    refusal = part(record, "refusal").get("code")
    if refusal:
        yield named(refusal)
    for name, count in _tallied(record, "findings", "list", "check"):
        yield f"{name} ×{count}" if count > 1 else name  # noqa: RUF001 the sign is meant
    if call.cost is None and not call.unpriced:
        yield "billed when fetched"
    error = part(record, "error")
    if error:
        yield named(f"{error.get('type')} at {error.get('at')}")
    ended = part(record, "response").get("ended")
    if ended not in ("complete", "refused", None):
        yield named(str(ended))
    unread = [name for name, _ in _tallied(record, "uninspected", "reason")]
    if unread:
        yield f"not read: {' and '.join(unread)}"


def _tallied(record: Record, member: str, *names: str) -> list[tuple[str, int]]:
    """How often each name occurs in a list of a record's, the name being the first of its members that is there."""
    listed = record.get(member)
    entries = [entry for entry in listed if type(entry) is dict] if type(listed) is list else []
    values = (next((entry[name] for name in names if entry.get(name)), None) for entry in entries)
    return Counter(cut(named(str(value)), _LONGEST) for value in values if value).most_common(3)


def _event(record: Record) -> str:
    event = record.get("event")
    if event == "records_lost":
        return counted(number(record.get("count")), "record") + " lost: the log has no room for them"
    if event == "policy_reloaded":
        return f"policy reloaded: {_said(record, 'policy_file')} {_said(record, 'revision')}"
    if event == "policy_rejected":
        problems = record.get("problems")
        first = named(str(problems[0])) if type(problems) is list and problems else "no reason given"
        return f"policy rejected, the last good one stays: {cut(first, 200)}"
    if event == "answer_withheld":
        return f"answer withheld from {_said(record, 'id')}: {_said(record, 'reason')}"
    return f"event {cut(plain(str(event)), _LONGEST)}"


def _said(record: Record, name: str) -> str:
    value = record.get(name)
    return cut(named(value if type(value) is str else None), 200)
