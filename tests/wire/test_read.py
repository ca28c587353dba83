import gzip
import json
import zlib
from dataclasses import replace

import pytest

from panda_addon.exchange import OutputCap, Uninspected, Usage
from panda_addon.wire import read
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import Head, is_json, is_media, media_reason, read_answer, read_request
from panda_addon.wire.route import Target, find

JSON = Head("application/json")
CHAT = find("POST", "/v1/chat/completions")
TEXTS = find("POST", "/v1/completions")
# Packed, and all of it ASCII.
ASCII_ZLIB = zlib.compress(b"3", 1)
UNKNOWN = Target("files", known=False)


def request(members, target=CHAT):
    """The exchange of a request with these members."""
    return read_request(target, "POST", JSON, json.dumps(members).encode())[0]


@pytest.mark.parametrize(
    ("content_type", "kind", "charset"),
    [
        ("", "", None),
        ("application/json", "application/json", None),
        (" Application/JSON ; Charset=UTF-8", "application/json", "utf-8"),
        ('application/json; charset="utf-16"', "application/json", "utf-16"),
        ("application/json; charset*=us-ascii'en'UTF-16", "application/json", "utf-16"),
        ("application/json; charset*0=utf; charset*1=-16", "application/json", "ambiguous"),
        ("application/json; charset=utf-8; charset=utf-7", "application/json", "ambiguous"),
        ("application/json, application/json; charset=utf-7", "application/json, application/json", "utf-7"),
        ("application/json, charset=utf-7", "application/json, charset=utf-7", "ambiguous"),
        ('application/json; profile="; charset=utf-7"', "application/json", "ambiguous"),
        ("application/json; boundary=x", "application/json", None),
        ("application/json;", "application/json", None),
        ("text/plain; charset=\udcff", "text/plain", "\ufffd"),
    ],
)
def test_a_content_type_has_a_kind_and_a_charset(content_type, kind, charset):
    """The media type and the charset are read in every way that a header may write them."""
    head = Head(content_type)
    assert (head.kind, head.charset) == (kind, charset)


@pytest.mark.parametrize(
    ("kind", "json_like", "media", "reason"),
    [
        ("application/json; charset=utf-8", True, False, "binary"),
        ("application/problem+json", True, False, "binary"),
        ("audio/mpeg", False, True, "audio"),
        ("image/png", False, True, "image"),
        ("video/mp4", False, True, "video"),
        ("application/octet-stream", False, False, "binary"),
        ("text/jsonl", False, False, "binary"),
        ("", False, False, "binary"),
    ],
)
def test_a_head_says_whether_it_announces_json_or_media(kind, json_like, media, reason):
    """JSON, sound, pictures and film are told apart by their media type."""
    head = Head(kind)
    assert (is_json(head), is_media(head), media_reason(head)) == (json_like, media, reason)


@pytest.mark.parametrize(
    ("target", "method", "known"),
    [
        (find("GET", "/v1/models"), "GET", True),
        (find("POST", "/v1/responses/resp_1/cancel"), "POST", True),
        (UNKNOWN, "GET", True),
        (UNKNOWN, "OPTIONS", True),
        (UNKNOWN, "DELETE", False),
        (UNKNOWN, "POST", False),
    ],
)
def test_a_request_without_a_body_says_nothing(target, method, known):
    """Where no body is needed none is missed; reading an unknown path is harmless, writing is not."""
    exchange, document = read_request(target, method, Head(), b"")
    assert document is None
    assert (exchange.endpoint, exchange.known, exchange.spans) == (target.endpoint, known, ())


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        (b"", JSON, "the body is not valid JSON"),
        (b"[]", JSON, "the body is not a JSON object"),
        (b'"text"', JSON, "the body is not a JSON object"),
        (b"model=x", Head("application/x-www-form-urlencoded"), "the body is labelled as a form, and not as JSON"),
        (b"{}", Head("Multipart/Form-Data; boundary=x"), "the body is labelled as a form, and not as JSON"),
        (
            b"{}",
            Head("application/json, application/x-www-form-urlencoded"),
            "the body is labelled as a form, and not as JSON",
        ),
        (b"{}", Head("application/json; charset=utf-7"), "the charset is not UTF-8"),
        (b"{}", Head("application/json", "gzip"), "the body does not decode as gzip"),
        (
            b"{}",
            Head("application/json", "gzip, compress"),
            "the content-encoding is not made of gzip, deflate, br and zstd, 3 at most",
        ),
    ],
)
def test_a_known_endpoints_body_is_read_strictly(body, head, reason):
    """What is no JSON object for certain is an error, whatever it is labelled."""
    with pytest.raises(WireError) as caught:
        read_request(CHAT, "POST", head, body)
    assert caught.value.reason == reason


def test_a_request_above_the_bound_is_refused(monkeypatch):
    """A request that decodes to more than the bound is an error with the status for it."""
    monkeypatch.setattr(read, "MAX_REQUEST", 100)
    with pytest.raises(WireError) as caught:
        read_request(CHAT, "POST", Head("application/json", "gzip"), gzip.compress(b" " * 101))
    assert caught.value.status == 413


def test_a_packed_request_is_read():
    """A body in a content coding is read in plain."""
    body = gzip.compress(b'{"model": "m", "messages": [{"content": "hello"}]}')
    exchange, document = read_request(CHAT, "POST", Head("application/json", "gzip"), body)
    assert [span.text for span in exchange.spans] == ["hello"]
    assert document.source.startswith('{"model"')


@pytest.mark.parametrize(
    ("members", "answers"),
    [
        ({}, 1),
        ({"n": 3}, 3),
        ({"n": 2.0}, 2),
        ({"n": 1.5}, 2),
        ({"n": "3"}, 1),
        ({"n": True}, 1),
        ({"n": 0}, 1),
        ({"n": -2}, 1),
        ({"n": 128}, 128),
        ({"n": 129}, 1),
        ({"n": 1e300}, 1),
        ({"n": None}, 1),
        ({"n": 2, "best_of": 5}, 5),
        ({"n": 2, "prompt": ["a", "b", "c"]}, 6),
        ({"n": 2, "prompt": [[1, 2], [3]]}, 4),
        ({"n": 2, "prompt": [1, 2, 3]}, 2),
        ({"n": 2, "prompt": []}, 2),
        ({"prompt": "one text"}, 1),
    ],
)
def test_answers_are_counted(members, answers):
    """The cap holds for every answer that a request asks for: `n` of them, or `best_of`, for each prompt."""
    assert request(members, TEXTS).output_cap == OutputCap(("max_tokens",), (), answers)


@pytest.mark.parametrize(
    ("members", "given"),
    [
        ({}, ()),
        ({"max_tokens": None}, ()),
        ({"max_tokens": 5}, (("max_tokens", 5),)),
        ({"max_tokens": "x", "max_completion_tokens": 1.5}, (("max_completion_tokens", 1.5), ("max_tokens", "x"))),
    ],
)
def test_caps_are_those_that_are_given(members, given):
    """A cap counts as given if it is there and not null, whatever its value."""
    assert request(members).output_cap == OutputCap(("max_completion_tokens", "max_tokens"), given)


@pytest.mark.parametrize(
    ("members", "end_user"),
    [
        ({}, None),
        ({"user": "u"}, "u"),
        ({"user": "u", "safety_identifier": "s"}, "s"),
        ({"user": "u", "safety_identifier": None}, "u"),
        ({"user": "u", "safety_identifier": " "}, "u"),
        ({"user": ["u"]}, None),
        ({"user": ""}, None),
        ({"messages": [{"user": "u"}]}, None),
    ],
)
def test_the_end_user_is_who_is_named_first(members, end_user):
    """The first member that names somebody counts; blanks and other types name nobody."""
    assert request(members).end_user == end_user


@pytest.mark.parametrize(
    ("members", "model", "stream"),
    [
        ({"model": "m", "stream": True}, "m", True),
        ({"model": ["m"], "stream": 1}, None, False),
        ({"model": None, "stream": "true"}, None, False),
    ],
)
def test_model_and_stream_have_one_type(members, model, stream):
    """A model is a string and a stream is asked for by true."""
    exchange = request(members)
    assert (exchange.takes_model, exchange.model, exchange.stream) == (True, model, stream)


def test_a_body_where_none_is_needed_is_read_all_the_same():
    """A call without a shape takes no model, and what its body says is text."""
    exchange, _ = read_request(find("POST", "/v1/responses/r/cancel"), "POST", JSON, b'{"model": "m", "note": "hi"}')
    assert (exchange.takes_model, exchange.takes_end_user, exchange.output_cap) == (False, False, None)
    assert "hi" in [span.text for span in exchange.spans]


@pytest.mark.parametrize(
    ("head", "body", "texts", "uninspected"),
    [
        (JSON, b'{"note": "hi"}', ["note", "hi"], ()),
        (JSON, b"[1]", [], ()),
        (JSON, b"{", [], ("unknown_endpoint",)),
        (Head(), b' {"text": "hi"}', ["hi"], ()),
        (Head(), b' {"text": "hi"', [' {"text": "hi"'], ()),
        (Head("text/plain"), b"hi", ["hi"], ()),
        (Head("text/plain; charset=utf-16"), b"hi", [], ("unknown_endpoint",)),
        (Head("application/octet-stream"), b"\xff\xfe", [], ("unknown_endpoint",)),
        (Head("text/plain", "gzip"), b"hi", [], ("unknown_endpoint",)),
        (Head("multipart/form-data; boundary=x"), b"--x", [], ("multipart",)),
        (Head("text/plain, multipart/form-data; boundary=x"), b"--x", [], ("multipart",)),
        (Head("application/x-www-form-urlencoded"), b"a=%68i+you", ["a", "hi you", "a=%68i+you"], ()),
        (Head("application/x-www-form-urlencoded"), b'{"text": "hi"}', ['{"text": "hi"}', "", "hi"], ()),
        (Head("application/x-www-form-urlencoded"), b"&" * 500_001, [], ("unknown_endpoint",)),
        (Head("text/plain"), zlib.compress(b"hi"), [], ("unknown_endpoint",)),
    ],
)
def test_an_unknown_endpoints_body_is_read_if_it_can_be(head, body, texts, uninspected):
    """A body nobody here knows is looked into as far as it goes; what could not be read is named."""
    exchange, document = read_request(UNKNOWN, "POST", head, body)
    assert (exchange.endpoint, exchange.known) == ("files", False)
    assert [span.text for span in exchange.spans] == texts
    assert exchange.uninspected == tuple(Uninspected("", reason) for reason in uninspected)
    assert (document is None) == bool(uninspected)


MODEL_FORM = b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--x--\r\n'
FORM = Head("multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("head", "body", "model"),
    [
        (FORM, MODEL_FORM, "whisper-1"),
        (replace(FORM, content_encoding="gzip"), gzip.compress(MODEL_FORM), "whisper-1"),
        (replace(FORM, content_encoding="gzip"), MODEL_FORM, None),
        (FORM, MODEL_FORM[:-4], None),
        (Head("multipart/mixed; boundary=x"), MODEL_FORM, None),
        (JSON, b'{"model": "gpt-image-2", "prompt": "a bed"}', "gpt-image-2"),
        (JSON, b'{"model": ["gpt-image-2"]}', None),
        (JSON, b'{"model": "a", "model": "b"}', None),
        (JSON, b'["model"]', None),
        (Head("text/plain"), b"model=whisper-1", None),
        (Head("application/x-www-form-urlencoded"), b"model=whisper-1", None),
    ],
)
def test_the_model_of_an_unknown_endpoint_is_read_and_not_judged(head, body, model):
    """It is for the record and the price. Nothing else of a form is read, and what is not read is still said."""
    exchange, _ = read_request(find("POST", "/v1/audio/transcriptions"), "POST", head, body)
    assert (exchange.model, exchange.takes_model, exchange.known, exchange.order) == (model, False, False, None)
    if head.form and "multipart" in head.content_type:
        assert (exchange.spans, len(exchange.uninspected)) == ((), 1)


def test_an_order_knows_its_pictures():
    """By where they are, as what is uninspected does."""
    content = [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
    exchange, _ = read_request(CHAT, "POST", JSON, body)
    assert exchange.order.pictures == {"/messages/0/content/1": "data:image/png;base64,AAAA"}
    assert exchange.uninspected == (Uninspected("/messages/0/content/1", "image"),)


@pytest.mark.parametrize(
    ("head", "body", "texts"),
    [
        (JSON, b'{"text": "hi"}', ["hi"]),
        (Head("text/plain"), b"hi", ["hi"]),
        (Head("text/plain"), b'{"text": "hi"}', ["hi"]),
        (Head("text/plain"), b'{"text": 1, "text": 2}', ['{"text": 1, "text": 2}']),
        (Head("application/json", "gzip"), gzip.compress(b'["hi"]'), ["hi"]),
        (Head(), b"", []),
    ],
)
def test_an_answer_is_read(head, body, texts):
    """An answer is JSON if it says so or looks so, and else text."""
    exchange, document = read_answer(CHAT, head, body)
    assert (exchange.side, exchange.endpoint) == ("response", "chat.completions")
    assert [span.text for span in exchange.spans] == texts
    assert (document is None) == (not body)


def test_an_answer_of_sound_is_named_as_such():
    """Sound, pictures and film are not read, and that is said."""
    exchange, document = read_answer(CHAT, Head("audio/mpeg"), b"\xff\xfb")
    assert (exchange.uninspected, document) == ((Uninspected("", "audio"),), None)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (JSON, b"{"),
        (Head("text/plain"), b"\xff"),
        (Head("audio/mpeg", "gzip"), b"x"),
        (Head("text/plain"), ASCII_ZLIB),
        (Head(), gzip.compress(b"{}")),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error(head, body):
    """What says it is text, or packed, and is not, is an error."""
    with pytest.raises(WireError):
        read_answer(CHAT, head, body)


def test_an_answers_usage_is_read():
    """The tokens that an answer reports come with it."""
    exchange, _ = read_answer(CHAT, JSON, b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4}}')
    assert exchange.bill.usage == Usage(3, 4)


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [("GET", CHAT, b""), ("POST", CHAT, b"{}"), ("POST", UNKNOWN, b"{}")],
    ids=["without a body", "known", "unknown"],
)
def test_a_query_is_text(method, target, body):
    """Names and values of a query are text that cannot be edited, and no part of the body's length."""
    exchange, _ = read_request(target, method, JSON, body, "metadata%5Bk%5D=project+borealis&x=")
    assert [span.text for span in exchange.spans] == ["metadata[k]", "project borealis", "x", ""]
    assert all(span.fixed for span in exchange.spans)
    assert exchange.chars == 0


@pytest.mark.parametrize("user", ["", " ", "\u200b", "\u200b \ufeff"])
def test_an_end_user_who_does_not_show_is_none(user):
    """Characters that show nothing name nobody."""
    assert request({"safety_identifier": user}).end_user is None


@pytest.mark.parametrize(
    ("query", "stream", "reasons"),
    [
        ("", False, []),
        ("stream=true", True, []),
        ("stream=false&starting_after=7", False, []),
        ("stream=true&starting_after=7", True, ["resumed"]),
        ("starting_after=7", False, []),
    ],
)
def test_a_replay_says_that_it_is_one(query, stream, reasons):
    """A stored response may be asked for as a stream; one that is taken up in the middle is not seen from its start."""
    exchange, _ = read_request(find("GET", "/v1/responses/resp_1"), "GET", Head(), b"", query)
    assert exchange.stream is stream
    assert [part.reason for part in exchange.uninspected] == reasons
