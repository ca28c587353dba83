"""The gate: every way a call can go ends in an outcome and one record."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from panda_addon import inspection as inspection_module
from panda_addon.audit.log import AuditLog
from panda_addon.call import Call, Reply
from panda_addon.gate import Gate
from panda_addon.inspection import Ended
from panda_addon.meter import bound
from panda_addon.meter.account import Account
from panda_addon.meter.tokens import count
from panda_addon.policy.choose import Caller
from panda_addon.policy.load import load
from panda_addon.policy.model import Ruleset
from panda_addon.stream import Session
from panda_addon.wire.read import Head

JSON = Head("application/json")
CALL = Call(method="POST", host="api.openai.com", path="/v1/responses?x=1", head=JSON, api_key="sk-secret")
CLEAN = b'{"model":"gpt-6-luna","input":"hi"}'
ANSWER = b'{"output":[{"content":[{"text":"fine"}]}],"usage":{"input_tokens":1,"output_tokens":2}}'
POLICY = """
version: 1
on_error: {on_error}
unknown_endpoint: {unknown}
policies:
  - name: one
    mode: {mode}
    phrases:
      - {{list: never, words: [forbidden], action: block}}
      - {{list: mild, words: [darn], action: redact}}
"""


def rules(*, on_error: str = "block", mode: str = "enforce", unknown: str = "block") -> Ruleset:
    """A ruleset with one policy."""
    text = POLICY.format(on_error=on_error, mode=mode, unknown=unknown)
    return load(Path("policy.yaml"), lambda _path: text.encode(), Path())


@pytest.fixture
def log(tmp_path) -> AuditLog:
    """A log in a folder of its own."""
    return AuditLog(str(tmp_path / "audit.jsonl"))


def records(log: AuditLog) -> list[dict]:
    """What has been written."""
    return [json.loads(line) for line in Path(log.path).read_text().splitlines()]


def error(outcome: Reply) -> dict:
    """The error in a refusal."""
    return json.loads(outcome.body)["error"]


def test_clean_call(log):
    """A clean call passes both ways unchanged, and its record has the facts."""
    inspection = Gate(rules(), log).open(CALL)
    assert inspection.request(CLEAN) is None
    assert inspection.streams(200, JSON, "req_1") is False
    assert inspection.answer(JSON, ANSWER) is None
    assert inspection.end("complete") is None
    [record] = records(log)
    assert record["id"] == inspection.id
    assert record["request"]["path"] == "/v1/responses"
    assert record["usage"]["output_tokens"] == 2
    assert record["response"] == {
        "status": 200,
        "upstream_request_id": "req_1",
        "bytes": len(ANSWER),
        "ended": "complete",
    }
    assert "sk-secret" not in json.dumps(record)
    assert record["latency_ms"]["first_byte"] is not None


def test_one_record_only(log):
    """However often a call is ended, it is recorded once."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.end("client_gone")
    inspection.end("complete")
    assert [record["response"]["ended"] for record in records(log)] == ["client_gone"]


def test_refusal(log):
    """A refusal is OpenAI's error with the headers that stop retries, and ends the call as refused."""
    inspection = Gate(rules(), log).open(CALL)
    outcome = inspection.request(b'{"model":"m","input":"so FORBIDDEN"}')
    assert isinstance(outcome, Reply)
    assert outcome.status == 400
    assert dict(outcome.headers) == {
        "content-type": "application/json",
        "x-should-retry": "false",
        "x-request-id": inspection.id,
        "x-panda-decision": inspection.id,
    }
    assert error(outcome) == {
        "message": f"Blocked by policy 'one': never phrase in input. Decision {inspection.id}",
        "type": "invalid_request_error",
        "param": "input",
        "code": "policy_violation",
    }
    assert inspection.refused
    inspection.end("complete")
    assert records(log)[0]["response"]["ended"] == "refused"
    assert records(log)[0]["refusal"] == {"code": "policy_violation", "param": "input"}


def test_edits(log):
    """Redaction gives other bytes for the request and for the answer."""
    inspection = Gate(rules(), log).open(CALL)
    assert inspection.request(b'{"model":"m","input":"darn it"}') == b'{"model":"m","input":"**** it"}'
    assert inspection.answer(JSON, b'{"a":"x darn"}') == b'{"a":"x ****"}'
    inspection.end("complete")
    assert records(log)[0]["response"]["bytes"] == len(b'{"a":"x ****"}')
    assert records(log)[0]["decision"] == "redact"


STAGES = {
    "choose": "request",
    "find": "request",
    "fingerprint": "request",
    "read_request": "request",
    "judge": "request",
    "passage": "response",
    "Relay": "response",
    "read_answer": "response",
}


class Boom(Exception):  # noqa: N818
    """Nobody expects this."""


class Panic(BaseException):
    """What an extension module may raise that is no Exception."""


def drive(inspection, body: bytes = CLEAN, kind: Head = JSON) -> Reply | bytes | None:
    """Take a call through all its stages until Panda answers it."""
    outcome = inspection.request(body)
    if not isinstance(outcome, Reply):
        inspection.streams(200, kind)
        outcome = inspection.answer(kind, ANSWER)
    inspection.end("complete")
    return outcome


@pytest.mark.parametrize("raised", [Boom("hi there"), RecursionError(), MemoryError(), Panic("hi there")])
@pytest.mark.parametrize("stage", STAGES)
def test_fails_closed(log, monkeypatch, stage, raised):
    """An exception in any stage becomes a panda_error refusal, and a record with the stack's fingerprint and no text."""

    def explode(*_arguments, **_named):
        raise raised

    monkeypatch.setattr(inspection_module, stage, explode)
    kind = Head("text/event-stream") if stage == "Relay" else JSON
    open_rules = load(Path("p"), lambda _path: b"version: 1\npolicies: [{name: one}]", Path())
    outcome = drive(Gate(open_rules, log).open(CALL), kind=kind)
    assert isinstance(outcome, Reply)
    assert error(outcome)["code"] == "panda_error"
    [record] = records(log)
    assert record["decision"] == "error"
    assert record["error"]["stage"] == STAGES[stage]
    assert record["error"]["type"] == type(raised).__name__
    assert record["error"]["at"].startswith("test_gate.py:")
    assert len(record["error"]["fingerprint"]) == 16
    assert "hi there" not in json.dumps(record)
    assert record["response"]["ended"] == "refused"


EVENTS = Head("text/event-stream")
DARN = b'data: {"choices": [{"index": 0, "delta": {"content": "darn it "}}]}\n\n'


def streamed(log, *pieces: bytes, rules_: Ruleset | None = None, kind: Head = EVENTS) -> tuple[bytes, dict]:
    """What becomes of a stream that comes in some pieces and ends: all that is sent, and its record."""
    inspection = Gate(rules_ or rules(), log).open(CALL)
    inspection.request(CLEAN)
    assert inspection.streams(200, kind) is True
    sent = b"".join(inspection.piece(piece) for piece in (*pieces, b""))
    inspection.end("complete")
    return sent, records(log)[-1]


@pytest.mark.parametrize("raised", [Boom("hi there"), MemoryError(), Panic("hi there")])
@pytest.mark.parametrize("stage", ["feed", "close"])
def test_a_stream_fails_closed(log, monkeypatch, stage, raised):
    """An exception while a stream is judged ends it in an error event; nothing after it leaves."""

    def explode(*_arguments, **_named):
        raise raised

    monkeypatch.setattr(Session, stage, explode)
    sent, record = streamed(log, DARN, DARN)
    assert b"darn" not in sent
    assert b'"code": "panda_error"' in sent
    assert sent.count(b"event: error") == 1
    assert (record["decision"], record["response"]["ended"]) == ("error", "refused")
    assert (record["response"]["status"], record["response"]["bytes"]) == (200, len(sent))
    assert "hi there" not in json.dumps(record)


@pytest.mark.parametrize("fields", [{"on_error": "allow"}, {"mode": "audit"}])
def test_a_stream_that_cannot_be_judged_passes_where_a_policy_says_so(log, fields):
    """What was held and what follows goes on unread, and the record says so."""
    bad = b"data: {\n\n"
    sent, record = streamed(log, DARN[:-3], DARN[-3:], bad, DARN, rules_=rules(**fields))
    before = DARN.replace(b"darn", b"****") if "on_error" in fields else DARN
    assert sent == before + bad + DARN
    assert record["decision"] in ("redact", "audit")
    assert {"at": "", "reason": "unreadable"} in record["uninspected"]


def test_a_stream_that_is_blocked(log):
    """A phrase to block ends the stream; its record counts what was delivered and says why."""
    forbidden = DARN.replace(b"darn it ", b"so forbidden it")
    sent, record = streamed(log, DARN, forbidden, DARN)
    assert b"forbidden" not in sent
    assert b"event: response.failed" in sent
    assert record["decision"] == "block"
    assert record["refusal"] == {"code": "policy_violation", "param": "choices[0].message.content"}
    assert record["response"] == {
        "status": 200,
        "upstream_request_id": None,
        "bytes": len(sent),
        "ended": "refused",
        "events": 2,
        "chars": 11,
    }


def test_a_whole_answer_that_is_a_stream_under_another_name(log):
    """An answer that claims to be JSON and is events is judged as events."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(CLEAN)
    assert inspection.streams(200, JSON) is False
    assert inspection.answer(JSON, DARN) == DARN.replace(b"darn", b"****")
    inspection.end("complete")
    assert records(log)[0]["decision"] == "redact"
    again = Gate(rules(), log).open(CALL)
    again.request(CLEAN)
    again.streams(200, JSON)
    reply = again.answer(JSON, DARN.replace(b"darn", b"forbidden"))
    assert (reply.status, error(reply)["code"]) == (400, "policy_violation")
    last = Gate(rules(), log).open(CALL)
    last.request(CLEAN)
    last.streams(200, JSON)
    assert last.answer(JSON, DARN.replace(b"darn", b"fine")) is None


@pytest.mark.parametrize("ended", ["client_gone", "upstream_error", "proxy_stopped"])
def test_a_stream_that_is_cut_short(log, ended):
    """What was sent on before is in the record; in audit mode the text that was delivered is judged to its last character."""
    cut = DARN.replace(b"darn it ", b"so darn")
    for fields, found in (({}, 0), ({"mode": "audit"}, 1)):
        inspection = Gate(rules(**fields), log).open(CALL)
        inspection.request(CLEAN)
        inspection.streams(200, EVENTS)
        inspection.piece(cut + b"data: {")
        inspection.end(ended)
        record = records(log)[-1]
        assert record["response"]["ended"] == ended
        assert len(record["findings"]) == found
        assert record["uninspected"] == ([{"at": "", "reason": "incomplete"}] if found else [])


@pytest.mark.parametrize(("last", "ended"), [(b"data: [DONE]\n\n", "complete"), (b"", "client_gone")])
def test_a_client_that_hangs_up(log, last, ended):
    """A client that hangs up behind the last event has had it all; before that it has gone."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(CLEAN)
    inspection.streams(200, EVENTS)
    inspection.piece(DARN + last)
    inspection.end("client_gone")
    assert records(log)[0]["response"]["ended"] == ended


def test_a_coding_that_cannot_be_undone_is_refused_before_anything_leaves(log):
    """A stream in an unknown coding is not begun: its client gets a plain refusal."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(CLEAN)
    coded = Head("text/event-stream", "compress")
    assert inspection.streams(200, coded) is False
    reply = inspection.answer(coded, b"xyz")
    assert (reply.status, error(reply)["code"]) == (400, "not_inspectable")
    inspection.end("complete")
    assert records(log)[0]["response"]["bytes"] == len(reply.body)


def test_fails_closed_while_writing(log, monkeypatch):
    """An exception while edits are written becomes a refusal too: what was to be redacted does not pass."""
    monkeypatch.setattr(inspection_module.Document, "write", lambda *_arguments: 1 / 0)
    outcome = drive(Gate(rules(), log).open(CALL), b'{"model":"m","input":"darn"}')
    assert error(outcome)["code"] == "panda_error"


def test_fails_closed_in_the_record(log, monkeypatch):
    """If the record itself cannot be built, there is one that says so."""
    monkeypatch.setattr(inspection_module, "build", lambda _facts: 1 / 0)
    inspection = Gate(rules(), log).open(CALL)
    drive(inspection)
    [record] = records(log)
    assert record["id"] == inspection.id
    assert record["decision"] == "error"
    assert record["error"]["type"] == "ZeroDivisionError"


@pytest.mark.parametrize("settings", [{"on_error": "allow"}, {"mode": "audit"}])
def test_fails_open_where_told(log, monkeypatch, settings):
    """With `on_error: allow`, or under a policy that only audits, the call passes and the record says nobody looked."""
    monkeypatch.setattr(inspection_module, "judge", lambda *_arguments: 1 / 0)
    assert drive(Gate(rules(**settings), log).open(CALL)) is None
    [record] = records(log)
    assert record["decision"] == "error"
    assert {"at": "", "reason": "panda_error"} in record["uninspected"]


def test_interrupts_pass(log, monkeypatch):
    """Ctrl-C is no failure of a call."""

    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(inspection_module, "judge", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Gate(rules(), log).open(CALL).request(CLEAN)


def test_failure_outside(log):
    """A failure around the gate is judged like one behind it."""
    inspection = Gate(rules(), log).open(CALL)
    assert error(inspection.fail("response", Boom()))["code"] == "panda_error"


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (replace(CALL, misfit="names differ"), 400),
        (replace(CALL, upgrade=True), 426),
        (replace(CALL, transfer_encoding="gzip, chunked"), 400),
    ],
)
@pytest.mark.parametrize("body", [CLEAN, b""])
def test_uninspectable_heads(log, call, status, body):
    """A call whose head already says that it cannot be judged is refused."""
    outcome = Gate(rules(), log).open(call).request(body)
    assert outcome.status == status
    assert error(outcome)["code"] == "not_inspectable"


@pytest.mark.parametrize("call", [replace(CALL, misfit="names differ"), replace(CALL, upgrade=True)])
def test_heads_refused_in_audit_mode(log, call):
    """What would make everything behind it unseen is refused even where nothing else is."""
    outcome = Gate(rules(mode="audit", on_error="allow"), log).open(call).request(CLEAN)
    assert isinstance(outcome, Reply)


def test_nobody(log):
    """A caller whom no policy fits is refused."""
    ruleset = load(Path("p"), lambda _path: b"version: 1\npolicies: [{name: a, match: {proxy_users: [p]}}]", Path())
    outcome = Gate(ruleset, log).open(replace(CALL, caller=Caller(proxy_user="q"))).request(CLEAN)
    assert error(outcome)["code"] == "policy_violation"
    assert error(outcome)["message"].startswith("Blocked by the proxy: no policy applies")


def test_key_chooses_the_policy(log):
    """A policy is chosen by the fingerprint of the key that the log prints."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.end("complete")
    key = records(log)[0]["key"]
    text = f"version: 1\npolicies: [{{name: mine, match: {{keys: ['{key[:25]}']}}}}, {{name: rest}}]"
    chosen = Gate(load(Path("p"), lambda _path: text.encode(), Path()), log)
    for call, name in ((CALL, "mine"), (replace(CALL, api_key="sk-other"), "rest")):
        chosen.open(call).end("complete")
        assert records(log)[-1]["policy"]["name"] == name


def test_audit_mode(log):
    """A policy in audit mode finds everything and changes nothing."""
    inspection = Gate(rules(mode="audit"), log).open(CALL)
    assert inspection.request(b'{"model":"m","input":"darn forbidden"}') is None
    assert inspection.request(b"not json") is None
    assert inspection.answer(JSON, b'{"a":"darn"}') is None
    inspection.end("complete")
    record = records(log)[0]
    assert record["decision"] == "audit"
    assert record["policy"]["mode"] == "audit"
    assert [finding["action"] for finding in record["findings"]] == ["redact", "block", "block", "redact"]


@pytest.mark.parametrize(
    ("status", "kind", "asked", "reason"),
    [
        (200, "application/json", False, None),
        (200, "application/json", True, None),
        (200, "", False, None),
        (200, "text/html", False, None),
        (200, "text/event-stream; charset=utf-8", False, ""),
        (500, "text/event-stream", False, ""),
        (200, "", True, ""),
        (200, "text/plain", True, ""),
        (500, "text/html", True, None),
        (200, "audio/mpeg", False, "audio"),
        (200, "audio/mpeg", True, "audio"),
        (200, "image/png", False, "image"),
        (200, "application/octet-stream", False, None),
    ],
)
def test_what_streams(log, status, kind, asked, reason):
    """Streams and media go on piece by piece, and the record says what was not read; all other text is read whole."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(b'{"model":"m","input":"hi","stream":true}' if asked else CLEAN)
    assert inspection.streams(status, Head(kind)) is (reason is not None)
    assert inspection.rewrites is (reason == "")
    if reason is not None:
        sent = (
            inspection.piece(b"data: {}\n") + inspection.piece(b"\n") + (inspection.piece(b"") if not reason else b"")
        )
        assert sent == b"data: {}\n\n"
    inspection.end("complete")
    assert records(log)[0]["uninspected"] == ([{"at": "", "reason": reason}] if reason else [])
    assert records(log)[0]["response"]["bytes"] == (10 if reason is not None else 0)


def test_binary_without_rules(log):
    """Bytes of no known kind are read first only where a rule could act on text in them."""
    ruleset = load(Path("p"), lambda _path: b"version: 1\npolicies: [{name: one}]", Path())
    inspection = Gate(ruleset, log).open(CALL)
    inspection.request(CLEAN)
    assert inspection.streams(200, Head("application/zip")) is True


def test_unreadable_answer(log):
    """An answer that claims to be JSON and is not is withheld where a rule could have acted, else passed."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(CLEAN)
    assert error(inspection.answer(JSON, b"{"))["code"] == "not_inspectable"
    ruleset = load(Path("p"), lambda _path: b"version: 1\npolicies: [{name: one}]", Path())
    inspection = Gate(ruleset, log).open(CALL)
    inspection.request(CLEAN)
    assert inspection.answer(JSON, b"{") is None
    inspection.end("complete")
    assert records(log)[-1]["uninspected"] == [{"at": "", "reason": "unreadable"}]


def test_unknown_endpoint_unread(log):
    """Where the policy lets unknown paths pass, neither side is read, and the record says so."""
    inspection = Gate(rules(unknown="allow"), log).open(replace(CALL, path="/v1/brand/new"))
    assert inspection.request(b"forbidden") is None
    assert inspection.streams(200, JSON) is True
    inspection.end("complete")
    assert records(log)[0]["uninspected"] == [{"at": "", "reason": "unknown_endpoint"}] * 2


@pytest.mark.parametrize(
    ("cap", "shown"), [(b"", 50), (b',"max_output_tokens":7', 7), (b',"max_output_tokens":true', None)]
)
def test_output_cap(log, cap, shown):
    """The record has the cap that was in force: the caller's, or the one that was written in."""
    text = "version: 1\npolicies: [{name: a, mode: enforce, limits: {output_tokens: {max: 50, missing: set}}}]"
    inspection = Gate(load(Path("p"), lambda _path: text.encode(), Path()), log).open(CALL)
    outcome = inspection.request(b'{"model":"m"' + cap + b"}")
    if shown == 50:
        assert outcome == b'{"max_output_tokens": 50, "model":"m"}'
    inspection.end("complete")
    assert records(log)[0]["request"]["max_output_tokens"] == shown
    assert records(log)[0]["decision"] == ("block" if shown is None else "allow")


def test_unwritable_log():
    """A log that cannot be written refuses the call it should record, and the next ones before they leave."""
    log = AuditLog("/dev/full")
    gate = Gate(rules(), log)
    first = gate.open(CALL)
    assert first.request(CLEAN) is None
    assert first.answer(JSON, ANSWER) is None
    assert error(first.end("complete"))["code"] == "panda_error"
    second = gate.open(CALL)
    assert error(second.request(CLEAN))["code"] == "panda_error"
    assert second.end("complete") is None


def test_unwritable_log_allowed():
    """With `on_error: allow` they pass."""
    gate = Gate(rules(on_error="allow"), AuditLog("/dev/full"))
    for _ in range(2):
        inspection = gate.open(CALL)
        assert inspection.request(CLEAN) is None
        assert inspection.end("complete") is None


# What a call used and costs.

CHAT = replace(CALL, path="/v1/chat/completions")
ASKED = b'{"model":"gpt-6-luna","messages":[{"role":"user","content":"hi"}],"stream":true}'
CHUNK = b'data: {"model":"gpt-6-luna","choices":[{"index":0,"delta":{"content":"Nine boards"}}]}\n\n'
REPORT = b'data: {"model":"gpt-6-luna","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":500}}\n\n'


def played(log, *pieces: bytes, ended: Ended = "complete", **fields) -> tuple[bytes, dict]:
    """What leaves of a streamed chat completion whose client did not ask for its usage, and the record."""
    inspection = Gate(rules(**fields), log).open(CHAT)
    sent = inspection.request(ASKED)
    assert (b"include_usage" in (sent or b"")) is (fields.get("mode") != "audit")
    assert inspection.streams(200, EVENTS)
    left = b"".join(
        [inspection.piece(piece) for piece in pieces] + ([inspection.piece(b"")] if ended == "complete" else [])
    )
    inspection.end(ended)
    return left, records(log)[-1]


def test_what_was_asked_for_does_not_leave(log):
    """A stream's usage is recorded, and its client sees nothing of it."""
    sent, record = played(log, CHUNK, REPORT)
    assert sent == CHUNK
    assert (record["usage"]["output_tokens"], record["usage"]["source"]) == (500, "reported")


def test_nothing_is_asked_for_where_nothing_may_be_changed(log):
    """In audit mode what is there leaves, and is counted if nobody reports it."""
    sent, record = played(log, CHUNK, REPORT, mode="audit")
    assert sent == CHUNK + REPORT
    assert record["usage"]["source"] == "reported"
    sent, record = played(log, CHUNK, mode="audit")
    assert (record["usage"]["input_tokens"], record["usage"]["source"]) == (8, "counted")


@pytest.mark.parametrize("ended", ["client_gone", "proxy_stopped", "upstream_error"])
def test_what_was_said_until_a_stream_broke_off_is_counted(log, ended):
    """Whoever ended it."""
    _, record = played(log, CHUNK, CHUNK, ended=ended)
    assert record["usage"]["output_tokens"] == count(["Nine boardsNine boards"], "o200k_base")
    assert record["cost_usd"] > 0


@pytest.mark.parametrize(
    ("ended", "source"), [("client_gone", "estimated"), ("proxy_stopped", "estimated"), ("upstream_error", None)]
)
def test_a_call_that_was_not_answered(log, ended, source):
    """Where nobody waited for it the prompt is known; where OpenAI failed nothing is."""
    inspection = Gate(rules(), log).open(CHAT)
    inspection.request(ASKED.replace(b"true", b"false"))
    inspection.end(ended)
    [record] = records(log)
    assert (record["usage"] and record["usage"]["source"]) == source
    assert (record["cost_usd"] is None) is (source is None)


@pytest.mark.parametrize(("answered", "costs"), [(False, 0), (True, pytest.approx(1.1e-06))])
def test_a_call_that_ended_while_it_was_judged(log, answered, costs):
    """A request that goes nowhere after all costs nothing; an answer that was there by then costs what it says."""
    inspection = Gate(rules(), log).open(CALL)
    inspection.request(CLEAN)
    if answered:
        inspection.streams(200, JSON)
        inspection.answer(JSON, ANSWER)
    inspection.keep_back()
    inspection.end("client_gone")
    assert records(log)[0]["cost_usd"] == costs


@pytest.mark.parametrize(
    ("mode", "text", "source"),
    [("enforce", "hello", "counted"), ("enforce", "darn", "estimated"), ("audit", "darn", "counted")],
)
def test_speech_is_recorded_with_what_its_text_costs(log, mode, text, source):
    """By its characters, for no answer says what it took; where some were redacted that is an estimate."""
    inspection = Gate(rules(mode=mode), log).open(replace(CALL, path="/v1/audio/speech"))
    inspection.request(json.dumps({"model": "tts-1", "voice": "alloy", "input": text}).encode())
    sound = Head("audio/mpeg")
    if inspection.streams(200, sound):
        inspection.piece(b"\xff\xf3")
    else:
        inspection.answer(sound, b"\xff\xf3")
    inspection.end("complete")
    [record] = records(log)
    assert record["usage"]["characters"] == len(text)
    assert (record["usage"]["source"], record["price"]["model"]) == (source, "tts-1")
    assert record["cost_usd"] == pytest.approx(len(text) * 15e-6)


def test_what_passed_unread_is_not_counted(log):
    """What a stream says behind a fault is anybody's guess, and so is its price."""
    _, record = played(log, CHUNK, b"data: \xff\n\n", CHUNK * 9, on_error="allow")
    assert (record["usage"], record["cost_usd"]) == (None, None)
    assert record["price"] == {"source": "unknown", "reason": "no_usage"}


def test_a_document_in_place_of_a_stream_is_not_counted(log):
    """It says what it used, or nobody knows."""
    body = b'{"model":"gpt-6-luna","choices":[{"message":{"content":"Nine boards"}}]%b}'
    _, record = played(log, body % b"")
    assert (record["usage"], record["cost_usd"]) == (None, None)
    _, record = played(log, body % b',"usage":{"prompt_tokens":8,"completion_tokens":500}')
    assert record["usage"]["output_tokens"] == 500


def test_sound_in_a_stream_makes_an_estimate(log):
    """What of an answer is no text is not in the count."""
    sound = b'data: {"choices":[{"index":0,"delta":{"audio":{"data":"' + b"QUJD" * 20 + b'"}}}]}\n\n'
    _, record = played(log, CHUNK, sound, ended="client_gone")
    assert record["usage"]["source"] == "estimated"


def test_a_whole_answer_that_is_a_stream_has_its_usage_taken_out(log):
    """Also where a stream comes under another name, and as a whole."""
    inspection = Gate(rules(), log).open(CHAT)
    inspection.request(ASKED)
    assert not inspection.streams(200, JSON)
    assert inspection.answer(JSON, CHUNK + REPORT) == CHUNK
    inspection.end("complete")
    assert records(log)[0]["usage"]["output_tokens"] == 500


def test_what_goes_wrong_in_charging_changes_nothing_for_the_client(log, monkeypatch):
    """The answer was delivered; its record says so, and that nobody knows what it cost."""
    monkeypatch.setattr(Account, "charge", lambda *_arguments, **_named: 1 / 0)
    sent, record = played(log, CHUNK)
    assert sent == CHUNK
    assert (record["response"]["status"], record["response"]["ended"]) == (200, "complete")
    assert (record["cost_usd"], record["price"]) == (None, {"source": "unknown", "reason": "error"})
    assert record["error"]["type"] == "ZeroDivisionError"
    assert "refusal" not in record


LIMITED = """
version: 1
on_error: allow
policies:
  - name: one
    limits: {request_cost_usd: 1, prompt_tokens: 1000}
    phrases: [{list: never, words: [forbidden], action: block}]
"""


@pytest.mark.parametrize("cap", ["1" + "0" * 100, "1e300", "-5", '"x"'])
def test_an_odd_cap_does_not_switch_the_rules_off(log, cap):
    """Whatever stands there, a phrase to block is blocked, and a call of unknown length refused."""
    ruleset = load(Path("p"), lambda _path: LIMITED.encode(), Path())
    for text, code in (("forbidden", "policy_violation"), ("hi", "budget_exceeded")):
        body = f'{{"model":"gpt-6-luna","messages":[{{"content":"{text}"}}],"max_tokens":{cap}}}'
        outcome = Gate(ruleset, log).open(CHAT).request(body.encode())
        assert error(outcome)["code"] == code


def test_nothing_is_worked_out_for_a_call_that_is_refused_anyway(log, monkeypatch):
    """Counting takes time, and would change nothing."""
    monkeypatch.setattr(bound, "exceeds", lambda *_arguments: 1 / 0)
    ruleset = load(Path("p"), lambda _path: LIMITED.encode(), Path())
    body = b'{"model":"gpt-6-luna","messages":[{"content":"%b"}],"max_tokens":5}'
    assert error(Gate(ruleset, log).open(CHAT).request(body % b"forbidden"))["code"] == "policy_violation"
    assert Gate(ruleset, log).open(CHAT).request(body % b"hi") is None
