"""What the gate is told of a call, and what it answers. Knows nothing of mitmproxy."""

from dataclasses import dataclass, field

from panda_addon.policy.choose import Caller
from panda_addon.wire.read import Head


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of Panda's own, in place of the upstream's."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


# What becomes of a message: it passes as it is, with another body, or is answered by Panda.
type Outcome = bytes | Reply | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The head of a request, as far as it matters here.

    `path` may have a query; `misfit` says why the names that the connection and the request give for the host cannot be
    trusted; `upgrade` that another protocol is asked for.
    """

    method: str
    host: str
    path: str
    head: Head = field(default_factory=Head)
    caller: Caller = field(default_factory=Caller)
    api_key: str | None = None
    traceparent: str | None = None
    transfer_encoding: str = ""
    upgrade: bool = False
    misfit: str | None = None
