"""mitmproxy's options as far as Panda minds them: which values would let traffic past it.

Knows their names and no mitmproxy: it is given the options object to look at.
"""

import re
from collections.abc import Iterator
from typing import Any

# The safe value of each, and what another one would let happen.
SAFE: dict[str, tuple[Any, str]] = {
    "rawtcp": (False, "a request split behind its first bytes would pass as raw TCP, unseen"),
    "stream_large_bodies": (None, "large bodies would be forwarded before they are judged"),
    "ignore_hosts": ([], "a policy host could pass undecrypted; Panda itself lets all other hosts pass"),
    "allow_hosts": ([], "a policy host could pass undecrypted; Panda itself lets all other hosts pass"),
    "tcp_hosts": ([], "a policy host's traffic would pass as raw TCP, unseen"),
    "validate_inbound_headers": (True, "requests that two servers read differently would pass"),
}


def unsafe(options: Any) -> Iterator[str]:  # noqa: ANN401 mitmproxy's options
    """The settings to make for each option that has an unsafe value, and why."""
    for name, (safe, why) in SAFE.items():
        if name in options and (getattr(options, name) or None) != (safe or None):
            yield f"--set {name}={str(safe).lower() if isinstance(safe, bool) else ''} ({why})"


def unjudged(options: Any) -> Iterator[str]:  # noqa: ANN401 mitmproxy's options
    """Modes in which traffic goes by that is not taken for HTTP, whatever it is."""
    for mode in options.mode if "mode" in options else ():
        scheme = re.match(r"reverse:(\w+)://", mode)
        if scheme and scheme[1] not in ("http", "https", "http3"):
            yield f"mode {mode} would forward everything unseen: use reverse:https://"


def unknown(options: Any) -> Iterator[str]:  # noqa: ANN401 mitmproxy's options
    """Options that look like Panda's and are not: mitmproxy would keep them for an addon that may come."""
    for name in options.deferred:
        if name.startswith("panda_") and name not in options:
            yield f"no such option: {name}"


def address(value: str) -> tuple[str, int] | None:
    """Host and port of `host:port`, None if it is empty. Raises ValueError."""
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError("panda_upstream must be host:port")
    return host.strip("[]"), int(port)
