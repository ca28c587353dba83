"""Bytes that cannot be read for certain: refused in OpenAI's words, nothing forwarded, one record, bounded memory."""

import gzip
import json
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.e2e import raw
from tests.e2e.answers import as_json
from tests.packing import PACK

POLICY = """
version: 1
policies:
  - name: strict
    phrases:
      - {list: codenames, words: ["project borealis"], action: block}
"""
CHAT = "/v1/chat/completions"
CLEAN = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
DIRTY = CLEAN.replace(b"hi", b"project borealis")
BOMB = b'{"model":"m","input":"' + b"a" * (60 << 20) + b'"}'
JSON = {"content-type": "application/json"}

BAD = {
    "not JSON": (b"hello", {}),
    "an array": (b"[1]", {}),
    "a string": (b'"hi"', {}),
    "empty": (b"", {}),
    "white space": (b" \n", {}),
    "cut short": (CLEAN[:-1], {}),
    "two documents": (CLEAN + CLEAN, {}),
    "5,000 levels": (b'{"messages":' + b"[" * 5000 + b"]" * 5000 + b"}", {}),
    "100,000 levels": (b"[" * 100_000, {}),
    "a repeated key": (b'{"model":"m","input":"a","input":"project borealis"}', {}),
    "a repeated key, escaped": (b'{"model":"m","input":"a","inp\\u0075t":"b"}', {}),
    "NaN": (b'{"model":"m","input":"a","temperature":NaN}', {}),
    "Infinity": (b'{"model":"m","input":"a","temperature":-Infinity}', {}),
    "a number of 5,000 digits": (b'{"model":"m","input":"a","seed":' + b"1" * 5000 + b"}", {}),
    "UTF-16": (CLEAN.decode().encode("utf-16"), {}),
    "UTF-16 by charset": (CLEAN, {"content-type": "application/json; charset=utf-16"}),
    "a byte order mark": (b"\xef\xbb\xbf" + CLEAN, {}),
    "invalid UTF-8": (b'{"model":"m","input":"\xff"}', {}),
    "overlong UTF-8": (b'{"model":"m","input":"\xc0\xaf"}', {}),
    "unknown coding": (CLEAN, {"content-encoding": "compress"}),
    "too many codings": (CLEAN, {"content-encoding": "gzip, gzip, gzip, gzip"}),
    "a coding that lies": (CLEAN, {"content-encoding": "gzip"}),
    "a coding cut short": (gzip.compress(CLEAN)[:-9], {"content-encoding": "gzip"}),
    "data behind a coding": (gzip.compress(CLEAN) + b"more", {"content-encoding": "gzip"}),
    "a gzip bomb": (gzip.compress(BOMB), {"content-encoding": "gzip"}),
    "a deflate bomb": (zlib.compress(BOMB), {"content-encoding": "deflate"}),
    "a br bomb": (brotli.compress(BOMB, quality=1), {"content-encoding": "br"}),
    "a zstd bomb": (zstandard.compress(BOMB), {"content-encoding": "zstd"}),
    "50 MB": (b'{"model":"m","input":"' + b"a" * (50 << 20) + b'"}', {}),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_body(standin, start, http, name):
    """A body that cannot be read is refused with OpenAI's error shape; nothing leaves, and there is one record."""
    body, headers = BAD[name]
    proxy = start(POLICY)
    with proxy.recording() as records:
        answer = http(proxy).post("/v1/responses", content=body, headers={**JSON, **headers})
    assert answer.status_code == (413 if "bomb" in name or "MB" in name else 400)
    error = answer.json()["error"]
    assert error["code"] == "not_inspectable"
    assert error["type"] == "invalid_request_error"
    assert standin.requests == []
    assert records[0]["decision"] == "block"
    assert records[0]["findings"] == [
        {"check": "input", "action": "block", "in": "request", "at": "", "code": "not_inspectable"}
    ]


@pytest.mark.parametrize("coding", PACK)
def test_good_coding(standin, start, http, coding):
    """A compressed body is judged by what it holds, and forwarded as it came if it is clean."""
    proxy = start(POLICY)
    clean = PACK[coding](CLEAN)
    headers = {**JSON, "content-encoding": coding}
    with standin.answering(lambda _received: as_json({})) as requests, proxy.recording(2) as records:
        assert http(proxy).post(CHAT, content=clean, headers=headers).status_code == 200
        assert http(proxy).post(CHAT, content=PACK[coding](DIRTY), headers=headers).status_code == 400
    assert [received.body for received in requests] == [clean]
    assert [record["decision"] for record in records] == ["allow", "block"]


@pytest.mark.parametrize(
    "headers",
    ["transfer-encoding: gzip, chunked\r\n", "transfer-encoding: chunked\r\ncontent-length: 5\r\n"],
    ids=["gzip in the framing", "two lengths"],
)
def test_bad_framing(standin, start, headers):
    """Framing that two servers could read differently does not pass."""
    proxy = start(POLICY)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CLEAN), CLEAN)
    head = f"POST {CHAT} HTTP/1.1\r\nHost: api.openai.com\r\n{headers}\r\n".encode()
    with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, head + body)
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert standin.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "//v1/chat/completions",
        "/v1/chat/completions/",
        "/v1/./chat/completions",
        "/v1/%63hat/completions",
        "/V1/chat/completions",
    ],
)
def test_odd_paths(standin, start, http, path):
    """A known path in odd writing is refused, whatever the policy says about unknown ones."""
    proxy = start(POLICY + "unknown_endpoint: allow\n")
    with proxy.recording() as records, raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, raw.post(path, DIRTY))
    assert answer.startswith(b"HTTP/1.1 400")
    assert standin.requests == []
    assert records[0]["decision"] == "block"


def test_memory_stays_bounded(standin, start, http):
    """Refusing bombs and huge bodies over and over does not make the process grow beyond what one of them takes."""
    proxy = start(POLICY, fresh=True)
    client = http(proxy)
    bombs = [BAD[name] for name in ("a gzip bomb", "a zstd bomb", "50 MB")]
    for _ in range(4):
        for body, headers in bombs:
            client.post("/v1/responses", content=body, headers={**JSON, **headers})
    status = Path(f"/proc/{proxy.process.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
    assert peak < 600, f"{peak} MB"
    assert standin.requests == []


def test_on_error_allow(standin, start, http):
    """A policy that lets pass what cannot be judged forwards it as it came, and the record says that nobody looked."""
    proxy = start(POLICY + "on_error: allow\n")
    with standin.answering(lambda _received: as_json({})) as requests, proxy.recording() as records:
        http(proxy).post("/v1/responses", content=b"[1]", headers=JSON)
    assert [received.body for received in requests] == [b"[1]"]
    assert records[0]["uninspected"] == [{"at": "", "reason": "unreadable"}]
    assert records[0]["decision"] == "audit"


@pytest.mark.parametrize(
    ("choice", "status", "decision"), [("block", 400, "block"), ("audit", 200, "audit"), ("allow", 200, "allow")]
)
def test_unknown_endpoint(standin, start, http, choice, status, decision):
    """A POST to a path that nobody knows is refused, read and noted, or let pass, as the policy says."""
    proxy = start(POLICY + f"unknown_endpoint: {choice}\n")
    with standin.answering(lambda _received: as_json({})), proxy.recording() as records:
        answer = http(proxy).post("/v1/brand/new", json={"text": "hi"})
    assert answer.status_code == status
    assert records[0]["decision"] == decision
    assert records[0]["request"]["endpoint"] is None
