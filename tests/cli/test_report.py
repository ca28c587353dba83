import csv
import gzip
import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest

from panda_addon.cli import report as module
from panda_addon.cli.report import Progress, report
from panda_addon.cli.streams import GONE
from panda_addon.report.fields import FIELDS
from panda_addon.report.files import Source
from scripts import month
from tests.report.recording import NOON, PACKERS, line, record


@pytest.fixture
def log(tmp_path):
    """A log of three calls on two days."""
    path = tmp_path / "audit.jsonl"
    calls = [
        record(cost="1"),
        record(end_user="bob", cost="2", request__model="gpt-6-astra"),
        record(NOON - 86400, cost="0.5"),
    ]
    path.write_bytes(b"".join(map(line, calls)))
    return path


def rows(*arguments):
    """The rows that a report gives as JSON."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert report(["--format", "json", *map(str, arguments)]) == 0
    return json.loads(out.getvalue(), parse_float=Decimal)


def run(*arguments, **options):
    """The command as a process of its own."""
    command = [sys.executable, "-c", "import sys; from panda_addon.cli.main import main; sys.exit(main())", "report"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, check=False, timeout=60, **options)


def test_a_report_of_a_month_is_what_it_adds_up_to(tmp_path):
    """Every figure, in all and by user, model and day, equals the sum that the writer of the log kept."""
    sums = month.write(tmp_path, 3000, seed=7)
    logs = sorted(tmp_path.iterdir())
    for kind in ("day", "user", "model"):
        found = {row[kind] or "": row for row in rows("--by", kind, *logs)}
        assert found.keys() == sums[kind].keys()
        for name, expected in sums[kind].items():
            given = {column: found[name][column] for column in expected}
            assert given | {"cost_usd": f"{given['cost_usd']:.9f}"} == {
                **expected,
                "cost_usd": f"{Decimal(expected['cost_usd']):.9f}",
            }
        total = sum(row["cost_usd"] for row in found.values())
        assert total == Decimal(sums["total"][""]["cost_usd"])
        assert sum(row["calls"] for row in found.values()) == 3000


def test_the_spike_of_a_month_shows_its_cause_first(tmp_path):
    """The user and the model that made the bill rise are the first row, and the headline says so."""
    sums = month.write(tmp_path, 3000, seed=7)
    start, end = (month.START + timedelta(days=day) for day in month.SPIKE)
    span = ("--since", start.isoformat(), "--until", end.isoformat())
    first, *others = rows(*span, "--by", "user,model", *tmp_path.iterdir())
    assert (first["user"], first["model"]) == ("bob", "gpt-6-astra")
    assert first["cost_usd_change"] > 5 * max(row["cost_usd_change"] or 0 for row in others)
    days = [(start + timedelta(days=day)).date().isoformat() for day in range(-3, 3)]
    spent = [Decimal(sums["day"][day]["cost_usd"]) for day in days]
    every = [first, *others]
    assert sum(row["cost_usd"] for row in every) == sum(spent[3:])
    assert sum(row["cost_usd_before"] for row in every) == sum(spent[:3])
    done = run(*span, *tmp_path.iterdir())
    assert b"Main cause: user=bob model=gpt-6-astra: +$" in done.stdout


@pytest.mark.parametrize("packer", PACKERS)
def test_a_log_may_be_packed_or_come_by_standard_input(packer, log):
    """The report on either is the same."""
    data = log.read_bytes()
    log.write_bytes(PACKERS[packer](data))
    assert run("--format", "csv", "-", input=PACKERS[packer](data)).stdout == run("--format", "csv", log).stdout


def test_every_field_can_be_grouped_by(log):
    """Each row has all that it is grouped by."""
    [first, *_] = rows("--by", ",".join(FIELDS), log)
    assert list(first)[: len(FIELDS)] == list(FIELDS)


def test_conditions_and_times_leave_calls_out(log):
    """What is asked for is what is counted."""
    assert [row["calls"] for row in rows("--by", "day", log)] == [1, 2]
    assert [row["cost_usd"] for row in rows("--where", "user=b*", "--where", "model=*astra", log)] == [Decimal(2)]
    assert [row["calls"] for row in rows("--by", "day", "--until", "2026-11-20", log)] == [1]
    compared = rows("--by", "user", "--since", "2026-11-20", "--until", "2026-11-21T00:00Z", log)
    assert [(row["user"], row["calls"], row["calls_before"]) for row in compared] == [("bob", 1, 0), ("alice", 1, 1)]


def test_the_table_is_the_default(log, capsys):
    """By user and model, for people."""
    assert report([str(log)]) == 0
    out, err = capsys.readouterr()
    assert "user   model        calls" in out
    assert "Most of it: user=bob model=gpt-6-astra: $2.00, 57 % of it all." in out
    assert err == ""


@pytest.mark.parametrize(
    ("since", "lacks"), [("2026-11-20", "within the period before"), ("2026-11-19", "so there is nothing before")]
)
@pytest.mark.parametrize("form", ["table", "csv", "json", "html"])
def test_what_a_comparison_lacks_is_said_where_it_is_read(form, since, lacks, log, capsys):
    """Beside the sums, or on standard error where the report is for a program."""
    until = "2026-11-21" if since == "2026-11-20" else "2026-11-20"
    assert report(["--format", form, "--since", since, "--until", until, str(log)]) == 0
    out, err = capsys.readouterr()
    beside = form in ("table", "html")
    said = " ".join((out if beside else err).split())
    assert f"{'T' if beside else 't'}he log begins at 2026-11-19 12:00, {lacks}" in said
    assert lacks not in (err if beside else out)


@pytest.mark.parametrize("form", ["table", "csv", "json", "html"])
def test_a_period_of_all_times_has_a_report(form, log, capsys):
    """The one before it would begin before the first year, and is none."""
    assert report(["--format", form, "--since", "1970-01-01", "--until", "9000-01-01", str(log)]) == 0
    assert "so there is nothing before 1970-01-01 00:00 to compare with" in "".join(capsys.readouterr())


def test_a_log_that_is_given_twice_is_named(log, tmp_path, capsys):
    """A packed copy is another file: its calls are counted, and both files are named, on a page as well."""
    copy = tmp_path / "copy.gz"
    copy.write_bytes(gzip.compress(log.read_bytes()))
    assert report(["--format", "html", str(log), str(copy)]) == 0
    out, err = capsys.readouterr()
    assert err == (
        f"panda report: {copy} holds calls that {log} holds too, as {record()['id']}: what both hold is counted twice\n"
    )
    assert f"{copy} holds calls that {log} holds too" in out


@pytest.mark.parametrize(
    ("form", "none", "like_none"),
    [
        ("table", "\n(none)  ", '\n"(none)"  '),
        ("csv", "\n,2,", "\n(none),1,"),
        ("json", '{"user": null, "calls": 2,', '{"user": "(none)", "calls": 1,'),
        ("html", ">(none)</th><td>$0.500000</td><td>2</td>", "&quot;</th><td>$0.250000</td><td>1</td>"),
    ],
)
def test_those_without_a_name_are_one_row_in_every_format(form, none, like_none, log, capsys):
    """An empty name is none, and whoever is called like none is told apart."""
    log.write_bytes(b"".join(line(record(end_user=name)) for name in (None, "", "(none)")))
    assert report(["--format", form, "--by", "user", str(log)]) == 0
    out = capsys.readouterr().out
    assert out.count(none) == out.count(like_none) == 1


def test_csv_goes_to_a_file(log, tmp_path):
    """With --output nothing is printed, and the file has the lines that CSV has."""
    out = tmp_path / "out.csv"
    assert report(["--format", "csv", "--by", "user", "--output", str(out), str(log)]) == 0
    assert out.read_bytes().count(b"\r\n") == 3
    assert [row["user"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ["bob", "alice"]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ([], "the following arguments are required: LOG"),
        (["--by", "modle", "x"], "no such field: 'modle': did you mean model?"),
        (["--since", "noon", "x"], "'noon' is no time"),
        (["--since", "today", "--until", "yesterday", "x"], "--since must be before --until"),
        (["--where", "alice", "x"], "'alice' is no condition"),
        (["--where", "a\x1b=alice", "x"], "no such field: 'a\\x1b'"),
        (["--format", "pdf", "x"], "invalid choice: 'pdf'"),
        (["--since", "", "x"], "'' is no time"),
        (["--until", "", "x"], "'' is no time"),
        (["--output", "", "x"], "--output names no file"),
        (["--top", "-1", "x"], "--top must not be negative"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments, fault, capsys):
    """Status 2, before any log is read."""
    assert report(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert fault in err


def test_help_names_the_fields_and_the_default(capsys):
    """Everything that can be asked is in it."""
    assert report(["--help"]) == 0
    out = capsys.readouterr().out
    assert "default: user,model" in out
    assert all(field in out for field in FIELDS)


def test_a_log_that_cannot_be_read_ends_the_report(log, tmp_path, capsys):
    """Status 1, and no part of a report that would look like all of it."""
    assert report([str(log), str(tmp_path / "none\x1b")]) == 1
    assert report([str(tmp_path)]) == 1
    assert report([""]) == 1
    assert report(["--output", "x" * 300, str(log)]) == 1
    assert report(["--output", str(tmp_path / "no" / "where"), str(log)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "none\\x1b cannot be read: No such file or directory" in err
    assert "is a folder: name the files in it" in err
    assert "a LOG is an empty word: it names no file" in err
    assert f"{'x' * 300} cannot be written: File name too long" in err
    where = tmp_path / "no" / "where"
    assert err.splitlines()[-1] == f"panda report: {where} cannot be written: No such file or directory"


def test_a_log_is_not_overwritten(log, capsys):
    """A report is never written over what it is about."""
    before = log.read_bytes()
    assert report(["--output", str(log), str(log)]) == 2
    assert log.read_bytes() == before
    other = log.with_suffix(".csv")
    other.write_text("old")
    assert report(["--output", str(other), "--format", "csv", str(log), str(log.parent / "none")]) == 1
    assert report(["--output", str(other), "--format", "csv", str(log)]) == 0
    assert other.read_text().startswith("user,model,calls")
    assert "--output would overwrite a log" in capsys.readouterr().err


def test_trouble_is_told_on_standard_error(log):
    """A torn line, a cut-off file and lost records do not stop the report; each is said."""
    log.write_bytes(log.read_bytes() + b'{"schema": 1, "event": "records_lost", "count": 3}\n{"torn')
    other = log.with_suffix(".gz")
    other.write_bytes(gzip.compress(line(record()) * 10)[:-9])
    done = run(log, other, log)
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        f"panda report: {log} is the same file as {log}: read once",
        f"panda report: {log}:5: the last line is torn: skipped",
        f"panda report: {other} is cut off: read as far as it goes",
        "panda report: the log says that 3 records were lost: in no figure here",
    ]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    """`panda report | head -1` says nothing of the pipe it broke."""
    log = tmp_path / "log"
    log.write_bytes(b"".join(line(record(end_user=f"user-{number}" * 20)) for number in range(3000)))
    command = [sys.executable, "-c", "import sys; from panda_addon.cli.main import main; sys.exit(main())"]
    with subprocess.Popen(
        [*command, "report", "--format", "json", str(log)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"[\n"
        process.stdout.close()
        assert process.wait(60) == GONE
        assert process.stderr.read() == b""


def test_a_terminal_that_speaks_little_gets_what_it_can(log):
    """What an encoding lacks is escaped."""
    log.write_bytes(line(record(end_user="emine é中")))
    done = run(log, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"emine \\xe9\\u4e2d" in done.stdout


@pytest.mark.parametrize(
    ("columns", "width"), [("40", 40), ("200", 200), ("1", 20), ("0", 120), ("wide", 120), (None, 120)]
)
def test_a_table_is_as_wide_as_its_terminal(columns, width, log):
    """Or as COLUMNS says, where it goes to none; and as wide as most are where neither says."""
    log.write_bytes(line(record(end_user="u" * 300)))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = run("--by", "user", log, env=environment | ({"COLUMNS": columns} if columns is not None else {}))
    lines = done.stdout.decode().splitlines()
    assert width - 1 <= max(map(len, lines)) <= width or width == 20


def test_a_terminal_says_how_wide_it_is(log, monkeypatch, capsys):
    """Unless COLUMNS does."""
    log.write_bytes(line(record(end_user="u" * 300)))
    monkeypatch.delenv("COLUMNS", raising=False)
    for columns, width in ((0, 120), (72, 72)):
        monkeypatch.setattr(sys.stdout, "fileno", lambda: 1)
        monkeypatch.setattr(os, "get_terminal_size", lambda _fd, found=columns: os.terminal_size((found, 24)))
        assert report(["--by", "user", str(log)]) == 0
        assert width - 1 <= max(map(len, capsys.readouterr().out.splitlines())) <= width


@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_what_is_for_programs_is_utf_8_wherever_it_goes(form, log, tmp_path):
    """Whatever the terminal speaks: as in a file that is written by name, and as a page says of itself."""
    log.write_bytes(line(record(end_user="emine é中 \ud800")))
    done = run("--format", form, log, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    assert ("emine é中" in done.stdout.decode()) is (form != "json")
    out = tmp_path / "out"
    assert run("--format", form, "--output", out, log).returncode == 0
    # A page says when it was made.
    assert out.read_bytes()[:200] == done.stdout[:200]
    assert form == "html" or out.read_bytes() == done.stdout


def test_an_interrupted_report_is_quiet(log, monkeypatch, capsys):
    """Ctrl-C while a long log is read is no error to explain."""

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "summarize", interrupted)
    assert report([str(log)]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("sizes", "terminal", "shown"),
    [
        ([1000], True, ["\rreading: 20 % \x1b[K", "\rreading: 60 % \x1b[K", "\r\x1b[K"]),
        ([0], True, ["\rreading: 0 MB \x1b[K", "\rreading: 0 MB \x1b[K", "\r\x1b[K"]),
        ([1000], False, []),
        ([1000], "dumb", []),
    ],
)
def test_progress_is_for_terminals_and_for_those_who_wait(sizes, terminal, shown, monkeypatch):
    """After a second, five times a second at most, and gone at the end; never in a pipe, nor where no line can be taken back."""
    written, clock = [], iter([0.0, 0.5, 1.5, 1.6, 1.8])

    class Terminal(io.StringIO):
        def isatty(self):
            return bool(terminal)

        def write(self, text):
            written.append(text)

    monkeypatch.setenv("TERM", "dumb" if terminal == "dumb" else "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    progress = Progress([Source("log", size) for size in sizes])
    for size in (100, 100, 200, 200):
        progress(size)
    progress.end()
    assert written == shown


def test_a_report_of_nothing_starts_at_once():
    """Nothing heavy is imported for it."""
    program = (
        "import sys; from panda_addon.cli.main import main; main(['report', '/dev/null']);"
        "print([name for name in ('mitmproxy', 'structlog', 'yaml', 'pydantic', 'zstandard', 'panda_addon.text')"
        "  if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "No calls.\n[]\n"


def test_a_page_is_written_for_those_who_ask_for_it(log, tmp_path):
    """It is whole, says what the table says, and is of the calls that are asked for."""
    out = tmp_path / "page.html"
    assert report(["--format", "html", "--output", str(out), "--where", "user=bob", "--by", "key", str(log)]) == 0
    text = out.read_text()
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")
    assert "Only calls with user=bob" in text
    assert "OpenAI spend: $2.00" in text
