"""Large bodies hold up nobody: while one is judged, other calls through the same proxy come and go."""

import json
import signal
import threading

import pytest

from tests.e2e import answers
from tests.e2e.raw import post, tunnel

POLICY = """
version: 1
policies:
  - name: large
    phrases:
      - {list: never, words: [forbidden], in: [request, response], action: block}
      - {list: mild, words: [darn], in: [request, response], action: redact}
"""
PATH = "/v1/responses"
SMALL = {"model": "m", "input": "hi"}

# To judge this much takes as long as dozens of small calls, on any machine, for the machine is the same: a small call
# costs some milliseconds of its time, and each megabyte here some tens of them. Three are asked for.
WORDS = "the quick brown fox jumps over the lazy dog and then does it all over again "
FINE = [
    {"role": "user", "content": WORDS * (12_000_000 // len(WORDS))},
    *({"role": "user", "content": [{"type": "input_text", "text": f"note {n}: {WORDS}"}]} for n in range(55_000)),
]
LARGE = [*FINE, {"role": "user", "content": "forbidden"}]
# Each small call takes the proxy's loop many rounds, and in each round it reads some of what waits in its sockets. So
# many of them leave nothing there of a large body.
ROUNDS = 60


class Waiting(threading.Thread):
    """Reads an answer, and keeps it."""

    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection, self.answer = connection, b""
        connection.settimeout(120)
        self.start()

    def run(self):
        """Wait for the first of it."""
        self.answer = self.connection.recv(1 << 16)


def large_request(texts) -> bytes:
    """A request of some twenty megabytes."""
    request = post(PATH, json.dumps({"model": "m", "input": texts}).encode())
    assert len(request) > 20_000_000
    return request


def calls(small, count: int) -> None:
    """Some small calls, one after the other."""
    for _ in range(count):
        assert small.post(PATH, json=SMALL).status_code == 200


def deliver(connection, request: bytes, small) -> None:
    """Send a large request so that its last byte is the only one which the proxy has not read yet."""
    connection.sendall(request[:-1])
    calls(small, ROUNDS)
    connection.sendall(request[-1:])


def calls_meanwhile(small, waiting) -> int:
    """How many small calls begin and end before an answer is there."""
    count = 0
    while waiting.is_alive():
        calls(small, 1)
        count += waiting.is_alive()
    return count


def test_small_calls_go_on_while_a_large_request_is_judged(standin, start, http, door):
    """Between the last byte of a large request and its refusal, small calls begin and end."""
    proxy = start(POLICY, door=door)
    small = http(proxy)
    with tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        deliver(connection, large_request(LARGE), small)
        waiting = Waiting(connection)
        assert calls_meanwhile(small, waiting) >= 3
    assert waiting.answer.startswith(b"HTTP/1.1 400 ")
    assert {received.json["input"] for received in standin.requests} == {"hi"}


def test_small_calls_go_on_while_a_large_prompt_is_counted(standin, start, http):
    """A prompt of some millions of tokens, which its size does not decide, is counted beside small calls."""
    proxy = start("version: 1\npolicies: [{name: counted, limits: {prompt_tokens: 3000000}}]")
    small = http(proxy)
    with tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        deliver(connection, large_request(FINE), small)
        waiting = Waiting(connection)
        assert calls_meanwhile(small, waiting) >= 3
    assert waiting.answer.startswith(b"HTTP/1.1 400 ")
    assert [record["refusal"]["code"] for record in proxy.records() if "refusal" in record] == ["prompt_too_long"]
    assert {received.json["input"] for received in standin.requests} == {"hi"}


def test_small_calls_go_on_while_a_large_answer_is_judged(standin, start, http):
    """Between the last byte of a large answer and its refusal they do so too."""
    proxy = start(POLICY)
    small = http(proxy)
    answer = json.dumps({"output": LARGE}).encode()
    last = threading.Event()

    def respond(received):
        if b"large" not in received.body:
            return answers.answer(received)
        return answers.Answer(chunks=[answer[:-1], answer[-1:]], hold=last)

    with standin.answering(respond), tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        connection.sendall(post(PATH, b'{"model": "m", "input": "large"}'))
        waiting = Waiting(connection)
        calls(small, ROUNDS)
        last.set()
        assert calls_meanwhile(small, waiting) >= 3
    assert waiting.answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_a_large_body_is_changed_like_any_other(standin, start, http, http2):
    """What a thread has found is carried out on both sides."""
    proxy = start(POLICY)
    long = f"{WORDS * 10_000}darn"
    with standin.answering(lambda received: answers.answer(received, long)), proxy.recording() as records:
        answer = http(proxy, http2=http2).post(PATH, json={"model": "m", "input": long})
    changed = long.replace("darn", "****")
    assert standin.requests[0].json["input"] == changed
    assert answer.json()["output"][0]["content"][0]["text"] == changed
    assert (records[0]["decision"], records[0]["response"]["ended"]) == ("redact", "complete")


def test_a_client_that_leaves_while_its_request_is_judged(standin, start, http):
    """It is recorded once, as gone, and with all that was found out about its request; others are none the worse."""
    proxy = start(POLICY, fresh=True)
    small = http(proxy)
    with proxy.recording(ROUNDS + 3), tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        deliver(connection, large_request(FINE), small)
        calls(small, 2)
        # The client has gone. How far the proxy is by now, only it knows.
    calls(small, 1)
    [record] = [record for record in proxy.records() if record["request"]["bytes"] > 1_000_000]
    assert record["response"]["ended"] == "client_gone"
    assert record["request"]["prompt_chars"] > 12_000_000
    assert record["uninspected"] == []


def test_a_proxy_that_is_stopped_while_a_request_is_judged(start, http):
    """Without being given time it ends well all the same, and writes the record with what was found."""
    proxy = start(POLICY, fresh=True, panda_drain=0)
    small = http(proxy)
    with tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        deliver(connection, large_request(LARGE), small)
        calls(small, 2)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(60) == 0
    [record] = [record for record in proxy.records() if record["request"]["bytes"] > 1_000_000]
    # If the last word was a refusal, it had been judged by then.
    assert record["response"]["ended"] in ("proxy_stopped", "refused")
    assert [finding["list"] for finding in record["findings"]] == ["never"]
