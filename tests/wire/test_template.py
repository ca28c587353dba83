import json

import pytest

from panda_addon.wire import template as module
from panda_addon.wire.document import open_data
from panda_addon.wire.sse import read_event
from panda_addon.wire.template import learn


def learned(raw, pointer, text):
    """The template made from an event in which a text stands."""
    event = read_event(raw)
    return learn(event, open_data(event.data), pointer, text)


def delta(text, number=1, padding="aB3-", **members):
    """An event of a response."""
    value = {"type": "response.output_text.delta", "delta": text, "sequence_number": number, "obfuscation": padding}
    return f"event: {value['type']}\ndata: {json.dumps(value | members)}\n\n".encode()


def chunk(text, **members):
    """An event of a chat completion."""
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}}], **members})}\n\n".encode()


DELTA = learned(delta("one"), "/delta", "one")
CHUNK = learned(chunk("one"), "/choices/0/delta/content", "one")

TEXTS = [
    "one",
    "",
    " two",
    'a "quoted" \\ word',
    "\n\t\b\f\r\x01",
    "na\u00efve \U0001f600 \ud83d",
    "$1 (?P<x>) \\d",
    "x" * 9999,
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_template_reads_other_events_like_its_own(text):
    """Another text, number and padding are told, in whichever way JSON writes them."""
    assert DELTA.match(delta(text, 17, "")) == (text, 17)
    assert DELTA.match(delta(text, 0, "x" * 256)) == (text, 0)
    assert CHUNK.match(chunk(text)) == (text, None)
    if text.isprintable():
        assert CHUNK.match(chunk("#").replace(b"#", json.dumps(text, ensure_ascii=False)[1:-1].encode())) == (
            text,
            None,
        )


def test_a_template_says_where_its_text_stands():
    """The pointer is the one it was made with."""
    assert DELTA.pointer == "/delta"
    assert CHUNK.pointer == "/choices/0/delta/content"


def test_a_template_is_a_head_and_places_with_what_stands_behind_them():
    """Put together again it is the event it was made of, with its places in the order they have there."""
    assert DELTA.head == b'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", "delta": "'
    assert [behind for _, behind in DELTA.places] == [b'", "sequence_number": ', b', "obfuscation": "', b'"}\n\n']
    assert CHUNK.head == b'data: {"choices": [{"index": 0, "delta": {"content": "'
    assert [behind for _, behind in CHUNK.places] == [b'"}}]}\n\n']


@pytest.mark.parametrize(("length", "made"), [(module.MAX_LEARNED, True), (module.MAX_LEARNED + 1, False)])
def test_a_template_is_made_of_a_short_event_only(length, made):
    """One with a whole answer in it is not like others to come."""
    raw = chunk("one", id="")
    raw = raw.replace(b'"id": "', b'"id": "' + b"x" * (length - len(raw)))
    assert len(raw) == length
    assert (learned(raw, "/choices/0/delta/content", "one") is not None) is made


def test_places_in_any_order_are_found():
    """The number may stand in front of the text, and the padding in front of both."""
    value = {"obfuscation": "a", "sequence_number": 1, "delta": "one"}
    template = learned(b"data: %s\n\n" % json.dumps(value).encode(), "/delta", "one")
    other = value | {"obfuscation": "", "sequence_number": 99, "delta": "\n"}
    assert template.match(b"data: %s\n\n" % json.dumps(other).encode()) == ("\n", 99)


def test_a_text_in_the_place_of_the_padding_is_a_text():
    """One place is not two."""
    template = learned(chunk("x", obfuscation="one"), "/obfuscation", "one")
    assert [behind for _, behind in template.places] == [b'"}\n\n']


def test_a_text_of_any_length_is_read_by_a_template():
    """The bound is one for the event that is learned from, not for those that are read."""
    assert CHUNK.match(chunk("a\n" * module.MAX_LEARNED)) == ("a\n" * module.MAX_LEARNED, None)


@pytest.mark.parametrize(
    "raw",
    [
        delta("one", item_id="x"),
        delta("one", type="response.output_text.done"),
        delta("one").replace(b"event: response", b"event: darn"),
        delta("one").replace(b"\n\n", b"\r\n\r\n"),
        delta("one") + b"\n",
        b": darn\n" + delta("one"),
        delta("one").replace(b"\ndata", b"\n: darn\ndata"),
        delta("one").replace(b": 1,", b": 01,"),
        delta("one").replace(b": 1,", b": -1,"),
        delta("one").replace(b": 1,", b": 1.0,"),
        delta("one", 10**15),
        delta("one", padding="a b"),
        delta("one", padding="x" * 257),
        delta("one").replace(b'"one"', b'"one", "delta": "two"'),
        delta("one").replace(b'"one"', b'["one"]'),
        delta("one").replace(b'"one"', b"null"),
        delta("one").replace(b"one", b"\\x"),
        delta("one").replace(b"one", b"\\u12"),
        delta("one").replace(b"one", b"a\nb"),
        delta("one").replace(b"one", b"a\\"),
        delta("one").replace(b"one", b"\xff"),
        delta("one").replace(b"one", b"\\n\xff"),
        delta("one")[:-1],
        delta("one")[:60],
        delta("one").replace(b"one", b"one" * 10)[:-3],
        delta("one").replace(b": 1,", b": ,"),
        chunk("one"),
        b"",
    ],
)
def test_an_event_that_differs_elsewhere_is_another(raw):
    """Nothing but the text, the number and the padding may differ, and these only where they look the part."""
    assert DELTA.match(raw) is None


def test_an_event_that_is_no_utf_8_is_another():
    """What reading an event in full would refuse no template takes, be it half a surrogate pair in bytes."""
    assert DELTA.match(delta("one").replace(b"one", b"\\n\xed\xa0\x80")) is None


@pytest.mark.parametrize(
    ("raw", "pointer", "text"),
    [
        (b": darn it\n" + chunk("one"), "/choices/0/delta/content", "one"),
        (b'data: ["one"]\n\n', "/0", "one"),
        (chunk("one", title="\ue123text\ue123"), "/choices/0/delta/content", "one"),
        (delta("one", created=936_452_718_093_645_271), "/delta", "one"),
        (delta("one", item_id="\ue123padding\ue123"), "/delta", "one"),
    ],
)
def test_of_some_events_no_template_is_made(raw, pointer, text):
    """One with text beside its data, of another shape, or in which a mark stands already stays for itself."""
    assert learned(raw, pointer, text) is None


@pytest.mark.parametrize(
    ("raw", "pointer", "other", "expected"),
    [
        (delta("one", padding="a b"), "/delta", delta("two", padding="c"), None),
        (delta("one", padding="a b"), "/delta", delta("two", 5, padding="a b"), ("two", 5)),
        (delta("one", padding=5), "/delta", delta("two", padding=5), ("two", 1)),
        (delta("one", True), "/delta", delta("two", True), ("two", None)),
        (delta("one", True), "/delta", delta("two", 1), None),
        (chunk("x", obfuscation="one"), "/obfuscation", chunk("x", obfuscation="a b"), ("a b", None)),
        (delta("one").replace(b"\n", b"\r\n"), "/delta", delta("two").replace(b"\n", b"\r\n"), ("two", 1)),
        (b'data:{"delta":"one"}', "/delta", b'data:{"delta":"two"}', ("two", None)),
        (b'data: {\ndata: "delta":"one"}\n\n', "/delta", b'data: {\ndata: "delta":"two"}\n\n', ("two", None)),
    ],
)
def test_what_is_no_number_and_no_padding_is_a_part_of_the_event(raw, pointer, other, expected):
    """Only a whole number and random characters may differ, and line ends are those of the event."""
    assert learned(raw, pointer, "one").match(other) == expected
