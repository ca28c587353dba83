"""What the head of a message says."""

import pytest

from panda_addon import heads
from panda_addon.wire.read import Head


def test_fields():
    """Names are looked up in lower case, repeated fields are joined, and bytes that are no UTF-8 survive."""
    raw = [(b"Content-Type", b"a/b"), (b"X", b"1"), (b"x", b"\xff")]
    assert heads.fields(raw) == {"content-type": "a/b", "x": "1, \udcff"}
    assert heads.head(heads.fields(raw)) == Head("a/b", "")


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("Bearer sk-1", "sk-1"),
        ("bearer \t sk-1", "sk-1"),
        ("Bearer\tsk-1", "sk-1"),
        ("sk-1", "sk-1"),
        ("", None),
        (" ", None),
    ],
)
def test_key(field, key):
    """The key is the last word of its field, whatever stands before it."""
    found = {"authorization": field, "openai-project": "p"}
    call = heads.call(("POST", "API.openai.com", "/"), found, "127.0.0.1", None, None)
    assert (call.api_key, call.host, call.caller.project) == (key, "api.openai.com", "p")


@pytest.mark.parametrize(
    ("found", "upgrade"),
    [({}, False), ({"upgrade": "h2c"}, False), ({"upgrade": "x, WebSocket"}, True), ({"sec-websocket-key": "k"}, True)],
)
def test_upgrade(found, upgrade):
    """A WebSocket is asked for by either of its fields."""
    assert heads.call(("GET", "h", "/"), found, None, None, None).upgrade is upgrade


@pytest.mark.parametrize(
    ("names", "unnamed_tls", "keys", "wrong"),
    [
        (["a.b", "A.b", "a.b."], False, 1, None),
        ([], False, 0, None),
        (["a.b", "b.a"], False, 1, "different hosts"),
        (["a.b"], True, 1, "names no host"),
        (["a.b"], False, 2, "more than one Authorization"),
    ],
)
def test_misfit(names, unnamed_tls, keys, wrong):
    """Names must be one and the same, TLS must name a host, and there is one key at most."""
    found = heads.misfit(names, unnamed_tls=unnamed_tls, keys=keys)
    assert (found is None) if wrong is None else (wrong in found)


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("api.openai.com", "api.openai.com"),
        ("api.openai.com:443", "api.openai.com"),
        ("api.openai.com:", "api.openai.com"),
        ("api.openai.com:x", "api.openai.com:x"),
        ("[::1]:80", "::1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_without_port(authority, host):
    """The port goes, also an empty one; what is no port stays."""
    assert heads.without_port(authority) == host


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("::1", True), ("a.b", False), ("", False)])
def test_is_address(host, expected):
    """An address is told from a name."""
    assert heads.is_address(host) is expected


@pytest.mark.parametrize(
    ("sent", "spoken"),
    [
        (b"", None),
        (b"\x16", None),
        (b"\x16\x03", None),
        (b"\x16\x03\x01", "tls"),
        (b"P", None),
        (b"\r\n", None),
        (b"POST /v1/responses", None),
        (b"POST /v1/responses HTTP/1.1\r\n", "http"),
        (b"\r\n\r\nPOST / HTTP/1.1\r\n", "http"),
        (b"post / http/1.1\n", "http"),
        (b"PRI * HTTP/2.0\r\n", "http"),
        (b"GET  /  HTTP/1.0\n", "http"),
        (b"EHLO me\r\n", "other"),
        (b"SSH-2.0-client\r\n", "other"),
        (b"\x00\x01", "other"),
        (b"PO\x00", "other"),
        (b"x" * 70_000, "other"),
    ],
)
def test_protocol(sent, spoken):
    """TLS and HTTP are told by their first bytes, anything else by what neither begins with."""
    assert heads.protocol(sent) == spoken
