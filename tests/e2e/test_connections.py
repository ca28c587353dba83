"""What reaches the hooks and what does not: tunnels, names, protocols, other hosts."""

import json
import ssl

import openai
import pytest

from tests.e2e import answers, raw

POLICY = """
version: 1
policies:
  - name: strict
    phrases:
      - {list: codenames, words: ["project borealis"], action: block}
"""
CLEAN = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
DIRTY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "project borealis"}]}).encode()
CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    "pieces",
    [
        (raw.post(CHAT, DIRTY),),
        (b"P", raw.post(CHAT, DIRTY)[1:]),
        (b"PO", raw.post(CHAT, DIRTY)[2:]),
        (raw.post(CHAT, DIRTY)[:20], raw.post(CHAT, DIRTY)[20:]),
        (b"\r\n" + raw.post(CHAT, DIRTY),),
    ],
    ids=["whole", "P|OST", "PO|ST", "in the path", "line first"],
)
def test_split_request_line(standin, start, door, pieces):
    """A request that comes in pieces, which could be taken for raw TCP, is judged like any other."""
    proxy = start(POLICY, door=door)
    with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, *pieces)
    assert b"HTTP/1.1 200" not in answer
    assert answer == b"" or b"policy_violation" in answer or answer.startswith(b"HTTP/1.1 400")
    assert standin.requests == []


@pytest.mark.parametrize(
    ("target", "sni", "host"),
    [
        ("api.openai.com:443", "api.openai.com", "other.example"),
        ("api.openai.com:443", "other.example", "api.openai.com"),
        ("api.openai.com:443", "eu.api.openai.com", "api.openai.com"),
        ("localhost:{port}", "api.openai.com", "api.openai.com"),
        ("127.0.0.1:{port}", "api.openai.com", "api.openai.com"),
        ("api.openai.com:443", None, "api.openai.com"),
    ],
    ids=["Host", "SNI", "other policy host", "tunnel", "tunnel to an address", "no SNI"],
)
def test_names_that_disagree(standin, start, target, sni, host):
    """Where the tunnel, the handshake and the request name different hosts and one is a policy host, the call is refused."""
    proxy = start(POLICY)
    with (
        proxy.recording() as records,
        raw.tunnel(proxy, target.format(port=standin.port), sni=sni) as connection,
    ):
        answer = raw.exchange(connection, raw.post(CHAT, CLEAN, host=host))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"not_inspectable" in answer
    assert standin.requests == []
    assert records[0]["decision"] == "block"


def test_names_that_agree(standin, start):
    """The same bytes with names that agree pass."""
    proxy = start(POLICY)
    with (
        proxy.recording() as records,
        raw.tunnel(proxy, "API.openai.com:443", sni="api.openai.com") as connection,
    ):
        answer = raw.exchange(connection, raw.post(CHAT, CLEAN, host="api.OpenAI.com:443"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert records[0]["request"]["host"] == "api.openai.com"


def test_other_hosts_certificate(standin, start, door):
    """Another host is tunnelled: the client sees that host's own certificate, and nothing is recorded."""
    proxy = start(POLICY, door=door)
    with (
        proxy.recording(0),
        raw.tunnel(proxy, f"localhost:{standin.port}", sni="localhost", trust=str(standin.ca_file)) as connection,
    ):
        answer = raw.exchange(connection, raw.post(CHAT, DIRTY, host="localhost"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert standin.requests[0].body == DIRTY


def test_other_hosts_certificate_is_not_ours(standin, start):
    """A client that trusts the proxy's CA alone cannot reach another host: its certificate is not the proxy's."""
    proxy = start(POLICY)
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        raw.tunnel(proxy, f"localhost:{standin.port}", sni="localhost"),
    ):
        pass


def test_host_pattern(standin, start, http):
    """A wildcard in `hosts` covers the hosts below it."""
    proxy = start(POLICY)
    with proxy.recording() as records:
        answer = http(proxy).post("https://eu.api.openai.com" + CHAT, content=DIRTY)
    assert answer.status_code == 400
    assert records[0]["request"]["host"] == "eu.api.openai.com"
    assert standin.requests == []


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_websocket_upgrade(standin, start, http, door, http2):
    """A WebSocket upgrade is answered with 426, so that clients turn to HTTP at once."""
    proxy = start(POLICY, door=door)
    headers = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13"}
    if not http2:
        headers |= {"connection": "upgrade", "upgrade": "websocket"}
    with proxy.recording() as records:
        answer = http(proxy, http2=http2).get("/v1/realtime?model=gpt-realtime", headers=headers)
    assert answer.status_code == 426
    assert answer.json()["error"]["code"] == "not_inspectable"
    assert records[0]["decision"] == "block"
    assert standin.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("HEAD", "/v1/models"),
        ("OPTIONS", CHAT),
        ("GET", "/v1/responses/resp_1"),
        ("GET", "/v1/something/new"),
        ("GET", "/"),
    ],
)
def test_requests_without_text(standin, start, http, method, path):
    """HEAD, OPTIONS and GET without a body pass and are recorded."""
    proxy = start(POLICY)
    with (
        standin.answering(lambda _received: answers.Answer(chunks=[] if method == "HEAD" else [b"{}"])) as requests,
        proxy.recording() as records,
    ):
        answer = http(proxy).request(method, path)
    assert answer.status_code == 200
    assert len(requests) == 1
    assert records[0]["decision"] == "allow"
    assert records[0]["request"]["method"] == method


def test_stored_answer_is_judged(standin, start, http):
    """An answer that is fetched later by GET is judged as well."""
    proxy = start(POLICY)
    stored = {
        "id": "resp_1",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Project Borealis"}]}],
    }
    with standin.answering(lambda _received: answers.as_json(stored)), proxy.recording() as records:
        answer = http(proxy).get("/v1/responses/resp_1")
    assert answer.status_code == 400
    assert records[0]["findings"][0]["at"] == "/output/0/content/0/text"


def test_plain_http(standin, start):
    """A request for a policy host in plain HTTP is judged too."""
    proxy = start(POLICY)
    request = raw.post(CHAT, DIRTY).replace(b"POST ", b"POST http://api.openai.com")
    with proxy.recording() as records, raw.socket.create_connection(("127.0.0.1", proxy.port), 10) as connection:
        answer = raw.exchange(connection, request)
    assert answer.startswith(b"HTTP/1.1 400")
    assert records[0]["findings"][0]["list"] == "codenames"
    assert standin.requests == []


def test_reverse_mode(standin, start, monkeypatch):
    """Whatever arrives at a reverse listener is judged: a client that can only set its base URL is served."""
    proxy = start(POLICY, "--mode", f"reverse:https://localhost:{standin.port}")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{proxy.url}/v1")
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with openai.OpenAI(api_key="sk-test-key") as client, proxy.recording(2) as records:
        assert client.responses.create(model="m", input="hi").output_text == "Hello there"
        with pytest.raises(openai.BadRequestError):
            client.responses.create(model="m", input="project borealis")
    assert [record["decision"] for record in records] == ["allow", "block"]
    assert len(standin.requests) == 1
