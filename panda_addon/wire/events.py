"""Streamed events: which of their texts continue a text, where that text will stand in the answer, and when it ends.

A place is the JSON pointer that a text has in the plain answer which a stream adds up to, or in an event that sums up a
part of it: deltas and all their repetitions have the same one. Types this does not know get a place by their name, so
that a delta is a delta whatever the API adds next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from panda_addon.exchange import Span, Uninspected, Usage
from panda_addon.wire.errors import WireError
from panda_addon.wire.names import escape, unescape
from panda_addon.wire.strictjson import Json
from panda_addon.wire.usage import read_usage
from panda_addon.wire.walk import Texts, walk

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
# A segment repeats its part of the text.
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

_MAX_ID = 256


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
    usage: Usage | None = None


def read(value: Json) -> Reading:
    """What the JSON of an event says. Raises WireError where it cannot be told which text a piece belongs to."""
    texts = walk(value)
    if not isinstance(value, dict):
        return Reading([], texts.spans, texts.uninspected)
    if isinstance(value.get("choices"), list):
        reading = _read_chunk(value, texts)
    elif isinstance(value.get("type"), str):
        reading = _read_typed(value, texts)
    else:
        reading = Reading([], texts.spans, texts.uninspected)
    response = value.get("response")
    reading.usage = read_usage(value) or read_usage(response)
    return reading


def place(value: Json, pointer: str) -> str:
    """The place in the answer of what stands at a pointer in an event."""
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return _choice_place(value, pointer)
    if isinstance(value, dict) and isinstance(kind := value.get("type"), str):
        return _typed_place(value, kind, pointer)
    return pointer


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


def _read_chunk(value: Members, texts: Texts) -> Reading:
    """A chunk of a chat completion or a completion."""
    reading = Reading(uninspected=texts.uninspected)
    for span in texts.spans:
        parts = span.pointer.split("/")
        grows = parts[1] == "choices" and len(parts) > 3 and (parts[3] == "text" or _in_delta(parts))
        if grows and not span.key:
            reading.fragments.append(Fragment(span.pointer, _choice_place(value, span.pointer), span.text))
        elif not _is_padding(span):
            reading.spans.append(span)
    choices = value["choices"]
    reading.closes = tuple(_finished(choices if isinstance(choices, list) else []))
    return reading


def _in_delta(parts: list[str]) -> bool:
    # Annotations come whole.
    return parts[3] == "delta" and len(parts) > 4 and parts[4] != "annotations"


def _finished(choices: list[Json]) -> Iterator[str]:
    for position, choice in enumerate(choices):
        if isinstance(choice, dict) and choice.get("finish_reason") is not None:
            yield f"/choices/{_index(choice, position)}"


def _choice_place(value: Members, pointer: str) -> str:
    """Positions in an event's lists are not those in the answer: there `index` tells."""
    parts = pointer.split("/")
    if parts[1:2] != ["choices"]:
        return pointer
    choice: Json = value["choices"]
    for depth, part in enumerate(parts[2:], 2):
        if isinstance(choice, list):
            choice = choice[int(part)]
            parts[depth] = _index(choice, int(part))
        else:
            choice = choice.get(unescape(part)) if isinstance(choice, dict) else None
    if len(parts) > 3 and parts[3] == "delta":
        parts[3] = "message"
    return "/".join(parts)


def _index(item: Json, position: int) -> str:
    index = item.get("index") if isinstance(item, dict) else None
    return str(index if type(index) is int and 0 <= index < 1 << 32 else position)


def _read_typed(value: Members, texts: Texts) -> Reading:
    """An event that says what it is: those of responses, transcriptions, pictures."""
    kind = str(value["type"])
    stem, _, last = kind.rpartition(".")
    reading = Reading(uninspected=texts.uninspected)
    for span in texts.spans:
        if span.pointer == _SOUND.get(kind) and _BASE64.fullmatch(span.text):
            reading.uninspected.append(Uninspected(span.pointer, "audio"))
        elif not span.key and _grows(kind, last, span.pointer):
            reading.fragments.append(Fragment(span.pointer, _typed_place(value, kind, span.pointer), span.text))
        elif not _is_padding(span):
            reading.spans.append(span)
    if kind in _FINAL:
        reading.closes = ("",)
    elif last == "done":
        reading.closes = (_base(value, stem),)
    return reading


def _grows(kind: str, last: str, pointer: str) -> bool:
    """Whether deltas go on with what stands at a pointer."""
    if last == "delta":
        return pointer == "/delta" or pointer.startswith("/delta/")
    grows = last == "added" and pointer.rpartition("/")[2] in _GROWING and not pointer.startswith("/annotation")
    return grows or (kind == "response.shell_call_command.added" and pointer == "/command")


def _is_padding(span: Span) -> bool:
    return span.pointer == "/obfuscation" and not span.key and bool(PADDING.fullmatch(span.text))


def _typed_place(value: Members, kind: str, pointer: str) -> str:
    if not pointer:
        return ""
    _, head, *rest = pointer.split("/")
    if head == "response":
        return "/".join(("", *rest))
    if kind == _SEGMENT:
        return f"/segments/{_name(value)}{pointer}"
    stem = kind.rpartition(".")[0]
    if head in _CONTENT and stem:
        return "/".join((_base(value, stem), *rest))
    return pointer


def _base(value: Members, stem: str) -> str:
    """The place that an event is about."""
    known = _PLACES.get(stem)
    if known is not None:
        return _FIELD.sub(lambda field: _number(value.get(field[1])), known)
    about = [_number(member) for name, member in value.items() if name.endswith("_index")]
    return "/".join(("", escape(stem), *about, _name(value)))


def _name(value: Members) -> str:
    """The id that an event gives what it is about."""
    name = value.get("item_id", value.get("id"))
    if not isinstance(name, str):
        return "-"
    if len(name) > _MAX_ID:
        raise WireError("an id in the stream is too long")
    return escape(name)


def _number(index: Json) -> str:
    return str(index) if type(index) is int and 0 <= index < 1 << 32 else "-"
