"""Content encodings: undoing one, within a bound.

mitmproxy decodes without a limit (six kilobytes of zstd became 200 MB), so its decoders are not used.
"""

import zlib
from collections.abc import Iterator

import brotli
import zstandard

from panda_addon.wire.errors import TOO_LARGE, WireError

_STEP = 1 << 16


def decode(body: bytes, coding: str, limit: int) -> bytes:
    """`body` without its content coding, at most `limit` bytes of it.

    Raises WireError for a coding this does not know, more than one coding, data that does not decode to its end, data
    behind that end, and anything larger than `limit`.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        pieces: Iterator[bytes] = iter((body,))
    elif coding in _DECODERS:
        pieces = _DECODERS[coding](body)
    else:
        raise WireError("the content-encoding is not one of gzip, deflate, br, zstd, alone")
    plain = bytearray()
    try:
        for piece in pieces:
            plain += piece
            if len(plain) > limit:
                raise WireError(f"the body is larger than {limit} bytes", TOO_LARGE)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise WireError(f"the body does not decode as {coding}") from error
    return bytes(plain)


def _inflate(body: bytes, window: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(window)
    # In slices, for what is left over is copied at every step.
    for end in range(_STEP, len(body) + _STEP, _STEP):
        rest = body[end - _STEP : end]
        more = True
        while more:
            piece = inflater.decompress(rest, _STEP)
            rest = inflater.unconsumed_tail
            yield piece
            more = not inflater.eof and (bool(rest) or len(piece) == _STEP)
        if inflater.eof:
            if inflater.unused_data or end < len(body):
                raise zlib.error("data behind the end")
            return
    raise zlib.error("cut short")


def _gzip(body: bytes) -> Iterator[bytes]:
    return _inflate(body, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes) -> Iterator[bytes]:
    # RFC 9110 means the zlib format; some senders leave its two-byte header out.
    zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    for end in range(_STEP, len(body) + _STEP, _STEP):
        piece = decoder.process(body[end - _STEP : end], output_buffer_limit=_STEP)
        # `can_accept_more_data` says yes while there is output left: only an empty piece tells.
        while piece:
            yield piece
            piece = decoder.process(b"", output_buffer_limit=_STEP)
        if decoder.is_finished():
            if end < len(body):
                raise brotli.error("data behind the end")
            return
    raise brotli.error("cut short")


def _zstd(body: bytes) -> Iterator[bytes]:
    # A frame may ask for a window of gigabytes; RFC 9659 lets a content coding use 8 MB.
    decoder = zstandard.ZstdDecompressor(max_window_size=1 << 23)
    whole = False
    frame = decoder.decompressobj()
    for start in range(0, len(body), _SLICE):
        yield frame.decompress(body[start : start + _SLICE])
        if frame.eof:
            whole = not frame.unused_data and start + _SLICE >= len(body)
            break
    if not whole:
        raise zstandard.ZstdError("not one whole frame")


# A zstd block is at least three bytes and at most 128 kB of output, so this much input is some 11 MB of output at most.
_SLICE = 256

_DECODERS = {"gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
