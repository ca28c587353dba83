"""What streams say, told by other means than Panda's: the oracle of its tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "streams"
NAMES = tuple(sorted(file.stem for file in FOLDER.glob("*.sse")))

# What the recorded streams hold to be redacted, as whole words.
PHRASES = {"mild": r"\bdarn\b", "codenames": r"\bproject\s+borealis\b"}
REDACTION = "****"

# The members of an item or a response that hold text, wherever they stand.
_TEXTS = ("text", "refusal", "arguments", "input", "code", "logs", "output", "instructions", "title")

# What a Responses event adds to, by the first part of its type.
_CHANNELS = {
    "output_text": "text",
    "reasoning_text": "text",
    "reasoning_summary_text": "text",
    "refusal": "refusal",
    "function_call_arguments": "arguments",
    "mcp_call_arguments": "arguments",
    "custom_tool_call_input": "input",
    "code_interpreter_call_code": "code",
}


def load(name: str) -> bytes:
    """A recorded stream."""
    return (FOLDER / f"{name}.sse").read_bytes()


def expected(text: str) -> str:
    """A text as it should be after redaction."""
    return re.sub("|".join(PHRASES.values()), REDACTION, text, flags=re.IGNORECASE)


def found(text: str) -> list[tuple[str, int, int]]:
    """What should be found in a text: the list, the start and the end of each."""
    return [
        (name, match.start(), match.end())
        for name, pattern in PHRASES.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def pieces(data: bytes, size: int) -> list[bytes]:
    """A stream cut into pieces of one size."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def blocks(data: bytes) -> list[bytes]:
    """A stream cut behind each blank line: an event, or a comment, each."""
    return [block for block in re.split(rb"(?<=\n\n)|(?<=\r\n\r\n)|(?<=\r\r)", data) if block]


def events(data: bytes) -> list[dict]:
    """The JSON of a stream's events as the HTML standard reads them, without `[DONE]`."""
    return [json.loads(text) for _, text in messages(data) if text != "[DONE]"]


def messages(data: bytes) -> list[tuple[str, str]]:
    """The name and the data of a stream's events."""
    text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    name, lines, whole = "", [], []
    for line in text.split("\n")[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data" and line:
            lines.append(value)
        elif field == "event":
            name = value
        elif not line:
            whole += [(name, "\n".join(lines))] if lines else []
            name, lines = "", []
    return whole


def texts(data: bytes) -> dict[str, str]:
    """The text of each channel of a stream, by the place it has in the plain answer the stream adds up to."""
    added: dict[str, str] = {}
    for place, delta in deltas(data):
        added[place] = added.get(place, "") + delta
    return added


def deltas(data: bytes) -> list[tuple[str, str]]:
    """The deltas of a stream in the order they come, each with its channel's place."""
    return [delta for event in events(data) for delta in _deltas(event)]


def expected_deltas(data: bytes) -> list[tuple[str, str]]:
    """The deltas as they should be after redaction: what stands for a match is said where the match began."""
    whole, said, wanted = texts(data), dict[str, int](), []
    for place, delta in deltas(data):
        start = said.get(place, 0)
        end = said[place] = start + len(delta)
        spans = sorted((first, last) for _, first, last in found(whole[place]))
        left, at = "", start
        for first, last in spans:
            if first < end and last > start:
                left += whole[place][at : max(first, at)] + (REDACTION if first >= start else "")
                at = min(last, end)
        wanted.append((place, left + whole[place][at:end]))
    return wanted


def _deltas(event: dict) -> Iterator[tuple[str, str]]:
    kind = event.get("type", "")
    if kind == "transcript.text.delta":
        yield "/text", event["delta"]
    elif kind.startswith("response."):
        if kind.endswith(".delta"):
            yield _place(event), event["delta"]
    else:
        for choice in event.get("choices", ()):
            base = f"/choices/{choice['index']}"
            if isinstance(choice.get("text"), str):
                yield f"{base}/text", choice["text"]
            yield from _message(f"{base}/message", choice.get("delta", {}))


def _message(base: str, delta: dict) -> Iterator[tuple[str, str]]:
    for name in ("content", "refusal", "reasoning_content"):
        if isinstance(delta.get(name), str):
            yield f"{base}/{name}", delta[name]
    for call in delta.get("tool_calls") or ():
        arguments = call.get("function", {}).get("arguments")
        if isinstance(arguments, str):
            yield f"{base}/tool_calls/{call['index']}/function/arguments", arguments


def _place(event: dict) -> str:
    """Where the text of a Responses event stands in the response."""
    base = f"/output/{event['output_index']}"
    if "summary_index" in event:
        base += f"/summary/{event['summary_index']}"
    elif "content_index" in event:
        base += f"/content/{event['content_index']}"
    if "annotation_index" in event:
        return f"{base}/annotations/{event['annotation_index']}"
    channel = _CHANNELS.get(event["type"].split(".")[1])
    return f"{base}/{channel}" if channel else base


def snapshots(data: bytes) -> dict[str, list[str]]:
    """Every text that a stream's events hold whole, by place, in order. What is only begun is left out."""
    seen: dict[str, list[str]] = {}
    for event in events(data):
        kind = event.get("type", "")
        if kind == "transcript.text.segment":
            # They are parts of one text, which goes on from each to the next.
            before = seen.get("/segments/text", [""])[0]
            seen["/segments/text"] = [before + event["text"]]
        elif kind == "transcript.text.done":
            seen.setdefault("/text", []).append(event["text"])
        elif kind.startswith("response.") and not kind.endswith((".delta", "_item.added", "_part.added")):
            for place, text in _snapshot(event):
                seen.setdefault(place, []).append(text)
    return seen


def _snapshot(event: dict) -> Iterator[tuple[str, str]]:
    for whole in ("response", "item", "part", "annotation"):
        if whole in event:
            yield from _walk(event[whole], "" if whole == "response" else _place(event))
            return
    channel = _CHANNELS.get(event["type"].split(".")[1])
    if channel in event:
        yield _place(event), event[channel]


def _walk(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{place}/{index}")
    elif isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str) and name in _TEXTS:
                yield f"{place}/{name}", member
            elif name != "logprobs":
                yield from _walk(member, f"{place}/{name}")


def everything(data: bytes) -> dict[str, str]:
    """All text of a stream by place: what comes in deltas, and what only snapshots hold."""
    return {place: seen[0] for place, seen in snapshots(data).items()} | texts(data)


def citations(data: bytes) -> list[tuple[str, int, str]]:
    """What every citation of a Responses stream cites: where it stands, its number, and the words."""
    whole, cited = texts(data), []
    for event in events(data):
        kind = event.get("type", "")
        if kind == "response.output_text.annotation.added":
            place = _place(event).rpartition("/annotations/")[0]
            cited.append((kind, event["annotation_index"], _words(whole[f"{place}/text"], event["annotation"])))
        cited += [(kind, number, _words(text, one)) for text, number, one in _annotations(event)]
    return cited


def _annotations(value: object) -> Iterator[tuple[str, int, dict]]:
    if isinstance(value, list):
        for item in value:
            yield from _annotations(item)
    elif isinstance(value, dict):
        if value.get("annotations") and isinstance(value.get("text"), str):
            yield from ((value["text"], number, one) for number, one in enumerate(value["annotations"]))
        for member in value.values():
            yield from _annotations(member)


def _words(text: str, annotation: dict) -> str:
    return text[annotation["start_index"] : annotation["end_index"]]


def tokens(value: object) -> Iterator[str]:
    """Every token that log probabilities anywhere in an event repeat."""
    if isinstance(value, list):
        for item in value:
            yield from tokens(item)
    elif isinstance(value, dict):
        logprobs = value.get("logprobs")
        for entries in (logprobs, logprobs.get("content")) if isinstance(logprobs, dict) else (logprobs,):
            if isinstance(entries, list):
                yield from (entry["token"] for entry in entries)
        if isinstance(logprobs, dict):
            yield from logprobs.get("tokens") or ()
        for name, member in value.items():
            if name != "logprobs":
                yield from tokens(member)
