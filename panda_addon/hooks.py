"""mitmproxy's hooks in, gate calls out. Like `flows.py` and `cli/`, and no other room, it imports mitmproxy.

mitmproxy logs an exception in a hook and sends the request on as it is; so every hook here that a call depends on is
wrapped to fail closed, and does nothing but translate.
"""

import asyncio
import functools
import inspect
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mitmproxy import ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.connection import Client
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.layers import TCPLayer
from mitmproxy.proxy.mode_specs import ReverseMode
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import ClientHelloData
from mitmproxy.utils.asyncio_utils import create_task

from panda_addon import flows, heads, options
from panda_addon.audit.errors import describe
from panda_addon.audit.log import AuditLog
from panda_addon.call import Outcome
from panda_addon.gate import Gate
from panda_addon.inspection import Inspection
from panda_addon.policy.errors import PolicyError
from panda_addon.source import PolicySource, shipped
from panda_addon.wire.errors import DECISION_HEADER
from panda_addon.workers import Workers

logger = logging.getLogger(__name__)

_TUNNEL = "panda tunnel"
_POLL_SECONDS = 1.0

# Part of the message with which mitmproxy refuses a request by itself.
_TOO_LARGE = "Request body exceeds"

type _Hook[T] = Callable[["PandaAddon", http.HTTPFlow], T]


def _closed[T](hook: _Hook[T]) -> _Hook[T]:
    """Make a hook, async or not, fail closed: what it raises is the gate's to judge, and without a gate the flow ends."""
    inner: Any = hook

    async def wait(self: "PandaAddon", flow: http.HTTPFlow) -> None:
        try:
            await inner(self, flow)
        except Exception as error:  # noqa: BLE001 see the module's docstring
            self.failed(flow, error)

    def run(self: "PandaAddon", flow: http.HTTPFlow) -> None:
        try:
            inner(self, flow)
        except Exception as error:  # noqa: BLE001 see the module's docstring
            self.failed(flow, error)

    outer: _Hook[Any] = functools.wraps(hook)(wait if inspect.iscoroutinefunction(hook) else run)
    return outer


class PandaAddon:
    """The addon. One instance serves one mitmproxy process."""

    def __init__(self) -> None:
        self._gate: Gate | None = None
        self._source: PolicySource | None = None
        self._upstream: tuple[str, int] | None = None
        # By the id of the client's connection: the name its tunnel goes to, and its calls that are not recorded yet.
        self._tunnels: dict[str, str] = {}
        self._open: dict[str, dict[str, Inspection]] = {}
        self._workers = Workers()
        self._poller: asyncio.Task[None] | None = None
        # Set whenever a call ends.
        self._ended = asyncio.Event()
        self._hurried = False
        self._stopping = False

    # Options and life cycle.

    def load(self, loader: Loader) -> None:
        """Declare the options."""
        loader.add_option("panda_policy", str, str(shipped() / "default.yaml"), "The policy file.")
        loader.add_option("panda_audit", str, "panda-audit.jsonl", "The audit log; - for standard output.")
        loader.add_option("panda_upstream", str, "", "host:port to dial in place of a policy host's own address.")
        loader.add_option(
            "panda_drain", int, 20, "Seconds that running calls are given when the proxy is told to stop."
        )

    def configure(self, updated: set[str]) -> None:
        """Take the options, or refuse them: mitmproxy ends the start, or rolls a later change back."""
        _refuse_unsafe()
        try:
            if "panda_upstream" in updated:
                self._upstream = options.address(ctx.options.panda_upstream)
            if "panda_policy" in updated or self._source is None:
                self._source = PolicySource(Path(ctx.options.panda_policy).expanduser())
            if "panda_audit" in updated or self._gate is None:
                log = AuditLog(ctx.options.panda_audit)
                self._gate, before = Gate(self._source.ruleset, log), self._gate
                if before is not None:
                    before.log.close()
        except PolicyError as error:
            raise exceptions.OptionsError(f"the policy cannot be used:\n{error}") from None
        except ValueError as error:
            raise exceptions.OptionsError(str(error)) from None
        except OSError as error:
            raise exceptions.OptionsError(f"the audit log cannot be opened: {error}") from None
        self._gate.ruleset = self._source.ruleset

    def running(self) -> None:
        """Watch the policy. Options that nobody declared are known only now."""
        _refuse_unsafe()
        self._workers.prepare()
        self._poller = create_task(self._watch(), name="panda: watch the policy", keep_ref=True)

    def done(self) -> None:
        """Stop watching. The log stays open: calls that end with the process are recorded after this."""
        self._stopping = True
        self._workers.finish()
        if self._poller is not None:
            self._poller.cancel()

    async def drain(self) -> None:
        """Take no new connections, and wait for the calls that run, as long as they are given or until `hurry`."""
        ctx.options.update(server=False)
        with suppress(TimeoutError):
            async with asyncio.timeout(ctx.options.panda_drain):
                while any(self._open.values()) and not self._hurried:
                    self._ended.clear()
                    await self._ended.wait()

    def hurry(self) -> None:
        """Wait no longer."""
        self._hurried = True
        self._ended.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                self.reload()
            except Exception:
                logger.exception("the policy could not be looked at; the last good one stays")

    def reload(self) -> None:
        """Have the policy swapped if its files changed and are good."""
        gate, source = self._ready()
        found = source.poll()
        if found is not None:
            gate.adopt(found, str(source.path))

    # Connections.

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Note the name a client asks a tunnel to, and dial the upstream's stand-in if there is one."""
        flow.metadata[_TUNNEL] = host = flow.request.host
        if self._upstream and self._covers(host):
            flow.request.host, flow.request.port = self._upstream

    def http_connected(self, flow: http.HTTPFlow) -> None:
        """Only a tunnel that was opened names its connection: after a refused one requests name their own hosts."""
        self._tunnels[flow.client_conn.id] = flow.metadata[_TUNNEL]

    def next_layer(self, data: NextLayer) -> None:
        """Tunnel to other hosts what is neither TLS nor HTTP, as it is; the server may also speak first.

        TLS is looked into as far as the server name and HTTP as far as the host, for either may be a policy host's.
        """
        context = data.context
        tunnel = self._tunnels.get(context.client.id)
        if tunnel is None or context.client.tls:
            return
        sent = data.data_client()
        spoken = heads.protocol(sent)
        others = not self._covers(tunnel)
        if others and (spoken == "other" or (not sent and data.data_server())):
            data.layer = TCPLayer(context, ignore=True)
        elif spoken is None:
            # Too little to tell, for mitmproxy too, which would take it for HTTP and wait for the rest of that.
            data.layer = None
            raise exceptions.AddonHalt

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Dial the upstream's stand-in for connections that no CONNECT asked for."""
        if self._upstream and data.server.address and self._covers(data.server.address[0]):
            data.server.address = self._upstream

    def client_disconnected(self, client: Client) -> None:
        """Forget the tunnel. A call that is still open will not be heard of again."""
        self._tunnels.pop(client.id, None)
        for inspection in self._open.pop(client.id, {}).values():
            self._workers.end(inspection, "client_gone")
        self._ended.set()

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Leave every host but the policy's undecrypted."""
        client, server = data.context.client, data.context.server
        if isinstance(client.proxy_mode, ReverseMode):
            return
        names = (self._tunnels.get(client.id), server.address and server.address[0], data.client_hello.sni)
        if not any(self._covers(name) for name in names):
            data.ignore_connection = True

    # Calls.

    @_closed
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Open an inspection for a call to a policy host."""
        gate, _ = self._ready()
        reverse = isinstance(flow.client_conn.proxy_mode, ReverseMode)
        host = heads.without_port(flow.request.host_header or "")
        names = self._names(flow, host)
        if not reverse and not any(self._covers(name) for name in (*names, flow.request.host)):
            return
        inspection = gate.open(flows.call(flow, host, None if reverse else flows.misfit(flow, names)))
        flows.attach(flow, inspection)
        self._open.setdefault(flow.client_conn.id, {})[inspection.id] = inspection
        if flow.error:
            # mitmproxy found fault with the head and answers by itself.
            inspection.refused_before("mitmproxy refused it as ambiguous", 400)
        if self._upstream and not flow.client_conn.sni and not reverse:
            flow.request.data.host, flow.request.data.port = self._upstream

    @_closed
    async def request(self, flow: http.HTTPFlow) -> None:
        """Have the request judged."""
        inspection = flows.inspection(flow)
        if inspection is not None:
            # Fields behind the body are nothing that OpenAI reads, and nothing that is judged.
            flow.request.trailers = None
            if flow.response is None:
                await self._judge(flow, flow.request, inspection, inspection.request)
                if inspection.asks_stream:
                    # What is rewritten on its way would have to be decoded first.
                    flow.request.headers["accept-encoding"] = "identity"
            else:
                # Another addon has answered, proxy authentication for one: nothing will be forwarded.
                inspection.refused_before("another part of the proxy answered it", flow.response.status_code)

    async def _judge(
        self, flow: http.HTTPFlow, message: http.Message, inspection: Inspection, step: Callable[[bytes], Outcome]
    ) -> None:
        codings = message.headers.get("content-encoding", "")
        outcome = await self._workers.judge(inspection, step, message.raw_content or b"", codings)
        if not inspection.over:
            flows.apply(flow, message, outcome)
        elif flow.killable:
            # Its client left meanwhile. mitmproxy knows that too; but what was not carried out must go nowhere.
            flow.kill()

    @_closed
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Decide whether the answer is read as a whole or passed on as it comes."""
        inspection = flows.inspection(flow)
        if flow.response is None:
            return
        if inspection is None:
            flow.response.stream = True
            return
        if inspection.refused:
            return
        flow.response.headers[DECISION_HEADER] = inspection.id
        found = heads.fields(flow.response.headers.fields)
        if inspection.streams(flow.response.status_code, heads.head(found), found.get("x-request-id")):
            flows.stream(flow, flow.response, inspection, lambda: len(self._open.get(flow.client_conn.id, ())) == 1)

    async def response(self, flow: http.HTTPFlow) -> None:
        """Have the answer judged, and the call recorded."""
        await self._judge_answer(flow)
        self._complete(flow)

    @_closed
    async def _judge_answer(self, flow: http.HTTPFlow) -> None:
        inspection = flows.inspection(flow)
        if inspection is None or flow.response is None:
            return
        if not inspection.replied and not flow.response.stream:
            head = heads.head(heads.fields(flow.response.headers.fields))
            await self._judge(flow, flow.response, inspection, functools.partial(inspection.answer, head))

    @_closed
    def _complete(self, flow: http.HTTPFlow) -> None:
        inspection = flows.inspection(flow)
        if inspection is not None and flow.response is not None:
            self._close(flow, inspection)
            flows.apply(flow, flow.response, self._workers.end(inspection, "complete"))

    def _close(self, flow: http.HTTPFlow, inspection: Inspection) -> None:
        self._open.get(flow.client_conn.id, {}).pop(inspection.id, None)
        self._ended.set()

    def error(self, flow: http.HTTPFlow) -> None:
        """Record a call that did not come to its end."""
        inspection = flows.inspection(flow)
        if inspection is None:
            return
        self._close(flow, inspection)
        if flow.error and _TOO_LARGE in flow.error.msg:
            inspection.refused_before("mitmproxy refused it as too large", 413)
        if inspection.refused and flow.response is None:
            self._workers.end(inspection, "refused")
        elif self._stopping:
            self._workers.end(inspection, "proxy_stopped")
        else:
            self._workers.end(inspection, "client_gone" if flows.client_left(flow) else "upstream_error")

    def failed(self, flow: http.HTTPFlow, error: Exception) -> None:
        """Do with a flow what is to be done after an exception."""
        inspection = flows.inspection(flow)
        if inspection is not None:
            flows.fail(flow, inspection, error)
            return
        # It could not even be opened for inspection.
        logger.error("a call could not be inspected and was cut off: %s", describe(error, "request"))
        flow.kill()
        if self._gate is not None:
            self._gate.cut_off(error)

    def _names(self, flow: http.HTTPFlow, host: str) -> list[str]:
        """The names that a call gives for its host: of the tunnel, of the TLS handshake, of the request."""
        target = self._tunnels.get(flow.client_conn.id)
        if target is None and not (flow.client_conn.tls and heads.is_address(flow.request.host)):
            # Without a tunnel the request says where to; but where TLS was led here by address (SOCKS, a transparent
            # proxy), an address is no name.
            target = flow.request.host
        # A request line inside a tunnel may name a host too.
        line = flow.request.authority if not flow.request.is_http2 else ""
        return [name for name in (target, flow.client_conn.sni, host, heads.without_port(line)) if name]

    def _covers(self, host: str | None) -> bool:
        # Until there are rules every host is one of theirs: what comes that early must not slip past.
        return self._gate is None or self._gate.ruleset.covers(host)

    def _ready(self) -> tuple[Gate, PolicySource]:
        if self._gate is None or self._source is None:
            raise RuntimeError("Panda is not configured")
        return self._gate, self._source


def _refuse_unsafe() -> None:
    faults = [*options.unsafe(ctx.options), *options.unjudged(ctx.options), *options.unknown(ctx.options)]
    if faults:
        raise exceptions.OptionsError("Panda does not start like this:\n  " + "\n  ".join(faults))
