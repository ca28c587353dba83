"""The standard streams as a command finds them: any may be closed, its reader gone, or its device full."""

import os
import sys
from contextlib import suppress
from typing import TextIO

# As a shell reports a command that SIGPIPE ended, and as git ends.
GONE = 141


class OutputError(Exception):
    """Standard output cannot be written; its text says why. With `gone` whoever read it has seen enough."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.gone = isinstance(error, BrokenPipeError)


def prepare() -> None:
    """Give a closed stream something to stand on.

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
