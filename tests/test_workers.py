"""Threads for large bodies: how many, for what, and what becomes of a call that ends meanwhile."""

import asyncio
import gzip
import json
import sys
import threading
from pathlib import Path

import pytest

from panda_addon.audit.log import AuditLog
from panda_addon.call import Call, Reply
from panda_addon.gate import Gate
from panda_addon.inspection import Inspection
from panda_addon.meter import prices, tokens
from panda_addon.meter.vocabulary import TokenizerError
from panda_addon.policy.load import load
from panda_addon.wire.encodings import larger
from panda_addon.wire.read import Head
from panda_addon.workers import LARGE, Workers

RULES = load(Path("policy.yaml"), lambda _path: b"version: 1\npolicies: [{name: one}]", Path())
BODY = bytes(LARGE + 1)


@pytest.fixture
def log(tmp_path) -> AuditLog:
    """A log in a folder of its own."""
    return AuditLog(str(tmp_path / "audit.jsonl"))


def opened(log):
    """The inspection of some call."""
    return Gate(RULES, log).open(Call(method="POST", host="api.openai.com", path="/v1/responses"))


def ends(log) -> list[str]:
    """How the calls in the log have ended."""
    return [json.loads(line)["response"]["ended"] for line in Path(log.path).read_text().splitlines()]


def test_what_calls_would_wait_for_is_loaded_in_a_thread(monkeypatch):
    """Prices and the usual vocabulary are there before a call needs them; a vocabulary that is damaged harms nobody."""
    loaded = []

    def note(*what):
        loaded.append((*what, threading.current_thread() is threading.main_thread()))
        if what:
            raise TokenizerError("damaged")

    monkeypatch.setattr(prices, "warm", note)
    monkeypatch.setattr(tokens, "warm", note)
    workers = Workers()
    workers.prepare()
    workers._pool.shutdown()
    assert sorted(loaded, key=len) == [(False,), (["o200k_base"], False)]


@pytest.mark.parametrize(
    ("body", "codings", "beside"),
    [
        (b"", "", False),
        (bytes(LARGE), "", False),
        (BODY, "", True),
        (gzip.compress(bytes(LARGE)), "gzip", False),
        (gzip.compress(BODY), "gzip", True),
        (gzip.compress(gzip.compress(BODY)), "gzip, gzip", True),
        (gzip.compress(BODY), "", False),
        (gzip.compress(BODY), "unknown", False),
        (gzip.compress(BODY)[:-1], "gzip", True),
        (b"broken", "gzip", False),
    ],
)
def test_only_what_is_large_goes_to_a_thread(log, body, codings, beside):
    """Small bodies are judged where they are; what counts is the size that is judged."""
    where = []

    def step(given):
        where.append((threading.current_thread() is not threading.main_thread(), given))

    asyncio.run(Workers().judge(opened(log), step, body, codings))
    assert where == [(beside, body)]
    assert larger(body, codings, LARGE) is beside


def test_threads_take_short_turns():
    """Where there are threads beside the loop it does not wait for long to get on."""
    sys.setswitchinterval(0.005)
    Workers()
    assert sys.getswitchinterval() == pytest.approx(0.001)


def test_two_at_a_time(log):
    """Two large bodies are judged at once and a third waits for its turn."""
    workers, both = Workers(), threading.Barrier(2)
    running, most, done = set(), [], []

    def step(name):
        def run(_body):
            running.add(name)
            if name != "third":
                # Neither comes to an end without the other.
                both.wait(30)
            most.append(len(running))
            running.discard(name)
            done.append(name)

        return run

    async def all_of_them():
        names = ("first", "second", "third")
        await asyncio.gather(*(workers.judge(opened(log), step(name), BODY, "") for name in names))

    asyncio.run(all_of_them())
    assert max(most) <= 2
    assert sorted(done) == ["first", "second", "third"]


def test_a_call_that_ends_before_its_turn_is_not_judged(log):
    """Nobody waits for it: it is recorded as what was never judged."""
    workers, go = Workers(), threading.Event()
    judged = []

    async def leave():
        blocking = [asyncio.ensure_future(workers.judge(opened(log), lambda _: go.wait(30), BODY, "")) for _ in "12"]
        late = opened(log)
        waiting = asyncio.ensure_future(workers.judge(late, judged.append, BODY, ""))
        await asyncio.sleep(0)
        assert workers.end(late, "client_gone") is None
        assert workers.end(late, "upstream_error") is None
        assert not late.over
        go.set()
        await asyncio.gather(*blocking, waiting)
        assert late.over

    asyncio.run(leave())
    assert judged == []
    assert ends(log) == ["client_gone"]


def test_a_call_that_is_cancelled_before_its_turn(log):
    """It is recorded at once, for no thread has begun with it."""
    workers, go = Workers(), threading.Event()

    async def cancel():
        blocking = [asyncio.ensure_future(workers.judge(opened(log), lambda _: go.wait(30), BODY, "")) for _ in "12"]
        waiting = asyncio.ensure_future(workers.judge(opened(log), bytes, BODY, ""))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ends(log) == ["proxy_stopped"]
        go.set()
        await asyncio.gather(*blocking)

    asyncio.run(cancel())


def test_a_call_that_no_thread_is_at_ends_at_once(log):
    """Its record is written where it ends."""
    inspection = opened(log)
    Workers().end(inspection, "upstream_error")
    assert inspection.over
    assert ends(log) == ["upstream_error"]


CHAT = Call(method="POST", host="api.openai.com", path="/v1/chat/completions")
LONG = "Nine boards of larch. " * 1000
SENT = tokens.count([LONG], "o200k_base") + 7


def left(log, text=LONG):
    """The inspection of a call whose client did not wait for its answer."""
    inspection = Gate(RULES, log).open(CHAT)
    inspection.request(json.dumps({"model": "gpt-6-luna", "messages": [{"content": text}], "stream": True}).encode())
    return inspection


def counted(log) -> list[int]:
    """The tokens of the prompts in the log."""
    return [json.loads(line)["usage"]["input_tokens"] for line in Path(log.path).read_text().splitlines()]


def test_a_long_text_is_counted_beside_the_loop(log, monkeypatch):
    """Its call is recorded when the count is there; meanwhile the loop goes on, and a second end changes nothing."""

    async def run():
        threads, go = [], threading.Event()
        usual = Inspection.count

        def count(self):
            threads.append(threading.current_thread())
            go.wait(20)
            usual(self)

        monkeypatch.setattr(Inspection, "count", count)
        workers, opened_ = Workers(), left(log)
        assert workers.end(opened_, "client_gone") is None
        assert workers.end(opened_, "upstream_error") is None
        await asyncio.sleep(0)
        assert not opened_.over
        go.set()
        for _ in range(2000):
            await asyncio.sleep(0 if opened_.over else 0.01)
        assert threads == [thread for thread in threads if thread is not threading.main_thread()]
        assert len(threads) == 1
        assert counted(log) == [SENT]
        assert ends(log) == ["client_gone"]

    asyncio.run(run())


def test_a_short_text_is_counted_at_once(log):
    """A thread is not worth it."""

    async def run():
        workers, opened_ = Workers(), left(log, "hi")
        workers.end(opened_, "client_gone")
        assert opened_.over
        assert counted(log) == [8]

    asyncio.run(run())


def test_what_is_still_counted_when_the_process_ends_is_recorded(log):
    """Once, whatever comes of the thread's word; and what ends later is recorded at once."""

    async def run():
        workers, opened_ = Workers(), left(log)
        workers.end(opened_, "client_gone")
        workers.finish()
        assert counted(log) == [SENT]
        await asyncio.sleep(0.05)
        later = left(log)
        workers.end(later, "proxy_stopped")
        assert counted(log) == [SENT, SENT]

    asyncio.run(run())


def test_an_answer_that_waits_for_its_record_is_not_recorded_later(log, monkeypatch):
    """A whole answer goes out only if it can be recorded, however long what it says."""

    async def run():
        inspection = left(log)
        inspection.streams(200, Head("application/json"))
        chunk = {"choices": [{"index": 0, "delta": {"content": LONG}}]}
        inspection.answer(Head("application/json"), f"data: {json.dumps(chunk)}\n\n".encode())
        monkeypatch.setattr(log, "write", lambda *_arguments: False)
        assert isinstance(Workers().end(inspection, "complete"), Reply)
        assert inspection.to_count("complete") == 0

    asyncio.run(run())
