"""`panda report LOG...`, which says what was spent, by whom and on what, and what made it rise."""

import argparse
import io
import os
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from panda_addon.cli.streams import say, write
from panda_addon.report.export import to_csv, to_json
from panda_addon.report.fields import FIELDS, fields, where
from panda_addon.report.figures import plain
from panda_addon.report.files import LogError, Source, locate
from panda_addon.report.headline import missing
from panda_addon.report.moments import moment, period
from panda_addon.report.overlap import Overlaps
from panda_addon.report.records import records
from panda_addon.report.summary import Question, Report, summarize
from panda_addon.report.table import table

if TYPE_CHECKING:
    from panda_addon.report.detail import Detail

DESCRIPTION = """\
What was spent, by whom and on what: sums over audit logs. A LOG may be packed (gzip, xz, bzip2, zstd), - is standard
input, and several are read as one, in any order.

With --since each row is compared with the stretch of the same length right before it, as far as the log reaches, and what
rose most comes first, or what fell most if the sum fell; without, what cost most. Grouped by hour or day, rows stand in the
order of time, each beside the hour or day before that is in its place; where a table or a page has no room for all, it shows
the largest.
"""
EPILOG = f"""\
FIELD is one of {", ".join(FIELDS)}.
`user` is the proxy user, who is proved, or else the end user, whom the caller claims; `model` is the one that answered,
or else the one asked for; `hour` and `day` are UTC, of when a call began.

T is a date (its first moment), a time (UTC, or with an offset), 90m, 24h, 7d or 2w ago, now, today or yesterday. --since
is counted, --until is not.

Columns: `unpriced` calls of unknown cost, which no sum has; `background` calls that are billed with the record of their
answer, when it is fetched; `partial` calls that cost more than the sum has, by fees that no answer tells; `counted` calls
whose tokens were counted or estimated here and not reported by the API; `errors` calls that failed: a refusal is none.
Latencies are exact up to 512 calls a row, and within half a percent beyond. Tokens and money are those that are known: a
sum that nothing is known of is `unknown` in a table or a page, and so is a change from it or to it; in JSON and CSV costs
are what is known, so that rows add up, and such a change is null. `unpriced before` are such calls of the period before.

Exit status: 0, 1 if a log cannot be read or the report not written, 2 for a wrong call, 141 if its reader has left.
"""

# Formats for other programs: figures and no sentence.
_HEADLESS = ("csv", "json")
_ROWS = 40
# Columns of a terminal, where standard output is none and COLUMNS does not say; and so many are always taken.
_WIDTH, _NARROWEST = 120, 20


class Progress:
    """How far reading has come, on standard error, if that is a terminal that can take a line back and it takes more than a second."""

    def __init__(self, sources: list[Source]) -> None:
        self._size = sum(source.size for source in sources)
        self._read = 0
        shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + 1 if shown else float("inf")
        self._shown = False

    def __call__(self, size: int) -> None:
        """Take in that so many bytes more are read."""
        self._read += size
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 0.2
            self._shown = True
            share = f"{min(self._read * 100 // self._size, 100)} %" if self._size else f"{self._read >> 20:,} MB"
            say(f"\rreading: {share} \x1b[K")

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            say("\r\x1b[K")


def report(arguments: Sequence[str]) -> int:
    """Print the report that the arguments ask for; 1 if a log cannot be read, 2 for a wrong call."""
    parser = _parser()
    try:
        asked = parser.parse_args(arguments)
        now = datetime.now(UTC)
        question = _question(parser, asked, now)
    except SystemExit as ended:
        return int(ended.code or 0)
    try:
        _write(asked, question, now)
    except LogError as error:
        _warn(str(error))
        return 1
    except OSError as error:
        _warn(f"{asked.output} cannot be written: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "panda report", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("logs", metavar="LOG", nargs="+", help="an audit log; - for standard input")
    parser.add_argument(
        "--by", metavar="FIELD,...", default="user,model", help="what to group by (default: user,model)"
    )
    parser.add_argument("--since", metavar="T", help="only calls that began then or later")
    parser.add_argument(
        "--until", metavar="T", help="only calls that began before then (default: all; --since is then measured to now)"
    )
    parser.add_argument(
        "--where",
        metavar="FIELD=PATTERN",
        action="append",
        default=[],
        help="only calls of which it is so: a shell pattern, != for all others; all that are given must fit",
    )
    parser.add_argument("--format", choices=("table", "csv", "json", "html"), default="table", help="default: table")
    parser.add_argument("--output", metavar="FILE", help="write there, not to standard output")
    parser.add_argument("--top", metavar="N", type=int, help=f"rows of a table or a page (default: {_ROWS}; 0: all)")
    return parser


def _question(parser: argparse.ArgumentParser, asked: argparse.Namespace, now: datetime) -> Question:
    try:
        since, until = (None if text is None else moment(text, now) for text in (asked.since, asked.until))
        question = Question(fields(asked.by), tuple(map(where, asked.where)), period(since, until, now))
    except ValueError as error:
        parser.error(plain(str(error)))
    if asked.output == "":
        parser.error("--output names no file")
    if asked.top is not None and asked.top < 0:
        parser.error("--top must not be negative")
    if asked.output and any(_same(log, asked.output) for log in asked.logs):
        parser.error("--output would overwrite a log")
    return question


def _same(log: str, output: str) -> bool:
    """Whether two names are of one file; what is wrong with either is found when it is opened."""
    try:
        return Path(log).samefile(output)
    except (OSError, ValueError):
        return False


def _write(asked: argparse.Namespace, question: Question, now: datetime) -> None:
    sources = locate(asked.logs, _warn)
    progress = Progress(sources)
    late: list[str] = []
    detail = _detail(asked.format)
    overlaps = Overlaps(sources)
    try:
        found = summarize(records(sources, late.append, progress, overlaps.see), question, late.append, detail)
    finally:
        progress.end()
    late += overlaps.told()
    lacks = missing(found)
    if asked.format in _HEADLESS and lacks:
        # A table and a page say it beside the sums.
        late.append(lacks[:1].lower() + lacks[1:-1])
    for what in late:
        _warn(what)
    texts = _rendered(asked, found, detail, late, now)
    if asked.output:
        with Path(asked.output).open("w", encoding="utf-8", newline="") as file:
            file.writelines(texts)
    else:
        if asked.format != "table" and isinstance(sys.stdout, io.TextIOWrapper):
            # It goes to a program, most likely by way of a file, as with --output; a page says that it is in UTF-8.
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        for text in texts:
            write(text)


def _warn(what: str) -> None:
    say(f"panda report: {plain(what)}\n")


def _detail(form: str) -> "Detail | None":
    if form != "html":
        return None
    from panda_addon.report.detail import Detail  # noqa: PLC0415 only a page needs it

    return Detail()


def _rendered(
    asked: argparse.Namespace, found: Report, detail: "Detail | None", late: list[str], now: datetime
) -> Iterable[str]:
    top = _ROWS if asked.top is None else asked.top
    if asked.format == "json":
        return to_json(found)
    if asked.format == "csv":
        return to_csv(found)
    if detail is not None:
        from panda_addon.report.page import Page, html  # noqa: PLC0415

        return html(Page(found, detail, tuple(late), tuple(asked.where), now, top))
    return (f"{line}\n" for line in table(found, width=max(_width(), _NARROWEST), top=top))


def _width() -> int:
    """How many columns there are, found as `shutil` does, whose import alone takes a megabyte."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and len(said) < 6 and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _WIDTH
    except OSError:
        return _WIDTH
