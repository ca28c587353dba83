"""A client that speaks bytes: for what no HTTP library would send."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator

from tests.e2e.proxy import Proxy


@contextlib.contextmanager
def tunnel(
    proxy: Proxy, target: str, *, sni: str | None, trust: str | None = None, alpn: list[str] | None = None
) -> Iterator[ssl.SSLSocket]:
    """A TLS connection through CONNECT `target`, with the server name `sni`; `trust` is a CA file, else the proxy's."""
    with socket.create_connection(("127.0.0.1", proxy.port), 10) as plain:
        plain.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head = read_head(plain)
        if b" 200 " not in head.splitlines()[0]:
            raise ConnectionError(head.decode())
        context = ssl.create_default_context(cafile=trust or str(proxy.ca_file))
        context.check_hostname = False
        if alpn:
            context.set_alpn_protocols(alpn)
        with context.wrap_socket(plain, server_hostname=sni) as tls:
            yield tls


def read_head(connection: socket.socket) -> bytes:
    """Everything up to the blank line."""
    head = b""
    while b"\r\n\r\n" not in head and (byte := connection.recv(1)):
        head += byte
    return head


def post(path: str, body: bytes, *, host: str = "api.openai.com", headers: str = "") -> bytes:
    """The bytes of a POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\ncontent-type: application/json\r\n{headers}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def exchange(connection: socket.socket, *pieces: bytes, wait: float = 0.2) -> bytes:
    """Send pieces, waiting between them, and read what comes until the other side ends or falls silent."""
    for index, piece in enumerate(pieces):
        if index:
            time.sleep(wait)
        connection.sendall(piece)
    connection.settimeout(3)
    answer = b""
    with contextlib.suppress(OSError):
        while more := connection.recv(1 << 16):
            answer += more
            if _whole(answer):
                break
    return answer


def _whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(blank and lengths) and len(body) >= int(lengths[0])
