"""The hooks: what they hand to the gate, and that they fail closed themselves."""

import asyncio
import gzip
import inspect
import json
import threading

import pytest
from mitmproxy import exceptions
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.test import taddons, tflow, tutils

from panda_addon import flows, heads, inspection
from panda_addon.hooks import PandaAddon
from panda_addon.workers import LARGE

POLICY = """
version: 1
policies:
  - name: one
    phrases: [{list: never, words: [forbidden], action: block}]
"""


@pytest.fixture
def addon(tmp_path):
    """The addon, configured inside a mitmproxy context."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    made = PandaAddon()
    with taddons.context() as context:
        context.options.update(rawtcp=False)
        context.master.addons.add(made)
        context.options.update(
            panda_policy=str(tmp_path / "policy.yaml"),
            panda_audit=str(tmp_path / "audit.jsonl"),
            panda_upstream="127.0.0.1:9",
        )
        made.context = context
        yield made


def flow(text: str = "hi", *, host: str = "api.openai.com", sni: str | None = "api.openai.com", **headers):
    """A POST to the Responses API, as mitmproxy hands it over."""
    made = tflow.tflow(
        req=tutils.treq(
            method=b"POST",
            scheme=b"https",
            host=host,
            port=443,
            path=b"/v1/responses",
            headers=[
                (b"host", host.encode()),
                (b"content-type", b"application/json"),
                *((k.encode(), v.encode()) for k, v in headers.items()),
            ],
            content=json.dumps({"model": "m", "input": text}).encode(),
        )
    )
    made.client_conn.sni = sni
    made.client_conn.tls = True
    return made


def call_hook(hook, flow):
    """Call a hook as mitmproxy does, and wait for it if it wants that."""

    async def wait(result):
        await result

    result = hook(flow)
    if inspect.isawaitable(result):
        asyncio.run(wait(result))


def records(tmp_path) -> list[dict]:
    """What has been written."""
    return [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]


def test_other_hosts_are_left_alone(addon, tmp_path):
    """A flow to another host is neither judged nor recorded."""
    other = flow("forbidden", host="example.com", sni="example.com")
    for hook in (addon.requestheaders, addon.request, addon.responseheaders, addon.response, addon.error):
        call_hook(hook, other)
    assert other.response is None
    assert records(tmp_path) == []


def test_caller(addon, tmp_path):
    """Who calls is taken from the connection and the headers."""
    call = flow(
        authorization="Bearer sk-1",
        **{
            "openai-organization": "org",
            "openai-project": "proj",
            "user-agent": "test",
            "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        },
    )
    call.metadata["proxyauth"] = ("alice", "secret")
    addon.requestheaders(call)
    addon.error(call)
    [record] = records(tmp_path)
    assert record["client"] == {"ip": "127.0.0.1", "proxy_user": "alice", "user_agent": "test"}
    assert (record["organization"], record["project"]) == ("org", "proj")
    assert record["trace_id"] == "a" * 32
    assert record["key"].startswith("sha256:")
    assert "secret" not in json.dumps(record)


@pytest.mark.parametrize("broken", ["requestheaders", "request", "responseheaders", "response"])
def test_hooks_fail_closed(addon, tmp_path, monkeypatch, broken):
    """An exception in the translation itself never lets a call pass as if it had been judged."""
    call = flow()
    place, name = {
        "requestheaders": (flows, "call"),
        "request": (flows, "apply"),
        "responseheaders": (heads, "head"),
        "response": (heads, "head"),
    }[broken]
    whole = getattr(place, name)

    def explode(*_arguments):
        monkeypatch.setattr(place, name, whole)
        raise ValueError("text of the call")

    for hook in ("requestheaders", "request", "responseheaders", "response"):
        if hook in ("responseheaders", "response") and call.response is None:
            call.response = tutils.tresp(
                content=b'{"secret": "answer"}', headers=[(b"content-type", b"application/json")]
            )
        if hook == broken:
            monkeypatch.setattr(place, name, explode)
        call_hook(getattr(addon, hook), call)
        if call.error:
            break
    if broken == "requestheaders":
        assert call.error.msg == "Connection killed."
    else:
        assert call.response.status_code == 400
        assert b"panda_error" in call.response.content
        assert b"secret" not in call.response.content
    [record] = records(tmp_path)
    assert record["decision"] == "error"
    assert "text of the call" not in json.dumps(record)


def test_not_configured_covers_everything():
    """Until there is a policy every host counts as one of its hosts, and its calls are cut off."""
    bare = PandaAddon()
    call = flow(host="example.com", sni="example.com")
    bare.requestheaders(call)
    assert call.error.msg == "Connection killed."


def test_edited_body_loses_its_coding(addon, tmp_path):
    """An edited answer goes out plain, with its own length."""
    (tmp_path / "policy.yaml").write_text(POLICY.replace("block", "redact"))
    addon.reload()
    call = flow()
    addon.requestheaders(call)
    call_hook(addon.request, call)
    call.response = tutils.tresp(
        headers=[
            (b"content-type", b"application/json"),
            (b"transfer-encoding", b"chunked"),
            (b"content-encoding", b"gzip"),
        ]
    )
    call.response.content = b'{"a": "forbidden"}'
    addon.responseheaders(call)
    call_hook(addon.response, call)
    assert call.response.raw_content == b'{"a": "****"}'
    assert "content-encoding" not in call.response.headers
    assert "transfer-encoding" not in call.response.headers
    assert call.response.headers["content-length"] == "13"


def test_reload_outcomes(addon, tmp_path):
    """A good change is swapped in, a bad one is not, no change is no event."""
    addon.reload()
    (tmp_path / "policy.yaml").write_text(POLICY.replace("one", "two"))
    addon.reload()
    (tmp_path / "policy.yaml").write_text("version: 2")
    addon.reload()
    addon.reload()
    assert [line["event"] for line in records(tmp_path)] == ["policy_reloaded", "policy_rejected"]
    assert records(tmp_path)[0]["revision"] == records(tmp_path)[1]["revision"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("rawtcp", True),
        ("panda_policy", "/nowhere"),
        ("panda_audit", "/nowhere/x"),
        ("panda_upstream", "x:y"),
    ],
)
def test_options_at_run_time(addon, option, value):
    """An option that would make a running proxy unsafe is refused and rolled back."""
    before = getattr(addon.context.options, option)
    with pytest.raises(exceptions.OptionsError):
        addon.context.options.update(**{option: value})
    assert getattr(addon.context.options, option) == before


def test_log_can_move(addon, tmp_path):
    """The audit log's path can be changed while running."""
    addon.context.options.update(panda_audit=str(tmp_path / "other.jsonl"))
    call = flow()
    addon.requestheaders(call)
    addon.error(call)
    assert len((tmp_path / "other.jsonl").read_text().splitlines()) == 1


def test_upstream(addon):
    """Connections to policy hosts go to the stand-in address, others to their own."""
    for host, expected in (("eu.api.openai.com", ("127.0.0.1", 9)), ("example.com", ("example.com", 443))):
        server = tflow.tserver_conn()
        server.address = (host, 443)
        addon.server_connect(ServerConnectionHookData(server, tflow.tclient_conn()))
        assert server.address == expected


def test_tunnel_is_remembered_and_forgotten(addon):
    """A tunnel's name is known while its client is there."""
    tunnel = flow()
    addon.http_connect(tunnel)
    assert tunnel.request.host == "127.0.0.1"
    assert addon._tunnels == {}
    addon.http_connected(tunnel)
    inside = flow()
    inside.client_conn = tunnel.client_conn
    assert addon._names(inside, "api.openai.com") == ["api.openai.com"] * 3
    addon.client_disconnected(tunnel.client_conn)
    assert addon._tunnels == {}


def test_reverse_covers_whatever_arrives(addon, tmp_path):
    """On a reverse listener every host is a policy host."""
    call = flow("forbidden", host="gateway.internal", sni=None)
    call.client_conn.proxy_mode = ProxyMode.parse("reverse:https://gateway.internal")
    addon.requestheaders(call)
    call_hook(addon.request, call)
    assert call.response.status_code == 400


def test_a_stopping_proxy_says_so(addon, tmp_path):
    """A call that ends because the proxy does is not laid at anybody else's door."""
    call = flow()
    addon.requestheaders(call)
    addon.done()
    call.error = tflow.terr("Client disconnected.")
    addon.error(call)
    assert records(tmp_path)[0]["response"]["ended"] == "proxy_stopped"


@pytest.mark.parametrize(
    ("message", "ended", "decision"),
    [
        ("Received an invalid header from client, refusing to prevent request smuggling attacks.", "refused", "block"),
        ("Request body exceeds mitmproxy's body_size_limit.", "refused", "block"),
        ("Response body exceeds mitmproxy's body_size_limit.", "upstream_error", "allow"),
        ("Client disconnected.", "client_gone", "allow"),
        ("server closed connection", "upstream_error", "allow"),
    ],
)
def test_how_a_call_ended(addon, tmp_path, message, ended, decision):
    """An error tells whether the client left, the upstream broke off, or mitmproxy refused the request by itself."""
    call = flow()
    early = "refusing" in message
    if early:
        # mitmproxy sets the error before it shows the request at all.
        call.error = tflow.terr(message)
    addon.requestheaders(call)
    call.error = tflow.terr(message)
    addon.error(call)
    [record] = records(tmp_path)
    assert record["response"]["ended"] == ended
    assert record["decision"] == decision
    assert record["response"]["status"] == ({"refused": 400 if early else 413}.get(ended))


class Held:
    """Stands in for the judge, who does not come to an end before he is let go."""

    def __init__(self, monkeypatch):
        self.started, self.go = threading.Event(), threading.Event()
        self.threads = []
        judge = inspection.judge

        def hold(*arguments):
            self.threads.append(threading.current_thread())
            self.started.set()
            assert self.go.wait(30)
            return judge(*arguments)

        monkeypatch.setattr(inspection, "judge", hold)

    async def begun(self):
        """Wait, without holding up the loop, until he is at it."""
        assert await asyncio.to_thread(self.started.wait, 30)


LONG = "forbidden " * (LARGE // 5)
ANSWER = [(b"content-type", b"application/json")]


def answered(addon, text: str):
    """A call whose request has passed, and whose answer is there."""
    call = flow()
    addon.requestheaders(call)
    call_hook(addon.request, call)
    call.response = tutils.tresp(content=json.dumps({"output": text}).encode(), headers=ANSWER)
    addon.responseheaders(call)
    return call


@pytest.mark.parametrize("side", ["request", "response"])
def test_a_client_that_leaves_while_a_thread_works(addon, tmp_path, monkeypatch, side):
    """The call is recorded once, when the thread is done and all is known; nothing of it goes any further."""
    if side == "request":
        call = flow(LONG)
        addon.requestheaders(call)
    else:
        call = answered(addon, LONG)
    before = call.response and call.response.raw_content
    held = Held(monkeypatch)

    async def leave():
        judging = asyncio.ensure_future(getattr(addon, side)(call))
        await held.begun()
        addon.client_disconnected(call.client_conn)
        assert records(tmp_path) == []
        held.go.set()
        await judging
        # mitmproxy reports it too, now that the hook is done.
        call.error = tflow.terr("Client disconnected.")
        addon.error(call)

    asyncio.run(leave())
    [record] = records(tmp_path)
    assert record["findings_total"] > 1000
    assert record["decision"] == "block"
    # It was refused, though nobody heard of it.
    assert record["response"]["ended"] == "refused"
    assert (call.response and call.response.raw_content) == before
    assert call.error is not None
    assert held.threads[0] is not threading.main_thread()


def test_a_client_that_leaves_a_clean_call_while_a_thread_works(addon, tmp_path, monkeypatch):
    """A request that would have passed is recorded as that of a client who left, and is not sent."""
    call = flow("hello " * LARGE)
    addon.requestheaders(call)
    held = Held(monkeypatch)

    async def leave():
        judging = asyncio.ensure_future(addon.request(call))
        await held.begun()
        addon.client_disconnected(call.client_conn)
        held.go.set()
        await judging

    asyncio.run(leave())
    [record] = records(tmp_path)
    assert record["response"]["ended"] == "client_gone"
    assert record["request"]["prompt_chars"] > LARGE
    assert record["uninspected"] == []
    # What nobody was sent is billed to nobody.
    assert (record["usage"], record["cost_usd"], record["price"]) == (None, 0, None)
    assert call.error.msg == "Connection killed."


def test_others_are_judged_while_a_thread_works(addon, tmp_path, monkeypatch):
    """A small call comes and goes while a large one is judged; an answer whose client stays is carried out."""
    large, small = flow(LONG), flow("forbidden")
    addon.requestheaders(large)
    judge = inspection.judge
    held = Held(monkeypatch)

    async def both():
        judging = asyncio.ensure_future(addon.request(large))
        await held.begun()
        monkeypatch.setattr(inspection, "judge", judge)
        addon.requestheaders(small)
        await addon.request(small)
        assert small.response.status_code == 400
        assert large.response is None
        held.go.set()
        await judging

    asyncio.run(both())
    assert large.response.status_code == 400
    assert b"never phrase in input" in large.response.content
    for call in (small, large):
        call_hook(addon.response, call)
    assert [record["decision"] for record in records(tmp_path)] == ["block", "block"]


@pytest.mark.parametrize("stopping", [True, False])
def test_a_hook_that_is_cancelled_while_a_thread_works(addon, tmp_path, monkeypatch, stopping):
    """A process that ends writes the record of such a call, with all that the thread found, before it goes."""
    call = flow(LONG)
    addon.requestheaders(call)
    held = Held(monkeypatch)

    async def cancel():
        judging = asyncio.ensure_future(addon.request(call))
        await held.begun()
        if stopping:
            addon.done()
        else:
            addon.client_disconnected(call.client_conn)
        judging.cancel()
        # The loop stands still until the thread is done.
        threading.Timer(0.01, held.go.set).start()
        with pytest.raises(asyncio.CancelledError):
            await judging

    asyncio.run(cancel())
    [record] = records(tmp_path)
    assert record["findings_total"] > 1000
    assert record["response"]["ended"] == ("proxy_stopped" if stopping else "refused")


@pytest.mark.parametrize("place", ["judge", "Inspection.request"])
def test_an_exception_in_a_thread_fails_closed(addon, tmp_path, monkeypatch, place):
    """Behind the gate or around it: a large call that could not be judged is refused."""
    name, _, method = place.partition(".")
    monkeypatch.setattr(getattr(inspection, name) if method else inspection, method or name, lambda *_arguments: 1 / 0)
    call = flow(LONG)
    addon.requestheaders(call)
    call_hook(addon.request, call)
    assert call.response.status_code == 400
    assert b"panda_error" in call.response.content
    call_hook(addon.response, call)
    [record] = records(tmp_path)
    assert (record["decision"], record["error"]["type"]) == ("error", "ZeroDivisionError")


def test_a_policy_that_is_swapped_while_a_thread_works(addon, tmp_path, monkeypatch):
    """A call is judged by the rules it began under."""
    call = flow(LONG)
    addon.requestheaders(call)
    held = Held(monkeypatch)

    async def swap():
        judging = asyncio.ensure_future(addon.request(call))
        await held.begun()
        (tmp_path / "policy.yaml").write_text(POLICY.replace("forbidden", "other").replace("one", "two"))
        addon.reload()
        held.go.set()
        await judging

    asyncio.run(swap())
    call_hook(addon.response, call)
    reloaded, record = records(tmp_path)
    assert (reloaded["event"], record["decision"]) == ("policy_reloaded", "block")
    assert record["policy"]["name"] == "one"


def test_what_is_large_only_when_unpacked_is_judged_in_a_thread(addon, monkeypatch):
    """A few kilobytes may stand for megabytes."""
    call = flow()
    call.request.raw_content = gzip.compress(json.dumps({"model": "m", "input": LONG}).encode())
    call.request.headers["content-encoding"] = "gzip"
    addon.requestheaders(call)
    held = Held(monkeypatch)
    held.go.set()
    call_hook(addon.request, call)
    assert len(call.request.raw_content) < LARGE
    assert held.threads[0] is not threading.main_thread()
