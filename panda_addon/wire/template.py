"""Events that differ from one another in a few places only: recognised without reading all of them again.

A model's tokens come in events that are the same byte for byte, but for the token, a number and some padding. A
template is made from one event that was read in full, and stands for every event that has a plain JSON string, a number
and padding in these places: such an event says the same in every other respect.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise

from panda_addon.verdict import Edit, Put
from panda_addon.wire.document import Document
from panda_addon.wire.ending import numbered
from panda_addon.wire.events import PADDING
from panda_addon.wire.sse import Event

# Templates are made of events with a token or two, not of those with a whole answer in them.
MAX_LEARNED = 4096

# What may stand in the places where events differ.
_TEXT = re.compile(rb'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_PADDED = re.compile(rb"[A-Za-z0-9+/_-]{0,256}")
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,14}")

# What stands there while a template is made; in no event, and if so, no template is made.
_MARKS = {"\ue123text\ue123": _TEXT, "\ue123padding\ue123": _PADDED, "936452718093645271": _NUMBER}
_TEXT_MARK, _PADDING_MARK, _NUMBER_MARK = _MARKS


@dataclass(frozen=True, slots=True)
class Template:
    """Events like one: what they have in common, and what may stand between. `pointer` is where their text stands."""

    head: bytes
    places: tuple[tuple[re.Pattern[bytes], bytes], ...]
    pointer: str

    def match(self, raw: bytes) -> tuple[str, int | None] | None:
        """The text and the number of an event, None if it is another."""
        if not raw.startswith(self.head):
            return None
        at = len(self.head)
        text, number = b"", None
        for pattern, behind in self.places:
            found = pattern.match(raw, at)
            if found is None or not raw.startswith(behind, found.end()):
                return None
            if pattern is _TEXT:
                text = found[0]
            elif pattern is _NUMBER:
                number = int(found[0])
            at = found.end() + len(behind)
        if at != len(raw):
            return None
        try:
            written = text.decode()
        except UnicodeDecodeError:
            return None
        return str(json.loads(f'"{written}"')) if "\\" in written else written, number


def learn(event: Event, document: Document, pointer: str, text: str) -> Template | None:
    """A template from an event that says nothing but one text."""
    value = document.value
    if not isinstance(value, dict) or event.other or len(event.raw) > MAX_LEARNED:
        return None
    padding = value.get("obfuscation")
    edits = [Edit(pointer, 0, len(text), _TEXT_MARK)]
    if isinstance(padding, str) and pointer != "/obfuscation" and PADDING.fullmatch(padding):
        edits.append(Edit("/obfuscation", 0, len(padding), _PADDING_MARK))
    puts = [Put("sequence_number", int(_NUMBER_MARK))] if numbered(value) is not None else []
    marked = event.write(document.write(edits, puts).decode())
    wanted = [mark for mark in _MARKS if mark != _PADDING_MARK or len(edits) > 1]
    wanted = [mark for mark in wanted if mark != _NUMBER_MARK or puts]
    marks = {json.dumps(mark).strip('"').encode(): _MARKS[mark] for mark in wanted}
    if any(marked.count(mark) != 1 for mark in marks):
        return None
    ordered = sorted(marks, key=marked.index)
    ends = [*(marked.index(mark) for mark in ordered), len(marked)]
    spans = [(start + len(mark), end) for mark, (start, end) in zip(ordered, pairwise(ends), strict=True)]
    places = tuple((marks[mark], marked[start:end]) for mark, (start, end) in zip(ordered, spans, strict=True))
    return Template(marked[: ends[0]], places, pointer)
