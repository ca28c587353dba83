"""Streamed answers, byte by byte: what leaves, when it leaves, how it ends, and what is written down."""

import contextlib
import gzip
import json
import re
import signal
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import brotli
import httpx2
import pytest
import zstandard

from tests import streams
from tests.e2e import answers
from tests.e2e.proxy import PATIENCE
from tests.packing import PACK

POLICY = """
version: 1
unknown_endpoint: audit
policies:
  - name: research
    phrases:
"""
OFF = POLICY + "      - {list: absent, words: [zyzzyva], in: [response], action: redact}\n"
REDACT = (
    POLICY
    + """      - {list: mild, words: [darn], in: [response], action: redact}
      - {list: codenames, words: ["project borealis"], in: [response], action: redact}
"""
)
NEAR = POLICY + "      - {list: near, words: [project borealists, glass quagmires, darned fool], action: redact}\n"
AUDIT = REDACT.replace("action: redact", "action: audit")
BLOCK = POLICY + "      - {list: secret, words: ['glass quagmire'], in: [response], action: block}\n"
EARLY = POLICY + "      - {list: secret, words: ['project borealis'], in: [response], action: block}\n"

# The recorded streams are of clients that asked for the usage.
ASKS = {"stream_options": {"include_usage": True}}
CHAT = ("/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "hi"}], **ASKS})
REQUESTS = {
    "completions": ("/v1/completions", {"model": "davinci-002", "prompt": "hi", **ASKS}),
    "responses": ("/v1/responses", {"model": "m", "input": "hi"}),
    "transcription": ("/v1/audio/transcriptions", {"model": "m"}),
    "images": ("/v1/images/generations", {"model": "m", "prompt": "hi"}),
}

# Input, cached, output and reasoning tokens.
USAGE = {
    "chat": (31, 8, 42, 5),
    "chat-n2-tools": (31, 8, 42, 5),
    "chat-logprobs": (31, 8, 42, 5),
    "completions": (9, 0, 24, 0),
    "responses": (120, 20, 340, 64),
    "transcription": (14, 0, 45, 0),
    "images": (50, 0, 50, 0),
}

KINDS = {
    "transcription": {"input_audio_tokens": 14},
    "images": {"input_image_tokens": 40, "output_image_tokens": 50},
}

CUTS = {
    "whole": lambda data: [data],
    "events": streams.blocks,
    "64 bytes": lambda data: streams.pieces(data, 64),
    "7 bytes": lambda data: streams.pieces(data, 7),
}
BOTH = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
EVERY = pytest.mark.parametrize("name", streams.NAMES)
CUT = pytest.mark.parametrize("cut", CUTS)
BLOCKED = pytest.mark.parametrize(
    ("name", "policy"),
    [*((name, BLOCK) for name in ("chat", "chat-n2-tools", "completions", "responses")), ("responses", EARLY)],
    ids=["chat", "chat-n2-tools", "completions", "responses", "responses at once"],
)


@contextlib.contextmanager
def called(client: httpx2.Client, name: str, **more) -> Iterator[httpx2.Response]:
    """The answer to the request that a recorded stream answers, while it comes in."""
    path, body = REQUESTS.get(name, CHAT)
    if name == "transcription":
        sent = {"data": {**body, "stream": "true"}, "files": {"file": ("a.wav", b"RIFF", "audio/wav")}}
    else:
        sent = {"json": {**body, "stream": True}}
    with client.stream("POST", path, **sent, **more) as answer:
        yield answer


def ask(client: httpx2.Client, name: str, **more) -> httpx2.Response:
    """The whole answer to that request."""
    with called(client, name, **more) as answer:
        answer.read()
    return answer


def places(record: dict) -> list[tuple[str, str, int, int]]:
    """A record's findings, sorted: the place, the list, the start and the end of each."""
    phrases = (one for one in record["findings"] if one["check"] == "phrases")
    return sorted((one["at"], one["list"], one["start"], one["end"]) for one in phrases)


def all_places(data: bytes) -> list[tuple[str, str, int, int]]:
    """The findings that a recorded stream should give."""
    everything = streams.everything(data)
    return sorted((place, *one) for place, text in everything.items() for one in streams.found(text))


def spell(pointer: str) -> str:
    """A JSON pointer as a refusal writes it: `choices[0].text`."""
    return re.sub(r"/(\d+)", r"[\1]", pointer).lstrip("/").replace("/", ".")


def wait_until(true, what: str) -> None:
    """Wait for something to become true, with generous patience."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


# The oracle on its own data.


@EVERY
def test_recorded(name):
    """A recorded stream holds both phrases and near misses in every channel, and its snapshots repeat its deltas."""
    data = streams.load(name)
    said = streams.texts(data)
    for place, text in streams.everything(data).items():
        if text and "/annotations/" not in place:
            assert {one for one, *_ in streams.found(text)} == {"mild", "codenames"}, place
            assert re.search("darn|project bore", streams.expected(text), re.IGNORECASE), place
    for place, seen in streams.snapshots(data).items():
        assert set(seen) == {said.get(place, seen[0])}
    assert b"".join(streams.blocks(data)) == b"".join(streams.pieces(data, 7)) == data


# What leaves.


@BOTH
@CUT
@pytest.mark.parametrize("policy", [OFF, NEAR], ids=["far", "near"])
@EVERY
def test_identity(standin, start, http, name, policy, cut, http2):
    """A stream without findings leaves byte for byte as it came, however cut and however near to one."""
    proxy = start(policy)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(CUTS[cut](data))), proxy.recording() as records:
        answer = ask(http(proxy, http2=http2), name)
    assert answer.content == data
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert places(records[0]) == []
    response = records[0]["response"]
    assert (response["status"], response["upstream_request_id"]) == (200, "req_standin")
    assert (response["bytes"], response["ended"]) == (len(data), "complete")


@EVERY
def test_record(standin, start, http, door, name):
    """The record of a clean stream says that it was read, what it used, and when its first byte came."""
    proxy = start(OFF, door=door)
    data = streams.load(name)
    with (
        standin.answering(lambda _received: answers.as_stream(streams.blocks(data))) as requests,
        proxy.recording() as records,
    ):
        ask(http(proxy), name)
    [record] = records
    known = name != "transcription"
    assert record["decision"] == ("allow" if known else "audit")
    assert "stream" not in [one["reason"] for one in record["uninspected"]]
    if name in USAGE:
        given = dict(
            zip(("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"), USAGE[name], strict=True)
        )
        assert record["usage"] == {**given, **KINDS.get(name, {}), "source": "reported"}
    else:
        assert record["usage"]["source"] == "counted"
    assert 0 <= record["latency_ms"]["first_byte"] <= record["latency_ms"]["total"]
    assert record["request"]["stream"] is known
    assert not known or requests[0].headers["accept-encoding"] == "identity"


@BOTH
@CUT
@EVERY
def test_redacted(standin, start, http, name, cut, http2):
    """What is to be redacted is redacted in deltas and snapshots alike, and every finding recorded once."""
    proxy = start(REDACT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(CUTS[cut](data))), proxy.recording() as records:
        answer = ask(http(proxy, http2=http2), name)
    check_redacted(data, answer.content)
    # The length that the upstream announced is that of another text.
    assert "content-length" not in answer.headers
    [record] = records
    assert places(record) == all_places(data)
    if name != "images":
        assert record["decision"] == "redact"
        assert answer.content != data
    assert record["response"]["ended"] == "complete"
    assert record["response"]["bytes"] == len(answer.content)


def check_redacted(data: bytes, got: bytes) -> None:
    """Compare a redacted stream with what it was."""
    assert streams.deltas(got) == streams.expected_deltas(data)
    expected = {place: [streams.expected(text) for text in seen] for place, seen in streams.snapshots(data).items()}
    assert streams.snapshots(got) == expected
    assert outlines(got) == outlines(data)
    assert [name for name, _ in streams.messages(got)] == [name for name, _ in streams.messages(data)]


def outlines(data: bytes) -> list[str]:
    """A stream's events without what redaction may change."""
    return [json.dumps(outline(event)) for event in streams.events(data)]


# What redaction may change in an event: its texts, their log probabilities, the offsets of citations.
MAY_CHANGE = set(
    """
    arguments code content delta end_index input instructions logprobs logs output reasoning_content refusal
    start_index text title
    """.split()
)


def outline(event: object) -> object:
    """An event without what redaction may change."""
    if isinstance(event, list):
        return [outline(one) for one in event]
    if isinstance(event, dict):
        kept = {n: one for n, one in event.items() if n not in MAY_CHANGE or not isinstance(one, (str, int))}
        return {name: outline(one) for name, one in kept.items() if name != "logprobs"}
    return event


@EVERY
def test_redacted_at_both_doors(standin, start, http, door, name):
    """Redaction of streams does not depend on how Panda was started."""
    proxy = start(REDACT, door=door)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(streams.blocks(data))), proxy.recording():
        check_redacted(data, ask(http(proxy), name).content)


@pytest.mark.parametrize("name", ["chat", "crlf", "transcription"])
def test_byte_by_byte(standin, start, http, name):
    """A stream that comes a byte at a time is redacted as if it came at once."""
    proxy = start(REDACT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(streams.pieces(data, 1))), proxy.recording() as records:
        check_redacted(data, ask(http(proxy), name).content)
    assert places(records[0]) == all_places(data)


@pytest.mark.parametrize(
    "line", [b": darn\n\n", b"note: project bore\n", b"event: darned\n", b"id: 1\n", b"\n", b"data\n"]
)
def test_beside_the_data(standin, start, http, line):
    """Comments, unknown fields, names, ids and blank lines do not keep the texts from being redacted."""
    proxy = start(REDACT)
    data = streams.load("chat")
    with standin.answering(lambda _received: answers.as_stream([line + data])), proxy.recording():
        got = ask(http(proxy), "chat").content
    wanted = {place: streams.expected(text) for place, text in streams.texts(data).items()}
    assert streams.texts(got.replace(b"data\n", b"")) == wanted


@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("name", ["chat", "responses"])
def test_line_ends(standin, start, http, name, end):
    """Any line end that the format allows is understood, and kept."""
    proxy = start(REDACT)
    data = streams.load(name).replace(b"\n", end)
    with standin.answering(lambda _received: answers.as_stream(streams.pieces(data, 64))), proxy.recording():
        got = ask(http(proxy), name).content
    check_redacted(data, got)
    assert got.count(end) == data.count(end)
    assert got.replace(end, b"").count(b"\n") == 0


@EVERY
def test_untouched_events(standin, start, http, name):
    """Events in which nothing is redacted leave byte for byte, among others that change."""
    proxy = start(REDACT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream([data])), proxy.recording():
        got = ask(http(proxy), name).content
    kept = [re.sub(rb'"sequence_number":\d+', b"", block) for block in streams.blocks(got)]
    for block in streams.blocks(data):
        changed = b"start_index" in block or not clean(data, block)
        assert changed or re.sub(rb'"sequence_number":\d+', b"", block) in kept


def clean(data: bytes, block: bytes) -> bool:
    """Whether nothing is to be redacted in one block of a stream: in its deltas, nor in what it holds whole."""
    at = data.index(block)
    known, until = streams.expected_deltas(data), len(streams.deltas(data[:at]))
    mine = streams.deltas(data[: at + len(block)])[until:]
    return mine == known[until : until + len(mine)] and not streams.found(block.decode().replace("\\n", " "))


@EVERY
def test_audited(standin, start, http, name):
    """An audit finds and records what redaction would, and changes not a byte."""
    proxy = start(AUDIT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(streams.blocks(data))), proxy.recording() as records:
        assert ask(http(proxy), name).content == data
    assert places(records[0]) == all_places(data)
    if all_places(data):
        assert records[0]["decision"] == "audit"


@pytest.mark.parametrize("name", ["responses", "chat-n2-tools"])
def test_arguments(standin, start, http, name):
    """The arguments of a call stay valid JSON when something in them is redacted."""
    proxy = start(REDACT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(streams.blocks(data))), proxy.recording():
        got = streams.texts(ask(http(proxy), name).content)
    calls = [json.loads(text) for place, text in got.items() if place.endswith("arguments")]
    assert len(calls) == 2
    assert all("****" in json.dumps(call) for call in calls)


def test_citations(standin, start, http):
    """A citation's offsets fit the redacted text, in every event that has them."""
    proxy = start(REDACT)
    data = streams.load("responses")
    with standin.answering(lambda _received: answers.as_stream(streams.blocks(data))), proxy.recording():
        got = ask(http(proxy), "responses").content
    expected = [(kind, number, streams.expected(words)) for kind, number, words in streams.citations(data)]
    assert streams.citations(got) == expected


@pytest.mark.parametrize("name", ["chat-logprobs", "completions", "responses"])
def test_log_probabilities(standin, start, http, name):
    """The tokens of a text that was changed are left out, so that they do not spell it."""
    proxy = start(REDACT)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(streams.blocks(data))), proxy.recording():
        got = ask(http(proxy), name).content
    spelt = "".join(token for event in streams.events(got) for token in streams.tokens(event))
    assert streams.expected(spelt) == spelt
    before, after = (sum(1 for event in streams.events(one) for _ in streams.tokens(event)) for one in (data, got))
    assert after < before


# When it leaves.


@BOTH
@pytest.mark.parametrize(
    ("policy", "said"),
    [(OFF, "Good morning. "), (REDACT, "Good morning. "), (REDACT, "that darn cat. "), (AUDIT, "the project bore")],
    ids=["nothing", "clean", "redacted", "audited"],
)
def test_at_once(standin, start, http, door, http2, policy, said):
    """Text that nothing can become of leaves while the next event is not there yet; under an audit any text does."""
    proxy = start(policy, door=door)
    base = {"id": "x", "object": "chat.completion.chunk"}
    first = {**base, "choices": [{"index": 0, "delta": {"content": said}}]}
    last = {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    written = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in (first, last)]
    hold = threading.Event()
    reply = answers.as_stream([written[0], written[1] + b"data: [DONE]\n\n"], hold=hold)
    with standin.answering(lambda _received: reply), proxy.recording() as records:
        got, waited = b"", None
        with called(http(proxy, http2=http2), "chat") as answer:
            for piece in answer.iter_raw():
                got += piece
                if waited is None and b"\n\n" in got:
                    waited = hold.is_set()
                    hold.set()
    assert waited is False
    assert not reply.gone.is_set()
    wanted = said if policy != REDACT else streams.expected(said)
    assert streams.texts(got) == {"/choices/0/message/content": wanted}
    assert records[0]["response"]["ended"] == "complete"


# How it is labelled and packed.


@BOTH
@pytest.mark.parametrize("size", [7, 1 << 20], ids=["7 bytes", "whole"])
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_compressed(standin, start, http, coding, size, http2):
    """A stream that is compressed although nobody asked for it is read, and leaves plain."""
    proxy = start(REDACT)
    data = streams.load("responses")
    headers = {"content-type": "text/event-stream", "content-encoding": coding}
    chunks = streams.pieces(PACK[coding](data), size)
    with (
        standin.answering(lambda _received: answers.as_stream(chunks, headers=headers)) as requests,
        proxy.recording() as records,
    ):
        with called(http(proxy, http2=http2), "responses") as answer:
            got = b"".join(answer.iter_raw())
        assert "content-encoding" not in answer.headers
    assert requests[0].headers["accept-encoding"] == "identity"
    check_redacted(data, got)
    assert places(records[0]) == all_places(data)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_compressed_at_once(standin, start, http, coding):
    """An event that is flushed in a compressed stream leaves while the rest is not there yet."""
    proxy = start(REDACT)
    first, *rest = streams.blocks(streams.load("chat"))
    pack = {"gzip": _gzip_pieces, "br": _br_pieces, "zstd": _zstd_pieces}[coding]
    hold = threading.Event()
    headers = {"content-type": "text/event-stream", "content-encoding": coding}
    reply = answers.as_stream(pack(first, b"".join(rest)), headers=headers, hold=hold)
    with standin.answering(lambda _received: reply), proxy.recording():
        got, waited = b"", None
        with called(http(proxy), "chat") as answer:
            for piece in answer.iter_raw():
                waited = hold.is_set() if waited is None else waited
                hold.set()
                got += piece
    assert waited is False
    check_redacted(first + b"".join(rest), got)


def _gzip_pieces(*pieces: bytes) -> list[bytes]:
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]
    return [*packed, packer.flush()]


def _br_pieces(*pieces: bytes) -> list[bytes]:
    packer = brotli.Compressor()
    return [*(packer.process(piece) + packer.flush() for piece in pieces), packer.finish()]


def _zstd_pieces(*pieces: bytes) -> list[bytes]:
    packer = zstandard.ZstdCompressor().compressobj()
    packed = [packer.compress(piece) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for piece in pieces]
    return [*packed, packer.flush()]


@pytest.mark.parametrize(
    ("coding", "body"),
    [("compress", b"\x1f\x9d\x90"), ("gzip, rot13", b"data: x\n\n"), ("gzip", b"data: not gzip\n\n")],
    ids=["compress", "two", "broken"],
)
def test_unreadable_coding(standin, start, http, coding, body):
    """A stream in a coding that cannot be undone is not passed on, and the call is recorded as not inspectable."""
    proxy = start(REDACT)
    headers = {"content-type": "text/event-stream", "content-encoding": coding}
    chunks = [body, b"data: project borealis\n\n"]
    with (
        standin.answering(lambda _received: answers.as_stream(chunks, headers=headers)),
        proxy.recording() as records,
        called(http(proxy), "chat") as answer,
    ):
        got = b"".join(answer.iter_raw())
    assert b"borealis" not in got
    assert b"not_inspectable" in got
    assert records[0]["decision"] == "block"
    assert {one["code"] for one in records[0]["findings"]} == {"not_inspectable"}
    assert records[0]["response"]["ended"] == "refused"
    assert records[0]["response"]["bytes"] == len(got)


@pytest.mark.parametrize(
    "policy", [AUDIT.replace("phrases:", "mode: audit\n    phrases:"), "on_error: allow\n" + REDACT]
)
def test_unknown_coding_passes_where_it_may(standin, start, http, policy):
    """Where nothing is refused a coding that cannot be undone passes at once, label and all, and the record says so once."""
    proxy = start(policy)
    headers = {"content-type": "text/event-stream", "content-encoding": "compress"}
    held = answers.as_stream([b"\x1f\x9d\x90", b"more"], headers=headers, hold=threading.Event())
    with standin.answering(lambda _received: held), proxy.recording() as records, called(http(proxy), "chat") as answer:
        assert answer.headers["content-encoding"] == "compress"
        pieces = answer.iter_raw()
        assert next(pieces) == b"\x1f\x9d\x90"
        held.hold.set()
        assert b"".join(pieces) == b"more"
    assert [one["code"] for one in records[0]["findings"]] == ["not_inspectable"]
    assert [one["reason"] for one in records[0]["uninspected"]] == ["unreadable"]


@BOTH
@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(standin, start, http, status, http2):
    """An answer that has no body gets none, whatever its label, and its connection serves the next call."""
    proxy = start(REDACT)
    client = http(proxy, http2=http2)
    with standin.answering(lambda _received: answers.as_stream([], status=status)), proxy.recording() as records:
        with called(client, "chat") as answer:
            assert (answer.status_code, answer.read()) == (status, b"")
        assert "transfer-encoding" not in answer.headers
    assert records[0]["response"]["ended"] == "complete"
    with standin.answering(answers.answer), proxy.recording():
        assert client.post(*CHAT[:1], json=CHAT[1]).status_code == 200


@BOTH
@pytest.mark.parametrize("label", [None, "text/plain", "application/json", "application/octet-stream"])
@pytest.mark.parametrize("name", ["chat", "responses"])
def test_labels(standin, start, http, name, label, http2):
    """A stream that was asked for is read as one, whatever it says it is."""
    proxy = start(REDACT)
    data = streams.load(name)
    headers = {"content-type": label} if label else {}
    with (
        standin.answering(lambda _received: answers.as_stream(streams.blocks(data), headers=headers)),
        proxy.recording() as records,
    ):
        got = ask(http(proxy, http2=http2), name)
    check_redacted(data, got.content)
    assert got.headers.get("content-type") == label
    assert places(records[0]) == all_places(data)


def test_json_all_the_same(standin, start, http):
    """A plain answer to a call that asked for a stream is judged as the plain answer it is."""
    proxy = start(REDACT)
    reply = answers.as_json({"choices": [{"index": 0, "message": {"content": "darn\n\nproject borealis"}}]})
    with standin.answering(lambda _received: reply), proxy.recording() as records:
        got = ask(http(proxy), "chat")
    assert got.json()["choices"][0]["message"]["content"] == "****\n\n****"
    assert records[0]["decision"] == "redact"


def test_error_answer(standin, start, http):
    """An error in answer to a call that asked for a stream reaches the client as the error it is."""
    proxy = start(REDACT)
    error = {"error": {"message": "darn", "type": "server_error", "param": None, "code": None}}
    with standin.answering(lambda _received: answers.as_json(error, 500)), proxy.recording() as records:
        got = ask(http(proxy), "chat")
    assert got.status_code == 500
    assert got.json()["error"]["message"] == "****"
    assert records[0]["response"]["status"] == 500


def test_swollen(standin, start, http):
    """A small compressed stream of events without an end does not fill the proxy's memory: it is refused or cut off."""
    proxy = start(REDACT)
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    bomb = gzip.compress(b"data: " + b"x" * (300 << 20), 1)
    with (
        standin.answering(lambda _received: answers.as_stream(streams.pieces(bomb, 1 << 15), headers=headers)),
        proxy.recording() as records,
        contextlib.suppress(httpx2.HTTPError),
    ):
        assert len(ask(http(proxy), "chat").content) < 1 << 20
    assert records[0]["decision"] in {"block", "error"}


# How it ends.


@BOTH
@CUT
@BLOCKED
def test_blocked(standin, start, http, name, policy, cut, http2):
    """A phrase to block ends the stream in the API's own words, with nothing of the phrase before them."""
    proxy = start(policy)
    data = streams.load(name)
    with standin.answering(lambda _received: answers.as_stream(CUTS[cut](data))), proxy.recording() as records:
        got = ask(http(proxy, http2=http2), name)
    assert got.status_code == 200
    [record] = records
    check_tail(name, got.content, record)
    check_beginning(data, got.content, r"glass\s+quagmire" if policy == BLOCK else r"project\s+borealis")
    assert record["decision"] == "block"
    assert {one["list"] for one in record["findings"]} == {"secret"}
    assert record["response"]["ended"] == "refused"
    assert record["response"]["bytes"] == len(got.content)
    assert record["refusal"]["code"] == "policy_violation"


def check_beginning(data: bytes, got: bytes, phrase: str) -> None:
    """What was delivered of each text is its beginning, and ends before the first phrase to block."""
    whole = streams.everything(data)
    delivered = streams.texts(got.rpartition(b"event: response.failed")[0] or got)
    for place, text in delivered.items():
        match = re.search(phrase, whole[place], re.IGNORECASE)
        assert whole[place].startswith(text), place
        assert match is None or len(text) <= match.start(), place
    for seen in streams.snapshots(got.rpartition(b"event: response.failed")[0]).values():
        assert not any(re.search(phrase, text, re.IGNORECASE) for text in seen)


def check_tail(name: str, got: bytes, record: dict) -> None:
    """A stream that was blocked ends as clients of its endpoint understand it."""
    finding = next(one for one in record["findings"] if one["action"] == "block")
    where = spell(finding["at"])
    message = f"Blocked by policy 'research': secret phrase in {where}. Decision {record['id']}"
    error = {"message": message, "type": "invalid_request_error", "param": where, "code": "policy_violation"}
    assert record["refusal"]["param"] == where
    messages = streams.messages(got)
    if name != "responses":
        assert messages[-1][1] == "[DONE]"
        assert json.loads(messages[-2][1]) == {"error": error}
        assert got.endswith(b"\n\ndata: [DONE]\n\n")
        return
    [*before, (failed_name, failed), (error_name, ending)] = messages
    failed, ending = json.loads(failed), json.loads(ending)
    assert (failed_name, failed["type"]) == ("response.failed", "response.failed")
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"]["code"] == "invalid_prompt"
    assert failed["response"]["error"]["message"] == message
    assert (error_name, ending["type"]) == ("error", "error")
    assert ending["error"] == error
    assert {key: ending[key] for key in ("code", "message", "param")} == {
        k: error[k] for k in ("code", "message", "param")
    }
    numbers = [json.loads(one)["sequence_number"] for _, one in before]
    numbers += [failed["sequence_number"], ending["sequence_number"]]
    assert numbers == sorted(set(numbers))
    if before:
        assert failed["response"]["id"] == json.loads(before[0][1])["response"]["id"]


@BOTH
@pytest.mark.parametrize("name", ["chat", "responses"])
def test_block_hangs_up(standin, start, http, door, name, http2):
    """A block ends the upstream's work and the client's stream at once, though there is more and the client stays."""
    proxy = start(BLOCK, door=door)
    data = streams.load(name)
    # The event behind the phrase says that it has ended: nothing is missing for the verdict.
    end = data.index(b"\n\n", data.index(b"\n\n", data.index(b"mire")) + 2) + 2
    reply = answers.as_stream([data[:end], data[end:]], hold=threading.Event())
    client = http(proxy, http2=http2)
    with standin.answering(lambda _received: reply), proxy.recording() as records, called(client, name) as answer:
        got = b""
        # HTTP/2 has no way to end it but a reset, which comes when all of it was there to be read.
        with contextlib.suppress(httpx2.RemoteProtocolError) if http2 else contextlib.nullcontext():
            for piece in answer.iter_raw():
                got += piece
        assert reply.gone.wait(PATIENCE)
    check_tail(name, got, records[0])
    assert not reply.hold.is_set()
    with standin.answering(answers.answer), proxy.recording():
        assert client.post(*CHAT[:1], json=CHAT[1]).status_code == 200


@BOTH
def test_client_gone(standin, start, http, door, http2):
    """A client that leaves in the middle is recorded as gone, with what was found until then, and the upstream told."""
    proxy = start(REDACT, door=door)
    chunks = streams.blocks(streams.load("chat"))
    reply = answers.as_stream([b"".join(chunks[:5]), b"".join(chunks[5:])], hold=threading.Event())
    client = http(proxy, http2=http2)
    with standin.answering(lambda _received: reply), proxy.recording() as records:
        with called(client, "chat") as answer:
            got = b""
            for piece in answer.iter_raw():
                got += piece
                if b"****" in got:
                    break
        client.close()
        assert reply.gone.wait(PATIENCE)
    [record] = records
    assert record["response"]["ended"] == "client_gone"
    assert record["response"]["bytes"] >= len(got)
    assert record["decision"] == "redact"
    assert places(record)[:1] == [("/choices/0/message/content", "mild", 18, 22)]


@BOTH
@pytest.mark.parametrize("name", ["chat", "responses"])
def test_upstream_cuts(standin, start, http, door, name, http2):
    """An upstream that breaks off is recorded as such, with what was found; the client gets nothing of a phrase."""
    proxy = start(REDACT, door=door)
    data = streams.load(name)
    chunks = streams.blocks(data)[: 10 if name == "chat" else 20]
    reply = answers.as_stream([*chunks, b"data: {"], cut=True)
    with standin.answering(lambda _received: reply), proxy.recording() as records:
        got = b""
        with contextlib.suppress(httpx2.HTTPError), called(http(proxy, http2=http2), name) as answer:
            for piece in answer.iter_raw():
                got += piece
    for place, text in streams.texts(got[: got.rfind(b"\n\n") + 2]).items():
        assert streams.expected(streams.texts(data)[place]).startswith(text)
    assert records[0]["response"]["ended"] == "upstream_error"
    assert set(places(records[0])) <= set(all_places(data))


def test_ends_early(standin, start, http):
    """A stream whose last event is not ended leaves byte for byte, and what it still held is judged."""
    data = b'data: {"choices":[{"index":0,"delta":{"content":"oh, the dar"}}]}\n\n'
    unended = data + b'data: {"choices":[{"index":0,"delta":{"content":"n"}}]}'
    for policy, sent, wanted in ((REDACT, data, data), (OFF, unended, unended), (AUDIT, unended, unended)):
        proxy = start(policy)
        with standin.answering(lambda _received, sent=sent: answers.as_stream([sent])), proxy.recording():
            assert ask(http(proxy), "chat").content == wanted
    proxy = start(REDACT)
    with standin.answering(lambda _received: answers.as_stream([unended])), proxy.recording() as records:
        assert b'"n"' not in ask(http(proxy), "chat").content
    assert records[0]["decision"] == "redact"


def test_nothing_at_all(standin, start, http):
    """A stream without a byte is a call like any other."""
    proxy = start(REDACT)
    with standin.answering(lambda _received: answers.as_stream([])), proxy.recording() as records:
        assert ask(http(proxy), "chat").content == b""
    assert records[0]["decision"] == "allow"
    assert records[0]["response"]["ended"] == "complete"


@pytest.mark.parametrize("seconds", [0, 1])
def test_stopped(standin, start, http, seconds):
    """A proxy that is stopped and has no more time for a stream that runs writes its record, and ends well."""
    proxy = start(REDACT, fresh=True, panda_drain=seconds)
    chunks = streams.blocks(streams.load("chat"))
    reply = answers.as_stream([b"".join(chunks[:5]), b"".join(chunks[5:])], hold=threading.Event())
    with standin.answering(lambda _received: reply), called(http(proxy), "chat") as answer:
        # The iterator is kept: when it goes, the client closes the connection.
        pieces = answer.iter_raw()
        next(pieces)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(PATIENCE) == 0
        assert reply.gone.wait(PATIENCE)
    [record] = proxy.records()
    assert record["response"]["ended"] == "proxy_stopped"
    assert record["decision"] == "redact"


@BOTH
def test_drained(standin, start, http, http2):
    """`panda run` that is stopped takes no new connections and finishes the streams that run, then ends."""
    proxy = start(REDACT, fresh=True, panda_drain=600)
    data = streams.load("chat")
    chunks = streams.blocks(data)
    reply = answers.as_stream([b"".join(chunks[:5]), b"".join(chunks[5:])], hold=threading.Event())
    with standin.answering(lambda _received: reply), called(http(proxy, http2=http2), "chat") as answer:
        pieces = answer.iter_raw()
        got = next(pieces)
        proxy.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not listens(proxy), "new connections are refused")
        assert proxy.process.poll() is None
        reply.hold.set()
        got += b"".join(pieces)
        assert proxy.process.wait(PATIENCE) == 0
    check_redacted(data, got)
    [record] = proxy.records()
    assert record["response"]["ended"] == "complete"
    assert places(record) == all_places(data)


def test_told_to_stop_twice(standin, start, http):
    """A second signal ends the wait for running calls."""
    proxy = start(REDACT, fresh=True, panda_drain=600)
    chunks = streams.blocks(streams.load("chat"))
    reply = answers.as_stream([chunks[0], b"".join(chunks[1:])], hold=threading.Event())
    with standin.answering(lambda _received: reply), called(http(proxy), "chat") as answer:
        pieces = answer.iter_raw()
        next(pieces)
        proxy.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not listens(proxy), "the proxy drains")
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(PATIENCE) == 0
    assert [record["response"]["ended"] for record in proxy.records()] == ["proxy_stopped"]


def listens(proxy) -> bool:
    """Whether a new connection is taken."""
    try:
        socket.create_connection(("127.0.0.1", proxy.port), 1).close()
    except OSError:
        return False
    return True


def test_idle_connections_do_not_wait(standin, start, http):
    """A proxy that is stopped while clients keep idle connections open ends at once."""
    proxy = start(REDACT, fresh=True, panda_drain=600)
    client = http(proxy)
    with proxy.recording():
        assert ask(client, "chat").status_code == 200
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.process.wait(PATIENCE) == 0


def test_many_at_once(standin, start, http):
    """Streams that run side by side on one connection do not mix, and each has its record."""
    proxy = start(REDACT)
    client = http(proxy, http2=True)
    names = ["chat", "responses", "crlf", "chat-n2-tools"] * 3
    got: dict[int, bytes] = {}

    def reply(received) -> answers.Answer:
        return answers.as_stream(streams.pieces(streams.load(received.headers["x-stream"]), 64))

    def run(number: int, name: str) -> None:
        got[number] = ask(client, name, headers={"x-stream": name}).content

    with standin.answering(reply), proxy.recording(len(names)) as records:
        threads = [threading.Thread(target=run, args=one) for one in enumerate(names)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    for number, name in enumerate(names):
        check_redacted(streams.load(name), got[number])
    assert sorted(map(places, records)) == sorted(all_places(streams.load(name)) for name in names)
