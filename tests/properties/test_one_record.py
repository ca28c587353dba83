"""Exactly one record for each intercepted call, whatever is sent, whatever breaks, and however it ends."""

import asyncio
import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.addonmanager import Loader
from mitmproxy.test import taddons, tflow, tutils

from panda_addon import flows, inspection, stream
from panda_addon.hooks import PandaAddon

POLICY = """
version: 1
on_error: {on_error}
unknown_endpoint: audit
policies:
  - name: one
    mode: {mode}
    phrases: [{{list: never, words: [forbidden], action: block}}, {{list: mild, words: [darn], action: redact}}]
"""
BODIES = st.sampled_from(
    [b'{"model":"m","input":"%s"}' % text for text in (b"fine", b"darn", b"forbidden", b"\xff", b"darn forbidden")]
) | st.binary(max_size=60)
PATHS = st.sampled_from([b"/v1/responses", b"/v1/models", b"//v1/responses", b"/v1/brand/new", b"/", b"*"])
KINDS = st.sampled_from([b"application/json", b"text/event-stream", b"audio/mpeg", b"text/plain; charset=x", b""])
ERRORS = st.sampled_from(["Client disconnected.", "server closed", "Request body exceeds mitmproxy's body_size_limit."])
PLACES = [(inspection, name) for name in ("choose", "find", "read_request", "judge", "read_answer", "build", "passage")]
PLACES += [(flows, name) for name in ("call", "apply", "misfit")]
PLACES += [(inspection, "Relay"), (stream.Session, "feed"), (stream.Session, "close"), (stream, "read_event")]


def explode(*_arguments: object, **_named: object) -> None:
    """Stand in for a part that breaks."""
    raise ValueError("broken")


@pytest.fixture(scope="module")
def addons(tmp_path_factory):
    """The addon under each kind of policy, with the file that its log is."""
    made = []
    with taddons.context() as context:
        context.options.update(rawtcp=False)
        for on_error in ("block", "allow"):
            for mode in ("enforce", "audit"):
                folder = tmp_path_factory.mktemp("addon")
                (folder / "policy.yaml").write_text(POLICY.format(on_error=on_error, mode=mode))
                addon = PandaAddon()
                if not made:
                    # Declares the options; all of the addons are configured by hand, each with its own.
                    addon.load(Loader(context.master))
                context.options.update(panda_policy=str(folder / "policy.yaml"), panda_audit=str(folder / "log"))
                addon.configure({"panda_policy", "panda_audit", "panda_upstream"})
                made.append((addon, folder / "log"))
        yield made


async def drive(addon: PandaAddon, draw) -> None:
    """Take one call through the hooks in an order in which mitmproxy calls them."""
    headers = [(b"host", b"api.openai.com"), (b"content-type", draw(KINDS)), (b"authorization", b"Bearer sk-x")]
    headers += draw(st.lists(st.sampled_from([(b"upgrade", b"websocket"), (b"content-encoding", b"gzip")]), max_size=1))
    method = draw(st.sampled_from([b"POST", b"GET", b"DELETE", b"BREW"]))
    request = tutils.treq(
        method=method, scheme=b"https", host="api.openai.com", path=draw(PATHS), headers=headers, content=draw(BODIES)
    )
    flow = tflow.tflow(req=request)
    flow.client_conn.sni = draw(st.sampled_from(["api.openai.com", "other.example", None]))
    flow.client_conn.tls = True
    stop = draw(st.integers(0, 4))

    def ends_here(at: int) -> bool:
        if stop == at and not flow.error:
            flow.error = tflow.terr(draw(ERRORS))
        if flow.error:
            addon.error(flow)
        return bool(flow.error)

    addon.requestheaders(flow)
    if ends_here(0):
        return
    await addon.request(flow)
    if ends_here(1):
        return
    if flow.response is None:
        kind = draw(KINDS)
        status = draw(st.sampled_from([200, 204, 404, 500]))
        flow.response = tutils.tresp(status_code=status, headers=[(b"content-type", kind)], content=draw(BODIES))
    addon.responseheaders(flow)
    if ends_here(2):
        return
    if callable(flow.response.stream):
        for chunk in (b"data: {}\n\nda", draw(st.binary(min_size=1, max_size=9)), b""):
            sent = flow.response.stream(chunk)
            assert isinstance(sent, bytes) or not any(piece == b"" for piece in list(sent)[:-1])
            assert sent != b""
        flow.response.data.content = None
    if ends_here(3):
        return
    await addon.response(flow)
    # A client that leaves while the answer is on its way: mitmproxy may still report it.
    if stop == 4:
        flow.error = tflow.terr(draw(ERRORS))
        addon.error(flow)


@given(data=st.data(), which=st.integers(0, 3), broken=st.none() | st.sampled_from(PLACES))
@settings(max_examples=400, deadline=None)
def test_one_record(addons, data, which, broken):
    """One call, one line in the log: a record with an id and a decision, and none of the call's text."""
    addon, log = addons[which]
    before = len(log.read_text().splitlines())
    if broken is None:
        asyncio.run(drive(addon, data.draw))
    else:
        with mock.patch.object(*broken, explode):
            asyncio.run(drive(addon, data.draw))
    lines = log.read_text().splitlines()[before:]
    assert len(lines) == 1
    record = json.loads(lines[0])
    assert record["event"] == "exchange"
    assert len(record["id"]) == 26
    assert record["decision"] in ("allow", "audit", "redact", "block", "error")
    assert "sk-x" not in lines[0]
