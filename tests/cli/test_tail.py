import gzip
import io
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from panda_addon.cli import tail as module
from panda_addon.cli.streams import GONE
from panda_addon.cli.tail import tail
from tests.report.recording import NOON, line, record

COMMAND = [sys.executable, "-c", "import sys; from panda_addon.cli.main import main; sys.exit(main())", "tail"]


class Running:
    """`panda tail` in a process of its own, and its lines as they come."""

    def __init__(self, process):
        self.process = process
        self._selector = selectors.DefaultSelector()
        self._selector.register(process.stdout, selectors.EVENT_READ)
        self._rest = b""

    def next(self, name):
        """The next line, which must be that of a user's call; fails if none comes in a minute."""
        end = time.monotonic() + 60
        while b"\n" not in self._rest:
            assert time.monotonic() < end, f"no line of {name}"
            if self._selector.select(1):
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                assert data, f"ended before {name}: {self.process.stderr.read()}"
                self._rest += data
        found, _, self._rest = self._rest.partition(b"\n")
        assert f" {name} ".encode() in found
        return found


@contextmanager
def running(*arguments, **options):
    """Start it, and end it whatever happens."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def append(path, *names, end=b""):
    """Calls of some users, written as the proxy writes them."""
    with path.open("ab") as log:
        log.write(b"".join(line(record(end_user=name)) for name in names) + end)


def users(out):
    """The users of the lines."""
    return [row.split()[6] for row in out.splitlines()]


@pytest.fixture
def log(tmp_path):
    """A log of twelve calls."""
    path = tmp_path / "log"
    append(path, *(f"u{number}" for number in range(12)))
    return path


def test_the_log_is_followed_through_all_that_happens_to_it(tmp_path):
    """It may not be there yet, be written in parts, be moved away, and be cut; every call is shown once, in order."""
    path = tmp_path / "log"
    with running(path) as tailing:
        assert b"is not there yet: waiting" in tailing.process.stderr.readline()
        append(path, "first", "second")
        tailing.next("first")
        tailing.next("second")
        torn = line(record(end_user="third"))
        append(path, end=torn[:100])
        append(path, end=torn[100:])
        tailing.next("third")
        path.rename(tmp_path / "log.1")
        append(tmp_path / "log.1", "fourth")
        append(path, "fifth")
        tailing.next("fourth")
        tailing.next("fifth")
        assert b"is a new file: following it" in tailing.process.stderr.readline()
        path.write_bytes(b"")
        assert b"was cut: following it from its beginning" in tailing.process.stderr.readline()
        append(path, "sixth")
        tailing.next("sixth")
        tailing.process.send_signal(signal.SIGINT)
        assert tailing.process.wait(60) == 130
        assert tailing.process.stderr.read() == b""


def test_standard_input_is_shown_as_it_comes():
    """A line is shown when it is whole, not when the pipe ends."""
    with running("-", stdin=subprocess.PIPE) as tailing:
        for name in ("first", "second"):
            tailing.process.stdin.write(line(record(end_user=name)))
            tailing.process.stdin.flush()
            tailing.next(name)
        tailing.process.stdin.close()
        assert tailing.process.wait(60) == 0


def test_a_reader_that_has_seen_enough_is_no_error(log):
    """When what reads the lines is gone it ends, quietly, and does not wait for a next line."""
    with running("-n", "1", log) as tailing:
        tailing.next("u11")
        tailing.process.stdout.close()
        assert tailing.process.wait(60) == GONE
        assert tailing.process.stderr.read() == b""


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ([], range(2, 12)),
        (["-n", "3"], range(9, 12)),
        (["-n", "0"], []),
        (["-n", "99"], range(12)),
        (["--where", "user=u1*"], [1, 10, 11]),
        (["--where", "user=u1*", "-n", "2"], [10, 11]),
        (["--where", "user!=u1*", "--where", "decision=allow", "-n", "2"], [8, 9]),
        (["--since", "2026-11-20"], range(12)),
        (["--since", "2026-11-20", "-n", "1"], [11]),
        (["--since", "2026-11-21"], []),
        (["--until", "2026-11-21"], range(2, 12)),
        (["--until", "2026-11-21", "-n", "1"], [11]),
        (["--until", "2026-11-20"], []),
        (["--since", "2026-11-20T11:00", "--until", "2026-11-20T12:00:00.000001"], range(12)),
        (["--since", "2026-11-20T11:00", "--until", "2026-11-20T12:00"], []),
    ],
)
@pytest.mark.parametrize("how", ["plain", "packed", "input"])
def test_the_last_lines_that_are_asked_for(how, arguments, shown, log, capsys, monkeypatch):
    """Ten, or as many as are asked for, of those that are wanted; with a time all since then."""
    path = str(log)
    if how == "packed":
        log.write_bytes(gzip.compress(log.read_bytes()))
    with log.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert tail(["--no-follow", *arguments, "-" if how == "input" else path]) == 0
    assert users(capsys.readouterr().out) == [f"u{number}" for number in shown]


def test_a_pipe_by_name_is_shown_as_it_comes(tmp_path):
    """What is neither a file nor standard input can be read but once."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with running("--no-follow", path) as tailing:
        append(path, "first")
        tailing.next("first")
        assert tailing.process.wait(60) == 0


def test_other_events_are_shown(log, capsys):
    """A reload is shown among the calls, and what is no record; with a condition only what was lost is, besides calls."""
    more = [{"event": "policy_reloaded", "time": "2026-11-20T13:00:00.000000Z"}, {"event": "records_lost", "count": 3}]
    append(log, end=b"".join(json.dumps(event).encode() + b"\n" for event in more) + b"what\n\n")
    assert tail(["--no-follow", "-n", "3", str(log)]) == 0
    assert tail(["--no-follow", "-n", "2", "--where", "user=u11", str(log)]) == 0
    assert tail(["--no-follow", "--since", "2026-11-21", str(log)]) == 0
    found = capsys.readouterr().out.splitlines()
    for row, words in zip(
        found,
        ("policy reloaded", "3 records lost", "no record", " u11 ", "3 records lost", "3 records lost"),
        strict=True,
    ):
        assert words in row


def test_a_torn_last_line_is_no_line(log, capsys):
    """Unless it lacks nothing but its newline."""
    append(log, "u12", end=b'{"torn')
    assert tail(["--no-follow", "-n", "1", str(log)]) == 0
    log.write_bytes(log.read_bytes()[: -len(b'\n{"torn')])
    assert tail(["--no-follow", "-n", "1", str(log)]) == 0
    assert users(capsys.readouterr().out) == ["u12", "u11", "u12"]


@pytest.mark.parametrize(
    ("arguments", "environment", "terminal", "coloured"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"NO_COLOR": ""}, True, True),
        ([], {"TERM": "dumb"}, True, False),
        (["--color", "always"], {"NO_COLOR": "1"}, False, True),
        (["--color", "never"], {}, True, False),
    ],
)
def test_colours_are_for_terminals(arguments, environment, terminal, coloured, log, monkeypatch):
    """Unless told otherwise, by an option before the environment."""

    class Out(io.StringIO):
        def isatty(self):
            return terminal

    out = Out()
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", out)
    assert tail(["--no-follow", *arguments, str(log)]) == 0
    assert ("\x1b[32mallow" in out.getvalue()) is coloured


@pytest.mark.parametrize(
    ("arguments", "status", "fault"),
    [
        ([], 2, "the following arguments are required: LOG"),
        (["-n", "-1", "x"], 2, "-n must not be negative"),
        (["--where", "usr=a", "x"], 2, "did you mean user?"),
        (["--since", "noon", "x"], 2, "'noon' is no time"),
        (["--since", "", "x"], 2, "'' is no time"),
        (["--until", "noon", "x"], 2, "'noon' is no time"),
        (["--since", "today", "--until", "yesterday", "x"], 2, "--since must be before --until"),
        (["--until", "yesterday", "/no/such"], 1, "/no/such cannot be read: No such file or directory"),
        ([""], 1, "a LOG is an empty word: it names no file"),
        (["--no-follow", "/no/such\x1bfile"], 1, "/no/such\\x1bfile cannot be read: No such file or directory"),
        (["."], 1, ". is a folder"),
    ],
)
def test_what_cannot_be_shown_says_why(arguments, status, fault, capsys):
    """A wrong call is 2, a log that cannot be read 1."""
    assert tail(arguments) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert fault in err


def test_an_error_while_following_ends_it(log, capsys, monkeypatch):
    """A log that may no longer be read is said, not waited for."""

    def denied(_path, _notice):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "Follower", denied)
    assert tail([str(log)]) == 1
    assert "log cannot be read: Permission denied" in capsys.readouterr().err


def test_it_looks_again_until_it_is_told_to_stop(log, capsys, monkeypatch):
    """Between two looks it pauses."""
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        append(log, f"more{len(pauses)}")
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.time, "sleep", pause)
    assert tail(["-n", "1", str(log)]) == 130
    assert users(capsys.readouterr().out) == ["u11", "more1", "more2"]
    assert pauses == [module._PAUSE] * 3


def call(name, at):
    """A call that began so many seconds after noon, as a line."""
    return line(record(NOON + at, end_user=name))


def test_a_time_that_has_passed_is_the_end(tmp_path, capsys):
    """What is there is shown, whatever stands between, and nothing is waited for; other events belong to their time."""
    path = tmp_path / "log"
    reload = {"schema": 1, "event": "policy_reloaded", "time": "2026-11-20T12:01:00.000000Z"}
    path.write_bytes(call("a", 0) + call("late", 60) + call("b", 59) + json.dumps(reload).encode() + b"\nwhat\n")
    assert tail(["--until", "2026-11-20T12:01", str(path)]) == 0
    assert users(capsys.readouterr().out) == ["a", "b"]


def test_a_time_to_come_ends_it_when_it_comes(tmp_path, capsys, monkeypatch):
    """With the first record of a call that began then; what came with it is shown as far as it is wanted."""
    path = tmp_path / "log"
    path.write_bytes(call("a", 0))
    later = datetime(2100, 1, 1, tzinfo=UTC).timestamp() - NOON
    news = iter([call("b", 60), call("late", later) + call("c", later - 1), call("never", 0)])

    def pause(_seconds):
        with path.open("ab") as log:
            log.write(next(news))

    monkeypatch.setattr(module.time, "sleep", pause)
    assert tail(["--until", "2100-01-01", str(path)]) == 0
    assert users(capsys.readouterr().out) == ["a", "b", "c"]


@pytest.mark.parametrize(("arguments", "shown"), [([], ["a"]), (["--no-follow"], ["a", "b"])])
def test_standard_input_ends_with_what_is_too_late(arguments, shown, tmp_path, capsys, monkeypatch):
    """Whoever writes it may never end; one that does can be read on."""
    path = tmp_path / "log"
    path.write_bytes(call("a", 0) + call("late", 60) + call("b", 59))
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert tail([*arguments, "--until", "2026-11-20T12:01", "-"]) == 0
    assert users(capsys.readouterr().out) == shown


def test_times_are_utc_and_say_so(tmp_path, capsys):
    """The day, the second, and Z."""
    path = tmp_path / "log"
    path.write_bytes(line(record(NOON)))
    assert tail(["--no-follow", str(path)]) == 0
    assert capsys.readouterr().out.startswith("11-20 12:00:00Z  allow ")
