"""`panda tail LOG`, which shows the calls as they come, one readable line each."""

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from panda_addon.cli.streams import flush, heard, say, write
from panda_addon.report.fields import FIELDS, Where, fit, where
from panda_addon.report.figures import plain
from panda_addon.report.files import STDIN, LogError, Source, lines, locate, opened, packing, pieces
from panda_addon.report.follow import Follower
from panda_addon.report.line import rendered
from panda_addon.report.moments import Period, moment, period, time_of
from panda_addon.report.records import Record, parsed

DESCRIPTION = """\
The log as it grows, a line a call: time (UTC), decision, status, model, endpoint, user, tokens in and out (~ if they were
counted or estimated here), cost ($? if unknown, + if it was more), latency, and what was found or why it was refused.

It goes on through rotation, truncation and the log's absence. A packed log is shown and not followed; - is standard
input.
"""
EPILOG = f"""\
FIELD is one of {", ".join(FIELDS)}.
T is as in `panda report`: 2026-11-23T13:00 (UTC), 90m, today ... With --until and a time that has passed a log is shown as far
as it goes. With one that is to come, and on standard input, the first record of a call that began then or later ends it,
unless --no-follow is given.
Other events than calls, as a policy's reload, are shown unless --where is given; lost records are always shown.

Exit status: 0, 1 if the log cannot be read or its lines not written, 2 for a wrong call, 130 after Ctrl-C, 141 if its
reader has left.
"""

_LAST = 10
# Seconds between two looks at the log.
_PAUSE = 0.2


class Wanted:
    """Which records to show, and how."""

    def __init__(self, conditions: Sequence[Where], span: Period, *, colour: bool) -> None:
        self._conditions = conditions
        self._span = span
        self._colour = colour
        # Whether a record of a call that began too late has come by.
        self.over = False

    def has(self, line: bytes) -> bool:
        """Whether a line is shown."""
        return bool(line.strip()) and self._picks(parsed(line))

    def show(self, found: Iterable[bytes]) -> None:
        """Write the lines that are wanted, as far as they are there."""
        for line in found:
            if line.strip():
                record = parsed(line)
                if self._picks(record):
                    write(rendered(record, colour=self._colour) + "\n")
        flush()

    def _picks(self, record: Record | None) -> bool:
        if record is None:
            return not self._conditions and self._span == Period()
        time_said = time_of(record)
        if self._span.until and time_said and time_said >= self._span.until:
            self.over = True
        if not self._span.holds(time_said):
            # Lost records have no time, and are news whenever they were lost.
            return record.get("event") == "records_lost"
        if record.get("event") != "exchange":
            return not self._conditions or record.get("event") == "records_lost"
        record["time"] = time_said
        return fit(record, self._conditions)


def tail(arguments: Sequence[str]) -> int:
    """Show the log that the arguments name; 1 if it cannot be read, 2 for a wrong call."""
    parser = _parser()
    try:
        asked = parser.parse_args(arguments)
        wanted = _wanted(parser, asked)
    except SystemExit as ended:
        return int(ended.code or 0)
    try:
        _run(asked, wanted)
    except KeyboardInterrupt:
        return 130
    except LogError as error:
        _notice(str(error))
        return 1
    except OSError as error:
        _notice(f"{asked.log} cannot be read: {error.strerror}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "panda tail", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", metavar="LOG", help="an audit log; - for standard input")
    parser.add_argument(
        "--where",
        metavar="FIELD=PATTERN",
        action="append",
        default=[],
        help="only calls of which it is so, as in a report",
    )
    parser.add_argument("--since", metavar="T", help="only calls that began then or later")
    parser.add_argument("--until", metavar="T", help="only calls that began before then")
    parser.add_argument("-n", metavar="N", type=int, help=f"so many lines first (default: {_LAST}; with --since: all)")
    parser.add_argument("--no-follow", action="store_true", help="end at the end of the log")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    return parser


def _wanted(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> Wanted:
    if asked.n is not None and asked.n < 0:
        parser.error("-n must not be negative")
    try:
        conditions = [where(text) for text in asked.where]
        now = datetime.now(UTC)
        since, until = (None if text is None else moment(text, now) for text in (asked.since, asked.until))
        span = period(since, until, now)
    except ValueError as error:
        parser.error(plain(str(error)))
    if until and until <= now and asked.log != STDIN:
        # What could still come are calls that are at work since then.
        asked.no_follow = True
    plain_terminal = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    auto = sys.stdout.isatty() and not plain_terminal
    return Wanted(conditions, span, colour=auto if asked.color == "auto" else asked.color == "always")


def _run(asked: argparse.Namespace, wanted: Wanted) -> None:
    count = asked.n if asked.n is not None else None if asked.since else _LAST
    path = asked.log
    if path == STDIN or (Path(path).exists() and not _grows(path)):
        [source] = locate([path], _notice)
        found = lines(pieces(source, _notice, lambda _size: None))
        if path != STDIN or asked.no_follow:
            wanted.show(deque(filter(wanted.has, found), count))
        for line in found:
            wanted.show((line,))
            if wanted.over:
                break
        return
    follower = Follower(path, _notice)
    if not follower.open():
        if asked.no_follow:
            raise LogError(f"{path} cannot be read: No such file or directory")
        _notice(f"{path} is not there yet: waiting")
    elif count is not None:
        wanted.show(follower.latest(count, wanted.has))
    wanted.show(follower.lines())
    while not (asked.no_follow or wanted.over):
        time.sleep(_PAUSE)
        # A log may be quiet for long.
        heard()
        wanted.show(follower.lines())
    # Without following, a last line that lacks nothing but its newline is whole.
    if parsed(follower.rest):
        wanted.show((follower.rest,))


def _grows(path: str) -> bool:
    """Whether a path is a plain file with plain text, which can be followed. Raises LogError for a folder."""
    locate([path], _notice)
    if not Path(path).is_file():
        return False
    with opened(Source(path)) as stream:
        return packing(stream.read(8)) is None


def _notice(what: str) -> None:
    say(f"panda tail: {plain(what)}\n")
