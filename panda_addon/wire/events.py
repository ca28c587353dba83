"""Streamed events: which of their texts continue a text, where that text will stand in the answer, and when it ends.

A place is the JSON pointer that a text has in the plain answer which a stream adds up to, or in an event that sums up a
part of it: deltas and all their repetitions have the same one. Types this does not know get a place by their name, so
that a delta is a delta whatever the API adds next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from panda_addon.exchange import Bill, Span, Uninspected
from panda_addon.wire.errors import WireError
from panda_addon.wire.names import escape, unescape
from panda_addon.wire.strictjson import Json
from panda_addon.wire.usage import read_bill
from panda_addon.wire.walk import walk

type Members = dict[str, Json]

# By the type's stem, without its last word: where in the answer the text or the part stands that an event is about.
_PLACES = {
    "response.audio.transcript": "/audio/transcript",
    "response.code_interpreter_call_code": "/output/{output_index}/code",
    "response.content_part": "/output/{output_index}/content/{content_index}",
    "response.custom_tool_call_input": "/output/{output_index}/input",
    "response.function_call_arguments": "/output/{output_index}/arguments",
    "response.mcp_call_arguments": "/output/{output_index}/arguments",
    "response.output_item": "/output/{output_index}",
    "response.output_text": "/output/{output_index}/content/{content_index}/text",
    "response.output_text.annotation": "/output/{output_index}/content/{content_index}/annotations/{annotation_index}",
    "response.reasoning_summary_part": "/output/{output_index}/summary/{summary_index}",
    "response.reasoning_summary_text": "/output/{output_index}/summary/{summary_index}/text",
    "response.reasoning_text": "/output/{output_index}/content/{content_index}/text",
    "response.refusal": "/output/{output_index}/content/{content_index}/refusal",
    "response.shell_call_command": "/output/{output_index}/action/commands/{command_index}",
    "response.shell_call_output_content": "/output/{output_index}/output/{command_index}",
    "transcript.text": "/text",
}
# A part of the text once more, with its times and its speaker.
_SEGMENT = "transcript.text.segment"
_FIELD = re.compile(r"{(\w+)}")

# The members of an event that are, or hold, what its place names.
_CONTENT = frozenset("annotation arguments code command delta input item part refusal response text transcript".split())

# With these a stream has said everything.
_FINAL = frozenset(
    "error response.cancelled response.completed response.failed response.incomplete transcript.text.done".split()
)

# Members that an `added` event may begin and deltas go on with.
_GROWING = frozenset("arguments code input refusal text transcript".split())

# Sound, in pieces too short to look like it.
_SOUND = {"response.audio.delta": "/delta", "speech.audio.delta": "/audio"}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")

# Random characters that hide the length of a delta.
PADDING = re.compile(r"[A-Za-z0-9+/_-]{0,256}")

_MAX_PLACE = 1024


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a text that events go on with: where the piece stands in its event, and the place of the text."""

    pointer: str
    place: str
    text: str


@dataclass(slots=True)
class Reading:
    """What one event says. `spans` are texts on their own; `closes` places at or below which no text goes on."""

    fragments: list[Fragment] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    uninspected: list[Uninspected] = field(default_factory=list)
    closes: tuple[str, ...] = ()
    bill: Bill | None = None


def read(value: Json, name: str = "") -> Reading:
    """What the JSON of an event says, whose `event` field is `name`.

    Raises WireError where it cannot be told which text a piece belongs to.
    """
    kind = _kind(value, name) if isinstance(value, dict) else ""
    texts = walk(value, pieces=kind.endswith(".delta"))
    if not isinstance(value, dict):
        return Reading([], texts.spans, texts.uninspected)
    reading = Reading(uninspected=texts.uninspected)
    for span in texts.spans:
        if span.pointer == _SOUND.get(kind) and _BASE64.fullmatch(span.text):
            reading.uninspected.append(Uninspected(span.pointer, "audio"))
        elif not span.key and _grows(kind, span.pointer):
            reading.fragments.append(Fragment(span.pointer, _growing_place(value, kind, span.pointer), span.text))
        elif span.key or span.pointer != "/obfuscation" or not PADDING.fullmatch(span.text):
            reading.spans.append(span)
    reading.closes = tuple(_closed(value, kind))
    reading.bill = read_bill(value) or read_bill(value.get("response"))
    return reading


def place(value: Json, pointer: str, name: str = "") -> str:
    """The place in the answer of what stands at a pointer in an event."""
    return _place(value, _kind(value, name), pointer) if isinstance(value, dict) else pointer


def above(place: str) -> Iterator[str]:
    """A place and all that it is below."""
    end = len(place)
    while end > 0:
        yield place[:end]
        end = place.rfind("/", 0, end)


def annotations(value: Json) -> Iterator[tuple[str, str, Json]]:
    """Annotations that an event brings for a text: the text's place, and the annotations with their own pointer."""
    if not isinstance(value, dict):
        return
    if value.get("type") == "response.output_text.annotation.added":
        yield _base(value, "response.output_text"), "/annotation", value.get("annotation")
    choices = value.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if isinstance(delta, dict):
            place = f"/choices/{_index(choice, position)}/message/content"
            yield place, f"/choices/{position}/delta/annotations", delta.get("annotations")


def _kind(value: Members, name: str) -> str:
    """What an event is: its type, or what else says so where it has none."""
    for kind in (value.get("type"), value.get("object") if "delta" in value else None):
        if isinstance(kind, str) and kind:
            return kind
    return name


def _grows(kind: str, pointer: str) -> bool:
    """Whether other events go on with what stands at a pointer."""
    _, head, *below = pointer.split("/")
    last = kind.rpartition(".")[2]
    if head == "choices" and last != "delta":
        # Annotations come whole.
        return len(below) > 1 and (below[1] == "text" or (below[1] == "delta" and below[2:3] != ["annotations"]))
    if head == "delta" or kind == _SEGMENT:
        return True
    if last == "delta":
        return head not in ("logprobs", "obfuscation")
    return last == "added" and head != "annotation" and ((below or [head])[-1] in _GROWING or head == "command")


def _growing_place(value: Members, kind: str, pointer: str) -> str:
    place = _place(value, kind, pointer)
    if place == pointer and not pointer.startswith("/choices/"):
        # Nothing in it tells which text it is a piece of, but what the event says it is about.
        place = "/".join((_base(value, kind.rpartition(".")[0] or kind), *_by_index(value, pointer)[1:]))
    if len(place) > _MAX_PLACE:
        raise WireError("a name in the stream is too long")
    return place


def _place(value: Members, kind: str, pointer: str) -> str:
    if not pointer:
        return ""
    _, head, *rest = pointer.split("/")
    if head == "choices":
        parts = _by_index(value, pointer)
        parts[3:4] = ["message"] if parts[3:4] == ["delta"] else parts[3:4]
        return "/".join(parts)
    if head == "response":
        return "/".join(("", *rest))
    if kind == _SEGMENT:
        # Each goes on where the last one ended.
        return f"/segments{pointer}"
    stem = kind.rpartition(".")[0]
    if head in _CONTENT and stem:
        return "/".join((_base(value, stem), *_by_index(value, pointer)[2:]))
    return pointer


def _by_index(value: Json, pointer: str) -> list[str]:
    """The parts of a pointer. Positions in an event's lists are not those in the answer: there `index` tells."""
    parts = pointer.split("/")
    for depth, part in enumerate(parts[1:], 1):
        if isinstance(value, list):
            value = value[int(part)]
            # An annotation's index counts characters.
            parts[depth] = part if parts[depth - 1] == "annotations" else _index(value, int(part))
        else:
            value = value.get(unescape(part)) if isinstance(value, dict) else None
    return parts


def _closed(value: Members, kind: str) -> Iterator[str]:
    """The places at or below which no text goes on after an event."""
    stem, _, last = kind.rpartition(".")
    if kind in _FINAL:
        yield ""
    elif last in ("completed", "done") and stem:
        yield _base(value, stem)
    choices = value.get("choices")
    for position, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict) and choice.get("finish_reason"):
            yield f"/choices/{_index(choice, position)}"


def _index(item: Json, position: int) -> str:
    index = item.get("index") if isinstance(item, dict) else None
    return str(position) if index is None else _number(index)


def _base(value: Members, stem: str) -> str:
    """The place that an event is about."""
    known = _PLACES.get(stem)
    if known is not None:
        return _FIELD.sub(lambda field: _number(value.get(field[1])), known)
    about = [_number(member) for name, member in sorted(value.items()) if name.endswith("_index")]
    return "/".join(("", *([escape(stem)] if stem else []), *about, _name(value)))


def _name(value: Members) -> str:
    """The id that an event gives what it is about."""
    name = value.get("item_id", value.get("id"))
    return escape(name) if isinstance(name, str) else "-"


def _number(index: Json) -> str:
    """An index as part of a place. Raises WireError for one that clients may take for different ones."""
    if index is None:
        return "-"
    if isinstance(index, bool) or not isinstance(index, (int, float)) or not 0 <= index < 1 << 32 or index % 1:
        raise WireError("an index in the stream is none")
    return str(int(index))
