import json
from dataclasses import replace
from decimal import Decimal

import pytest

from panda_addon.audit.record import (
    MAX_FINDINGS,
    Facts,
    build,
    decision,
    fingerprint,
    short,
    timestamp,
    trace_id,
)
from panda_addon.exchange import Bill, Uninspected, Usage
from panda_addon.meter.account import Charge
from panda_addon.meter.prices import Price
from panda_addon.policy.choose import Caller
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.verdict import Action, Finding, Refusal

FACTS = Facts("01X", 0.0, Caller(), "POST", "api.openai.com", "/v1/chat/completions")
FOUND = Finding(
    check="phrases",
    action=Action.REDACT,
    side="response",
    code="policy_violation",
    message="profanity phrase",
    at="/choices/0/message/content",
    start=10,
    end=14,
    rule="profanity",
    phrase="darn",
    folded=("case",),
)


def test_a_record_of_little_is_whole():
    """A call of which nothing became known has every member of the schema, in its order."""
    assert list(build(FACTS).items()) == [
        ("time", "1970-01-01T00:00:00.000000Z"),
        ("id", "01X"),
        ("trace_id", None),
        ("policy", {"name": None, "revision": None, "mode": None}),
        ("client", {"ip": None, "proxy_user": None, "user_agent": None}),
        ("key", None),
        ("organization", None),
        ("project", None),
        ("end_user", None),
        ("proved", []),
        ("claimed", []),
        ("request", {"method": "POST", "host": "api.openai.com", "path": "/v1/chat/completions", "endpoint": None, "model": None, "stream": False, "bytes": 0, "prompt_chars": None, "max_output_tokens": None}),
        ("decision", "allow"),
        ("findings", []),
        ("uninspected", []),
        ("usage", None),
        ("cost_usd", 0),
        ("price", None),
        ("response", {"status": None, "upstream_request_id": None, "bytes": 0, "ended": None}),
        ("latency_ms", {"total": 0.0, "first_byte": None, "panda": 0.0}),
    ]  # fmt: skip


def test_a_record_says_all_that_became_known():
    """Every fact has its place."""
    facts = Facts(
        "01X",
        1795438800.123456,
        Caller("127.0.0.1", "alice", "sha256:ab", "org", "proj", "OpenAI/Python"),
        "POST",
        "api.openai.com",
        "/v1/responses",
        policy=Policy(name="research", enforce=False),
        revision="sha256:cd",
        endpoint="responses",
        trace_id="ef",
        model="gpt-6",
        end_user="user-123",
        stream=True,
        max_output_tokens=200,
        prompt_chars=120,
        request_bytes=812,
        action=Action.REDACT,
        findings=[FOUND],
        uninspected=[Uninspected("/input/1", "image")],
        refusal=Refusal("policy_violation", "words", "input"),
        error={"type": "E"},
        charge=Charge(Usage(30, 70, 5, 6), "reported", Price(Decimal("0.00012"), "policy", "gpt-6*", "flex")),
        bill=Bill(model="gpt-6-luna", tier="flex"),
        status=200,
        upstream_request_id="req_1",
        response_bytes=1432,
        ended="complete",
        total=0.8124,
        first_byte=0.2401,
        own=0.0019004,
    )
    record = build(facts)
    assert record["time"] == "2026-11-23T13:00:00.123456Z"
    assert record["policy"] == {"name": "research", "revision": "sha256:cd", "mode": "audit"}
    assert record["client"] == {"ip": "127.0.0.1", "proxy_user": "alice", "user_agent": "OpenAI/Python"}
    assert [record[name] for name in ("trace_id", "key", "organization", "project", "end_user")] == [
        "ef",
        "sha256:ab",
        "org",
        "proj",
        "user-123",
    ]
    assert record["request"] == {
        "method": "POST",
        "host": "api.openai.com",
        "path": "/v1/responses",
        "endpoint": "responses",
        "model": "gpt-6",
        "stream": True,
        "bytes": 812,
        "prompt_chars": 120,
        "max_output_tokens": 200,
    }
    assert record["decision"] == "redact"
    assert record["uninspected"] == [{"at": "/input/1", "reason": "image"}]
    assert record["usage"] == {
        "input_tokens": 30,
        "cached_tokens": 5,
        "output_tokens": 70,
        "reasoning_tokens": 6,
        "source": "reported",
    }
    assert record["cost_usd"] == 0.00012
    assert record["price"] == {"source": "policy", "model": "gpt-6*", "tier": "flex"}
    assert record["response"] == {
        "status": 200,
        "upstream_request_id": "req_1",
        "bytes": 1432,
        "ended": "complete",
        "model": "gpt-6-luna",
        "service_tier": "flex",
    }
    assert record["proved"] == ["client.ip", "client.proxy_user", "key"]
    assert record["claimed"] == ["client.user_agent", "organization", "project", "end_user"]
    assert record["latency_ms"] == {"total": 812.4, "first_byte": 240.1, "panda": 1.9}
    assert record["refusal"] == {"code": "policy_violation", "param": "input"}
    assert record["error"] == {"type": "E"}
    assert "findings_total" not in record


def test_kinds_of_tokens_that_few_calls_have_stand_there_if_this_one_has_them():
    """A record is not longer for what did not happen."""
    charge = Charge(Usage(30, 70, cache_write_tokens=9, output_audio_tokens=8, seconds=1.5), "estimated")
    assert build(replace(FACTS, charge=charge))["usage"] == {
        "input_tokens": 30,
        "cached_tokens": 0,
        "output_tokens": 70,
        "reasoning_tokens": 0,
        "cache_write_tokens": 9,
        "output_audio_tokens": 8,
        "seconds": 1.5,
        "source": "estimated",
    }


def test_a_price_says_which_fees_are_not_in_it():
    """What is recorded as the cost of a call is not all of it then."""
    price = Price(Decimal(1), "policy", "m", "default", without=("containers", "web_search"))
    record = build(replace(FACTS, charge=Charge(Usage(1, 1), "reported", price)))
    assert (record["cost_usd"], record["price"]["without"]) == (1.0, ["containers", "web_search"])


def test_an_unknown_price_is_unknown():
    """It is null, and a word says why: nothing is free because nobody knows what it costs."""
    record = build(replace(FACTS, charge=Charge(Usage(1, 2), "reported", Price(None, "unknown", None, "x", "model"))))
    assert (record["cost_usd"], record["price"]) == (None, {"source": "unknown", "reason": "model"})


def test_a_policy_that_narrows_another_names_it():
    """What a caller gets by a claim holds within the policy it has without."""
    assert build(replace(FACTS, policy=Policy(name="a", within="b")))["policy"] == {
        "name": "a", "revision": None, "mode": "enforce", "within": "b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "end_user", "proved", "claimed"),
    [
        (Caller(), None, [], []),
        (Caller(ip="10.0.0.1"), "bob", ["client.ip"], ["end_user"]),
        (Caller(key="sha256:ab", project="p"), None, ["key"], ["project"]),
    ],
)
def test_what_is_proved_is_told_from_what_is_claimed(caller, end_user, proved, claimed):
    """Address, proxy user and key are proved, the rest is the caller's word; what is not there is neither."""
    record = build(replace(FACTS, caller=caller, end_user=end_user))
    assert (record["proved"], record["claimed"]) == (proved, claimed)


def finding(**changes):
    """How one finding is recorded under a policy whose list `secret` is confidential on one side."""
    policy = Policy(
        name="p",
        request_phrases=Phrases(
            (PhraseList("secret", Action.BLOCK, confidential=True), PhraseList("profanity", Action.BLOCK))
        ),
        response_phrases=Phrases((PhraseList("secret", Action.BLOCK),)),
    )
    [shown] = build(replace(FACTS, policy=policy, findings=[replace(FOUND, **changes)]))["findings"]
    return shown


def test_a_finding_in_text_says_where_and_which_phrase():
    """A phrase finding names its list, the place in the text, and the list's own phrase."""
    assert finding() == {
        "check": "phrases",
        "action": "redact",
        "in": "response",
        "at": "/choices/0/message/content",
        "list": "profanity",
        "start": 10,
        "end": 14,
        "phrase": "darn",
        "folded": ["case"],
    }


def test_a_finding_in_a_name_says_so():
    """Text may stand in a member's name."""
    assert finding(key=True)["key"] is True


@pytest.mark.parametrize("side", ["request", "response"])
def test_a_confidential_phrase_is_recorded_by_its_hash(side):
    """A list that is confidential anywhere in a policy is so everywhere in its records."""
    shown = finding(rule="secret", phrase="project borealis", side=side)
    assert shown["phrase"] == fingerprint("project borealis")
    assert "borealis" not in json.dumps(shown)


def test_a_finding_without_a_place_in_text_says_its_code():
    """What is no phrase is named by the code a refusal would have."""
    shown = finding(check="models", start=None, end=None, rule=None, phrase=None, code="model_not_allowed")
    assert shown == {
        "check": "models",
        "action": "redact",
        "in": "response",
        "at": "/choices/0/message/content",
        "code": "model_not_allowed",
    }


def test_a_record_lists_only_so_many_findings():
    """Beyond the limit findings and uninspected parts are counted; at the limit they are all there."""
    facts = replace(FACTS, findings=[FOUND] * MAX_FINDINGS, uninspected=[Uninspected("", "image")] * MAX_FINDINGS)
    record = build(facts)
    assert (len(record["findings"]), len(record["uninspected"])) == (MAX_FINDINGS, MAX_FINDINGS)
    assert not {"findings_total", "uninspected_total"} & set(record)
    facts.findings.append(FOUND)
    facts.uninspected.append(Uninspected("", "image"))
    record = build(facts)
    assert (len(record["findings"]), len(record["uninspected"])) == (MAX_FINDINGS, MAX_FINDINGS)
    assert (record["findings_total"], record["uninspected_total"]) == (MAX_FINDINGS + 1, MAX_FINDINGS + 1)


def test_names_that_a_caller_chose_are_kept_out_of_pointers():
    """The place of an uninspected part shows the API's names only."""
    facts = replace(FACTS, uninspected=[Uninspected("/messages/0/my secret", "deep")])
    assert build(facts)["uninspected"] == [{"at": "/messages/0/*", "reason": "deep"}]


def test_no_name_fills_the_log():
    """Whatever a caller or the upstream sends as a name, a record keeps the beginning of it."""
    long = "x" * 10_000
    caller = Caller(organization=long, project=long, user_agent=long)
    facts = Facts("01X", 0.0, caller, long, long, long, model=long, end_user=long, upstream_request_id=long)
    assert len(json.dumps(build(facts))) < 4000


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "allow"),
        ({"action": Action.SET}, "allow"),
        ({"action": Action.AUDIT}, "audit"),
        ({"action": Action.REDACT}, "redact"),
        ({"action": Action.BLOCK}, "block"),
        ({"action": Action.BLOCK, "failed": True}, "error"),
    ],
)
def test_a_decision_is_one_word(changes, word):
    """The strongest action names the decision; an error of the proxy's own comes before all."""
    assert decision(replace(FACTS, **changes)) == word


def test_a_fingerprint_tells_keys_apart_and_not_the_key():
    """A fingerprint is the SHA-256 of the key, whatever characters it has."""
    assert fingerprint("abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fingerprint("\ud800") != fingerprint("\ud801")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", None),
        ("nonsense", None),
        ("", None),
        (None, None),
    ],
)
def test_a_trace_id_is_that_of_the_traceparent_header(header, expected):
    """The id is taken from a well-formed header; what is not well-formed is left out."""
    assert trace_id(header) == expected


def test_a_key_is_a_fingerprint_wherever_a_caller_puts_it():
    """The caller's own key, and whatever looks like one, stands in no field of a record, cut or whole."""
    own, other = "0123456789abcdef0123456789abcdef", "sk-proj-0123456789_abcdef-0123"
    told = f"my {own} and KEY_{other}" + "x" * 250
    caller = Caller(proxy_user=own, organization=own, project=other, user_agent=told)
    facts = Facts(
        "01X", 0.0, caller, "POST", "api.openai.com", f"/v1/files/{other}", secret=own, model=own, end_user=told
    )
    facts.charge = Charge(Usage(), "reported", Price(Decimal(1), "policy", own, "default"))
    facts.bill = Bill(model=other, tier=own)
    written = json.dumps(build(replace(facts, upstream_request_id=own)))
    assert own[:20] not in written
    assert other[:20] not in written
    assert build(facts)["organization"] == fingerprint(own)
    assert build(facts)["request"]["path"] == f"/v1/files/{fingerprint(other)}"


@pytest.mark.parametrize(
    "value", ["sk-short", "task-0123456789abcdef", "risk-0123456789abcdef", "x", "my sk-learn-and-pandas-users"]
)
def test_what_is_no_key_stays(value):
    """A word that happens to be a very short key, or to end as keys begin, is no secret."""
    assert short(value, "x") == value
    assert short(f"{value} {value}", "short") == f"{value} {value}"


def test_a_timestamp_is_utc_with_microseconds():
    """Times sort as text."""
    assert timestamp(1.000001) == "1970-01-01T00:00:01.000001Z"


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), ("", ""), ("x" * 256, "x" * 256), ("x" * 257, "x" * 256 + "…")]
)
def test_a_long_name_is_cut(value, expected):
    """A name beyond the limit is cut, and shows that it is."""
    assert short(value) == expected
