r"""Byte-exact edits of JSON text: the values named are changed, and nothing else.

Parsing and writing back would turn `1.10` into `1.1` and `\/` into `/`, and re-order nothing but re-space everything;
so the source is scanned for where each literal stands. Assumes source that `strictjson.parse` accepted.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panda_addon.verdict import Edit, Put
from panda_addon.wire.names import escape

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')
# The ways to write one character in more than one: two surrogates that make a pair are one.
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value or member name of the source: where it stands, quotes and brackets included."""

    pointer: str
    key: bool
    start: int
    end: int


def splice(source: str, edits: Iterable[Edit], puts: Iterable[Put] = (), nulls: Iterable[str] = ()) -> str:
    """`source` with the edits made, the numbers put, and `null` in place of the values at the pointers in `nulls`.

    Edits of one string must not overlap. Raises ValueError if an edit's pointer leads to no string of the source.
    """
    wanted: dict[tuple[str, bool], list[Edit]] = defaultdict(list)
    for edit in edits:
        wanted[edit.pointer, edit.key].append(edit)
    members = {f"/{escape(put.member)}": put for put in puts}
    fixed = dict.fromkeys(nulls, "null") | {pointer: str(put.value) for pointer, put in members.items()}
    written: list[tuple[int, int, str]] = []
    for value in _values(source):
        place = (value.pointer, value.key)
        if value.pointer in fixed and not value.key:
            # Whatever was written inside this value goes with it.
            while written and written[-1][0] >= value.start:
                written.pop()
            written.append((value.start, value.end, fixed[value.pointer]))
            members.pop(value.pointer, None)
        elif place in wanted and source[value.start] == '"':
            written.append((value.start, value.end, _rewrite(source[value.start : value.end], wanted.pop(place))))
    if wanted:
        raise ValueError("an edit names no string of the source")
    return _insert(_apply(source, written), members.values())


def _apply(source: str, written: Iterable[tuple[int, int, str]]) -> str:
    """`source` with stretches of it, in order, replaced."""
    pieces: list[str] = []
    done = 0
    for start, end, text in written:
        pieces += source[done:start], text
        done = end
    return "".join((*pieces, source[done:]))


def _insert(source: str, puts: Iterable[Put]) -> str:
    """`source`, an object, with new members at its head."""
    written = ", ".join(f"{json.dumps(put.member)}: {put.value}" for put in puts)
    if not written:
        return source
    head = source.index("{") + 1
    empty = source[head:].lstrip().startswith("}")
    return f"{source[:head]}{written}{'' if empty else ', '}{source[head:]}"


def _rewrite(literal: str, edits: list[Edit]) -> str:
    """A string literal, quotes included, with edits made at offsets of its decoded text."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    places = _places(literal, [offset for edit in ordered for offset in (edit.start, edit.end)])
    starts, ends = places[::2], places[1::2]
    texts = (json.dumps(edit.text)[1:-1] for edit in ordered)
    return _apply(literal, zip(starts, ends, texts, strict=True))


def _places(literal: str, offsets: Iterable[int]) -> list[int]:
    """Where in a string literal the characters at ascending offsets of its decoded text are written."""
    escapes = _ESCAPE.finditer(literal)
    escape_at = next(escapes, None)
    # How much further along the literal is than the text; to begin with by the opening quote.
    ahead = 1
    places: list[int] = []
    for offset in offsets:
        while escape_at is not None and escape_at.start() < offset + ahead:
            ahead += len(escape_at[0]) - 1
            escape_at = next(escapes, None)
        places.append(offset + ahead)
    return places


@dataclass(slots=True)
class _Open:
    """A container being read: where it began, its pointer, and the index or member name it has got to."""

    start: int
    pointer: str
    step: int | str = 0


def _values(source: str) -> Iterator[_Value]:
    """The source's strings, containers, member names, and the outermost object's values, in the order they end."""
    stack: list[_Open] = []
    expects_key = False

    def here() -> str:
        return f"{stack[-1].pointer}/{stack[-1].step}" if stack else ""

    for token in _TOKEN.finditer(source):
        text = token[0]
        if text in "{[":
            stack.append(_Open(token.start(), here()))
            expects_key = text == "{"
        elif text in "}]":
            closed = stack.pop()
            expects_key = False
            yield _Value(closed.pointer, False, closed.start, token.end())
        elif text == ",":
            step = stack[-1].step
            if isinstance(step, int):
                stack[-1].step = step + 1
            else:
                expects_key = True
        elif text == ":":
            expects_key = False
        else:
            if expects_key:
                stack[-1].step = escape(json.loads(text))
            # Nobody points at a number further in, and a long name is not worth copying for each of many.
            if text[0] == '"' or len(stack) < 2:
                yield _Value(here(), expects_key, token.start(), token.end())
