"""The main job: real SDKs through real proxies, allowed, redacted and refused."""

import asyncio
import hashlib
import json
import threading

import openai
import pytest

from tests.e2e import answers

POLICY = """
version: 1
policies:
  - name: research
    models: {deny: ["*-pro"]}
    phrases:
      - {list: codenames, words: ["project borealis"], in: [request], action: block}
      - {list: mild, words: [darn], in: [request, response], action: redact}
      - {list: noted, words: [hello], in: [request, response], action: audit}
      - {list: secret, words: [classified], in: [response], action: block}
"""


def ask(client: openai.OpenAI, text: str, **options):
    """A chat completion."""
    return client.chat.completions.create(
        model="gpt-6-luna", messages=[{"role": "user", "content": text}], user="user-123", **options
    )


def test_allowed_call(standin, start, sdk, door):
    """An allowed call reaches the stand-in, its answer the SDK, and its facts the log."""
    proxy = start(POLICY, door=door)
    client = sdk(proxy)
    with proxy.recording() as records:
        raw = client.chat.completions.with_raw_response.create(
            model="gpt-6-luna", messages=[{"role": "user", "content": "What is new?"}], user="user-123"
        )
    assert raw.parse().choices[0].message.content == "Hello there"
    [received] = standin.requests
    assert received.json["messages"] == [{"role": "user", "content": "What is new?"}]
    assert received.headers["authorization"] == "Bearer sk-test-key"
    assert "x-panda-decision" not in received.headers
    [record] = records
    assert raw.headers["x-panda-decision"] == record["id"]
    assert record["decision"] == "audit"  # the answer says hello
    assert [(f["in"], f["at"], f["start"], f["end"]) for f in record["findings"]] == [
        ("response", "/choices/0/message/content", 0, 5)
    ]
    assert record["policy"]["name"] == "research"
    assert record["key"] == "sha256:" + hashlib.sha256(b"sk-test-key").hexdigest()
    assert record["end_user"] == "user-123"
    assert record["request"]["endpoint"] == "chat.completions"
    assert record["request"]["model"] == "gpt-6-luna"
    assert record["request"]["prompt_chars"] == len("What is new?")
    assert record["request"]["bytes"] == len(received.body)
    assert record["usage"] == {
        "input_tokens": 30,
        "cached_tokens": 4,
        "output_tokens": 7,
        "reasoning_tokens": 0,
        "source": "reported",
    }
    assert record["response"]["status"] == 200
    assert record["response"]["upstream_request_id"] == "req_standin"
    assert record["response"]["ended"] == "complete"
    assert record["client"]["ip"] == "127.0.0.1"
    assert "sk-test-key" not in proxy.audit_file.read_text()
    assert "What is new" not in proxy.audit_file.read_text()


def test_redacted_request(standin, start, sdk, door):
    """A phrase to redact never arrives; the rest of the request does."""
    proxy = start(POLICY, door=door)
    with proxy.recording() as records:
        ask(sdk(proxy), "Well, D\u0430\u0301rn \U0001f600 DARN\u200b it")
    [received] = standin.requests
    assert received.json["messages"][0]["content"] == "Well, **** \U0001f600 ****\u200b it"
    assert int(received.headers["content-length"]) == len(received.body)
    assert records[0]["decision"] == "redact"
    assert [found["folded"] for found in records[0]["findings"][:2]] == [["case", "confusable", "marks"], ["case"]]


def test_redacted_answer(standin, start, sdk, door):
    """A phrase to redact in an answer is redacted before the SDK sees it."""
    proxy = start(POLICY, door=door)
    with (
        standin.answering(lambda received: answers.answer(received, "that darn cat")),
        proxy.recording() as records,
    ):
        completion = ask(sdk(proxy), "Tell me")
    assert completion.choices[0].message.content == "that **** cat"
    assert records[0]["decision"] == "redact"


def test_refused_request(standin, start, sdk, door):
    """A phrase to block gives the sync SDK one clean exception after one attempt, and nothing leaves."""
    proxy = start(POLICY, door=door)
    with proxy.recording() as records, pytest.raises(openai.BadRequestError) as caught:
        ask(sdk(proxy), "all about Project  BOREALIS")
    assert standin.requests == []
    [record] = records
    assert caught.value.status_code == 400
    assert caught.value.code == "policy_violation"
    assert caught.value.param == "messages[0].content"
    assert caught.value.request_id == record["id"]
    assert "'research'" in caught.value.message
    assert "codenames" in caught.value.message
    assert record["id"] in caught.value.message
    assert "borealis" not in caught.value.message.lower()
    assert record["decision"] == "block"
    assert record["response"] == {
        "status": 400,
        "upstream_request_id": None,
        "bytes": pytest.approx(270, abs=60),
        "ended": "refused",
    }


def test_refused_request_async(standin, start, through, door):
    """The async SDK gets the same one exception after one attempt."""
    proxy = start(POLICY, door=door)
    through(proxy)

    async def call() -> None:
        async with openai.AsyncOpenAI() as client:
            await client.responses.create(model="gpt-6-luna", input="about project borealis")

    with proxy.recording(), pytest.raises(openai.BadRequestError) as caught:
        asyncio.run(call())
    assert standin.requests == []
    assert caught.value.param == "input"


def test_async_call(standin, start, through, door):
    """The async SDK's allowed call passes."""
    proxy = start(POLICY, door=door)
    through(proxy)

    async def call() -> str:
        async with openai.AsyncOpenAI() as client:
            return (await client.responses.create(model="gpt-6-luna", input="Hi")).output_text

    with proxy.recording() as records:
        assert asyncio.run(call()) == "Hello there"
    assert records[0]["usage"]["reasoning_tokens"] == 2
    assert len(standin.requests) == 1


def test_refused_answer(standin, start, sdk, door):
    """An answer with a phrase to block is withheld: one exception, and none of the text."""
    proxy = start(POLICY, door=door)
    with (
        standin.answering(lambda received: answers.answer(received, "this is classified matter")) as received,
        proxy.recording() as records,
        pytest.raises(openai.BadRequestError) as caught,
    ):
        ask(sdk(proxy), "Tell me")
    assert len(received) == 1
    assert "matter" not in str(caught.value.body)
    assert records[0]["decision"] == "block"
    assert records[0]["response"]["ended"] == "refused"
    assert records[0]["usage"]["output_tokens"] == 7


def test_refused_model(standin, start, sdk):
    """A denied model is refused by its own code."""
    proxy = start(POLICY)
    with proxy.recording(), pytest.raises(openai.BadRequestError) as caught:
        sdk(proxy).responses.create(model="GPT-6-pro", input="hi")
    assert caught.value.code == "model_not_allowed"
    assert caught.value.param == "model"
    assert standin.requests == []


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"gpt-6-luna","messages":[{"role":"user","content":"caf\\u00e9 \\/ caf\xc3\xa9"}],"temperature":1.10}',
        b'  {\n\t"messages" : [ {"content":"x", "role":"user"} ] ,\r\n "model":"gpt-6-luna" , "seed": 1e+2, "top_p":0.50 }\n\n',
        b'{"model":"gpt-6-luna","messages":[{"role":"user","content":"\\ud83d\\ude00\\u0000\\ud800"}],"n":1.0E0}',
    ],
    ids=["escapes", "spacing", "surrogates"],
)
def test_bytes_stay(standin, start, http, door, http2, body):
    """A call without findings arrives byte for byte, whatever its spacing, escapes and number formats."""
    proxy = start(POLICY, door=door)
    answered = b'{"id" : "x","choices":[ ],  "usage":null, "n":1.50, "t":"\\u0041\\/"}\n'
    headers = {"content-type": "application/json"}
    with (
        standin.answering(lambda _received: answers.Answer(headers=headers, chunks=[answered])) as requests,
        proxy.recording() as records,
    ):
        answer = http(proxy, http2=http2).post("/v1/chat/completions", content=body, headers=headers)
    assert answer.content == answered
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    assert [received.body for received in requests] == [body]
    assert records[0]["decision"] == "allow"
    assert records[0]["findings"] == []


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_edits_on_both_protocols(standin, start, http, door, http2):
    """Redaction of request and answer, and a refusal, work alike over HTTP/1.1 and HTTP/2."""
    proxy = start(POLICY, door=door)
    client = http(proxy, http2=http2)
    body = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "darn " * 50}]}
    with (
        standin.answering(lambda received: answers.answer(received, "darn " * 5000)) as requests,
        proxy.recording(2) as records,
    ):
        answer = client.post("/v1/chat/completions", json=body)
        body["messages"][0]["content"] = "project borealis"
        refused = client.post("/v1/chat/completions", json=body)
    assert requests[0].json["messages"][0]["content"] == "**** " * 50
    assert answer.json()["choices"][0]["message"]["content"] == "**** " * 5000
    assert refused.status_code == 400
    assert refused.headers["x-should-retry"] == "false"
    assert refused.headers["content-type"] == "application/json"
    assert refused.headers["x-panda-decision"] == refused.headers["x-request-id"] == records[1]["id"]
    assert len(requests) == 1
    assert records[0]["findings_total"] == 5050


ENDPOINTS = {
    "chat.completions": lambda client: ask(client, "hi").choices[0].message.content,
    "responses": lambda client: client.responses.create(model="m", input="hi").output_text,
    "completions": lambda client: client.completions.create(model="davinci-002", prompt="hi").choices[0].text,
    "embeddings": lambda client: (
        client.embeddings.create(model="m", input="hi", encoding_format="float").data[0].embedding
    ),
    "moderations": lambda client: client.moderations.create(input="hi").results[0].flagged,
    "images.generations": lambda client: client.images.generate(prompt="hi").data[0].revised_prompt,
    "audio.speech": lambda client: len(client.audio.speech.create(model="m", voice="alloy", input="hi").content),
    "models": lambda client: [model.id for model in client.models.list()],
}
EXPECTED = {
    "embeddings": [0.125, -1.5],
    "moderations": False,
    "audio.speech": 2002,
    "models": ["gpt-6-luna"],
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint(standin, start, sdk, endpoint):
    """Every endpoint this version knows passes through the SDK and is recorded by its name."""
    proxy = start(POLICY)
    with proxy.recording() as records:
        assert ENDPOINTS[endpoint](sdk(proxy)) == EXPECTED.get(endpoint, "Hello there")
    assert records[0]["request"]["endpoint"] == endpoint
    assert len(standin.requests) == 1
    if endpoint == "audio.speech":
        assert records[0]["uninspected"] == [{"at": "", "reason": "audio"}]


def test_stream_passes_at_once(standin, start, sdk, door):
    """A streamed answer is passed on as it comes, and all of it was looked at."""
    proxy = start(POLICY, door=door)
    chunks, arrived = list(answers.events("Hello there")), threading.Event()
    held = answers.Answer(headers={"content-type": "text/event-stream"}, chunks=chunks, hold=arrived)
    waited = []
    with standin.answering(lambda _received: held), proxy.recording() as records:
        text = ""
        for chunk in ask(sdk(proxy), "hi", stream=True):
            # The stand-in sends the rest only now: a proxy that waits for it would never get here.
            waited.append(arrived.is_set())
            arrived.set()
            text += chunk.choices[0].delta.content or ""
    assert waited[0] is False
    assert text == "Hello there "
    assert records[0]["uninspected"] == []
    assert records[0]["request"]["stream"] is True
    assert records[0]["response"]["ended"] == "complete"
    assert records[0]["response"]["bytes"] == sum(map(len, chunks))
    assert records[0]["latency_ms"]["first_byte"] < records[0]["latency_ms"]["total"]


def test_record_order(start, sdk):
    """A record starts with what a reader looks for first, one object a line."""
    proxy = start(POLICY)
    with proxy.recording():
        ask(sdk(proxy), "hi")
    last = proxy.audit_file.read_text().splitlines()[-1]
    assert list(json.loads(last))[:4] == ["schema", "event", "time", "id"]
