"""The standard streams as a command finds them: any may be closed, its reader gone, its device full, its letters few."""

import codecs
import io
import os
import select
import sys
from contextlib import suppress
from io import UnsupportedOperation
from typing import TextIO

# As a shell reports a command that SIGPIPE ended, and as git ends.
GONE = 141

# What stands in a table or a line for a sign that an encoding lacks, as wide as that.
_STAND_INS = {"─": "-", "…": "~", "→": ">", "×": "x"}  # noqa: RUF001 the signs are meant


class OutputError(Exception):
    """Standard output cannot be written; its text says why. With `gone` whoever read it has seen enough."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.gone = isinstance(error, BrokenPipeError)


def prepare() -> None:
    """Give a closed stream something to stand on, and standard output an answer to letters that it cannot show.

    No file that is opened later may take a standard stream's number. To write to a standard output that was closed
    fails; to a standard error that was closed, it does nothing.
    """
    # Standard output is opened for reading only, so that writing fails.
    for number, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free.
            os.set_inheritable(os.open(os.devnull, flags), True)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        codecs.register_error("panda", _instead)
        sys.stdout.reconfigure(errors="panda")


def write(text: str) -> None:
    """Write to standard output, when there is enough to write. Raises OutputError."""
    try:
        sys.stdout.write(text)
    except OSError as error:
        _forget(sys.stdout)
        raise OutputError(error) from error


def flush() -> None:
    """Write what still waits for more. Raises OutputError."""
    # Not all that writes to standard error does so by `say`.
    say("")
    try:
        sys.stdout.flush()
    except OSError as error:
        _forget(sys.stdout)
        raise OutputError(error) from error


def heard() -> None:
    """Look whether standard output still has a reader, without writing. Raises OutputError if it has none."""
    poll = select.poll()
    with suppress(UnsupportedOperation):
        poll.register(sys.stdout.fileno(), 0)
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        _forget(sys.stdout)
        raise OutputError(BrokenPipeError())


def say(text: str) -> None:
    """Write to standard error, at once, if that can be written: there is nobody to tell otherwise."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)


def _forget(stream: TextIO) -> None:
    """Let what waits in a stream go nowhere: Python would try again at the end, and complain."""
    with suppress(OSError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _instead(error: UnicodeError) -> tuple[str, int]:
    """What stands for letters that an encoding lacks, and where to go on, as an encoder asks for it."""
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 for the type checker
    lacking = error.object[error.start : error.end]
    escaped = (_STAND_INS.get(char) or char.encode("ascii", "backslashreplace").decode() for char in lacking)
    return "".join(escaped), error.end
