import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.judge import judge
from panda_addon.policy.model import OutputTokens, PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Verdict
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import MAX_ANSWER, MAX_REQUEST, Head, read_answer, read_request
from panda_addon.wire.route import ROUTES, find
from tests.packing import PACK

LISTS = Phrases((PhraseList("list", Action.REDACT),), PhraseIndex([("darn", 0), ("a", 0)]))
POLICIES = (
    Policy(name="lax", unknown_endpoint="allow", on_error="allow", request_phrases=LISTS, response_phrases=LISTS),
    Policy(name="strict", output_tokens=OutputTokens(9, set_missing=True), end_user_required=True, prompt_chars=99),
)
PACKERS = {
    "": bytes,
    **PACK,
}
CODINGS = st.sampled_from([*PACK, "", "identity", "GZIP", "gzip, br", "x"]) | st.text(max_size=8)
TYPES = (
    st.sampled_from(
        [
            "application/json",
            "application/json; charset=utf-16",
            "application/json; charset*=utf-8''x",
            'text/plain; charset="',
            "multipart/form-data; boundary=x",
            "audio/mpeg",
            "",
        ]
    )
    | st.text(max_size=20)
    | st.text(max_size=20).map(lambda text: f"application/json; charset{text}")
)
PATHS = (
    st.sampled_from([route.path.replace("{}", "x1") for route in ROUTES])
    | st.text(max_size=20)
    | st.text(max_size=12).map(lambda text: f"/v1/{text}")
    | st.from_regex(r"/v1/(responses|chat|files|images)(/|%2f|\.|;|\\){0,3}[a-z]{0,3}", fullmatch=True)
)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"]) | st.text(max_size=5)
NAMES = ["type", "model", "n", "prompt", "input", "max_tokens", "user", "logprobs", "content", "metadata"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from(["darn", "a a", "data:image/png;base64,"]),
    lambda kids: st.lists(kids, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), kids),
    max_leaves=10,
)
BODIES = (
    st.binary(max_size=60)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16"))
    | VALUES.map(lambda value: json.dumps(value).encode()[:-1])
    | st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5).map(lambda value: json.dumps(value).encode())
)


def sent(method, path, head, body):
    """The verdicts on a body as a request and as an answer, each with the bytes written; WireErrors are left out."""
    reasons = []
    for read in (read_request, read_answer):
        arguments = (method, head, body) if read is read_request else (head, body)
        try:
            exchange, document = read(find(method, path), *arguments)
            for policy in POLICIES:
                verdict = judge(exchange, policy)
                yield verdict, document.write(verdict.edits, verdict.puts) if document else b""
        except WireError as error:
            reasons.append(error.reason)
    # A reason is a sentence of the room's own.
    assert all(reason.isascii() and len(reason) < 100 for reason in reasons)


@settings(max_examples=200, deadline=None)
@given(method=METHODS, path=PATHS, kind=TYPES, coding=CODINGS, body=BODIES, packed=st.booleans())
def test_any_request_gets_a_verdict_or_a_wire_error(method, path, kind, coding, body, packed):
    """Whatever the bytes and headers are, no other exception leaves the room and what is written stays bounded."""
    wire = PACKERS[coding](body) if packed and coding in PACKERS else body
    for verdict, written in sent(method, path, Head(kind, coding), wire):
        assert isinstance(verdict, Verdict)
        assert len(written) <= 8 * len(body) + 100


@settings(max_examples=100, deadline=None)
@given(coding=st.sampled_from(sorted(PACK)), cut=st.integers(0, 80), junk=st.binary(max_size=5))
def test_a_damaged_body_is_a_wire_error(coding, cut, junk):
    """A packed body that was cut or has something in its middle is refused or reads as some JSON."""
    wire = PACKERS[coding](b'{"model": "m", "messages": [{"role": "user", "content": "hello, darn"}]}')
    for verdict, _ in sent("POST", "/v1/chat/completions", Head("application/json", coding), wire[:cut] + junk):
        assert isinstance(verdict, Verdict)


@pytest.mark.parametrize("side", [read_request, read_answer])
@pytest.mark.parametrize("coding", sorted(PACK))
def test_a_bomb_is_a_wire_error(coding, side):
    """A small body that decodes to more than the bound is refused, in each coding."""
    limit = MAX_REQUEST if side is read_request else MAX_ANSWER
    body = PACKERS[coding](bytes(limit + 1))
    target, head = find("POST", "/v1/responses"), Head("application/json", coding)
    with pytest.raises(WireError, match="larger than") as caught:
        read_request(target, "POST", head, body) if side is read_request else read_answer(target, head, body)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"a":' * 200_000,
        b'{"max_output_tokens": ' + b"9" * 100_000 + b"}",
        b'{"temperature": NaN}',
        b'{"temperature": -Infinity}',
        '{"input": "darn"}'.encode("utf-16"),
        '{"input": "darn"}'.encode("utf-32-le"),
        b'\xef\xbb\xbf{"input": "darn"}',
        b'{"input": "\xed\xa0\x80"}',
        b'{"input": "darn"',
        b'{"input": "darn\\',
        b'{"input": "darn\\u12"}',
        b'{"input": "a", "input": "darn"}',
        b"\x00" * 1000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_hostile_json_is_a_wire_error(body):
    """What JSON parsers choke on, or read in different ways, is refused."""
    with pytest.raises(WireError):
        read_request(find("POST", "/v1/responses"), "POST", Head("application/json"), body)


def test_lone_surrogates_are_read_and_written():
    """Half a character is text like any other: judged, and written back as it was escaped."""
    body = rb'{"input": "\ud800 darn \udc00", "\udfff": 1}'
    exchange, document = read_request(find("POST", "/v1/responses"), "POST", Head("application/json"), body)
    verdict = judge(exchange, POLICIES[0])
    assert document.write(verdict.edits) == rb'{"input": "\ud800 **** \udc00", "\udfff": 1}'
