"""mitmproxy's flows as the gate sees them: what it is told of one, and how what it decides is carried out."""

import asyncio
import functools
import logging
from collections.abc import Callable, Iterable, Iterator

from mitmproxy import ctx, http
from mitmproxy.connection import Connection

from panda_addon import heads
from panda_addon.audit.errors import describe
from panda_addon.call import Call, Outcome, Reply
from panda_addon.inspection import Inspection

logger = logging.getLogger(__name__)

_INSPECTION = "panda"
_GRACE_SECONDS = 1.0


def inspection(flow: http.HTTPFlow) -> Inspection | None:
    """The inspection of a flow, if it is a call to a policy host."""
    found: Inspection | None = flow.metadata.get(_INSPECTION)
    return found


def attach(flow: http.HTTPFlow, opened: Inspection) -> None:
    """Note the inspection of a flow."""
    flow.metadata[_INSPECTION] = opened


def call(flow: http.HTTPFlow, host: str, wrong: str | None) -> Call:
    """What the gate is told of a request."""
    auth, peer = flow.metadata.get("proxyauth"), flow.client_conn.peername
    request = flow.request.method, host or flow.request.host, flow.request.path
    found = heads.fields(flow.request.headers.fields)
    return heads.call(request, found, peer[0] if peer else None, auth[0] if auth else None, wrong)


def misfit(flow: http.HTTPFlow, names: list[str]) -> str | None:
    """Why the names that a connection and a request give for the host cannot be trusted, if they cannot."""
    unnamed_tls = flow.client_conn.tls and not flow.client_conn.sni
    keys = len(flow.request.headers.get_all("authorization"))
    return heads.misfit(names, unnamed_tls=unnamed_tls, keys=keys)


def apply(flow: http.HTTPFlow, message: http.Message, outcome: Outcome) -> None:
    """Carry out what the gate said of a message."""
    if isinstance(outcome, Reply):
        headers = [(name.encode(), value.encode()) for name, value in outcome.headers]
        flow.response = http.Response.make(outcome.status, outcome.body, headers)
    elif outcome is not None:
        # Edited bodies go out plain, whatever coding they came in.
        message.headers.pop("content-encoding", None)
        message.headers.pop("transfer-encoding", None)
        message.raw_content = outcome
        message.headers["content-length"] = str(len(outcome))


def fail(flow: http.HTTPFlow, opened: Inspection, error: Exception) -> None:
    """Carry out what the gate says of an exception that came up around a call; if that cannot be done, end the call."""
    outcome = opened.fail("response" if flow.response else "request", error)
    try:
        apply(flow, flow.response or flow.request, outcome)
    except Exception as again:  # noqa: BLE001 it fails closed
        facts = describe(again, "request")
        logger.error("decision %s could not be carried out, the call was cut off: %s", opened.id, facts)  # noqa: TRY400 no text of the call in a log
        flow.kill()


def stream(flow: http.HTTPFlow, response: http.Response, opened: Inspection, alone: Callable[[], bool]) -> None:
    """Have an answer's body go through the gate piece by piece.

    `alone` says whether no other call uses the client's connection.
    """
    if opened.rewrites:
        response.headers.pop("content-length", None)
        response.headers.pop("content-encoding", None)
        if flow.request.http_version == "HTTP/1.1" and "transfer-encoding" not in response.headers:
            response.headers["transfer-encoding"] = "chunked"
    response.stream = functools.partial(_piece, flow, response, opened, alone)


def _piece(
    flow: http.HTTPFlow, response: http.Response, opened: Inspection, alone: Callable[[], bool], data: bytes
) -> bytes | Iterable[bytes]:
    ended = opened.refused
    sent = opened.piece(data)
    if opened.refused and not ended and data:
        _leave(flow, alone)
        return _last(response, sent)
    # To HTTP/1 an empty piece is the end of the body: nothing is an empty list.
    return sent or []


def _last(response: http.Response, sent: bytes) -> Iterator[bytes]:
    """The last piece of a body that ends before the upstream's."""
    yield sent
    if "chunked" in response.headers.get("transfer-encoding", ""):
        yield b""
        # So that the end is not written again when the upstream's comes.
        del response.headers["transfer-encoding"]


def _leave(flow: http.HTTPFlow, alone: Callable[[], bool]) -> None:
    """Have the upstream end an answer that was refused: it would go on otherwise, and be paid for.

    mitmproxy has no way to end one answer, but it ends those of a connection that is gone. A client of HTTP/1 has the
    end of its answer by now, and its connection is closed. One of HTTP/2 is given time to read why before its stream is
    reset, for then it may not; a connection to the upstream that serves other calls too is left alone.
    """
    loop = asyncio.get_running_loop()
    if not flow.request.is_http2:
        loop.call_soon(_hang_up, flow, flow.client_conn)
        return

    def leave_upstream() -> None:
        if flow.live and (alone() or flow.server_conn.alpn != b"h2"):
            _hang_up(flow, flow.server_conn)

    loop.call_later(_GRACE_SECONDS, leave_upstream)


def _hang_up(flow: http.HTTPFlow, connection: Connection) -> None:
    proxyserver = ctx.master.addons.get("proxyserver")
    handler = proxyserver and proxyserver.connections.get(flow.client_conn.id)
    used = handler and handler.transports.get(connection)
    if used and used.handler:
        used.handler.cancel("the answer was refused")


def client_left(flow: http.HTTPFlow) -> bool:
    """Whether it was the client that ended a flow."""
    if not flow.client_conn.connected:
        return True
    why = flow.error.msg.lower() if flow.error else ""
    if not why.startswith("stream reset by client"):
        return "client" in why
    # mitmproxy says so of either side. Clients cancel; who else resets a stream has failed.
    return flow.request.is_http2 and (flow.server_conn.alpn != b"h2" or "cancel" in why)
