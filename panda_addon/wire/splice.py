r"""Byte-exact edits of JSON text: the values named are changed, and nothing else.

Parsing and writing back would turn `1.10` into `1.1` and `\/` into `/`, and re-order nothing but re-space everything;
so the source is scanned for where each literal stands. Assumes source that `strictjson.parse` accepted.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from panda_addon.verdict import Edit, Put
from panda_addon.wire.names import escape, unescape

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*+"'
_TOKEN = re.compile(_STRING + r"|[{}\[\],:]|[^\s{}\[\],:\"]+")
# The same, where only brackets matter.
_BRACKET = re.compile(_STRING + r"|[{}\[\]]|[^{}\[\]\"]+")
# The ways to write one character in more than one: two surrogates that make a pair are one.
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


@dataclass(slots=True)
class _Place:
    """A place in the document that something is to be done to, or that leads to one."""

    below: dict[str, "_Place"] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    name_edits: list[Edit] = field(default_factory=list)
    fixed: str | None = None

    def at(self, pointer: str) -> "_Place":
        """The place a pointer leads to, made if it is not there yet."""
        place = self
        for part in pointer.split("/")[1:]:
            place = place.below.setdefault(unescape(part), _Place())
        return place

    def write(self, source: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """What is to be written instead of the value that stands here, if anything; done once."""
        if self.fixed is not None:
            yield start, end, self.fixed
            # An edit inside goes with the value.
            self.below, self.edits, self.fixed = {}, [], ""
        elif self.edits and source[start] == '"':
            yield start, end, _rewrite(source[start:end], self.edits)
            self.edits = []

    def undone(self) -> bool:
        """Whether an edit here or below was not made."""
        return bool(self.edits or self.name_edits) or any(place.undone() for place in self.below.values())


def splice(
    source: str, edits: Iterable[Edit], puts: Iterable[Put] = (), literals: Mapping[str, str] | None = None
) -> str:
    """`source` with the edits made, members put, and other JSON in place of the values at some pointers.

    Edits of one string must not overlap. Raises ValueError if an edit's pointer leads to no string of the source.
    """
    root = _Place()
    for edit in edits:
        place = root.at(edit.pointer)
        (place.name_edits if edit.key else place.edits).append(edit)
    for pointer, literal in (literals or {}).items():
        root.at(pointer).fixed = literal
    members = {(put.within, put.member): put for put in puts}
    for put in members.values():
        root.at(_pointer(put)).fixed = json.dumps(put.value)
    written = list(_written(source, root))
    if root.undone():
        raise ValueError("an edit names no string of the source")
    result = _apply(source, written)
    # What stood there already is written; the rest is new.
    new = [put for put in members.values() if root.at(_pointer(put)).fixed]
    for within, puts_within in groupby(new, lambda put: put.within):
        result = _insert(result, within, puts_within)
    return result


def _apply(source: str, written: Iterable[tuple[int, int, str]]) -> str:
    """`source` with stretches of it, in order, replaced."""
    pieces: list[str] = []
    done = 0
    for start, end, text in written:
        pieces += source[done:start], text
        done = end
    return "".join((*pieces, source[done:]))


def _pointer(put: Put) -> str:
    return "".join(f"/{escape(name)}" for name in (put.within, put.member) if name is not None)


def _insert(source: str, within: str | None, puts: Iterable[Put]) -> str:
    """`source`, an object, with new members at its head, or at that of the object that one of its members is."""
    written = ", ".join(f"{json.dumps(put.member)}: {json.dumps(put.value)}" for put in puts)
    head = (source.index("{") if within is None else _start(source, within)) + 1
    empty = source[head:].lstrip().startswith("}")
    return f"{source[:head]}{written}{'' if empty else ', '}{source[head:]}"


def _start(source: str, member: str) -> int:
    """Where the value of a member of the outermost object begins. Raises ValueError if there is none."""
    root = _Place()
    root.at(f"/{escape(member)}").fixed = ""
    start = next((start for start, _, _ in _written(source, root)), None)
    if start is None or source[start] != "{":
        raise ValueError("what is put into is no object of the source")
    return start


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
    """A container being read: its place, and the index or member name it has got to."""

    place: _Place
    step: int | str = 0

    def advance(self) -> bool:
        """Go past a comma; whether a member's name comes next."""
        if isinstance(self.step, str):
            return True
        self.step += 1
        return False

    def next(self) -> _Place | None:
        """The place of the value that comes next, if anything is to be done there."""
        return self.place.below.get(str(self.step))


def _written(source: str, root: _Place) -> Iterator[tuple[int, int, str]]:
    """What is to be written instead of which stretch of the source, in order. What is done is taken off its place.

    Containers that lead nowhere are skipped as a whole: their names and their number are a caller's choice, and must
    not cost more than a glance.
    """
    stack: list[_Open] = []
    expects_name = False
    at = 0
    while (token := _TOKEN.search(source, at)) is not None:
        text, at = token[0], token.end()
        if text == ",":
            expects_name = stack[-1].advance()
        elif text == ":":
            expects_name = False
        elif text in "}]":
            stack.pop()
            expects_name = False
        elif expects_name:
            stack[-1].step = json.loads(text)
            named = stack[-1].next()
            if named is not None and named.name_edits:
                yield token.start(), at, _rewrite(text, named.name_edits)
                named.name_edits = []
        else:
            place = stack[-1].next() if stack else root
            if text in "{[":
                if place is None or place.fixed is not None:
                    at = _end(source, token.start())
                else:
                    stack.append(_Open(place))
                    expects_name = text == "{"
            if place is not None:
                yield from place.write(source, token.start(), at)


def _end(source: str, start: int) -> int:
    """The end of the container that starts at `start`."""
    depth = 0
    for token in _BRACKET.finditer(source, start):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if not depth:
                return token.end()
    raise ValueError("not a whole JSON document")
