"""Log files as lines: where they are, whether they are packed, and how far they can be read.

What packs a file is told by its first bytes, never by its name. Knows nothing of what a line says.
"""

import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

_CHUNK = 1 << 20
# Few bytes can stand for very many: in zstd four for 128 kB. So much at a time keeps a line of zeros out of memory.
_SLICE = 4096

# No record is as long: it lists at most a hundred findings, and cuts the names that a caller chose.
MAX_LINE = 1 << 22

STDIN = "-"


class LogError(Exception):
    """A log that cannot be read at all; its text says which and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log to read, `-` being standard input. `size` is in bytes, 0 where it has none."""

    path: str
    size: int = 0

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return "standard input" if self.path == STDIN else self.path


class _Unpacker(Protocol):
    """What the decompressors of zlib, bz2, lzma and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def locate(paths: list[str], warn: Callable[[str], None]) -> list[Source]:
    """The logs behind some paths, each file once. Raises LogError for one that is missing or a folder."""
    found: dict[object, Source] = {}
    for path in paths:
        if path == STDIN:
            identity: object = STDIN
            source = Source(STDIN)
        else:
            state = _state(path)
            identity = (state.st_dev, state.st_ino)
            source = Source(path, state.st_size)
        if identity in found:
            warn(f"{path} is the same file as {found[identity].path}: read once")
        else:
            found[identity] = source
    return list(found.values())


def opened(source: Source) -> IO[bytes]:
    """A log as a stream of the bytes that are there. Raises LogError."""
    if source.path == STDIN:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    try:
        return Path(source.path).open("rb", buffering=0)
    except OSError as error:
        raise LogError(f"{source.path} cannot be read: {error.strerror}") from error


def pieces(
    source: Source, warn: Callable[[str], None], progress: Callable[[int], None], size: int = _CHUNK
) -> Iterator[bytes]:
    """What a log holds, unpacked, in pieces of no certain length. `progress` gets the number of each chunk's bytes.

    So many bytes of the file are read at a time.
    A file that is cut off or damaged is given as far as it goes, with a warning. Raises LogError if reading fails.
    """
    with opened(source) as stream:
        chunks = _chunks(stream, source, progress, size)
        # A pipe may bring less at a time than tells one kind of file from another.
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= 6:
                break
        start = packing(head)
        if start is None:
            yield head
            yield from chunks
        else:
            yield from _unpacked(
                head, chunks, start, lambda what: warn(f"{source.name} {what}: read as far as it goes")
            )


def lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a text that comes in pieces, each with its newline; the last may have none.

    Of a line that is longer than any record's a part is given, without its newline.
    """
    rest = b""
    long = False
    for part in parts:
        first, newline, behind = part.partition(b"\n")
        rest += first
        if len(rest) > MAX_LINE:
            rest, long = rest[:MAX_LINE], True
        if not newline:
            continue
        yield rest if long else rest + b"\n"
        long = False
        whole = behind.splitlines(keepends=True) if b"\r" not in behind else _split(behind)
        rest = whole.pop() if whole and not whole[-1].endswith(b"\n") else b""
        yield from whole
    if rest:
        yield rest


def packing(head: bytes) -> Callable[[], _Unpacker] | None:
    """What unpacks a file that begins so; None for plain text."""
    if head.startswith(b"\x1f\x8b"):
        return lambda: zlib.decompressobj(16 + zlib.MAX_WBITS)
    if head.startswith(b"BZh"):
        import bz2  # noqa: PLC0415 most logs are plain, and a report should start at once

        return bz2.BZ2Decompressor
    if head.startswith(b"\xfd7zXZ\x00"):
        import lzma  # noqa: PLC0415

        return lzma.LZMADecompressor
    # A frame, or one of those that are to be skipped (RFC 8878, section 3.1.2), which some tools put first.
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F):
        import zstandard  # noqa: PLC0415

        return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj
    return None


def _state(path: str) -> os.stat_result:
    if not path:
        raise LogError("a LOG is an empty word: it names no file")
    try:
        state = Path(path).stat()
    except (OSError, ValueError) as error:
        raise LogError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISDIR(state.st_mode):
        raise LogError(f"{path} is a folder: name the files in it")
    return state


def _chunks(stream: IO[bytes], source: Source, progress: Callable[[int], None], size: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = stream.read(size)
        except OSError as error:
            raise LogError(f"{source.name} cannot be read: {error.strerror}") from error
        if not chunk:
            return
        progress(len(chunk))
        yield chunk


def _unpacked(
    head: bytes, chunks: Iterator[bytes], start: Callable[[], _Unpacker], warn: Callable[[str], None]
) -> Iterator[bytes]:
    """The parts of a packed file, one behind the other."""
    unpacker: _Unpacker | None = None
    chunk: bytes | None = head
    while chunk is not None:
        for place in range(0, len(chunk), _SLICE):
            rest = chunk[place : place + _SLICE]
            while rest:
                if unpacker is None:
                    # Some tools fill the last block with zeros.
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    unpacker = start()
                try:
                    yield unpacker.decompress(rest)
                except Exception:  # noqa: BLE001 each library has its own, and none is worth its import here
                    warn("is damaged")
                    return
                rest = unpacker.unused_data if unpacker.eof else b""
                unpacker = None if unpacker.eof else unpacker
        chunk = next(chunks, None)
    if unpacker is not None:
        warn("is cut off")


def _split(text: bytes) -> list[bytes]:
    r"""Lines that end at `\n` alone."""
    whole = [line + b"\n" for line in text.split(b"\n")]
    whole[-1] = whole[-1][:-1]
    return whole if whole[-1] else whole[:-1]
