"""Streamed answers as the real SDKs see them, through the real proxy over TLS."""

import asyncio
import functools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import openai
import pytest

from tests import streams
from tests.e2e import answers
from tests.e2e.proxy import PATIENCE, clean_environment
from tests.e2e.test_streams import BLOCK, OFF, REDACT, check_redacted

MESSAGES = [{"role": "user", "content": "hi"}]
CONTENT = "/choices/0/message/content"
OUTPUT = "/output/1/content/0/text"

REDACTED = pytest.mark.parametrize("policy", [OFF, REDACT], ids=["clean", "redacted"])
CHATS = pytest.mark.parametrize("name", ["chat", "chat-n2-tools", "chat-logprobs"])
HELPER = pytest.mark.parametrize("helper", [False, True], ids=["iterate", "stream()"])
SYNC = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])


def sending(standin, name: str):
    """Answer every call with a recorded stream, event by event."""
    return standin.answering(lambda _received: answers.as_stream(streams.blocks(streams.load(name))))


def wanted(name: str, policy: str) -> dict[str, str]:
    """The texts that a client should see."""
    texts = streams.texts(streams.load(name))
    return texts if policy == OFF else {place: streams.expected(text) for place, text in texts.items()}


def collect(call: Callable, *, sync: bool, helper: bool) -> tuple[list, object]:
    """Make a call with the sync or async client: the events it yields, and the final result where the helper has one.

    Whatever is raised meanwhile is raised on with the events in its `seen`.
    """
    seen: list = []

    def final(stream):
        return getattr(stream, "get_final_completion", None) or stream.get_final_response

    def plainly():
        with openai.OpenAI() as client, call(client) as stream:
            for event in stream:
                seen.append(event)  # noqa: PERF402 what came before an exception counts
            return final(stream)() if helper else None

    async def later():
        async with openai.AsyncOpenAI() as client:
            # A helper gives a context manager at once, a call something to wait for.
            entered = call(client) if helper else await call(client)
            async with entered as stream:
                async for event in stream:
                    seen.append(event)  # noqa: PERF401 what came before an exception counts
                return await final(stream)() if helper else None

    try:
        result = plainly() if sync else asyncio.run(later())
    except openai.APIError as error:
        error.seen = seen
        raise
    return seen, result


def chat(client, *, helper: bool = False):
    """A streamed chat completion."""
    create = (
        client.chat.completions.stream if helper else functools.partial(client.chat.completions.create, stream=True)
    )
    return create(model="gpt-6-luna", messages=MESSAGES, stream_options={"include_usage": True})


def respond(client, *, helper: bool = False):
    """A streamed response."""
    create = client.responses.stream if helper else functools.partial(client.responses.create, stream=True)
    return create(model="gpt-6-luna", input="hi")


def added_up(chunks: list) -> dict[str, str]:
    """The texts of a chat completion's chunks, as the SDK reads them, by place."""
    written = b"".join(b"data: " + chunk.to_json(indent=None).encode() + b"\n\n" for chunk in chunks)
    return streams.texts(written)


@SYNC
@REDACTED
@CHATS
def test_chat_iterated(standin, start, through, name, policy, sync):
    """Iterating a chat completion gives the texts, arguments and usage of the stream, redacted where they must be."""
    proxy = start(policy)
    through(proxy)
    with sending(standin, name), proxy.recording() as records:
        chunks, _ = collect(chat, sync=sync, helper=False)
    assert added_up(chunks) == wanted(name, policy)
    assert chunks[-1].usage.completion_tokens == 42
    for place, text in added_up(chunks).items():
        assert not place.endswith("/arguments") or json.loads(text)
    assert records[0]["decision"] == ("allow" if policy == OFF else "redact")
    assert records[0]["usage"]["output_tokens"] == 42


@SYNC
@REDACTED
@CHATS
def test_chat_helper(standin, start, through, name, policy, sync):
    """The `.stream()` helper adds a chat completion up to the same texts, arguments and usage."""
    proxy = start(policy)
    through(proxy)
    with sending(standin, name), proxy.recording() as records:
        _, completion = collect(functools.partial(chat, helper=True), sync=sync, helper=True)
    texts = wanted(name, policy)
    for choice in completion.choices:
        base = f"/choices/{choice.index}/message"
        assert (choice.message.content or "") == texts.get(f"{base}/content", "")
        assert (choice.message.refusal or "") == texts.get(f"{base}/refusal", "")
        for number, call in enumerate(choice.message.tool_calls or ()):
            assert call.function.arguments == texts[f"{base}/tool_calls/{number}/function/arguments"]
            assert "darned" in json.loads(call.function.arguments).values() or number == 1
    assert completion.usage.completion_tokens == 42
    assert records[0]["response"]["ended"] == "complete"


@SYNC
@HELPER
@REDACTED
def test_responses(standin, start, through, policy, helper, sync):
    """Iterated or through the helper, a response's events and its final state say the same, redacted if need be."""
    proxy = start(policy)
    through(proxy)
    with sending(standin, "responses"), proxy.recording() as records:
        seen, final = collect(functools.partial(respond, helper=helper), sync=sync, helper=helper)
    texts = wanted("responses", policy)
    completed = final or seen[-1].response
    assert completed.output_text == texts[OUTPUT]
    assert completed.output[2].arguments == texts["/output/2/arguments"]
    assert json.loads(completed.output[2].arguments)["n"] == 0.10
    assert completed.output[3].input == texts["/output/3/input"]
    assert completed.usage.output_tokens == 340
    deltas = [event.delta for event in seen if event.type == "response.output_text.delta"]
    assert "".join(deltas) == texts[OUTPUT]
    if helper:
        snapshots = [event.snapshot for event in seen if event.type == "response.output_text.delta"]
        assert snapshots[-1] == texts[OUTPUT]
    assert records[0]["usage"]["output_tokens"] == 340
    assert records[0]["decision"] == ("allow" if policy == OFF else "redact")


@REDACTED
def test_old_completions(standin, start, sdk, policy):
    """A text completion's two answers add up to what they should."""
    proxy = start(policy)
    with sending(standin, "completions"), proxy.recording() as records:
        chunks = list(sdk(proxy).completions.create(model="davinci-002", prompt=["a", "b"], stream=True))
    got = {"/choices/0/text": "", "/choices/1/text": ""}
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        got[f"/choices/{choice.index}/text"] += choice.text
    assert got == wanted("completions", policy)
    assert records[0]["usage"]["output_tokens"] == 24


@REDACTED
def test_transcription(standin, start, sdk, policy):
    """A transcript's deltas, segments and whole text say the same."""
    proxy = start(policy)
    with sending(standin, "transcription"), proxy.recording():
        stream = sdk(proxy).audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"), stream=True)
        events = list(stream)
    text = wanted("transcription", policy)["/text"]
    assert "".join(event.delta for event in events if event.type == "transcript.text.delta") == text
    assert "".join(event.text for event in events if event.type == "transcript.text.segment") == text
    assert events[-1].text == text


def test_image(standin, start, sdk):
    """Pictures come through a policy that redacts text, whatever their base64 spells."""
    proxy = start(REDACT)
    with sending(standin, "images"), proxy.recording() as records:
        events = list(sdk(proxy).images.generate(prompt="hi", model="gpt-image-2", stream=True, partial_images=2))
    assert [event.type for event in events][1:] == ["image_generation.partial_image", "image_generation.completed"]
    assert {event.b64_json for event in events} == {streams.events(streams.load("images"))[0]["b64_json"]}
    assert records[0]["findings"] == []
    assert {one["reason"] for one in records[0]["uninspected"]} == {"image"}


def test_seen_at_once(standin, start, sdk):
    """The SDK yields clean text while the upstream holds the rest back, under a policy that redacts."""
    proxy = start(REDACT)
    data = streams.load("chat")
    chunks, hold = streams.blocks(data), threading.Event()
    reply = answers.as_stream([b"".join(chunks[:2]), b"".join(chunks[2:])], hold=hold)
    waited, text = [], ""
    with standin.answering(lambda _received: reply), proxy.recording():
        for chunk in chat(sdk(proxy)):
            text += (chunk.choices and chunk.choices[0].delta.content) or ""
            if text:
                waited.append(hold.is_set())
                hold.set()
    assert waited[0] is False
    assert text == streams.expected(streams.texts(data)[CONTENT])


@SYNC
@HELPER
@pytest.mark.parametrize(
    ("name", "call", "param"),
    [
        ("chat", chat, "choices[0].message.content"),
        ("chat-n2-tools", chat, "choices[0].message.tool_calls[1].function.arguments"),
        ("responses", respond, "output[1].content[0].text"),
    ],
    ids=["chat", "chat-n2-tools", "responses"],
)
def test_blocked(standin, start, through, name, call, param, helper, sync):
    """A stream that is blocked raises one APIError with the refusal in it, after text with nothing of the phrase."""
    proxy = start(BLOCK)
    through(proxy)
    with (
        standin.answering(lambda _received: answers.as_stream(streams.blocks(streams.load(name)))) as requests,
        proxy.recording() as records,
        pytest.raises(openai.APIError) as caught,
    ):
        collect(functools.partial(call, helper=helper), sync=sync, helper=helper)
    error, [record] = caught.value, records
    assert type(error) is openai.APIError
    assert error.code == "policy_violation"
    assert error.type == "invalid_request_error"
    assert error.param == param
    assert error.message == f"Blocked by policy 'research': secret phrase in {param}. Decision {record['id']}"
    assert len(requests) == 1
    seen = "".join(event.to_json(indent=None) for event in error.seen)
    assert seen
    assert "quag" not in seen
    assert record["decision"] == "block"
    assert record["response"]["ended"] == "refused"
    assert [one["list"] for one in record["findings"]] == ["secret"]


def test_after_a_block(standin, start, sdk):
    """A client whose stream was blocked goes on with other calls."""
    proxy = start(BLOCK)
    client = sdk(proxy)
    with sending(standin, "chat"), proxy.recording(3) as records:
        for _ in range(3):
            with pytest.raises(openai.APIError):
                list(chat(client))
    assert {record["response"]["ended"] for record in records} == {"refused"}
    with sending(standin, "completions"), proxy.recording():
        assert client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES).status_code == 200


def test_left_alone(standin, start, sdk):
    """A client that closes its stream in the middle is recorded, once, and goes on with other calls."""
    proxy = start(REDACT)
    client = sdk(proxy)
    chunks = streams.blocks(streams.load("chat"))
    reply = answers.as_stream([b"".join(chunks[:5]), b"".join(chunks[5:])], hold=threading.Event())
    with standin.answering(lambda _received: reply), proxy.recording() as records:
        with chat(client) as stream:
            next(iter(stream))
        assert reply.gone.wait(PATIENCE)
    assert records[0]["response"]["ended"] == "client_gone"
    with sending(standin, "chat"), proxy.recording():
        assert list(chat(client))[-1].usage.completion_tokens == 42


def test_raw_bytes(standin, start, sdk):
    """What the SDK reads off the wire is what the oracle expects."""
    proxy = start(REDACT)
    data = streams.load("responses")
    with sending(standin, "responses"), proxy.recording():
        raw = sdk(proxy).responses.with_streaming_response.create(model="gpt-6-luna", input="hi", stream=True)
        with raw as response:
            check_redacted(data, b"".join(response.iter_bytes()))


# Node.


@pytest.fixture(scope="session")
def packages(tmp_path_factory) -> Path:
    """A folder with openai-node and undici in it, kept from one run to the next."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("needs node and npm")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(cache) / "panda-tests" / "node-openai-7"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        # undici 7 runs on Node 20.
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "openai@7", "undici@7"]
        try:
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install openai in two minutes")
        if done.returncode:
            pytest.skip(f"npm cannot install openai: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "done").touch()
    return folder


@pytest.mark.parametrize("what", ["chat", "responses", "blocked"])
def test_node(standin, start, packages, what):
    """openai-node streams through the proxy: redacted texts, valid arguments, usage, and one APIError for a block."""
    proxy = start(BLOCK if what == "blocked" else REDACT)
    name = "responses" if what == "responses" else "chat"
    script = Path(__file__).parent / "node" / "stream.mjs"
    environment = {**clean_environment(), "NODE_EXTRA_CA_CERTS": str(proxy.ca_file)}
    with sending(standin, name), proxy.recording() as records:
        done = subprocess.run(
            ["node", str(script), str(packages), proxy.url, what],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    if what == "blocked":
        [record] = records
        assert said["error"]["code"] == "policy_violation"
        assert said["error"]["param"] == "choices[0].message.content"
        assert record["id"] in said["error"]["message"]
        assert said["error"]["name"] == "APIError"
        assert "quag" not in said["text"]
        return
    assert said["error"] is None
    texts = wanted(name, REDACT)
    assert said["text"] == texts[OUTPUT if what == "responses" else CONTENT]
    assert said["usage"] == (340 if what == "responses" else 42)
    if what == "responses":
        assert said["arguments"] == texts["/output/2/arguments"]
