"""What undoes one content coding each, piece by piece.

How many are applied, and how much may come of them, is for `encodings` to say. Each raises the errors of the library
behind it, which `ERRORS` names.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

_STEP = 1 << 16

# A zstd block is at least three bytes and at most 128 kB of output, so this much input is some 11 MB of output at most.
_SLICE = 256

# Data may be packed in parts (RFC 1952, 2.2; RFC 8878, 3.1) that are unpacked one behind the other. Each costs a new
# start, and an empty one is a few bytes: there is no honest use for this many.
MAX_PARTS = 1000

_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
# The most that the head of a frame takes (RFC 8878, section 3.1.1.1).
_ZSTD_HEAD = 18
# What data in a format begins with that no text begins with.
MAGIC = (b"\x1f\x8b", _ZSTD_FRAME)

ERRORS = (zlib.error, brotli.error, zstandard.ZstdError)


class Codec(Protocol):
    """What undoes a coding."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing if this is the end."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for, in pieces that are not large."""


class Gzip:
    """Members of the gzip format, one behind the other."""

    def __init__(self) -> None:
        self._member: _Inflater | None = None
        self._begun = 0

    @property
    def whole(self) -> bool:
        """Whether a member has ended and no other begun."""
        return self._begun > 0 and self._member is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for."""
        for piece in _slices(data, _STEP):
            rest = piece
            while rest:
                if self._member is None:
                    self._begun = _another(self._begun)
                    self._member = _Inflater(16 + zlib.MAX_WBITS)
                yield from self._member.feed(rest)
                rest = self._member.behind
                if self._member.whole:
                    self._member = None


class Deflate:
    """The zlib format, which RFC 9110 means by the name; some senders leave its head and its checksum out."""

    def __init__(self) -> None:
        self._head = b""
        self._inner: _Inflater | None = None

    @property
    def whole(self) -> bool:
        """Whether its end has come."""
        return self._inner is not None and self._inner.whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for."""
        if self._inner is None:
            data = self._head = self._head + data
            window = _window(data)
            if window is None:
                return
            self._inner = _Inflater(window)
        for piece in _slices(data, _STEP):
            if self.whole:
                raise zlib.error("data behind the end")
            yield from self._inner.feed(piece)
        if self._inner.behind:
            raise zlib.error("data behind the end")


class Brotli:
    """A brotli stream."""

    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    @property
    def whole(self) -> bool:
        """Whether its end has come."""
        return self._decoder.is_finished()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for."""
        for rest in _slices(data, _STEP):
            if self.whole:
                raise brotli.error("data behind the end")
            piece = self._decoder.process(rest, output_buffer_limit=_STEP)
            # `can_accept_more_data` says yes while there is output left: only an empty piece tells.
            while piece:
                yield piece
                piece = self._decoder.process(b"", output_buffer_limit=_STEP)


class Zstd:
    """Frames of zstd, one behind the other. Frames to be skipped are none: who skips what is not for sure."""

    def __init__(self) -> None:
        # A frame may ask for a window of gigabytes; RFC 9659 lets a content coding use 8 MB.
        self._decoder = zstandard.ZstdDecompressor(max_window_size=1 << 23)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._head = b""
        # The head of the frame, and how much it stood for so far.
        self._first = b""
        self._size = 0
        self._begun = 0

    @property
    def whole(self) -> bool:
        """Whether a frame has ended and no other begun."""
        return self._begun > 0 and self._frame is None and not self._head

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for."""
        for piece in _slices(data, _SLICE):
            rest = piece
            while rest:
                if self._frame is None:
                    self._head += rest
                    if not self._head.startswith(_ZSTD_FRAME):
                        break
                    rest, self._head = self._head, b""
                    self._begun = _another(self._begun)
                    self._frame = self._decoder.decompressobj()
                    self._first, self._size = b"", 0
                plain = self._frame.decompress(rest)
                yield plain
                self._size += len(plain)
                self._first += rest[: _ZSTD_HEAD - len(self._first)]
                rest = self._frame.unused_data
                if self._frame.eof:
                    self._check()
                    self._frame = None
            if not _ZSTD_FRAME.startswith(self._head):
                raise zstandard.ZstdError("no frame")

    def _check(self) -> None:
        """Whether a frame has as many bytes as it said: the library only looks if all of it comes at once."""
        said = zstandard.get_frame_parameters(self._first).content_size
        if said not in (zstandard.CONTENTSIZE_UNKNOWN, self._size):
            raise zstandard.ZstdError("another size")


def has_zlib_head(data: bytes) -> bool:
    """Whether data begins as the zlib format does; so do some words."""
    return len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


class _Inflater:
    """Deflate data in one of its wrappings."""

    def __init__(self, window: int) -> None:
        self._inflater = zlib.decompressobj(window)

    @property
    def whole(self) -> bool:
        return self._inflater.eof

    @property
    def behind(self) -> bytes:
        """What came behind its end."""
        return self._inflater.unused_data

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = True
        while more:
            piece = self._inflater.decompress(data, _STEP)
            data = self._inflater.unconsumed_tail
            yield piece
            more = not self.whole and (bool(data) or len(piece) == _STEP)


def _slices(data: bytes, size: int) -> Iterator[bytes]:
    """Data in pieces, for what is left over of one is copied at every step."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _another(begun: int) -> int:
    if begun == MAX_PARTS:
        raise zlib.error("too many parts")
    return begun + 1


def _window(head: bytes) -> int | None:
    """The wrapping that deflate data has, by its first bytes; None while they are too few to tell."""
    if len(head) < 2:
        return None
    if not has_zlib_head(head):
        return -zlib.MAX_WBITS
    if len(head) < 5:
        return None
    # Without a wrapping these bits begin a stored block, whose length is there twice: then it could be either.
    if head[1] ^ head[3] == head[2] ^ head[4] == 0xFF:
        raise zlib.error("with a wrapping or without")
    return zlib.MAX_WBITS
