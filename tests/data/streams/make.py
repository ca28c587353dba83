"""Writes the recorded-looking streams of this folder: `python tests/data/streams/make.py`.

The texts are written with a `|` at every cut into deltas. Every channel that bears text holds "darn" and "project
borealis" as whole words, cut in awkward places, and near misses; one channel of most files also holds "glass
quagmire", which stands nowhere near the beginning. The shapes are those of openai 3.54's types and of streams seen in
the wild.
"""

import json
from itertools import zip_longest
from pathlib import Path

FOLDER = Path(__file__).parent

CHAT = {
    "id": "chatcmpl-Cz4kV0",
    "object": "chat.completion.chunk",
    "created": 1795449600,
    "model": "gpt-6-luna-2026-06-18",
    "service_tier": "default",
    "system_fingerprint": "fp_2f1d6a0c11",
}
USAGE = {
    "prompt_tokens": 31,
    "completion_tokens": 42,
    "total_tokens": 73,
    "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 5,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
OBFUSCATION = "q7TzD0vK1xN5eRbWm2"

STORY = (
    "Good morning. |The da|rn lights of proj|ect| |Bore|alis |were darned bright, and project bore|d no one. |"
    "D|A|R|N|! We undarn| socks; a glass |quag|mire fol|lowed project|  |BOREALIS|, and then the project"
)


def data(event: dict, *, ascii_only: bool = False) -> bytes:
    """One event with data alone."""
    return b"data: " + json.dumps(event, separators=(",", ":"), ensure_ascii=ascii_only).encode() + b"\n\n"


def named(events: list[dict], *, numbered: bool = False) -> bytes:
    """Events with their type as their name."""
    written = b""
    for number, event in enumerate(events):
        whole = {"type": event["type"], "sequence_number": number, **event} if numbered else event
        written += b"event: " + event["type"].encode() + b"\n" + data(whole)
    return written


def chunk(index: int, delta: dict, finish: str | None = None, logprobs: dict | None = None, **more: object) -> dict:
    """A chunk of a chat completion."""
    choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
    return {**CHAT, "choices": [choice], "usage": None, **more}


def plain(text: str) -> str:
    """A text without its cuts."""
    return text.replace("|", "")


def chat() -> bytes:
    """One choice, as most calls see it."""
    chunks = [chunk(0, {"role": "assistant", "content": "", "refusal": None}, obfuscation=OBFUSCATION[:4])]
    for number, piece in enumerate(STORY.split("|")):
        chunks.append(chunk(0, {"content": piece}, obfuscation=OBFUSCATION[: 1 + number % 9]))
    chunks += [chunk(0, {}, "stop", obfuscation="Zx"), {**CHAT, "choices": [], "usage": USAGE, "obfuscation": ""}]
    return b"".join(map(data, chunks)) + b"data: [DONE]\n\n"


def _arguments(call: int, text: str) -> list[dict]:
    return [{"tool_calls": [{"index": call, "function": {"arguments": piece}}]} for piece in text.split("|")]


def _call(call: int, name: str) -> dict:
    function = {"name": name, "arguments": ""}
    return {"tool_calls": [{"index": call, "id": f"call_{call}aB", "type": "function", "function": function}]}


def chat_n2_tools() -> bytes:
    """Two choices by turns: reasoning and two parallel calls of tools, and a refusal."""
    reasoning = "Hm, da|rn. Is it pro|ject b|orealis|, or project bore|dom, or dar|ned? "
    weather = '{"ci|ty": "da|rn| Oslo", "no|te":"pro|ject\u00a0bore|alis", "n"|: 1.50, "near": "darned"}'
    search = '{"query":"Dar|n", "more": ["project Bor|ealis|","project bore"], "last": "glass qu|agmire"|}'
    refusal = "I can|not say darn| or dar|ned, nor any|thing of proje|ct boreali|s; project bore|aliser is fine."
    first = [{"role": "assistant", "content": None}]
    first += [{"reasoning_content": piece} for piece in reasoning.split("|")]
    calls = zip_longest(
        [_call(0, "get_weather"), *_arguments(0, weather)], [_call(1, "search"), *_arguments(1, search)]
    )
    first += [delta for pair in calls for delta in pair if delta]
    second = [{"role": "assistant", "content": "", "refusal": None}]
    second += [{"refusal": piece} for piece in refusal.split("|")]
    chunks = []
    for one, other in zip_longest(first, second):
        chunks += [chunk(0, one)] if one else []
        chunks += [chunk(1, other)] if other else []
    chunks += [chunk(1, {}, "stop"), chunk(0, {}, "tool_calls"), {**CHAT, "choices": [], "usage": USAGE}]
    return b"".join(data(event, ascii_only=True) for event in chunks) + b"data: [DONE]\n\n"


def _token(text: str, logprob: float, **more: object) -> dict:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), **more}


def chat_logprobs() -> bytes:
    """Every token a second time, beside its text."""
    text = "Oh| |da|rn|,| pro|ject| bor|ealis| is| no| pro|ject| bore|,| nor| dar|ned| well|."
    chunks = [
        chunk(0, {"role": "assistant", "content": "", "refusal": None}, logprobs={"content": [], "refusal": None})
    ]
    for number, piece in enumerate(text.split("|")):
        logprob = -0.25 - number / 64
        alternatives = [_token(piece, logprob), _token(" else", -4.5)]
        content = [_token(piece, logprob, top_logprobs=alternatives)]
        chunks.append(chunk(0, {"content": piece}, logprobs={"content": content, "refusal": None}))
    chunks += [chunk(0, {}, "stop"), {**CHAT, "choices": [], "usage": USAGE}]
    return b"".join(map(data, chunks)) + b"data: [DONE]\n\n"


def completions() -> bytes:
    """The old text completions: two prompts, the first with log probabilities."""
    base = {"id": "cmpl-Cz4kV1", "object": "text_completion", "created": 1795449600, "model": "davinci-002"}
    texts = (
        "\n\nOnce| a dar|n fox met proj|ect borealis| by a gla|ss quagm|ire, |dar|ned as it was",
        " and| a pro|ject bore|alis |and darn| it: project bore",
    )
    events, offset = [], 0
    for pieces in zip_longest(*(text.split("|") for text in texts)):
        for index, piece in enumerate(pieces):
            if piece is None:
                continue
            logprobs = None
            if index == 0:
                logprobs = {
                    "tokens": [piece],
                    "token_logprobs": [-0.5],
                    "top_logprobs": [{piece: -0.5, "!": -3.25}],
                    "text_offset": [offset],
                }
                offset += len(piece)
            choice = {"text": piece, "index": index, "logprobs": logprobs, "finish_reason": None}
            events.append({**base, "choices": [choice], "usage": None})
    for index, finish in enumerate(("length", "stop")):
        last = {"text": "", "index": index, "logprobs": None, "finish_reason": finish}
        events.append({**base, "choices": [last], "usage": None})
    usage = {"prompt_tokens": 9, "completion_tokens": 24, "total_tokens": 33}
    return b"".join(map(data, [*events, {**base, "choices": [], "usage": usage}])) + b"data: [DONE]\n\n"


class Responses:
    """A response while it is streamed."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.output: list[dict] = []

    def response(self, status: str, **more: object) -> dict:
        """The response as it stands."""
        return {
            "id": "resp_68af2c1d",
            "object": "response",
            "created_at": 1795449600,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "instructions": "Never say darn, and nothing of project borealis; darned and project bore are fine.",
            "max_output_tokens": None,
            "model": "gpt-6-luna-2026-06-18",
            "output": [],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "reasoning": {"effort": "medium", "summary": "detailed"},
            "service_tier": "default",
            "store": False,
            "temperature": 1.0,
            "text": {"format": {"type": "text"}, "verbosity": "medium"},
            "tool_choice": "auto",
            "tools": [],
            "top_logprobs": 0,
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None,
            "user": None,
            "metadata": {},
            **more,
        }

    def say(self, kind: str, **members: object) -> None:
        """Add an event."""
        self.events.append({"type": f"response.{kind}", **members})

    def add(self, item: dict) -> int:
        """Begin an item; its index."""
        index = len(self.output)
        self.output.append(item)
        self.say("output_item.added", output_index=index, item=item)
        return index

    def done(self, index: int, **members: object) -> None:
        """End an item."""
        done = {**self.output[index], **members}
        self.output[index] = done
        self.say("output_item.done", output_index=index, item=done)

    def deltas(self, kind: str, text: str, **where: object) -> list[dict]:
        """The events of a text, not added yet."""
        return [{"type": f"response.{kind}.delta", **where, "delta": piece} for piece in text.split("|")]


def responses() -> bytes:
    """A response with every channel that this version of the API streams text in, but for the shell's."""
    stream = Responses()
    stream.say("created", response=stream.response("in_progress"))
    stream.say("in_progress", response=stream.response("in_progress"))
    _reasoning(stream)
    _message(stream)
    _parallel_calls(stream)
    _code(stream)
    _mcp(stream)
    usage = {
        "input_tokens": 120,
        "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 0},
        "output_tokens": 340,
        "output_tokens_details": {"reasoning_tokens": 64},
        "total_tokens": 460,
    }
    done = stream.response("completed", completed_at=1795449612, output=stream.output, usage=usage)
    stream.say("completed", response=done)
    return named(stream.events, numbered=True)


def _reasoning(stream: Responses) -> None:
    summaries = (
        "**Look|ing** at the dar|n pro|ject bo|realis, dar|ned",
        "Then d|arn|, dar|ned project boreal, Project |Borealis.",
    )
    thought = "Raw th|ought: darn| and project| boreali|s and project bor|e."
    index = stream.add({"id": "rs_1", "type": "reasoning", "summary": []})
    where = {"item_id": "rs_1", "output_index": index}
    for number, text in enumerate(summaries):
        at = {**where, "summary_index": number}
        stream.say("reasoning_summary_part.added", **at, part={"type": "summary_text", "text": ""})
        stream.events += stream.deltas("reasoning_summary_text", text, **at)
        stream.say("reasoning_summary_text.done", **at, text=plain(text))
        stream.say("reasoning_summary_part.done", **at, part={"type": "summary_text", "text": plain(text)})
    at = {**where, "content_index": 0}
    stream.say("content_part.added", **at, part={"type": "reasoning_text", "text": ""})
    stream.events += stream.deltas("reasoning_text", thought, **at)
    stream.say("reasoning_text.done", **at, text=plain(thought))
    stream.say("content_part.done", **at, part={"type": "reasoning_text", "text": plain(thought)})
    stream.done(
        index,
        summary=[{"type": "summary_text", "text": plain(text)} for text in summaries],
        content=[{"type": "reasoning_text", "text": plain(thought)}],
        encrypted_content="gAAAAABo" + "Qm9yZWFsaXM" * 6,
    )


def _message(stream: Responses) -> None:
    text = (
        "As the al|manac says, the da|rn lig|hts of pro|ject  bore|alis shine \U0001f600 br|ight (Al|manac, p. 7)|; "
        "a gla|ss quag|mire, da|rned, and the project"
    )
    refusal = "I will not da|rn| a project b|orealis| sock, nor a darned pro|ject bore."
    index = stream.add({"id": "msg_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []})
    at = {"item_id": "msg_1", "output_index": index, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    stream.say("content_part.added", **at, part=part)
    cited = [("almanac", "The almanac"), ("darn lights", "The darn lights"), ("(Almanac, p. 7)", "Page 7")]
    annotations = []
    for words, title in cited:
        start = plain(text).index(words)
        url = f"https://almanac.example/{len(annotations)}"
        place = {"start_index": start, "end_index": start + len(words), "title": title, "url": url}
        annotations.append({"type": "url_citation", **place})
    said, added, tokens = "", 0, []
    for delta in stream.deltas("output_text", text, **at):
        piece = delta["delta"]
        said += piece
        top = [{"token": piece, "logprob": -0.5}, {"token": " else", "logprob": -5.0}]
        tokens.append(_token(piece, -0.5, top_logprobs=[{**one, "bytes": list(one["token"].encode())} for one in top]))
        stream.events.append({**delta, "logprobs": [{"token": piece, "logprob": -0.5, "top_logprobs": top}]})
        while added < len(annotations) and annotations[added]["end_index"] <= len(said):
            members = {"annotation_index": added, "annotation": annotations[added]}
            stream.say("output_text.annotation.added", **at, **members)
            added += 1
    slim = [{**token, "top_logprobs": []} for token in tokens]
    stream.say("output_text.done", **at, text=said, logprobs=[{"token": t["token"], "logprob": -0.5} for t in tokens])
    part = {"type": "output_text", "text": said, "annotations": annotations, "logprobs": slim}
    stream.say("content_part.done", **at, part=part)
    at["content_index"] = 1
    stream.say("content_part.added", **at, part={"type": "refusal", "refusal": ""})
    stream.events += stream.deltas("refusal", refusal, **at)
    stream.say("refusal.done", **at, refusal=plain(refusal))
    stream.say("content_part.done", **at, part={"type": "refusal", "refusal": plain(refusal)})
    content = [part, {"type": "refusal", "refusal": plain(refusal)}]
    stream.done(index, status="completed", content=content)


def _parallel_calls(stream: Responses) -> None:
    """A function's arguments and a custom tool's input, by turns."""
    arguments = '{"to|pic":"d|arn|","list":["pro|ject bore|alis", "project bore", "darned"],"n"|: 0.10}'
    given = "*** Begin Patch\n+ da|rn = 'proj|ect borealis|'\n- darned = 'project bore|'\n*** End"
    function = {"id": "fc_1", "type": "function_call", "status": "in_progress", "arguments": "", "call_id": "call_1"}
    custom = {"id": "ctc_1", "type": "custom_tool_call", "status": "in_progress", "call_id": "call_2", "input": ""}
    one = stream.add({**function, "name": "look_up"})
    other = stream.add({**custom, "name": "apply_patch"})
    first = stream.deltas("function_call_arguments", arguments, item_id="fc_1", output_index=one)
    second = stream.deltas("custom_tool_call_input", given, item_id="ctc_1", output_index=other)
    stream.events += [event for pair in zip_longest(first, second) for event in pair if event]
    stream.say("function_call_arguments.done", item_id="fc_1", output_index=one, arguments=plain(arguments))
    stream.done(one, status="completed", arguments=plain(arguments))
    stream.say("custom_tool_call_input.done", item_id="ctc_1", output_index=other, input=plain(given))
    stream.done(other, status="completed", input=plain(given))


def _code(stream: Responses) -> None:
    code = "# da|rn\nprint|('Project |Bor|ealis')\nprint('darned project bore')|\n"
    call = {"id": "ci_1", "type": "code_interpreter_call", "status": "in_progress", "code": "", "outputs": None}
    index = stream.add({**call, "container_id": "cntr_1"})
    where = {"item_id": "ci_1", "output_index": index}
    stream.say("code_interpreter_call.in_progress", **where)
    stream.events += stream.deltas("code_interpreter_call_code", code, **where)
    stream.say("code_interpreter_call_code.done", **where, code=plain(code))
    stream.say("code_interpreter_call.interpreting", **where)
    stream.say("code_interpreter_call.completed", **where)
    outputs = [{"type": "logs", "logs": "Project Borealis\ndarned project bore\ndarn\n"}]
    stream.done(index, status="completed", code=plain(code), outputs=outputs)


def _mcp(stream: Responses) -> None:
    arguments = '{"question":"what is pro|ject boreal|is, darn| it","near":"project bore dar|ned"}'
    call = {"id": "mcp_1", "type": "mcp_call", "status": "in_progress", "approval_request_id": None, "arguments": ""}
    index = stream.add({**call, "error": None, "name": "ask", "output": None, "server_label": "wiki"})
    where = {"item_id": "mcp_1", "output_index": index}
    stream.say("mcp_call.in_progress", **where)
    stream.events += stream.deltas("mcp_call_arguments", arguments, **where)
    stream.say("mcp_call_arguments.done", **where, arguments=plain(arguments))
    stream.say("mcp_call.completed", **where)
    output = "Project borealis is a darn secret; project bore is not, darned."
    stream.done(index, status="completed", arguments=plain(arguments), output=output)


def transcription() -> bytes:
    """A transcript with speakers."""
    first = " So the da|rn pro|ject bore|alis| is late, not project bo|red."
    second = " Dar|ned if project bore|s me, DARN| it: a glass quag|mire, project Boreali|s!"
    events = []
    for number, (text, speaker) in enumerate(((first, "A"), (second, "B"))):
        segment = f"seg_{number}"
        events += [{"type": "transcript.text.delta", "delta": p, "segment_id": segment} for p in text.split("|")]
        bounds = {"start": 4.5 * number, "end": 4.5 * number + 4.25}
        said = {"id": segment, **bounds, "text": plain(text), "speaker": speaker}
        events.append({"type": "transcript.text.segment", **said})
    usage = {
        "type": "tokens",
        "total_tokens": 59,
        "input_tokens": 14,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
        "output_tokens": 45,
    }
    events.append({"type": "transcript.text.done", "text": plain(first + second), "usage": usage})
    return b"".join(map(data, events))


def images() -> bytes:
    """Pictures: no text, though base64 may read like some."""
    picture = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ/darn/AAADUlEQVR42mNk+DARN+M/whHgAEBgIApD5fRAAAAABJRU5ErkJggg=="
    )
    base = {
        "created_at": 1795449600,
        "size": "1024x1024",
        "quality": "low",
        "background": "opaque",
        "output_format": "png",
    }
    events = [
        {"type": "image_generation.partial_image", **base, "b64_json": picture, "partial_image_index": number}
        for number in range(2)
    ]
    usage = {
        "total_tokens": 100,
        "input_tokens": 50,
        "output_tokens": 50,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    }
    events.append({"type": "image_generation.completed", **base, "b64_json": picture, "usage": usage})
    return named(events)


def crlf() -> bytes:
    """What the format allows and OpenAI does not send: every line end but the usual, and everything else beside it."""

    def lines(delta: dict, *, ascii_only: bool = False) -> str:
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
        return json.dumps(event, ensure_ascii=ascii_only)

    broken = json.dumps({"choices": [{"index": 0, "delta": {"content": "lis \u2026 dar"}}], "id": "x"}, indent=1)
    written = [
        "\ufeffdata: " + lines({"role": "assistant", "content": "\u017b\u00f3\u0142\u0107 \U0001f600 \u2014 da"}),
        "",
        ": keep-alive",
        "",
        "id: 1\r\nretry: 3000\r\ndata: " + lines({"content": "rn \U0001f468\u200d\U0001f469\u200d\U0001f467 pro"}),
        "",
        "event: message",
        ":no space, no name",
        "data:" + lines({"content": "ject \u00e9\U0001f680 project bor"}, ascii_only=True),
        "id",
        "",
        "unknown: field",
        "data: " + lines({"content": "ea"}, ascii_only=True),
        "",
        "",
        *("data: " + line for line in broken.splitlines()),
        "",
        "data: " + lines({"content": "n\u00a0\U0001f63a darned. \u201ePROJECT\u201c"}),
        "",
        "data: " + lines({"content": " \u00ab\u0434\u0430\u00bb project\u2003Bo"}, ascii_only=True),
        "",
        "data: " + lines({"content": "realis\u2026 darn"}),
        "",
        ": the end",
        "data: [DONE]",
        "",
        "",
    ]
    return "\r\n".join(written).encode()


FILES = {
    "chat": chat,
    "chat-n2-tools": chat_n2_tools,
    "chat-logprobs": chat_logprobs,
    "completions": completions,
    "responses": responses,
    "transcription": transcription,
    "images": images,
    "crlf": crlf,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / f"{name}.sse").write_bytes(make())
