"""Content encodings: undoing them, piece by piece and within a bound.

mitmproxy decodes without a limit (six kilobytes of zstd became 200 MB), so its decoders are not used.
"""

import re
from collections.abc import Iterable, Iterator

from panda_addon.wire.codecs import ERRORS, MAGIC, Brotli, Codec, Deflate, Gzip, Zstd, has_zlib_head
from panda_addon.wire.errors import TOO_LARGE, WireError

# Nobody has a use for two; each costs time, and a bound of its own.
MAX_CODINGS = 3

_OBJECT = re.compile(rb"[ \t\r\n]*+\{")


class Decoder:
    """Undoes the content codings of a body that comes in pieces, each of which may make at most `limit` bytes of it.

    `codings` is the value of the header field: names in the order in which the codings were applied (RFC 9110, 8.4).
    Raises WireError when it is made for a coding this does not know, or too many.
    """

    def __init__(self, codings: str, limit: int) -> None:
        self._layers = [_Layer(coding, limit) for coding in reversed(_names(codings))]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` stands for. Raises WireError if it does not decode, or into too much."""
        pieces: Iterable[bytes] = (data,)
        for layer in self._layers:
            pieces = layer.undo(pieces)
        yield from pieces

    def finish(self) -> None:
        """Nothing more will come. Raises WireError if something is missing."""
        for layer in self._layers:
            layer.finish()


def decode(body: bytes, codings: str, limit: int) -> bytes:
    """`body` without its content codings, at most `limit` bytes of it.

    Raises WireError for codings this does not know or too many, data that does not decode to its end, data behind that
    end, and anything larger than `limit`. Also for what decodes and might be JSON as it stands: few bytes can be both,
    and those were made for a reader who does not look at the header.
    """
    decoder = Decoder(codings, limit)
    plain = b"".join(decoder.feed(body))
    decoder.finish()
    if plain != body and _OBJECT.match(body):
        raise WireError("the body may be JSON as it stands, or what it decodes to")
    return plain


def hides(body: bytes, limit: int) -> bool:
    """Whether a body is packed as gzip, zstd or zlib have it, which nobody has announced."""
    if body.startswith(MAGIC):
        return True
    if not has_zlib_head(body):
        return False
    try:
        decode(body, "deflate", limit)
    except WireError as error:
        return error.status == TOO_LARGE
    return True


def larger(body: bytes, codings: str, limit: int) -> bool:
    """Whether a body is of more than `limit` bytes, with or without its codings; found out within that bound."""
    if len(body) > limit or not codings:
        return len(body) > limit
    try:
        decode(body, codings, limit)
    except WireError as error:
        return error.status == TOO_LARGE
    return False


class _Layer:
    """One coding and its bound."""

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = coding
        self._codec = _CODECS[coding]()
        self._limit = limit
        self._left = limit

    def undo(self, packed: Iterable[bytes]) -> Iterator[bytes]:
        for data in packed:
            pieces = self._codec.feed(data)
            while (piece := self._next(pieces)) is not None:
                self._left -= len(piece)
                if self._left < 0:
                    raise WireError(f"the body is larger than {self._limit} bytes", TOO_LARGE)
                yield piece

    def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        try:
            return next(pieces, None)
        except ERRORS as error:
            raise WireError(f"the body does not decode as {self._coding}") from error

    def finish(self) -> None:
        if not self._codec.whole:
            raise WireError(f"the body does not decode as {self._coding}")


def _names(codings: str) -> list[str]:
    """The codings of a list, without empty members, which count for nothing (RFC 9110, 5.6.1)."""
    # The only white space there is in a header field; a server may take any other for a part of the name.
    names = [name.strip(" \t").lower() for name in codings.split(",")]
    applied = [name.removeprefix("x-") if name == "x-gzip" else name for name in names if name not in ("", "identity")]
    if len(applied) > MAX_CODINGS or not all(name in _CODECS for name in applied):
        raise WireError(f"the content-encoding is not made of gzip, deflate, br and zstd, {MAX_CODINGS} at most")
    return applied or ["identity"]


class _Identity:
    whole = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


_CODECS: dict[str, type[Codec]] = {
    "identity": _Identity,
    "gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}
