"""The log file: one JSON object a line, appended whole, flushed with each record, never rewritten.

structlog renders, this file writes. What cannot be written is kept, to the last byte, and goes first when writing works
again; so a full disk costs no record as long as the process lives and the backlog has room.
"""

import errno
import fcntl
import os
import sys
from pathlib import Path
from typing import Any

import structlog

from panda_addon.audit.record import SCHEMA

# Some ten thousand records. Beyond it records are counted instead of kept.
MAX_BACKLOG = 16 << 20

_CLOSED = -1


class AuditLog:
    """An append-only log of JSON lines; `-` is standard output. Opening it raises OSError."""

    def __init__(self, path: str) -> None:
        self.path = path if path == "-" else str(Path(path).expanduser())
        self._fd = _standard_output() if path == "-" else _open(self.path)
        # A process that was killed can leave half a line, which must not swallow the first of ours.
        self._backlog = bytearray(b"\n" if _ends_torn(self.path) else b"")
        self._torn = False
        self._lost = 0
        self._log = structlog.wrap_logger(
            _Lines(self), processors=[_first_members, structlog.processors.JSONRenderer()], wrapper_class=_Recorder
        )

    def write(self, event: str, members: dict[str, Any]) -> bool:
        """Append one record, behind any that wait. False if it had to be kept back, or was lost for want of room."""
        if self.waiting:
            # What can be written by now makes room.
            self.flush()
        lost = self._lost
        self._log.record(event, members)
        kept = self._lost == lost
        return self.flush() and kept

    def flush(self) -> bool:
        """Write what is waiting; True if nothing is left to write and writing works."""
        if self._lost and not self._backlog:
            lost, self._lost = self._lost, 0
            self._log.record("records_lost", {"count": lost})
        try:
            if not self._torn or self._fd == _CLOSED:
                self._follow()
            while self._backlog:
                written = os.write(self._fd, self._backlog)
                self._torn = self._backlog[written - 1 : written] != b"\n"
                del self._backlog[:written]
        except OSError:
            return False
        return not self._lost or self.flush()

    @property
    def waiting(self) -> bool:
        """Whether a record could not be written yet."""
        return bool(self._backlog)

    def append(self, line: str) -> None:
        """Put one rendered record behind those that wait."""
        data = line.encode() + b"\n"
        if self._backlog and len(self._backlog) + len(data) > MAX_BACKLOG:
            self._lost += 1
        else:
            self._backlog += data

    def close(self) -> None:
        """Write what can be written and let the file go. A record that comes later opens it anew."""
        self.flush()
        if self.path != "-" and self._fd != _CLOSED:
            os.close(self._fd)
            # The number may be another file's by the time a late record comes.
            self._fd = _CLOSED

    def _follow(self) -> None:
        """Open the path anew if the file behind it was moved away or removed, as log rotation does."""
        if self.path == "-":
            return
        if self._fd == _CLOSED:
            self._fd = _open(self.path)
            return
        ours = os.fstat(self._fd)
        try:
            there = os.stat(self.path)  # noqa: PTH116 a third of the time of Path.stat
            same = (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
        except FileNotFoundError:
            same = False
        if not same:
            fd = _open(self.path)
            os.close(self._fd)
            self._fd = fd


class _Lines:
    """What structlog hands rendered lines to."""

    def __init__(self, log: AuditLog) -> None:
        self.record = log.append


class _Recorder(structlog.BoundLoggerBase):
    """A structlog logger whose one method is to record."""

    def record(self, event: str, members: dict[str, Any]) -> None:
        self._proxy_to_logger("record", event, **members)


def _first_members(_logger: object, _method: str, members: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What a reader looks at first goes first."""
    return {"schema": SCHEMA, "event": members.pop("event"), **members}


def _open(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _standard_output() -> int:
    fd = sys.stdout.fileno()
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "standard output is closed")
    return fd


def _ends_torn(path: str) -> bool:
    if path == "-" or not Path(path).is_file():
        return False
    try:
        with Path(path).open("rb") as log:
            log.seek(-1, os.SEEK_END)
            return log.read(1) != b"\n"
    except OSError:
        # It is empty, or not ours to read.
        return False
