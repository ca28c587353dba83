"""Streams that nobody sends in earnest: what reaches the client of them, and what of them is kept."""

import gzip
import json

import pytest

from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.relay import Relay, is_events
from panda_addon.stream import MAX_TEXTS, Session
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import Head
from panda_addon.wire.route import find

LISTS = (PhraseList("mild", Action.REDACT),)
PHRASES = Phrases(LISTS, PhraseIndex([("darn", 0), ("project borealis", 0)]))
POLICY = Policy(name="p", redaction="#", response_phrases=PHRASES)
CHAT = find("POST", "/v1/chat/completions")


def event(value, name: str = "") -> bytes:
    """An event with some JSON."""
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(text: str, index=0, **members) -> bytes:
    """A chat chunk with a piece of content."""
    return event({"choices": [{"index": index, "delta": {"content": text}, **members}]})


def delta(text, **members) -> bytes:
    """A typed event with a piece of text."""
    return event({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text} | members)


def judged(*pieces: bytes) -> bytes:
    """What is sent on of a stream."""
    session = Session(POLICY)
    return b"".join(map(session.feed, pieces)) + session.close()


THREAD = {"object": "thread.message.delta", "id": "m"}
VALUE = {"index": 0, "type": "text"}


@pytest.mark.parametrize(
    "pieces",
    [
        [event({**THREAD, "delta": {"content": [{**VALUE, "text": {"value": part}}]}}) for part in ("dar", "n ")],
        [event({"delta": part}, "response.output_text.delta") for part in ("dar", "n ")],
        [event({"type": "response.novel.delta", "text": part}) for part in ("dar", "n ")],
        [event({"type": "response.novel.delta", "delta": {"summary": part}}) for part in ("project", " borealis")],
        [event({"choices": [{"index": 0, "delta": {"style": part}}]}) for part in ("project", " borealis")],
        [chunk("\ud835"), chunk("\udc1darn ")],
        [chunk("dar", 1), chunk("n ", 1.0)],
        [delta("dar", choices=[]), delta("n ", choices=[])],
        [event({"type": "transcript.text.segment", "id": "s", "text": part}) for part in ("project", " borealis ")],
    ],
    ids=["object", "name", "another member", "words", "words of a choice", "halves", "index", "both kinds", "segments"],
)
def test_what_clients_join_is_judged_joined(pieces):
    """Whatever says that two events go on with one text, a phrase that is cut by them is redacted."""
    sent = judged(*pieces)
    assert b"#" in sent
    texts = "".join(part for one in sent.split(b"data: ")[1:] for part in strings(json.loads(one.split(b"\n")[0])))
    assert "borealis" not in texts
    assert "n " not in texts.replace("#", "")[:2]


def strings(value) -> list[str]:
    """Every string in some JSON."""
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in strings(child)]


@pytest.mark.parametrize(
    "pieces",
    [
        [chunk("a", True)],
        [chunk("a", -1)],
        [chunk("a", "0")],
        [delta("a", output_index=0.5)],
        [b'data: {"a":\n\xef\xbb\xbfdata: 1}\n\n'],
        [b'\xef\xbb\xbfdata: {"a":\ndata: 1}\n\n'],
        [chunk("a", finish_reason="stop"), chunk("b")],
        [event({"choices": [{"index": 0, "delta": {"n" * 2000: "x"}}]})],
        [b"data: \xff\n\n"],
        [b'data: {"a": 1, "a": 2}\n\n'],
        [b"data: {\n\n"],
        [chunk("project"), *[chunk("\u200b" * 64)] * 60, chunk("bor"), *[chunk("\u200b" * 64)] * 60, chunk("eal")]
        + [chunk("\u200b" * 64)] * 10,
    ],
)
def test_what_clients_may_read_in_two_ways_is_refused(pieces):
    """Odd indexes, marks, repeated names, texts that go on behind their end, and text that shows nothing end a stream."""
    with pytest.raises(WireError):
        judged(*pieces)


def test_a_finish_that_says_nothing_closes_nothing():
    """Some gateways send an empty finish_reason with every chunk."""
    pieces = [chunk("dar", finish_reason=""), chunk("n it", finish_reason=""), chunk("", finish_reason="stop")]
    assert judged(*pieces) == chunk("#", finish_reason="") + chunk(" it", finish_reason="") + pieces[2]


def test_a_stream_has_a_limit_of_texts(monkeypatch):
    """More texts than any answer has end the stream."""
    monkeypatch.setattr("panda_addon.stream.MAX_TEXTS", 10)
    pieces = [chunk("a", index) for index in range(11)]
    assert judged(*pieces[:10]) == b"".join(pieces[:10])
    with pytest.raises(WireError):
        judged(*pieces)
    assert MAX_TEXTS > 128


def test_thousands_of_phrases_in_one_delta():
    """Each is redacted and found once, up to the number that a call may have; one more is refused."""
    session = Session(POLICY)
    assert session.feed(chunk("darn " * 9999)) + session.close() == chunk("# " * 9999)
    assert len(session.findings) == 9999
    again = Session(POLICY)
    sent = again.feed(chunk("darn " * 10_000)) + again.close()
    assert b"more than 10000 places" in sent


def test_many_answers_end_at_once():
    """Closing is by place, however many texts are open and however many end."""
    open_ = [chunk("dar", index) for index in range(500)]
    end = event({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"} for index in range(500)]})
    assert judged(*open_, end) == b"".join(open_) + end


def related(*pieces: bytes, coding: str = "", policy: Policy = POLICY) -> bytes:
    """What is sent on of the body of an answer."""
    relay = Relay(policy, CHAT, Head("text/event-stream", coding), "D")
    return b"".join(map(relay.feed, pieces)) + relay.close()


def test_a_first_line_that_is_no_field_hides_no_events():
    """What looks like a document and is none is judged as the events that clients find in it."""
    assert related(b"{\n\n" + chunk("dar") + chunk("n ")) == b"{\n\n" + chunk("#") + chunk(" ")
    with pytest.raises(WireError):
        related(b'{"a": "dar')


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b'data: {"a": 1}\n\n', True),
        (b"\xef\xbb\xbf\n: c\r\nevent: a\nid: 1\nretry: 2\n\ndata:[1]", True),
        (b"data: words", False),
        (b'{"data: {": 1}', False),
        (b":\n" * 5000 + b"x", False),
        (b"event:\n" * 5000 + b"x", False),
        (b" \n" * 5000 + b"x", False),
    ],
    ids=["events", "comments first", "words", "JSON", "comments", "fields", "blank"],
)
def test_events_under_another_name_are_told_at_a_glance(body, events):
    """Whether a whole body is events is told by its first lines, without trying them in many ways."""
    assert is_events(body) is events


def test_a_bomb_of_empty_lines():
    """A few kilobytes that stand for megabytes of nothing end the stream; as much as fits in a piece passes."""
    small, large = chunk("h") + b"\n" * (3 << 20), chunk("h") + b"\n" * (16 << 20)
    assert related(gzip.compress(small), coding="gzip") == small
    with pytest.raises(WireError):
        related(gzip.compress(large), coding="gzip")


def test_what_was_decoded_before_a_mistake_leaves_before_the_end():
    """Where a coding breaks, what came before is sent on; then the stream is ended even where mistakes may pass."""
    coded = gzip.compress(chunk("darn ") + chunk("fine")) + b"more"
    relay = Relay(POLICY, CHAT, Head("text/event-stream", "gzip"), "D")
    with pytest.raises(WireError):
        relay.feed(coded)
    sent = relay.give_up(coded)
    assert sent.startswith(chunk("# "))
    assert b"not_inspectable" in sent
    assert relay.session.refused is not None


def test_what_cannot_be_read_passes_whole_where_it_may():
    """Of events that one piece brings none is lost: those before the odd one are judged, the rest passes as it is."""
    relay = Relay(POLICY, CHAT, Head("text/event-stream"), "D")
    odd = chunk("dar") + b"data: {\n\n" + chunk("n ") + b"data: rest"
    with pytest.raises(WireError):
        relay.feed(chunk("darn ") + odd)
    assert relay.give_up(b"") == chunk("# ") + odd
    assert relay.feed(chunk("darn ")) == chunk("darn ")
    assert relay.close() == b""


def test_what_was_packed_with_the_odd_event_passes_with_it():
    """Of a packed piece that stands for a lot all is sent on, also what lies behind the event that cannot be read."""
    plain = b"data: {\n\n" + chunk("darn ") * 3000
    relay = Relay(POLICY, CHAT, Head("text/event-stream", "gzip"), "D")
    with pytest.raises(WireError):
        relay.feed(gzip.compress(plain))
    assert relay.give_up(b"") == plain
    assert relay.session.refused is None
