"""The head of a message, as far as it matters here: what its fields say, and whether its names can be trusted.

Takes plain values, and knows neither mitmproxy nor what becomes of them.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Literal

from panda_addon.call import Call
from panda_addon.policy.choose import Caller
from panda_addon.wire.read import Head

# A TLS record of the kind that a handshake starts with, and the length from which mitmproxy knows one.
_TLS_HANDSHAKE = b"\x16"
_TLS_HEADER = 3

_REQUEST_LINE = re.compile(rb"[!-~]+ +[!-\xff]+ +HTTP/", re.IGNORECASE)
_PRINTABLE = re.compile(rb"[ -\xff\r\t]*")
# A longer first line is no request that any server takes.
_MAX_LINE = 1 << 16


def fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header fields by their names in lower case, repeated ones joined: one pass for all look-ups."""
    found: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "surrogateescape")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def head(found: dict[str, str]) -> Head:
    """The fields that say how a body is to be read."""
    return Head(found.get("content-type", ""), found.get("content-encoding", ""))


def call(
    request: tuple[str, str, str], found: dict[str, str], ip: str | None, proxy_user: str | None, wrong: str | None
) -> Call:
    """The call that a request (its method, host and path) with these fields begins."""
    method, host, path = request
    return Call(
        method=method,
        host=host.lower(),
        path=path,
        head=head(found),
        caller=Caller(
            ip=ip,
            proxy_user=proxy_user,
            organization=found.get("openai-organization"),
            project=found.get("openai-project"),
            user_agent=found.get("user-agent"),
        ),
        # Whatever the scheme, and whatever stands between: `Bearer KEY`, or the key alone.
        api_key=next(reversed(found.get("authorization", "").split()), None),
        traceparent=found.get("traceparent"),
        transfer_encoding=found.get("transfer-encoding", ""),
        upgrade="websocket" in found.get("upgrade", "").lower() or "sec-websocket-key" in found,
        misfit=wrong,
    )


def misfit(names: Iterable[str], *, unnamed_tls: bool, keys: int) -> str | None:
    """Why the names that a call gives for its host, or its `keys`, do not fit together, if they do not."""
    if len({name.lower().rstrip(".") for name in names}) > 1:
        return "the tunnel, the TLS handshake and the Host header name different hosts"
    if unnamed_tls:
        return "the TLS handshake names no host"
    if keys > 1:
        return "there is more than one Authorization field"
    return None


def protocol(sent: bytes) -> Literal["tls", "http", "other"] | None:
    """What a client begins to speak in a tunnel, None while that cannot be told: more is to come, or nothing came."""
    if sent[:1] == _TLS_HANDSHAKE:
        return "tls" if len(sent) >= _TLS_HEADER else None
    # Servers overlook empty lines before a request (RFC 9112, 2.2).
    line, ended, _ = sent.lstrip(b"\r\n").partition(b"\n")
    if not ended and len(line) <= _MAX_LINE and _PRINTABLE.fullmatch(line):
        return None
    return "http" if _REQUEST_LINE.match(line) else "other"


def without_port(authority: str) -> str:
    """The host of an authority: `api.openai.com` of `api.openai.com:443`."""
    host, colon, port = authority.rpartition(":")
    # The port may be empty (RFC 9110, 7.2), and an address of IPv6 has colons of its own.
    plain = colon and (not port or port.isdecimal()) and (":" not in host or host.endswith("]"))
    return (host if plain else authority).strip("[]")


def is_address(host: str) -> bool:
    """Whether a host is given by its address and not by a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
