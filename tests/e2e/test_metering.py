"""What calls used and cost, whose they were, and what metering must not let a client notice: the real SDK, the real proxy."""

import asyncio
import json
import ssl
import threading

import httpx2
import openai
import pytest

from panda_addon.meter.tokens import count
from tests.e2e import answers

EMPTY = "version: 1\npolicies: [{name: all}]"
AUDIT = "version: 1\npolicies: [{name: all, mode: audit}]"
REDACT = """
version: 1
policies:
  - name: all
    phrases: [{list: mild, words: [darn], action: redact}, {list: secret, words: [classified], in: [response], action: block}]
"""
POLICIES = pytest.mark.parametrize("policy", [EMPTY, REDACT], ids=["empty", "redact"])

# USD for a million tokens of gpt-6-luna: sent, sent and cached, answered.
SENT, CACHED, SAID = 0.1, 0.01, 0.5
PROMPT = "Tell me about beds"
TEXT = "Nine boards of larch, two metres each, and a screw every third of a metre."
MESSAGES = [{"role": "user", "content": PROMPT}]

BASE = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-6-luna"}
USAGE = {
    "prompt_tokens": 30,
    "completion_tokens": 7,
    "total_tokens": 37,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 0},
}


def event(**members) -> bytes:
    """A chunk of a stream."""
    return b"data: " + json.dumps({**BASE, **members}).encode() + b"\n\n"


def as_openai(received: answers.Received, text: str = TEXT, **more) -> answers.Answer:
    """A streamed chat completion, which says what it used if its request asks for that, as OpenAI's do."""
    asked = (received.json.get("stream_options") or {}).get("include_usage")
    null = {"usage": None} if asked else {}
    pieces = [
        event(choices=[{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}], **null)
        for word in text.split()
    ]
    pieces.append(event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], service_tier="default", **null))
    if asked:
        pieces.append(event(choices=[], usage=USAGE, service_tier="default"))
    return answers.as_stream([*pieces, b"data: [DONE]\n\n"], **more)


def ask(client: openai.OpenAI, **options):
    """A chat completion, streamed."""
    return client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES, stream=True, **options)


def cost(sent: int, said: int, cached: int = 0) -> float:
    """What tokens of gpt-6-luna cost."""
    return pytest.approx(((sent - cached) * SENT + cached * CACHED + said * SAID) / 1e6, rel=1e-9)


REPORTED = {"input_tokens": 30, "cached_tokens": 4, "output_tokens": 7, "reasoning_tokens": 2, "source": "reported"}


def test_a_plain_answer(standin, start, sdk, door):
    """What the API reports is recorded and priced, with where both are from."""
    proxy = start(EMPTY, door=door)
    with proxy.recording() as records:
        sdk(proxy).chat.completions.create(model="gpt-6-luna", messages=MESSAGES)
    [record] = records
    assert record["usage"] == {**REPORTED, "reasoning_tokens": 0}
    assert record["cost_usd"] == cost(30, 7, 4)
    assert record["price"]["source"].startswith("genai-prices ")
    assert (record["price"]["model"], record["price"]["tier"]) == ("gpt-6-luna", "default")
    assert record["response"]["model"] == "gpt-6-luna"


@POLICIES
def test_a_stream_whose_client_did_not_ask(standin, start, sdk, door, policy):
    """The upstream is asked to report, the client sees nothing of it, and the record has it."""
    proxy = start(policy, door=door)
    with standin.answering(as_openai) as requests, proxy.recording() as records:
        chunks = list(ask(sdk(proxy)))
    assert requests[0].json == {
        "model": "gpt-6-luna", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks).split() == TEXT.split()
    [record] = records
    assert (record["usage"], record["cost_usd"]) == (REPORTED, cost(30, 7, 4))
    assert (record["response"]["ended"], record["response"]["service_tier"]) == ("complete", "default")
    assert record["response"]["events"] == len(chunks) + 1


@POLICIES
def test_a_stream_whose_client_asked(standin, start, sdk, door, policy):
    """It gets the chunk it asked for, once, and its request leaves as it came."""
    proxy = start(policy, door=door)
    with standin.answering(as_openai) as requests, proxy.recording() as records:
        chunks = list(ask(sdk(proxy), stream_options={"include_usage": True}))
    assert requests[0].json["stream_options"] == {"include_usage": True}
    assert records[0]["request"]["bytes"] == len(requests[0].body)
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 7)
    assert (records[0]["usage"], records[0]["cost_usd"]) == (REPORTED, cost(30, 7, 4))


@POLICIES
def test_other_options_of_a_stream_stay(standin, start, sdk, policy):
    """What else a client says of its stream reaches the upstream; one that declines usage gets none."""
    proxy = start(policy)
    options = {"include_obfuscation": False, "include_usage": False}
    with standin.answering(as_openai) as requests, proxy.recording():
        chunks = list(ask(sdk(proxy), stream_options=options))
    assert requests[0].json["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


def test_async(standin, start, through):
    """The async SDK sees the same."""
    proxy = start(REDACT)
    through(proxy)

    async def read():
        async with openai.AsyncOpenAI() as client:
            return [chunk async for chunk in await ask(client)]

    with standin.answering(as_openai), proxy.recording() as records:
        chunks = asyncio.run(read())
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert records[0]["usage"] == REPORTED


def test_over_http2(standin, start, http):
    """HTTP/2 on both sides, and bytes instead of an SDK: all events but the one that was asked for arrive as they came."""
    proxy = start(REDACT)
    body = json.dumps({"model": "gpt-6-luna", "messages": MESSAGES, "stream": True}).encode()
    with standin.answering(as_openai) as requests, proxy.recording() as records:
        answer = http(proxy, http2=True).post(
            "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
        )
    sent = as_openai(requests[0]).chunks
    assert answer.content == b"".join([*sent[:-2], sent[-1]])
    assert records[0]["usage"] == REPORTED


def test_the_helper_of_the_sdk(standin, start, sdk):
    """`.stream()` adds the stream up with no usage in it."""
    proxy = start(EMPTY)
    with (
        standin.answering(as_openai),
        proxy.recording() as records,
        sdk(proxy).chat.completions.stream(model="gpt-6-luna", messages=MESSAGES) as stream,
    ):
        completion = stream.get_final_completion()
    assert completion.choices[0].message.content.split() == TEXT.split()
    assert completion.usage is None
    assert records[0]["usage"] == REPORTED


def test_a_policy_that_only_audits_counts(standin, start, sdk):
    """In audit mode the request leaves byte for byte, and what went through is counted."""
    proxy = start(AUDIT)
    with standin.answering(as_openai) as requests, proxy.recording() as records:
        chunks = list(ask(sdk(proxy)))
    assert "stream_options" not in requests[0].json
    assert records[0]["request"]["bytes"] == len(requests[0].body)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    check_counted(records[0], said)


def check_counted(record: dict, said: str, source: str = "counted") -> None:
    """The record has the tokens of the prompt, with what OpenAI adds to one message, and of what was said."""
    sent, answered = count([PROMPT], "o200k_base") + 7, count([said], "o200k_base")
    assert record["usage"] == {
        "input_tokens": sent,
        "cached_tokens": 0,
        "output_tokens": answered,
        "reasoning_tokens": 0,
        "source": source,
    }
    assert record["cost_usd"] == cost(sent, answered)


@POLICIES
def test_a_client_that_leaves(standin, start, sdk, door, policy):
    """What had come by then is counted."""
    proxy = start(policy, door=door)
    hold = threading.Event()

    def held(received: answers.Received) -> answers.Answer:
        whole = as_openai(received).chunks
        return answers.as_stream([b"".join(whole[:6]), *whole[6:]], hold=hold)

    with standin.answering(held), proxy.recording() as records:
        stream = ask(sdk(proxy))
        said = "".join(next(stream).choices[0].delta.content for _ in range(6))
        stream.close()
    assert records[0]["response"]["ended"] == "client_gone"
    assert said.split() == TEXT.split()[:6]
    check_counted(records[0], said)


def test_a_client_that_does_not_wait_for_an_answer(standin, start, sdk):
    """Nothing was answered: what it sent is counted, and how much OpenAI had said by then nobody knows."""
    proxy = start(EMPTY)

    def late(received: answers.Received) -> answers.Answer:
        hold.wait(20)
        return answers.answer(received)

    hold = threading.Event()
    with standin.answering(late), proxy.recording() as records:
        with pytest.raises(openai.APITimeoutError):
            sdk(proxy, max_retries=0, timeout=1).chat.completions.create(model="gpt-6-luna", messages=MESSAGES)
        hold.set()
    check_counted(records[0], "", "estimated")


def test_an_upstream_that_breaks_off(standin, start, sdk):
    """What had come by then is counted, whoever ended the stream."""
    proxy = start(EMPTY)

    def broken(received: answers.Received) -> answers.Answer:
        return answers.as_stream(as_openai(received).chunks[:4], cut=True)

    with standin.answering(broken), proxy.recording() as records, pytest.raises(openai.APIError):
        list(ask(sdk(proxy, max_retries=0)))
    assert records[0]["response"]["ended"] == "upstream_error"
    check_counted(records[0], "".join(f"{word} " for word in TEXT.split()[:4]))


def test_a_stream_that_is_blocked(standin, start, sdk):
    """What the upstream had said by then is counted, for it is billed."""
    proxy = start(REDACT)
    text = "All of it is classified and more"
    with (
        standin.answering(lambda received: as_openai(received, text)),
        proxy.recording() as records,
        pytest.raises(openai.APIError),
    ):
        list(ask(sdk(proxy)))
    [record] = records
    assert (record["decision"], record["response"]["ended"], record["usage"]["source"]) == (
        "block",
        "refused",
        "counted",
    )
    assert 0 < record["usage"]["output_tokens"] <= count([text], "o200k_base") + 2
    assert record["cost_usd"] == cost(record["usage"]["input_tokens"], record["usage"]["output_tokens"])


def test_a_whole_answer_that_is_blocked(standin, start, sdk):
    """An answer that its client never sees is billed all the same."""
    proxy = start(REDACT)
    with (
        standin.answering(lambda received: answers.answer(received, "this is classified")),
        proxy.recording() as records,
        pytest.raises(openai.BadRequestError),
    ):
        sdk(proxy).chat.completions.create(model="gpt-6-luna", messages=MESSAGES)
    assert (records[0]["decision"], records[0]["response"]["status"]) == ("block", 400)
    assert (records[0]["usage"]["output_tokens"], records[0]["cost_usd"]) == (7, cost(30, 7, 4))


def test_a_refused_call_costs_nothing(standin, start, sdk, door):
    """Nothing was sent, so nothing was used."""
    proxy = start(EMPTY.replace("name: all", "name: all, models: {deny: ['gpt-6*']}"), door=door)
    with proxy.recording() as records, pytest.raises(openai.BadRequestError):
        ask(sdk(proxy))
    assert standin.requests == []
    assert (records[0]["usage"], records[0]["cost_usd"], records[0]["price"]) == (None, 0, None)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_an_error_of_the_upstream_costs_nothing(standin, start, sdk, status):
    """OpenAI bills answers, not errors."""
    proxy = start(EMPTY)
    error = {"error": {"message": "no", "type": "server_error", "code": None, "param": None}}
    with (
        standin.answering(lambda _received: answers.as_json(error, status)),
        proxy.recording() as records,
        pytest.raises(openai.APIStatusError),
    ):
        ask(sdk(proxy, max_retries=0))
    assert (records[0]["response"]["status"], records[0]["response"]["ended"]) == (status, "complete")
    assert (records[0]["usage"], records[0]["cost_usd"], records[0]["price"]) == (None, 0, None)


def test_a_model_without_a_price(standin, start, sdk):
    """An unknown model is unknown and never free, unless a policy has a figure for it."""

    def named(received: answers.Received) -> answers.Answer:
        answer = answers.answer(received)
        return answers.as_json({**json.loads(answer.chunks[0]), "model": "gpt-99"})

    standin.respond, usual = named, standin.respond
    try:
        for rules, cost_usd, source in (
            ("", None, "unknown"),
            (", unknown_price: warn", None, "unknown"),
            (", unknown_price: {input: 10, output: 100}", pytest.approx((12 * 10 + 5 * 100) / 1e6), "fallback"),
        ):
            proxy = start(f"version: 1\npolicies: [{{name: all{rules}}}]")
            with proxy.recording() as records:
                sdk(proxy).responses.create(model="gpt-99", input="hi")
            assert (records[0]["cost_usd"], records[0]["price"]["source"]) == (cost_usd, source)
            assert records[0]["usage"]["input_tokens"] == 12
        proxy = start("version: 1\npolicies: [{name: all, unknown_price: block}]")
        with proxy.recording() as records, pytest.raises(openai.BadRequestError, match="no price is known") as caught:
            sdk(proxy).responses.create(model="gpt-99", input="hi")
        assert caught.value.code == "model_not_allowed"
    finally:
        standin.respond = usual


@pytest.mark.parametrize(
    ("limits", "options", "code"),
    [
        ("prompt_tokens: 4", {}, None),
        ("prompt_tokens: 3", {}, "prompt_too_long"),
        ("request_cost_usd: 0.001", {"max_completion_tokens": 100}, None),
        ("request_cost_usd: 0.001", {"max_completion_tokens": 2000}, "budget_exceeded"),
        ("request_cost_usd: 0.001", {"max_completion_tokens": 100, "service_tier": "priority"}, None),
        ("request_cost_usd: 0.001", {"max_completion_tokens": 1500, "service_tier": "priority"}, "budget_exceeded"),
        ("request_cost_usd: 0.001", {}, "budget_exceeded"),
        ("request_cost_usd: 0.001, output_tokens: {max: 100, missing: set}", {}, None),
    ],
)
def test_limits(standin, start, sdk, limits, options, code):
    """More tokens than the limit, or a cap with which the call could cost more, is refused before it leaves."""
    proxy = start(f"version: 1\npolicies: [{{name: all, limits: {{{limits}}}}}]")
    if code is None:
        ask(sdk(proxy), **options)
    else:
        with pytest.raises(openai.BadRequestError) as caught:
            ask(sdk(proxy), **options)
        assert caught.value.code == code
    assert len(standin.requests) == (code is None)


def test_whose_call_it_was(standin, start):
    """The record tells what is proved from what the caller claims."""
    proxy = start(EMPTY, proxyauth="alice:secret")
    context = ssl.create_default_context(cafile=str(proxy.ca_file))
    url = proxy.url.replace("http://", "http://alice:secret@")
    headers = {"authorization": "Bearer sk-1", "openai-project": "proj_1", "user-agent": "curl/8"}
    body = {"model": "gpt-6-luna", "input": "hi", "user": "bob"}
    with (
        httpx2.Client(proxy=url, verify=context, trust_env=False) as client,
        proxy.recording() as records,
    ):
        client.post("https://api.openai.com/v1/responses", json=body, headers=headers)
    [record] = records
    assert (record["client"]["proxy_user"], record["project"], record["end_user"]) == ("alice", "proj_1", "bob")
    assert record["proved"] == ["client.ip", "client.proxy_user", "key"]
    assert record["claimed"] == ["client.user_agent", "project", "end_user"]
    assert "secret" not in proxy.audit_file.read_text()


def test_a_claim_grants_nothing(standin, start, sdk):
    """A policy that is matched by a header holds beside the one that its caller has without it."""
    proxy = start(
        """
        version: 1
        policies:
          - {name: project, match: {projects: [proj_1]}, models: {allow: ["gpt-6*", "gpt-5*"], deny: ["gpt-6-astra"]}}
          - {name: everyone, models: {deny: ["gpt-5*"]}}
        """
    )
    client = sdk(proxy, project="proj_1")
    with proxy.recording() as records:
        client.responses.create(model="gpt-6-luna", input="hi")
    assert (records[0]["policy"]["name"], records[0]["policy"]["within"]) == ("project", "everyone")
    for model in ("gpt-5", "gpt-6-astra", "gpt-4o"):
        with pytest.raises(openai.BadRequestError, match="Blocked by policy 'project'"):
            client.responses.create(model=model, input="hi")
    with pytest.raises(openai.BadRequestError, match="Blocked by policy 'everyone'"):
        sdk(proxy).responses.create(model="gpt-5", input="hi")


def test_an_answer_that_is_read_back(standin, start, sdk):
    """What was billed when it was made is not billed again; one that was made in the background is, once."""
    proxy = start(EMPTY)

    def stored(received: answers.Received, *, background: bool) -> answers.Answer:
        made = {**answers._response("Hello"), "background": background}
        if received.method == "POST" and background:
            made |= {"status": "queued", "usage": None, "output": []}
        return answers.as_json(made)

    for background, costs in ((False, [cost(12, 5), 0, 0]), (True, [None, cost(12, 5), 0])):
        with (
            standin.answering(lambda received, background=background: stored(received, background=background)),
            proxy.recording(3) as records,
        ):
            client = sdk(proxy)
            client.responses.create(model="gpt-6-luna", input="hi", background=background)
            client.responses.retrieve("resp_1")
            client.responses.retrieve("resp_1")
        assert [record["cost_usd"] for record in records] == costs


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_from_the_background_costs_whom_it_was_made_for(standin, start, sdk, streamed):
    """Whoever fetches it need not say; the answer repeats what its request said, which stays a claim."""
    proxy = start(EMPTY)
    name = f"resp_of_u1_{streamed}"
    made = {**answers._response("Hello"), "id": name, "background": True, "safety_identifier": "u1", "user": "u2"}
    event = {"type": "response.completed", "sequence_number": 1, "response": made}

    def stored(received: answers.Received) -> answers.Answer:
        if received.method == "POST":
            return answers.as_json({**made, "status": "queued", "usage": None, "output": []})
        if streamed:
            return answers.as_stream([f"event: response.completed\ndata: {json.dumps(event)}\n\n".encode()])
        return answers.as_json(made)

    with standin.answering(stored), proxy.recording(2) as records:
        client = sdk(proxy)
        client.responses.create(model="gpt-6-luna", input="hi", background=True, safety_identifier="u1")
        fetched = client.responses.retrieve(name, **({"stream": True} if streamed else {}))
        assert not streamed or len(list(fetched)) == 1
    assert [record["end_user"] for record in records] == ["u1", "u1"]
    assert [record["cost_usd"] for record in records] == [None, cost(12, 5)]
    assert (records[1]["request"]["model"], records[1]["response"]["model"]) == (None, "gpt-6-luna")
    assert "end_user" in records[1]["claimed"]
    assert "end_user" not in records[1]["proved"]


UNREAD = """
version: 1
unknown_endpoint: audit
prices: [{model: our-transcriber, minute: 0.004}, {model: "whisper-*", minute: 0.006}]
policies: [{name: all, phrases: [{list: mild, words: [darn], action: redact}]}]
"""
SOUND = ("a.mp3", b"\xff\xfb\r\n--\r\n" * 50_000, "audio/mpeg")
HEARD = {"type": "tokens", "input_tokens": 140, "output_tokens": 45, "total_tokens": 185}
HEARD["input_token_details"] = {"text_tokens": 20, "audio_tokens": 120}
DRAWN = {"input_tokens": 250, "output_tokens": 4160, "total_tokens": 4410}
DRAWN["input_tokens_details"] = {"text_tokens": 50, "image_tokens": 200}
DRAWN["output_tokens_details"] = {"image_tokens": 4160, "text_tokens": 0}


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("call", "model", "answered", "usd"),
    [
        ("transcriptions", "whisper-1", {"type": "duration", "seconds": 90}, 0.009),
        ("translations", "our-transcriber", {"type": "duration", "seconds": 90}, 0.006),
        ("transcriptions", "gpt-4o-transcribe", HEARD, (20 * 2.5 + 120 * 6 + 45 * 10) / 1e6),
        ("edit", "gpt-image-2.5-sunburst", DRAWN, (50 * 5 + 200 * 8 + 4160 * 30) / 1e6),
        ("transcriptions", "new-ears", {"type": "duration", "seconds": 90}, None),
    ],
)
def test_a_form_is_priced_by_the_model_that_it_names(standin, start, sdk, call, model, answered, usd):
    """Its answer does not say which; what else is in a form is not read, and the record says so."""
    proxy = start(UNREAD)
    document = {"created": 1, "data": [{"b64_json": "AAAA"}]} if call == "edit" else {"text": "Nine boards"}
    with (
        standin.answering(lambda _received: answers.as_json({**document, "usage": answered})) as requests,
        proxy.recording() as records,
    ):
        client = sdk(proxy)
        if call == "edit":
            client.images.edit(model=model, image=("a.png", SOUND[1], "image/png"), prompt="a bed")
        else:
            getattr(client.audio, call).create(model=model, file=SOUND)
    [record] = records
    assert SOUND[1] in requests[0].body
    assert record["request"]["model"] == model
    assert record["cost_usd"] == (usd if usd is None else pytest.approx(usd, rel=1e-9))
    assert record["uninspected"][0] == {"at": "", "reason": "multipart"}


def test_a_form_whose_answer_is_streamed(standin, start, sdk):
    """Its last event says what it used, and its request which model that was."""
    proxy = start(UNREAD)
    events = ({"type": "transcript.text.delta", "delta": "Nine"}, {"type": "transcript.text.done", "text": "Nine"})
    pieces = [f"data: {json.dumps(event)}\n\n".encode() for event in (events[0], {**events[1], "usage": HEARD})]
    with standin.answering(lambda _received: answers.as_stream(pieces)), proxy.recording() as records:
        list(sdk(proxy).audio.transcriptions.create(model="gpt-4o-transcribe", file=SOUND, stream=True))
    assert records[0]["request"]["model"] == "gpt-4o-transcribe"
    assert records[0]["cost_usd"] == pytest.approx((20 * 2.5 + 120 * 6 + 45 * 10) / 1e6, rel=1e-9)


def test_a_model_in_a_form_is_not_judged(standin, start, sdk):
    """A path that is let through unread is: which models a policy allows is for those that it reads."""
    rules = "{name: all, models: {allow: [gpt-6-luna], deny: [whisper-1]}}"
    proxy = start(f"version: 1\nunknown_endpoint: audit\npolicies: [{rules}]")
    with standin.answering(lambda _received: answers.as_json({"text": "x"})), proxy.recording() as records:
        sdk(proxy).audio.transcriptions.create(model="whisper-1", file=SOUND)
    assert records[0]["decision"] == "audit"
    assert [finding["check"] for finding in records[0]["findings"]] == ["endpoints"]


@pytest.mark.parametrize("unknown", ["audit", "allow"])
def test_what_costs_nothing_passes_a_limit(standin, start, sdk, unknown):
    """What keeps something for later or ends what is at work is let through; what sets something to work is not."""
    rules = "{name: all, limits: {request_cost_usd: 0.01}, unknown_price: block}"
    proxy = start(f"version: 1\nunknown_endpoint: {unknown}\npolicies: [{rules}]")
    client = sdk(proxy)
    free = (
        lambda: client.batches.cancel("batch_1"),
        lambda: client.files.create(file=SOUND, purpose="user_data"),
        lambda: client.files.delete("file-1"),
        lambda: client.uploads.create(bytes=3, filename="a", mime_type="audio/mpeg", purpose="user_data"),
        lambda: client.uploads.parts.create("upload_1", data=SOUND[1]),
        lambda: client.uploads.complete("upload_1", part_ids=["part_1"]),
        lambda: client.conversations.create(items=[{"type": "message", "role": "user", "content": "hi"}]),
        lambda: client.fine_tuning.jobs.pause("ftjob-1"),
    )
    with (
        standin.answering(lambda _received: answers.as_json({"id": "x"})) as requests,
        proxy.recording(len(free)) as records,
    ):
        for call in free:
            call()
    assert len(requests) == len(free)
    assert {record["cost_usd"] for record in records} == {0}
    dear = (
        lambda: client.batches.create(completion_window="24h", endpoint="/v1/responses", input_file_id="file-1"),
        lambda: client.vector_stores.create(name="x"),
        lambda: client.containers.create(name="x"),
        lambda: client.fine_tuning.jobs.create(model="gpt-4o", training_file="file-1"),
        lambda: client.audio.transcriptions.create(model="whisper-1", file=SOUND),
    )
    for call in dear:
        with pytest.raises(openai.BadRequestError, match="does not know costs cannot be told before"):
            call()
