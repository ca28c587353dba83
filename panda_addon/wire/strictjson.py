"""JSON that every parser reads the same way, or an error.

Where parsers differ, what Panda judges and what OpenAI acts on could differ too: so a repeated key, NaN and Infinity,
a byte order mark, another charset than UTF-8 and absurd depth are refused, not guessed.
"""

import json
from collections.abc import Iterable
from typing import NoReturn

from panda_addon.wire.errors import WireError

type Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

MAX_DEPTH = 128

# A few kilobytes, compressed, can stand for millions of empty lists, each of which takes time and memory; so brackets
# and commas are counted before anything is parsed, though some may stand in strings. The largest answers are embeddings:
# two thousand times three thousand numbers.
MAX_CONTAINERS = 1 << 20
MAX_VALUES = 8 << 20


def parse(source: str) -> Json:
    """The value of a JSON text. Raises WireError."""
    containers = source.count("[") + source.count("{")
    if containers > MAX_CONTAINERS or source.count(",") > MAX_VALUES:
        raise WireError("the JSON has too many values")
    try:
        value: Json = _DECODER.decode(source)
    except RecursionError as error:
        raise WireError("the JSON is nested too deeply") from error
    except ValueError as error:
        # Also an integer of more digits than Python converts.
        raise WireError("the body is not valid JSON") from error
    # Nothing is deeper than it has brackets; to count them is cheap, though some may stand in strings.
    if containers > MAX_DEPTH:
        _check_depth(value)
    return value


def decode_text(body: bytes, charset: str | None) -> str:
    """The text of a body in UTF-8. Raises WireError for any other charset, a byte order mark or invalid UTF-8."""
    ascii_only = charset in ("us-ascii", "ascii")
    # What goes by one of these names beyond ASCII is windows-1252 to browsers.
    if not (charset in (None, "utf-8", "utf8") or (ascii_only and body.isascii())):
        raise WireError("the charset is not UTF-8")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise WireError("the body is not valid UTF-8") from error
    if text.startswith("\ufeff"):
        raise WireError("the body starts with a byte order mark")
    return text


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise WireError("the JSON has an object with a repeated key")
    return members


def _constant(_name: str) -> NoReturn:
    raise WireError("the JSON has a number that is none (NaN or Infinity)")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _check_depth(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _members(parent) if isinstance(child, (dict, list))]
        if not level:
            return
    raise WireError("the JSON is nested too deeply")


def _members(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
