"""Content encodings: undoing one, piece by piece and within a bound.

mitmproxy decodes without a limit (six kilobytes of zstd became 200 MB), so its decoders are not used.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

from panda_addon.wire.errors import TOO_LARGE, WireError

_STEP = 1 << 16

# A zstd block is at least three bytes and at most 128 kB of output, so this much input is some 11 MB of output at most.
_SLICE = 256


class _Codec(Protocol):
    """What undoes a coding."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing if this is the end."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes stand for, in pieces that are not large."""


class Decoder:
    """Undoes one content coding of a body that comes in pieces, of which it gives out at most `limit` bytes.

    Raises WireError when it is made for a coding this does not know, or more than one coding.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = coding.strip().lower()
        make = _CODECS.get(self._coding)
        if make is None:
            raise WireError("the content-encoding is not one of gzip, deflate, br, zstd, alone")
        self._codec = make()
        self._limit = limit
        self._left = limit

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` stands for. Raises WireError if it does not decode, or into too much."""
        try:
            for piece in self._codec.feed(data):
                self._left -= len(piece)
                if self._left < 0:
                    raise WireError(f"the body is larger than {self._limit} bytes", TOO_LARGE)
                yield piece
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise WireError(f"the body does not decode as {self._coding}") from error

    def finish(self) -> None:
        """Nothing more will come. Raises WireError if something is missing."""
        if not self._codec.whole:
            raise WireError(f"the body does not decode as {self._coding}")


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """`body` without its content coding, at most `limit` bytes of it.

    Raises WireError for a coding this does not know, more than one coding, data that does not decode to its end, data
    behind that end, and anything larger than `limit`.
    """
    decoder = Decoder(coding, limit)
    plain = b"".join(decoder.feed(body))
    decoder.finish()
    return plain


class _Identity:
    whole = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    whole = False

    def __init__(self, window: int = 16 + zlib.MAX_WBITS) -> None:
        self._inflater = zlib.decompressobj(window)

    def feed(self, data: bytes) -> Iterator[bytes]:
        # In slices, for what is left over is copied at every step.
        for start in range(0, len(data), _STEP):
            if self.whole:
                raise zlib.error("data behind the end")
            rest = data[start : start + _STEP]
            more = True
            while more:
                piece = self._inflater.decompress(rest, _STEP)
                rest = self._inflater.unconsumed_tail
                yield piece
                more = not self._inflater.eof and (bool(rest) or len(piece) == _STEP)
            self.whole = self._inflater.eof
            if self._inflater.unused_data:
                raise zlib.error("data behind the end")


class _Deflate:
    def __init__(self) -> None:
        self._head = b""
        self._inner: _Gzip | None = None

    @property
    def whole(self) -> bool:
        return self._inner is not None and self._inner.whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None:
            # RFC 9110 means the zlib format; some senders leave its two-byte header out.
            data = self._head = self._head + data
            if len(data) < 2:
                return
            zlib_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._inner = _Gzip(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        yield from self._inner.feed(data)


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    @property
    def whole(self) -> bool:
        return self._decoder.is_finished()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _STEP):
            if self.whole:
                raise brotli.error("data behind the end")
            piece = self._decoder.process(data[start : start + _STEP], output_buffer_limit=_STEP)
            # `can_accept_more_data` says yes while there is output left: only an empty piece tells.
            while piece:
                yield piece
                piece = self._decoder.process(b"", output_buffer_limit=_STEP)


class _Zstd:
    whole = False

    def __init__(self) -> None:
        # A frame may ask for a window of gigabytes; RFC 9659 lets a content coding use 8 MB.
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SLICE):
            if self.whole:
                raise zstandard.ZstdError("data behind the frame")
            yield self._frame.decompress(data[start : start + _SLICE])
            self.whole = self._frame.eof
            if self._frame.unused_data:
                raise zstandard.ZstdError("data behind the frame")


_CODECS: dict[str, type[_Codec]] = {
    "": _Identity,
    "identity": _Identity,
    "gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
