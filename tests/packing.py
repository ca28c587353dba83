"""Bodies as the codings of HTTP pack them, the same bytes each time they are packed."""

import functools
import gzip
import random
import zlib

import brotli
import zstandard

PACK = {
    # Without the time in its head, or the same test would draw other bytes a second later.
    "gzip": functools.partial(gzip.compress, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def noise(size: int) -> bytes:
    """That many bytes which no coding makes smaller, always the same."""
    return random.Random(size).randbytes(size)
