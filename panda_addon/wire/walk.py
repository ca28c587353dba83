"""Finding the text in a JSON body: every string that is not an id, an enum or a blob.

The API grows faster than any list of fields, so the rule is the other way round: a short list of names whose values
are *not* text, and even those are believed only when the value looks the part. A sentence is text under any name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from panda_addon.exchange import Span, Uninspected
from panda_addon.wire.errors import WireError
from panda_addon.wire.names import NAMES, escape
from panda_addon.wire.pictures import source
from panda_addon.wire.strictjson import Json

# Members whose value, if it is one plain word, names a thing or a choice. Gathered from openai 3.54's types.
_WORDS = frozenset(
    """
    allowed_callers background call_id chunking_strategy completion_window context_compression conversation detail
    effort encoding_format environment execution finish_reason format function_call generate_summary id include
    input_fidelity media_type memory_limit modalities modality mode model moderation object output_format phase
    prompt_cache_key prompt_cache_retention purpose quality ranker reasoning_effort require_approval response_format
    role safety_identifier search_content_types search_context_size service_tier size state status stream_format
    style summary syntax system_fingerprint timestamp_granularities tool_choice truncation type user verbosity voice
    """.split()
)
# Below a `delta` other members come in pieces, of which each may look like a word.
_STEADY = frozenset("call_id finish_reason id object role status type".split())
_IDS = ("_id", "_ids")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+/=-]{0,255}")

# Members whose own members' names the sender chooses: what stands there is text, whatever it is called.
_OPEN = frozenset(("metadata", "variables"))

# Members that are a JSON schema, in which all is shown to the model but the types that there are.
_SCHEMAS = frozenset(("parameters", "schema"))
_SCHEMA = "schema"
_TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))

# Members in which a message, or a part of one, is said.
_SAID = frozenset(("content", "refusal", "text"))

# Kinds of items, by how they end, whose `output` is a tool's.
_TOOLS = ("_output", "mcp_call")

# Roles that are one to the model, under the names of different times.
_ROLES = {"system": "developer", "function": "tool"}

# Members that carry bytes.
_BLOBS = {
    "b64_json": "image",
    "data": "audio",
    "embedding": "embedding",
    "encrypted_content": "encrypted",
    "file_data": "file",
    "partial_image_b64": "image",
}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
# Members that a `data:` URL may stand in; anywhere else, and with white space in it, it is text like any other.
_URLS = frozenset(("data", "file_data", "file_url", "image_url", "url"))
_DATA_URL = re.compile(r"data:([a-z]+)/[A-Za-z0-9.+-]*+(?:;[A-Za-z0-9=._-]++){0,8}?;base64,[A-Za-z0-9+/_-]*={0,2}")

_BYTES = _URLS | _BLOBS.keys()

# An answer of 16,000 tokens with twenty alternatives to each has some 350,000 strings.
MAX_STRINGS = 500_000

# The pointers to the texts of one body hold at most this many characters. A legitimate answer of the largest size with
# all its log probabilities stays below; a long name with a million short strings below it does not.
MAX_POINTERS = 256 << 20

# Objects that stand for something beside text, by their `type`.
_MEDIA = {
    "computer_screenshot": "image",
    "file": "file",
    "image_file": "image",
    "image_url": "image",
    "input_audio": "audio",
    "input_file": "file",
    "input_image": "image",
    "item_reference": "reference",
}


@dataclass(slots=True)
class Texts:
    """What a walk found."""

    spans: list[Span] = field(default_factory=list)
    uninspected: list[Uninspected] = field(default_factory=list)
    # The URLs of pictures, by where these are.
    pictures: dict[str, str] = field(default_factory=dict)
    pointed: int = 0
    # Whether the strings are pieces, each of which may look like a word.
    pieces: bool = False


def walk(document: Json, *, pieces: bool = False) -> Texts:
    """The texts of a JSON document in the order they stand in it, and what is there beside text.

    With `pieces` its strings are parts of texts that go on elsewhere, as those below a `delta` always are.

    Raises WireError for more strings than anyone sends in earnest, and where naming their places would take too much
    memory.
    """
    texts = Texts(pieces=pieces)
    if isinstance(document, str):
        texts.spans += [Span("", document)] if document else []
    else:
        _walk(document, "", "", None, texts)
    return texts


def _walk(value: Json, pointer: str, name: str, media: str | None, texts: Texts, *, voice: str = "") -> None:
    """Walk a container. Pointers are made for containers and texts only: most values of a body are neither.

    `voice` is who says it, if it is a message's content or a part of one.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str):
                _string(item, pointer, index, name, media=media, voice=voice, texts=texts)
            elif isinstance(item, dict):
                # Parts of nobody's message have a voice of their own.
                said = voice or (pointer if isinstance(item.get("type"), str) else "")
                _walk(item, _below(pointer, index, texts), name, media, texts, voice=said)
            elif isinstance(item, list):
                _walk(item, _below(pointer, index, texts), name, media, texts, voice=voice)
    elif isinstance(value, dict):
        kind, role = value.get("type"), value.get("role")
        inside = _MEDIA.get(kind) if isinstance(kind, str) and name != _SCHEMA else None
        if inside:
            texts.uninspected.append(Uninspected(pointer, inside))
            if inside == "image" and (url := source(value)):
                texts.pictures[pointer] = url
            media = inside
        for key, member in value.items():
            if key not in NAMES:
                texts.spans.append(Span(_below(pointer, key, texts), key, key=True))
            said = _voice(key, kind, role, voice) if pointer or key != "instructions" else "developer"
            if isinstance(member, str):
                _string(member, pointer, key, _meaning(key, name, kind), media=media, voice=said, texts=texts)
            elif isinstance(member, (list, dict)):
                _walk(member, _below(pointer, key, texts), _meaning(key, name, kind), media, texts, voice=said)


def _voice(key: str, kind: Json, role: Json, voice: str) -> str:
    """Who says what stands in a member of an object of some kind and role: `voice` is that of the message around it."""
    if key == "content" and isinstance(role, str):
        return _ROLES.get(role, role)
    if key == "output" and isinstance(kind, str) and kind.endswith(_TOOLS):
        return "tool"
    return voice if key in _SAID else ""


def _meaning(key: str, parent: str, kind: Json) -> str:
    """The name by which a member's value is to be read; `parent` is the name of the object, `kind` its type."""
    if parent in _OPEN:
        return ""
    if key in _SCHEMAS or parent == _SCHEMA:
        return _SCHEMA
    # Other items have a `result` too, which is text.
    return "b64_json" if key == "result" and kind == "image_generation_call" else key


def _below(pointer: str, part: str | int, texts: Texts) -> str:
    below = f"{pointer}/{escape(part) if isinstance(part, str) else part}"
    texts.pointed += len(below)
    if texts.pointed > MAX_POINTERS or len(texts.spans) > MAX_STRINGS:
        raise WireError("the JSON has too many strings, or too many below too long names")
    return below


def _string(
    text: str, pointer: str, part: str | int, name: str, *, media: str | None, voice: str, texts: Texts
) -> None:
    if not text or (name == _SCHEMA and text in _TYPES):
        return
    if _is_choice(name, texts.pieces or "/delta" in pointer) and _WORD.fullmatch(text):
        return
    blob = _blob(text, name) if name in _BYTES else None
    if blob is None:
        texts.spans.append(Span(_below(pointer, part, texts), text, nested=name == "arguments", voice=voice))
    elif media is None:
        texts.uninspected.append(Uninspected(_below(pointer, part, texts), blob))


def _is_choice(name: str, piece: bool) -> bool:  # noqa: FBT001 two ways of the same question
    """Whether a member names a thing or a choice, if its value is one plain word."""
    return name.endswith(_IDS) or name in (_STEADY if piece else _WORDS)


def _blob(text: str, name: str) -> str | None:
    """What kind of bytes a string carries, or None if it is text."""
    if name in _URLS and (url := _DATA_URL.fullmatch(text)):
        return url[1] if url[1] in ("image", "audio", "video") else "file"
    if name in _BLOBS and _BASE64.fullmatch(text):
        return _BLOBS[name]
    return None


def integers(value: Json, pointer: str) -> Iterator[Uninspected]:
    """Prompts given as token ids, which nobody here can read back into text."""
    if isinstance(value, list):
        # One number is enough, and `1.0` may pass for one: OpenAI is no doubt stricter, but it is the judge of that.
        if any(isinstance(item, (int, float)) for item in value):
            yield Uninspected(pointer, "tokens", text=True)
        else:
            for index, item in enumerate(value):
                yield from integers(item, f"{pointer}/{index}")
