"""Streamed answers as OpenAI sends them: an upstream that plays them, and a client that hears them through a proxy.

Upstream and client make the same events from the same plan, which the client sends along in a header: so every byte
that arrives can be compared with what was sent. Used by `stream_benchmark.py` and `soaking.py`.
"""

import asyncio
import json
import random
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from benchmark import CHAT, MESSAGES, Proxy

KINDS = ("chat", "responses")
# Where the upstream writes the time at which it sends an event.
STAMP = b"0" * 20
STAMPED = b'"obfuscation":"'
PLAN = b"\r\nx-plan: "
STAMPS = re.compile(STAMPED + rb"[0-9]{20}")
# How much longer than planned a stream may take.
GRACE_SECONDS = 60

PROSE = " ".join(
    """\
The lighthouse stood on a narrow tongue of rock, an hour's walk from the last houses of the village. Each evening, just
before the sun went under, Marta climbed its ninety steps with a can of oil and a cloth over her arm. She trimmed the
wick, wiped the salt from the panes, and wrote down what she saw: two fishing boats, a line of geese, rain in the west.
Nobody had read those books for years. She kept them because her mother had kept them, and because a page without a
word on it would have been a small lie.
Bread needs four things and a good deal of patience. Mix flour, water, salt and a spoonful of old dough until no dry
corner is left, then leave the bowl alone. After an hour fold the edges to the middle, turn it by a quarter, fold again.
Small bubbles under the skin tell you more than any clock. Bake it hot, in a closed pot, and take off the lid when the
kitchen starts to smell of hazelnuts. Let it cool before you cut it; most people cannot.
A queue that is measured at its end tells you how long people waited, and nothing about those who gave up. To see both,
count at the door. In one clinic the average wait fell by half when a second desk was opened, yet as many visitors as
before went home unseen: the new desk had drawn patients who would have stayed away. Whoever plans capacity should ask
what demand hides behind the numbers, and how it will answer to relief.
Swifts sleep while they fly. They rise at dusk to two or three thousand metres, turn into the wind, and glide with one
half of the brain at rest. A young bird that leaves its nest in July may not touch anything solid for almost two years.
It drinks from the surface of lakes, gathers feathers in the air, and finds its way back to the same roof.""".split()
)

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": MESSAGES, "max_tokens": 1024}),
    "responses": ("/v1/responses", {"input": CHAT, "max_output_tokens": 1024}),
}
QUESTION_HEAD = (
    "POST %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    "Authorization: Bearer sk-0123456789abcdef\r\nUser-Agent: OpenAI/Python 3.54.0\r\nX-Plan: %s\r\n"
    "Content-Length: %d\r\n\r\n"
)
ANSWER_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"x-request-id: req_0123456789abcdef\r\ntransfer-encoding: chunked\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A streamed answer."""

    kind: str
    # How many pieces of text; 0: as many as the text has.
    deltas: int
    # The mean time from one event to the next; 0: as fast as possible.
    pause: float = 0
    # How many events there are in a chunk, if they come as fast as possible.
    joined: int = 1
    # Where the prose starts, and how it is cut into pieces.
    seed: int = 0
    # Put into the text somewhere, and split over deltas.
    phrase: str = ""
    # Instead of the prose.
    words: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client heard of a stream: all of it, and for each stamped event how many seconds it was on the way."""

    body: bytes
    waits: list[float]


def deltas(plan: Plan) -> list[str]:
    """The text of a plan, in pieces of one to eight characters as a model's tokens would be."""
    chance = random.Random(plan.seed)  # noqa: S311 the same text for upstream and client
    sentences = (plan.words or PROSE).split(". ")
    start = chance.randrange(len(sentences)) if plan.seed else 0
    words = ". ".join([*sentences[start:], *sentences[:start]]).split(" ")
    if plan.phrase:
        words.insert(chance.randrange(1, max(2, plan.deltas // 3)), plan.phrase)
    whole, at = " ".join(words) + " ", 0
    pieces: list[str] = []
    while len(pieces) < plan.deltas if plan.deltas else at < len(whole):
        size = chance.randint(1, 8)
        if plan.deltas and at >= len(whole):
            at = 0
        pieces.append(whole[at : at + size])
        at += size
    return pieces


@lru_cache(8)
def events(plan: Plan) -> list[bytes]:
    """The events of a plan, those with text with an empty stamp."""
    return list(_chat(deltas(plan)) if plan.kind == "chat" else _responses(deltas(plan)))


def played(plan: Plan, *, reports: bool) -> list[bytes]:
    """The events as the upstream sends them: with one that `reports` what was used, if it is asked to."""
    made = events(plan)
    if not reports or plan.kind != "chat":
        return made
    usage = {"prompt_tokens": 171, "completion_tokens": plan.deltas, "total_tokens": 171 + plan.deltas}
    return [*made[:-1], b"data: %b\n\n" % _json(_HEAD | {"choices": [], "usage": usage}), made[-1]]


def _padding(text: str) -> str:
    return f"{STAMP.decode()}{'aZ3kQ9xB'[: 8 - len(text)]}"


_HEAD = {
    "id": "chatcmpl-CXk2v0mDq7Rz5hYw",
    "object": "chat.completion.chunk",
    "created": 1794000000,
    "model": "gpt-6-luna",
    "service_tier": "default",
    "system_fingerprint": "fp_4b1c0e77d2",
}


def _chat(pieces: list[str]) -> Iterator[bytes]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: str) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return b"data: %b\n\n" % _json(_HEAD | {"choices": [choice]} | more)

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    for piece in pieces:
        yield chunk({"content": piece}, obfuscation=_padding(piece))
    yield chunk({}, "stop")
    yield b"data: [DONE]\n\n"


def _responses(pieces: list[str]) -> Iterator[bytes]:
    where = {"item_id": "msg_68a1f0c2d3e4b5a697887766554433221100", "output_index": 0}
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "".join(pieces)}
    item = {"id": where["item_id"], "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    answer: dict[str, Any] = {
        "id": "resp_68a1f0c2",
        "object": "response",
        "status": "in_progress",
        "model": "gpt-6-luna",
    }
    answer |= {"created_at": 1794000000, "output": [], "usage": None}
    opened = {"item": item | {"status": "in_progress", "content": []}}
    usage = {"input_tokens": 171, "output_tokens": len(pieces), "total_tokens": 171 + len(pieces)}
    final = answer | {"status": "completed", "output": [item], "usage": usage}
    sequence = iter(range(len(pieces) + 9))

    def event(name: str, **data: Any) -> bytes:  # noqa: ANN401 the members of an event
        data = {"type": f"response.{name}", "sequence_number": next(sequence), **data}
        return b"event: response.%b\ndata: %b\n\n" % (name.encode(), _json(data))

    yield event("created", response=answer)
    yield event("in_progress", response=answer)
    yield event("output_item.added", output_index=0, **opened)
    yield event("content_part.added", **where, content_index=0, part=part | {"text": ""})
    for piece in pieces:
        more = {"delta": piece, "logprobs": [], "obfuscation": _padding(piece)}
        yield event("output_text.delta", **where, content_index=0, **more)
    yield event("output_text.done", **where, content_index=0, text=part["text"], logprobs=[])
    yield event("content_part.done", **where, content_index=0, part=part)
    yield event("output_item.done", output_index=0, item=item)
    yield event("completed", response=final)


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def text(body: bytes) -> str:
    """The text of all deltas in the events of a body."""
    found = []
    for event in body.split(b"\n\n"):
        data = event.rpartition(b"data: ")[2]
        if b"delta" in data:
            loaded = json.loads(data)
            delta = loaded["choices"][0]["delta"] if "choices" in loaded else loaded
            found.append(delta.get("content") or delta.get("delta") or "")
    return "".join(found)


@lru_cache(8)
def _chunks(plan: Plan, *, reports: bool) -> list[bytes]:
    made = played(plan, reports=reports)
    return [_chunk(b"".join(made[at : at + plan.joined])) for at in range(0, len(made), plan.joined)]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def _play(writer: asyncio.StreamWriter, plan: Plan, *, reports: bool) -> None:
    """Write the events of a plan, each chunk by itself."""
    writer.write(ANSWER_HEAD)
    if not plan.pause:
        for chunk in _chunks(plan, reports=reports):
            writer.write(chunk)
            await writer.drain()
    else:
        chance, due = random.Random(plan.seed), time.monotonic()  # noqa: S311
        for event in played(plan, reports=reports):
            await asyncio.sleep(due - time.monotonic())
            due += plan.pause * chance.uniform(0.7, 1.3)
            writer.write(_chunk(event.replace(STAMP, b"%020d" % time.monotonic_ns(), 1)))
            await writer.drain()
    writer.write(b"0\r\n\r\n")


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request on a connection with the stream that it asks for."""
    with suppress(asyncio.IncompleteReadError, OSError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            lower = head.lower()
            body = await reader.readexactly(int(lower.partition(b"\r\ncontent-length: ")[2].split(b"\r\n")[0]))
            options = json.loads(body).get("stream_options") or {}
            at = lower.index(PLAN) + len(PLAN)
            plan = Plan(**json.loads(head[at:].split(b"\r\n")[0]))
            await _play(writer, plan, reports=options.get("include_usage") is True)
    writer.close()


def serve(listener: socket.socket, certificate: Path) -> None:
    """Be the upstream until terminated. Runs in a process of its own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    listener.listen(1024)
    loop.run_until_complete(asyncio.start_server(_answer, sock=listener, ssl=context, backlog=1024))
    loop.run_forever()


@dataclass(slots=True)
class Tunnel:
    """A client's connection through a proxy to the upstream; it hears one stream after the other."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    @classmethod
    async def to(cls, proxy: Proxy, upstream_port: int, context: ssl.SSLContext) -> Self:
        """Open one. Raises OSError, and RuntimeError if the proxy refuses."""
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        host = f"{proxy.upstream}:{upstream_port}"
        writer.write(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        if b" 200 " not in (reply := await reader.readuntil(b"\r\n\r\n")):
            raise RuntimeError(f"{proxy.name} answered CONNECT with {reply!r}")
        await writer.start_tls(context, server_hostname=proxy.upstream)
        return cls(reader, writer, host)

    async def ask(self, plan: Plan) -> AsyncIterator[bytes]:
        """Ask for a stream; gives its chunks as they come. Raises OSError, EOFError and RuntimeError."""
        path, question = QUESTIONS[plan.kind]
        body = json.dumps({"model": "gpt-6-luna", "stream": True, **question})
        head = QUESTION_HEAD % (path, self.host, json.dumps(asdict(plan)), len(body))
        self.writer.write(f"{head}{body}".encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"this is no stream: {answer!r} {await self.reader.read(1000)!r}")
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)

    async def hear(self, plan: Plan) -> Heard:
        """Hear a stream to its end and take the time that each event was on the way, if it is a paced one."""
        waits: list[float] = []
        pieces, rest = [], b""
        async with asyncio.timeout(GRACE_SECONDS + 2 * plan.deltas * plan.pause):
            async for piece in self.ask(plan):
                pieces.append(piece)
                if plan.pause:
                    now = time.monotonic_ns()
                    *whole, rest = (rest + piece).split(b"\n\n")
                    stamps = [event.partition(STAMPED)[2][: len(STAMP)] for event in whole]
                    waits += [(now - int(stamp)) / 1e9 for stamp in stamps if stamp]
        return Heard(b"".join(pieces), waits)

    def close(self) -> None:
        """Leave, whatever is still on the way."""
        self.writer.transport.abort()


def differs(plan: Plan, body: bytes) -> bool:
    """Whether the body of a heard stream is other than what was sent, but for the times that the upstream wrote in."""
    return (STAMPS.sub(STAMPED + STAMP, body) if plan.pause else body) != b"".join(events(plan))


def trusting(proxy: Proxy) -> ssl.SSLContext:
    """What a client of a proxy trusts."""
    context = ssl.create_default_context(cafile=str(proxy.trust))
    context.set_alpn_protocols(["http/1.1"])
    return context
