"""Events that differ from one another in a few places only: recognised without reading all of them again.

A model's tokens come in events that are the same byte for byte, but for the token, a number and some padding. A
template is made from one event that was read in full, and stands for every event that has a plain JSON string, a number
and padding in these places: such an event says the same in every other respect.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from panda_addon.verdict import Edit, Put
from panda_addon.wire.document import Document
from panda_addon.wire.ending import numbered
from panda_addon.wire.events import PADDING
from panda_addon.wire.sse import Event
from panda_addon.wire.strictjson import Json

_STRING = rb'([^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+)'
_NUMBER = rb"(0|[1-9][0-9]{0,14})"

# What stands in the places while a template is made; in no event, and if so, no template is made.
_TEXT_MARK, _PADDING_MARK, _NUMBER_MARK = "\ue123text\ue123", "\ue123padding\ue123", 936_452_718_093_645_271


@dataclass(frozen=True, slots=True)
class Template:
    """Events like one. `pointer` is where in them their text stands."""

    pattern: re.Pattern[bytes]
    pointer: str
    numbered: bool

    def match(self, raw: bytes) -> tuple[str, int | None] | None:
        """The text and the number of an event, None if it is another."""
        match = self.pattern.fullmatch(raw)
        if match is None:
            return None
        try:
            written = match["text"].decode()
        except UnicodeDecodeError:
            return None
        text = str(json.loads(f'"{written}"')) if "\\" in written else written
        return text, int(match["number"]) if self.numbered else None


def learn(event: Event, document: Document, pointer: str, text: str) -> Template | None:
    """A template from an event that says nothing but one text."""
    value = document.value
    if not isinstance(value, dict) or event.other:
        return None
    padding = value.get("obfuscation")
    padded = isinstance(padding, str) and pointer != "/obfuscation" and PADDING.fullmatch(padding) is not None
    counted = numbered(value) is not None
    edits = [Edit(pointer, 0, len(text), _TEXT_MARK)]
    edits += [Edit("/obfuscation", 0, len(str(padding)), _PADDING_MARK)] if padded else []
    puts = [Put("sequence_number", _NUMBER_MARK)] if counted else []
    marked = re.escape(event.write(document.write(edits, puts).decode()))
    marks = [(_written(_TEXT_MARK), rb"(?P<text>" + _STRING[1:])]
    marks += [(_written(_PADDING_MARK), rb"[A-Za-z0-9+/_-]{0,256}")] if padded else []
    marks += [(_written(_NUMBER_MARK), rb"(?P<number>" + _NUMBER[1:])] if counted else []
    return _made(marked, marks, pointer, numbered=counted)


def _made(marked: bytes, marks: Iterable[tuple[bytes, bytes]], pointer: str, *, numbered: bool) -> Template | None:
    for mark, pattern in marks:
        if marked.count(mark) != 1:
            return None
        marked = marked.replace(mark, pattern)
    return Template(re.compile(marked), pointer, numbered)


def _written(mark: Json) -> bytes:
    return re.escape(json.dumps(mark).strip('"').encode())
