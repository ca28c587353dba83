"""Decision ids: ULIDs, which sort by time and can be read out over the telephone."""

import os

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds: int, entropy: bytes) -> str:
    """The 26 characters of a ULID: 48 bits of Unix time in milliseconds, then 80 random bits (ten bytes).

    The layout is that of github.com/ulid/spec.
    """
    number = milliseconds << 80 | int.from_bytes(entropy)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def new_id(seconds: float) -> str:
    """An id for a decision made at a Unix time in seconds."""
    return ulid(int(seconds * 1000), os.urandom(10))
