"""Ways around the hooks that were open once, and what must not be in the way of other hosts."""

import contextlib
import json
import socket
import threading

import pytest

from tests.e2e import raw

POLICY = """
version: 1
policies:
  - name: strict
    phrases:
      - {list: codenames, words: ["project borealis"], action: block}
      - {list: mild, words: [darn], action: redact}
"""
CHAT = "/v1/chat/completions"
CLEAN = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
DIRTY = CLEAN.replace(b"hi", b"project borealis")


def plain(proxy) -> socket.socket:
    """A bare connection to the proxy."""
    return socket.create_connection(("127.0.0.1", proxy.port), 10)


@contextlib.contextmanager
def server(serve):
    """A plain TCP server on loopback that hands one connection to `serve`; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    serve(connection)

        threading.Thread(target=run, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("host", ["api.openai.com", "api.openai.com:", "localhost", "other.example"])
def test_refused_tunnel_names_nothing(standin, start, door, host):
    """After a tunnel that could not be opened, a request on the same connection is judged by its own names."""
    proxy = start(POLICY, door=door)
    request = raw.post(CHAT, DIRTY, host=host).replace(b"POST ", b"POST https://api.openai.com")
    with plain(proxy) as connection:
        refused = raw.exchange(connection, b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 502")
        answer = raw.exchange(connection, request)
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert standin.requests == []


def test_tunnel_without_credentials(standin, start):
    """Nor does a tunnel that was refused for want of credentials; and what is answered so is not judged or shown."""
    proxy = start(POLICY, proxyauth="u:p")
    request = raw.post(CHAT, DIRTY).replace(b"POST ", b"POST https://api.openai.com")
    with plain(proxy) as connection, proxy.recording(2) as records:
        refused = raw.exchange(connection, b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        assert refused.startswith(b"HTTP/1.1 407")
        allowed = request.replace(b"content-type", b"Proxy-Authorization: Basic dTpw\r\ncontent-type")
        assert raw.exchange(connection, allowed).startswith(b"HTTP/1.1 400")
        unproved = raw.exchange(connection, request.replace(b"project borealis", b"what a darn text"))
    assert standin.requests == []
    assert [record["client"]["proxy_user"] for record in records] == ["u", None]
    assert unproved.startswith(b"HTTP/1.1 407")
    assert b"****" not in unproved
    assert records[1]["response"] == {"status": 407, "upstream_request_id": None, "bytes": 0, "ended": "refused"}


def test_empty_port(standin, start):
    """A Host field with a colon and no port names the same host."""
    proxy = start(POLICY)
    with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, raw.post(CHAT, CLEAN, host="api.openai.com:"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert len(standin.requests) == 1


def test_other_host_on_the_request_line(standin, start):
    """Inside a tunnel, a request line that names another host is refused."""
    proxy = start(POLICY)
    request = raw.post(CHAT, CLEAN).replace(b"POST ", b"POST https://other.example")
    with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, request)
    assert answer.startswith(b"HTTP/1.1 400")
    assert standin.requests == []


@pytest.mark.parametrize(
    "fields",
    ["authorization: Bearer\tsk-1\r\n", "authorization: sk-1\r\n", "authorization: bearer   sk-1\r\n"],
)
def test_key_however_written(standin, start, fields):
    """A key is known by its fingerprint however its field is written."""
    proxy = start(POLICY)
    with proxy.recording(2) as records:
        for headers in (fields, "authorization: Bearer sk-1\r\n"):
            with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
                raw.exchange(connection, raw.post(CHAT, CLEAN, headers=headers))
    assert records[0]["key"] == records[1]["key"]


def test_two_keys(standin, start):
    """A call with two keys is refused: which one counts is not for Panda to guess."""
    proxy = start(POLICY)
    headers = "authorization: Basic x\r\nauthorization: Bearer sk-1\r\n"
    with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        answer = raw.exchange(connection, raw.post(CHAT, CLEAN, headers=headers))
    assert answer.startswith(b"HTTP/1.1 400")
    assert standin.requests == []


def test_request_trailer_is_recorded(standin, start):
    """A request with a trailer, at which mitmproxy stumbles, does not leave and leaves one record."""
    proxy = start(POLICY)
    body = b"%x\r\n%s\r\n0\r\nx-more: project borealis\r\n\r\n" % (len(CLEAN), CLEAN)
    head = f"POST {CHAT} HTTP/1.1\r\nHost: api.openai.com\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    with proxy.recording() as records, raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
        raw.exchange(connection, head + body)
    assert standin.requests == []
    assert records[0]["response"]["ended"] == "client_gone"
    assert records[0]["uninspected"] == [{"at": "", "reason": "incomplete"}]


def test_refused_by_mitmproxy(standin, start):
    """What mitmproxy refuses by itself is recorded as refused, with the status that the client saw."""
    proxy = start(POLICY)
    huge = f"POST {CHAT} HTTP/1.1\r\nHost: api.openai.com\r\ncontent-length: 120000000\r\n\r\n".encode()
    nested = b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n"
    with proxy.recording(2) as records:
        for request in (huge, nested):
            with raw.tunnel(proxy, "api.openai.com:443", sni="api.openai.com") as connection:
                raw.exchange(connection, request)
    assert [record["response"]["status"] for record in records] == [413, 400]
    assert {record["decision"] for record in records} == {"block"}
    assert {record["response"]["ended"] for record in records} == {"refused"}


def test_server_speaks_first(start, door):
    """In a tunnel to another host the server may speak first, as SSH does, and nothing is made of what it says."""
    proxy = start(POLICY, door=door)

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-test\r\n")
        connection.sendall(connection.recv(100).upper())

    with server(serve) as port, plain(proxy) as connection:
        connection.sendall(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        assert b" 200 " in raw.read_head(connection)
        assert connection.recv(100) == b"SSH-2.0-test\r\n"
        connection.sendall(b"\x00hello")
        assert connection.recv(100) == b"\x00HELLO"


@pytest.mark.parametrize("letters", [False, True])
def test_client_speaks_something_else(start, door, letters):
    """In a tunnel to another host the client may speak any protocol."""
    proxy = start(POLICY, door=door)
    said = b"EHLO me\r\n" if letters else b"\x00\x01\x02"
    with server(lambda connection: connection.sendall(connection.recv(100)[::-1])) as port, plain(proxy) as connection:
        connection.sendall(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        assert b" 200 " in raw.read_head(connection)
        connection.sendall(said)
        assert connection.recv(100) == said[::-1]


@pytest.mark.parametrize("name", ["localhost", "api.openai.com"])
def test_handshake_byte_by_byte(standin, start, name):
    """A TLS handshake that comes in tiny pieces is known for what it is, to any host."""
    proxy = start(POLICY)
    target = f"localhost:{standin.port}" if name == "localhost" else "api.openai.com:443"
    with plain(proxy) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert b" 200 " in raw.read_head(connection)
        context = raw.ssl.create_default_context(cafile=str(standin.ca_file if name == "localhost" else proxy.ca_file))
        incoming, outgoing = raw.ssl.MemoryBIO(), raw.ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
        with pytest.raises(raw.ssl.SSLWantReadError):
            tls.do_handshake()
        hello = outgoing.read()
        connection.sendall(hello[:1])
        raw.time.sleep(0.2)
        connection.sendall(hello[1:])
        while True:
            incoming.write(connection.recv(1 << 16))
            with contextlib.suppress(raw.ssl.SSLWantReadError):
                tls.do_handshake()
                break
    assert tls.version() is not None


def test_other_hosts_stream(standin, start):
    """A plain HTTP answer of another host is passed on as it comes."""
    proxy = start(POLICY)
    arrived = threading.Event()
    seen = []

    def serve(connection: socket.socket) -> None:
        raw.read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst")
        seen.append(arrived.wait(10))
        connection.sendall(b"later")

    with server(serve) as port, plain(proxy) as connection:
        connection.sendall(f"GET http://localhost:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        raw.read_head(connection)
        assert connection.recv(5) == b"first"
        arrived.set()
        assert connection.recv(5) == b"later"
    assert seen == [True]


def test_log_unwritable_during_a_stream(standin, start, sdk):
    """An answer that was passed on as it came is not said to have been withheld."""
    proxy = start(POLICY, panda_audit="/dev/full", fresh=True)
    chunks = [
        chunk.choices[0].delta.content
        for chunk in sdk(proxy).chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
    ]
    assert "Hello " in chunks


@pytest.mark.parametrize("address", [b"\x03\x0eapi.openai.com", b"\x01\x7f\x00\x00\x01"], ids=["by name", "by address"])
@pytest.mark.parametrize(("body", "status"), [(CLEAN, b" 200 "), (DIRTY, b" 400 ")], ids=["clean", "dirty"])
def test_socks(standin, start, address, body, status):
    """Behind SOCKS a call is judged like any other, also where the client looked the address up by itself."""
    proxy = start(POLICY, "--mode", "socks5")
    with plain(proxy) as connection:
        connection.sendall(b"\x05\x01\x00")
        assert connection.recv(2) == b"\x05\x00"
        connection.sendall(b"\x05\x01\x00" + address + standin.port.to_bytes(2))
        assert connection.recv(100)[:2] == b"\x05\x00"
        context = raw.ssl.create_default_context(cafile=str(proxy.ca_file))
        with context.wrap_socket(connection, server_hostname="api.openai.com") as tls:
            answer = raw.exchange(tls, raw.post(CHAT, body))
    assert status in answer.partition(b"\r\n")[0]
    assert len(standin.requests) == (status == b" 200 ")


@pytest.mark.parametrize("pieces", [(b"",), (b"P", b""), (b"\r\n",)], ids=["whole", "P|OST", "line first"])
def test_plain_http_in_a_tunnel_to_an_address(start, door, pieces):
    """Plain HTTP in a tunnel to a bare address is refused where its Host field names a policy host."""
    proxy = start(POLICY, door=door)
    reached = []
    request = raw.post(CHAT, DIRTY)
    first = [pieces[0] + request] if len(pieces) == 1 else [pieces[0], request[len(pieces[0]) :]]
    with server(lambda connection: reached.append(connection.recv(100))) as port, plain(proxy) as connection:
        connection.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert b" 200 " in raw.read_head(connection)
        answer = raw.exchange(connection, *first)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert [data for data in reached if data] == []
