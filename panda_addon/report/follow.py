"""A log while it grows: its last lines, and then what is added, through rotation, truncation and its absence.

Knows no clock: whoever wants to follow asks again, and pauses in between. A pause may be so long that a log is rotated
more than once in it.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator

from panda_addon.report.files import MAX_LINE, LogError, Source, pieces
from panda_addon.report.files import lines as lines_of
from panda_addon.report.rotated import beside, between

_BLOCK = 1 << 16
# So many bytes before the place that was read to tell whether a file is still the same.
_MARK = 64


class Follower:
    """Reads a file that others append to. `notice` gets a sentence when it is not the file it was."""

    def __init__(self, path: str, notice: Callable[[str], None]) -> None:
        self._path = path
        self._notice = notice
        self._fd: int | None = None
        self._place = 0
        self._mark = b""
        self._rest = b""
        self._endless = False
        self._beside = beside(path)
        # What the file was that was followed until it lost the path.
        self._left: os.stat_result | None = None

    def open(self) -> bool:
        """Open the file at its beginning; False if there is none. Raises OSError if there is and it cannot be read."""
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        self._restart()
        return True

    def latest(self, count: int, wanted: Callable[[bytes], bool]) -> list[bytes]:
        """The last so many lines that are wanted; what follows is then what comes behind all that is there now.

        Reads no more of the file than it needs. A last line that is not yet whole is left for what follows.
        """
        if self._fd is None:
            return []
        self._place = _line_end(self._fd, os.fstat(self._fd).st_size)
        self._remember()
        found: deque[bytes] = deque()
        if count:
            for line in _backwards(self._fd, self._place):
                if wanted(line):
                    found.appendleft(line)
                    if len(found) == count:
                        break
        return list(found)

    def lines(self) -> Iterator[bytes]:
        """The lines that have become whole since they were last asked for. Raises OSError."""
        if self._fd is not None:
            yield from self._added()
            if not self._moved():
                return
            # What was written to the old file until it was moved.
            yield from self._added()
            if self._rest:
                self._notice(f"the last line of the old {self._path} is torn: skipped")
            self._left = os.fstat(self._fd)
            self.close()
        if self.open():
            yield from self._missed()
            yield from self._added()

    @property
    def rest(self) -> bytes:
        """What stands behind the last newline so far."""
        return self._rest

    def close(self) -> None:
        """Let the file go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _missed(self) -> Iterator[bytes]:
        """The lines of the files that came between the one that was followed and the one that is."""
        assert self._fd is not None  # noqa: S101 for the type checker
        known, self._beside = self._beside, beside(self._path)
        if self._left is None:
            return
        files, sure = between(self._beside - known, self._left, os.fstat(self._fd))
        self._left = None
        for file in files:
            try:
                for line in lines_of(pieces(Source(file.path), self._notice, lambda _size: None)):
                    if line.endswith(b"\n") or len(line) >= MAX_LINE:
                        yield line.removesuffix(b"\n")
                    else:
                        self._notice(f"the last line of {file.path} is torn: skipped")
            except LogError as error:
                self._notice(str(error))
        doubt = "" if sure else "; the old one is not beside it, so records between the two may be missing"
        self._notice(f"{self._path} is a new file: following it{doubt}")

    def _added(self) -> Iterator[bytes]:
        assert self._fd is not None  # noqa: S101 for the type checker
        kept = os.pread(self._fd, len(self._mark), self._place - len(self._mark))
        if kept != self._mark:
            self._notice(f"{self._path} was cut: following it from its beginning")
            self._restart()
        while block := os.pread(self._fd, _BLOCK, self._place):
            self._place += len(block)
            self._mark = (self._mark + block)[-_MARK:]
            *whole, rest = (self._rest + block).split(b"\n")
            for line in whole:
                if not self._endless:
                    yield line
                self._endless = False
            if len(rest) > MAX_LINE:
                # Whoever wants to show it cannot; said once, it is skipped up to its end.
                yield rest
                self._endless, rest = True, b""
            self._rest = b"" if self._endless else rest

    def _moved(self) -> bool:
        """Whether another file has taken the path."""
        assert self._fd is not None  # noqa: S101 for the type checker
        try:
            there = os.stat(self._path)  # noqa: PTH116 five times a second
        except FileNotFoundError:
            # The old one may still be written to until there is a new one.
            return False
        ours = os.fstat(self._fd)
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)

    def _restart(self) -> None:
        self._place, self._mark, self._rest, self._endless = 0, b"", b"", False

    def _remember(self) -> None:
        assert self._fd is not None  # noqa: S101 for the type checker
        size = min(_MARK, self._place)
        self._mark = os.pread(self._fd, size, self._place - size)


def _line_end(fd: int, end: int) -> int:
    """The place behind the last newline before `end`."""
    while end > 0:
        start = max(0, end - _BLOCK)
        newline = os.pread(fd, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _backwards(fd: int, end: int) -> Iterator[bytes]:
    """The lines before `end`, which is behind a newline, the last one first."""
    if not end:
        return
    rest = b""
    end -= 1
    while end > 0:
        start = max(0, end - _BLOCK)
        rest, *whole = (os.pread(fd, end - start, start) + rest).split(b"\n")
        yield from reversed(whole)
        end = start
        if len(rest) > MAX_LINE:
            return
    yield rest
