import io
import os
import subprocess
import sys

import pytest

from panda_addon import __version__
from panda_addon.cli.main import USAGE, main
from panda_addon.cli.streams import GONE, OutputError, flush, heard, say, write
from tests.report.recording import line, record

COMMAND = [sys.executable, "-c", "import sys; from panda_addon.cli.main import main; sys.exit(main())"]
FULL = "standard output cannot be written: No space left on device"
CLOSED = "standard output cannot be written: Bad file descriptor"


@pytest.fixture
def log(tmp_path):
    """A log of one call."""
    path = tmp_path / "log"
    path.write_bytes(line(record()))
    return path


def run(arguments, *, stdout=subprocess.PIPE, stderr=subprocess.PIPE, closed=(), buffered=True, encoding="utf-8"):
    """A command whose standard streams are other than usual; those with the numbers in `closed` are not there."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment["PYTHONIOENCODING"] = encoding
    if not buffered:
        environment["PYTHONUNBUFFERED"] = "1"
    shut = "; ".join(f"exec {number}>&-" for number in closed)
    command = (
        ["sh", "-c", f'{shut}\nexec "$@"', "sh", *COMMAND, *map(str, arguments)] if closed else COMMAND + arguments
    )
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, check=False, timeout=60, env=environment
    )


def arguments(name, log):
    """The command line of a command that writes to standard output."""
    return {
        "help": ["--help"],
        "version": ["--version"],
        "report": ["report", str(log)],
        "report help": ["report", "--help"],
        "tail": ["tail", "--no-follow", str(log)],
        "check": ["check", str(log)],
    }[name]


COMMANDS = ("help", "version", "report", "report help", "tail", "check")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_device_is_one_line_and_a_failure(name, log):
    """It is said what could not be done and why, and nothing else."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 a device
        done = run(arguments(name, log), stdout=full)
    assert (done.returncode, done.stderr.decode()) == (1, f"panda: {FULL}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_output_is_one_line_and_a_failure(name, log):
    """What was asked for could not be given, and no file that is read takes its place."""
    done = run(arguments(name, log), closed=(1,))
    assert (done.returncode, done.stderr.decode()) == (1, f"panda: {CLOSED}\n")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("buffered", [True, False])
def test_a_reader_that_has_left_is_a_quiet_end(name, buffered, log):
    """The status is that of a command that SIGPIPE ended; argparse alone tells nobody if nothing is buffered."""
    reading, writing = os.pipe()
    os.close(reading)
    done = run(arguments(name, log), stdout=writing, buffered=buffered)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == GONE or (name == "report help" and not buffered)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("closed", [(0,), (2,), (0, 2)])
def test_what_is_not_needed_may_be_closed(name, closed, log):
    """The output and the status are as ever."""
    usual, found = run(arguments(name, log)), run(arguments(name, log), closed=closed)
    assert (found.returncode, found.stdout) == (usual.returncode, usual.stdout)
    assert usual.stdout


@pytest.mark.parametrize("gone", ["full", "closed", "left"])
def test_a_standard_error_that_cannot_be_written_stops_nothing(gone, log):
    """A warning has nobody to go to; the report is the same."""
    log.write_bytes(log.read_bytes() + b'{"torn')
    usual = run(["report", str(log)])
    assert b"torn" in usual.stderr
    reading, writing = os.pipe()
    os.close(reading)
    with open("/dev/full", "wb") as full:  # noqa: PTH123 a device
        where = {"full": full, "left": writing}.get(gone, subprocess.PIPE)
        found = run(["report", str(log)], stderr=where, closed=(2,) if gone == "closed" else ())
    os.close(writing)
    assert (found.returncode, found.stdout) == (0, usual.stdout)


def test_with_all_streams_closed_a_file_is_still_written_and_read(log, tmp_path):
    """No file takes a standard stream's number: what goes to those goes nowhere, and never into the file."""
    out = tmp_path / "out.csv"
    log.write_bytes(log.read_bytes() + b'{"torn')
    done = run(["report", "--format", "csv", "--output", str(out), str(log)], closed=(0, 1, 2))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert out.read_bytes().startswith(b"user,model,calls,")
    assert b"torn" not in out.read_bytes()


def test_a_closed_input_is_no_log():
    """It is named as people name it."""
    for command in (["report", "-"], ["tail", "--no-follow", "-"]):
        done = run(command, closed=(0,))
        assert done.returncode == 1
        assert done.stderr.decode() == f"panda {command[0]}: standard input cannot be read: Bad file descriptor\n"


def test_a_file_that_cannot_be_written_is_named(log):
    """A report goes to a full device by --output as well."""
    done = run(["report", "--output", "/dev/full", str(log)])
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"panda report: /dev/full cannot be written: No space left on device\n"


def test_what_is_written_is_written(capsys):
    """In order, and each to its stream."""
    write(USAGE)
    say("aside\n")
    flush()
    assert capsys.readouterr() == (USAGE, "aside\n")


def test_an_error_is_told_by_its_words():
    """Whoever has left is told apart from what went wrong."""
    assert (str(OutputError(OSError(28, "No space"))), OutputError(OSError(28, "No space")).gone) == ("No space", False)
    assert OutputError(BrokenPipeError(32, "Broken pipe")).gone


@pytest.mark.parametrize(
    ("encoding", "sign", "name"),
    [("ascii", b"x", b"\\xe9\\u4e2d"), ("latin-1", b"\xd7", b"\xe9\\u4e2d"), ("utf-8", "×".encode(), "é中".encode())],  # noqa: RUF001
)
def test_an_output_of_few_letters_gets_what_it_can_show(encoding, sign, name, log):
    """Lines, arrows and the mark of what is cut off have a stand-in of their width; names are escaped."""
    found = {"check": "phrases", "list": "profanity"}
    log.write_bytes(line(record(end_user="é中", request__model="m" * 50, findings=[found, found])))
    done = run(["tail", "--no-follow", str(log)], encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"profanity " + sign + b"2" in done.stdout
    assert b" " + name + b" " in done.stdout
    assert (b"30>70" in done.stdout) is (encoding != "utf-8")
    assert (b"m" * 39 + b"~ " in done.stdout) is (encoding != "utf-8")
    table = run(["report", str(log)], encoding=encoding)
    assert (table.returncode, table.stderr) == (0, b"")
    assert (b"\n-----" in table.stdout) is (encoding != "utf-8")


def test_an_output_that_is_no_file_is_left_as_it_is(monkeypatch):
    """A program that calls a command may take what it writes in its own way, and has no reader that could leave."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["--version"]) == 0
    heard()
    assert out.getvalue() == f"panda {__version__}\n"
