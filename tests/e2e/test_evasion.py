"""The whole table of disguises through real proxies: refused, redacted, and let through where there is nothing to find."""

import json

import pytest

from tests import transport
from tests.e2e import raw
from tests.e2e.answers import as_json, as_stream
from tests.evasion import BENIGN, PHRASES, ROWS, request
from tests.streams import texts

CHAT = "/v1/chat/completions"
# An answer has one text, and a name of one's own has no place in it.
ANSWERED = [row for row in ROWS if row.place in ("text", "arguments")]
# A stream's pieces are of so many characters each, so that disguises are cut at many places and at none.
SIZES = (1, 5, 200)


def policy(action: str, *sides: str) -> str:
    """A policy of one list. JSON is YAML."""
    rule = {"list": "table", "words": PHRASES, "in": sides, "action": action}
    return json.dumps({"version": 1, "policies": [{"name": "table", "phrases": [rule]}]})


BLOCK, REDACT = policy("block", "request"), policy("redact", "request", "response")


def message(place: str, text: str) -> dict:
    """What an assistant says, in words or as arguments."""
    if place == "arguments":
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "find", "arguments": text}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": text}


def whole(place: str, text: str):
    """A plain answer."""
    choice = {"index": 0, "message": message(place, text), "finish_reason": "stop", "logprobs": None}
    return as_json({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})


def events(place: str, text: str, size: int):
    """The same as a stream, in pieces of a size."""
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    pieces = [message(place, text[at : at + size]) for at in range(0, len(text), size)]
    choices = [{"index": 0, "delta": piece, "finish_reason": None} for piece in pieces]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    chunks = [b"data: " + json.dumps({**base, "choices": [one]}).encode() + b"\n\n" for one in choices]
    return as_stream([*chunks, b"data: [DONE]\n\n"])


def said(place: str, body: bytes) -> str:
    """What a plain answer says."""
    answered = json.loads(body)["choices"][0]["message"]
    return answered["tool_calls"][0]["function"]["arguments"] if place == "arguments" else answered["content"]


def post(client, body: bytes):
    """A call."""
    return client.post(CHAT, content=body, headers={"content-type": "application/json"})


def test_every_row_is_refused(standin, start, http):
    """None of the table reaches the API under a policy that blocks, each is one clear error, and the log says by which steps."""
    proxy = start(BLOCK)
    client = http(proxy)
    with proxy.recording(len(ROWS)) as records:
        replies = [post(client, request(row.place, row.says)) for row in ROWS]
    codes = [(reply.status_code, reply.json().get("error", {}).get("code")) for reply in replies]
    assert [row.name for row, code in zip(ROWS, codes, strict=True) if code != (400, "policy_violation")] == []
    assert standin.requests == []
    told = [{tuple(one["folded"]) for one in record["findings"]} for record in records]
    assert [row.name for row, steps in zip(ROWS, told, strict=True) if steps != {row.steps}] == []


def test_every_row_is_redacted(standin, start, http):
    """What arrives under a policy that redacts is the request with the disguises replaced, and nothing else changed."""
    proxy = start(REDACT)
    client = http(proxy)
    with proxy.recording(len(ROWS)) as records:
        replies = [post(client, request(row.place, row.says)) for row in ROWS]
    assert {reply.status_code for reply in replies} == {200}
    assert {record["decision"] for record in records} == {"redact"}
    arrived = [(row.name, received.json) for row, received in zip(ROWS, standin.requests, strict=True)]
    expected = [(row.name, json.loads(request(row.place, row.leaves))) for row in ROWS]
    assert [one for one in arrived if one not in expected] == []


@pytest.mark.parametrize("written", [BLOCK, REDACT], ids=["block", "redact"])
def test_benign_texts_pass(standin, start, http, written):
    """What comes near a phrase and has none arrives byte for byte."""
    proxy = start(written)
    client = http(proxy)
    bodies = [request("text", (text,)) for text in BENIGN]
    with proxy.recording(len(BENIGN)) as records:
        replies = [post(client, body) for body in bodies]
    assert [text for text, reply in zip(BENIGN, replies, strict=True) if reply.status_code != 200] == []
    assert [text for text, record in zip(BENIGN, records, strict=True) if record["decision"] != "allow"] == []
    assert [received.body for received in standin.requests] == bodies


def test_every_row_is_redacted_in_an_answer(standin, start, http):
    """An answer that says any of it says the redaction instead."""
    client = http(start(REDACT))
    wrong = []
    for row in ANSWERED:
        with standin.answering(lambda _, row=row: whole(row.place, row.says[0])):
            reply = post(client, request("text", ("hi",)))
        if reply.status_code != 200 or said(row.place, reply.content) != row.leaves[0]:
            wrong.append(row.name)
    assert wrong == []


@pytest.mark.parametrize("size", SIZES)
def test_every_row_is_redacted_in_a_stream(standin, start, http, size):
    """So does a stream, wherever its pieces are cut."""
    client = http(start(REDACT))
    wrong = []
    for row in ANSWERED:
        with standin.answering(lambda _, row=row: events(row.place, row.says[0], size)):
            reply = post(client, request("text", ("hi",)))
        if reply.status_code != 200 or [*texts(reply.content).values()] != [row.leaves[0]]:
            wrong.append(row.name)
    assert wrong == []


def test_benign_texts_pass_in_answers_and_streams(standin, start, http):
    """Where there is nothing to find an answer is what was sent, byte for byte."""
    client = http(start(REDACT))
    for text in filter(None, BENIGN):
        for answer in (whole("text", text), *(events("text", text, size) for size in SIZES)):
            with standin.answering(lambda _, answer=answer: answer):
                reply = post(client, request("text", ("hi",)))
            assert reply.content == b"".join(answer.chunks)


@pytest.mark.parametrize("row", transport.ROWS, ids=lambda row: row.name)
def test_however_a_phrase_is_carried_it_is_refused(standin, start, row):
    """A phrase in any coding, charset or JSON is read and found, or its request is refused as one that cannot be read."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in row.headers)
    head = f"{row.method} {transport.PATH} HTTP/1.1\r\nhost: api.openai.com\r\n{fields}content-length: {len(row.body)}\r\n\r\n"
    with raw.tunnel(start(BLOCK), "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, head.encode() + row.body)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))
    code = "policy_violation" if row.outcome == "read" else "not_inspectable"
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == code
    assert standin.requests == []
