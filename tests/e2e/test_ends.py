"""However a call ends, there is one record, and it says how."""

import signal
import threading

import httpx2
import openai
import pytest

from tests.e2e import answers

POLICY = """
version: 1
policies:
  - name: open
"""
BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
CHAT = "/v1/chat/completions"


def held_stream(_received) -> answers.Answer:
    """A stream whose second event never comes while the test runs."""
    return answers.Answer(
        headers={"content-type": "text/event-stream"}, chunks=list(answers.events("a b c")), hold=threading.Event()
    )


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_client_gone(standin, start, http, door, http2):
    """A client that leaves in the middle of a stream is recorded as gone."""
    proxy = start(POLICY, door=door)
    client = http(proxy, http2=http2)
    with standin.answering(held_stream), proxy.recording() as records:
        with client.stream("POST", CHAT, json=BODY) as answer:
            next(answer.iter_raw())
        client.close()
    assert records[0]["response"]["ended"] == "client_gone"
    assert records[0]["response"]["bytes"] > 0
    assert records[0]["uninspected"] == []


@pytest.mark.parametrize("stream", [False, True])
def test_upstream_broke_off(standin, start, http, door, stream):
    """An upstream that breaks off is recorded as such, and the client notices."""
    proxy = start(POLICY, door=door)
    kind = "text/event-stream" if stream else "application/json"
    cut = answers.Answer(headers={"content-type": kind}, chunks=[b'data: {"a":1}\n\n', b"data"], cut=True)
    with standin.answering(lambda _received: cut), proxy.recording() as records:
        try:
            answer = http(proxy).post(CHAT, json={**BODY, "stream": stream})
        except httpx2.HTTPError:
            answer = None
    assert answer is None or answer.status_code == 502
    assert records[0]["response"]["ended"] == "upstream_error"


def test_upstream_away(start, http):
    """An upstream that cannot be reached is recorded as such."""
    proxy = start(POLICY, panda_upstream="127.0.0.1:1", connection_strategy="lazy")
    with proxy.recording() as records:
        assert http(proxy).post(CHAT, json=BODY).status_code == 502
    assert records[0]["response"]["ended"] == "upstream_error"
    assert records[0]["decision"] == "allow"


def test_upstream_error_passes(standin, start, sdk):
    """An error of OpenAI's reaches the SDK as it is."""
    proxy = start(POLICY)
    error = {
        "error": {
            "message": "no such model",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }
    with (
        standin.answering(lambda _received: answers.as_json(error, 404)),
        proxy.recording() as records,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        sdk(proxy).responses.create(model="m", input="hi")
    assert caught.value.code == "model_not_found"
    assert records[0]["response"]["status"] == 404
    assert records[0]["decision"] == "allow"


def test_stopped_in_the_middle(standin, start, http):
    """A proxy that is stopped while a stream runs, and gives it no time, still writes that call's record, and ends well."""
    proxy = start(POLICY, fresh=True, panda_drain=0)
    with standin.answering(held_stream), http(proxy).stream("POST", CHAT, json=BODY) as answer:
        # The iterator is kept: when it goes, the client closes the connection.
        pieces = answer.iter_raw()
        next(pieces)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(30) == 0
    assert [record["response"]["ended"] for record in proxy.records()] == ["proxy_stopped"]
