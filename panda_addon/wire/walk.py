"""Finding the text in a JSON body: every string that is not an id, an enum or a blob.

The API grows faster than any list of fields, so the rule is the other way round: a short list of names whose values
are *not* text, and even those are believed only when the value looks the part. A sentence is text under any name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from panda_addon.exchange import Span, Uninspected
from panda_addon.wire.names import NAMES, escape
from panda_addon.wire.strictjson import Json

# Members whose value, if it is one plain word, names a thing or a choice. Gathered from openai 3.54's types.
_WORDS = frozenset(
    """
    call_id conversation detail effort encoding_format finish_reason format id modality mode model object
    output_format prompt_cache_key purpose quality reason response_format role safety_identifier service_tier
    size state status stream_format style summary syntax system_fingerprint tool_choice truncation type user
    verbosity voice
    """.split()
)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+/=-]{0,255}")

# Members that carry bytes. `data:` URLs count as bytes under any name.
_BLOBS = {
    "b64_json": "image",
    "data": "audio",
    "embedding": "embedding",
    "encrypted_content": "encrypted",
    "file_data": "file",
    "partial_image_b64": "image",
    "result": "image",
}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_DATA_URL = re.compile(r"data:([a-z]+)/[A-Za-z0-9.+-]*(?:;[A-Za-z0-9=._-]+)*;base64,[A-Za-z0-9+/=\s_-]*")

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


def walk(document: Json) -> Texts:
    """The texts of a JSON document in the order they stand in it, and what is there beside text."""
    texts = Texts()
    _walk(document, "", "", None, texts)
    return texts


def _walk(value: Json, pointer: str, name: str, media: str | None, texts: Texts) -> None:
    if isinstance(value, str):
        _string(value, pointer, name, media, texts)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (str, list, dict)):
                _walk(item, f"{pointer}/{index}", name, media, texts)
    elif isinstance(value, dict):
        kind = value.get("type")
        inside = _MEDIA.get(kind) if isinstance(kind, str) else None
        if inside:
            texts.uninspected.append(Uninspected(pointer, inside))
        for key, member in value.items():
            below = f"{pointer}/{escape(key)}"
            if key not in NAMES:
                texts.spans.append(Span(below, key, key=True))
            if isinstance(member, (str, list, dict)):
                _walk(member, below, key, inside or media, texts)


def _string(text: str, pointer: str, name: str, media: str | None, texts: Texts) -> None:
    if not text or ((name in _WORDS or name.endswith("_id")) and _WORD.fullmatch(text)):
        return
    blob = _blob(text, name)
    if blob is None:
        texts.spans.append(Span(pointer, text))
    elif media is None:
        texts.uninspected.append(Uninspected(pointer, blob))


def _blob(text: str, name: str) -> str | None:
    """What kind of bytes a string carries, or None if it is text."""
    if text.startswith("data:") and (url := _DATA_URL.fullmatch(text)):
        return url[1] if url[1] in ("image", "audio", "video") else "file"
    if name in _BLOBS and _BASE64.fullmatch(text):
        return _BLOBS[name]
    return None


def integers(value: Json, pointer: str) -> Iterator[Uninspected]:
    """Prompts given as token ids, which nobody here can read back into text."""
    if isinstance(value, list) and value:
        if all(isinstance(item, int) for item in value):
            yield Uninspected(pointer, "tokens", text=True)
        else:
            for index, item in enumerate(value):
                yield from integers(item, f"{pointer}/{index}")
