import pytest

from panda_addon.wire import strictjson
from panda_addon.wire.errors import WireError
from panda_addon.wire.strictjson import MAX_DEPTH, decode_text, parse

NESTED = "the JSON is nested too deeply"
INVALID = "the body is not valid JSON"
NO_NUMBER = "the JSON has a number that is none (NaN or Infinity)"
REPEATED = "the JSON has an object with a repeated key"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("null", None),
        (" [1, 2.50, true] \n", [1, 2.5, True]),
        ('{"a": {"b": "c"}, "b": []}', {"a": {"b": "c"}, "b": []}),
        (r'"\ud83d\ude00 \/ \u0041"', "😀 / A"),
        (r'"\ud800"', "\ud800"),
        ("-0", 0),
        ("1e2", 100.0),
    ],
)
def test_plain_json_is_read(source, value):
    """JSON that every parser reads the same way has its value."""
    assert parse(source) == value


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", INVALID),
        ("{", INVALID),
        ("[1,]", INVALID),
        ("{'a': 1}", INVALID),
        ("{} {}", INVALID),
        ("[] // end", INVALID),
        ('"\t"', INVALID),
        ('"\x00"', INVALID),
        (r'"\x41"', INVALID),
        ("\u00a0[]", INVALID),
        ("01", INVALID),
        ("1_0", INVALID),
        ("9" * 5000, INVALID),
        ("NaN", NO_NUMBER),
        ('{"a": [-Infinity]}', NO_NUMBER),
        ("Infinity", NO_NUMBER),
        ('{"a": 1, "a": 1}', REPEATED),
        (r'[{"b": {"a": 1, "\u0061": 2}}]', REPEATED),
        ("[" * 5000 + "]" * 5000, NESTED),
        ('{"a":' * 200_000, NESTED),
        ("[" * 200_000, NESTED),
    ],
    ids=lambda text: text[:20],
)
def test_json_that_parsers_read_in_different_ways_is_refused(source, reason):
    """What some parsers take, and others do not, or take otherwise, is an error that says why."""
    with pytest.raises(WireError) as caught:
        parse(source)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_the_depth_has_a_limit(opening, closing):
    """A document may be as deep as the limit and no deeper."""
    depth = MAX_DEPTH - 1
    assert parse(opening * depth + "[]" + closing * depth)
    with pytest.raises(WireError, match=NESTED):
        parse(opening * (depth + 1) + "[]" + closing * (depth + 1))


@pytest.mark.parametrize("text", ['"[[[["', '"{"', "[], {}"])
def test_breadth_is_not_depth(text):
    """Any number of brackets side by side, or in strings, is no depth."""
    assert len(parse(f"[{', '.join([text] * MAX_DEPTH)}]")) >= MAX_DEPTH


@pytest.mark.parametrize(
    ("text", "charset"),
    [("naïve 😀", None), ("naïve 😀", "utf-8"), ("naïve 😀", "utf8"), ("naive", "us-ascii"), ("naive", "ascii")],
)
def test_utf_8_is_decoded(text, charset):
    """A body in UTF-8 is its text, under each name that means no more than UTF-8."""
    assert decode_text(text.encode(), charset) == text


@pytest.mark.parametrize(
    ("body", "charset", "reason"),
    [
        (b"{}", "utf-16", "the charset is not UTF-8"),
        (b"{}", "iso-8859-1", "the charset is not UTF-8"),
        (b"{}", "", "the charset is not UTF-8"),
        ("naïve".encode(), "us-ascii", "the charset is not UTF-8"),
        ("naïve".encode(), "ascii", "the charset is not UTF-8"),
        (b"\xff\xfe{\x00}\x00", None, "the body is not valid UTF-8"),
        (b'"\xed\xa0\x80"', None, "the body is not valid UTF-8"),
        (b'"\xc0\xaf"', "utf-8", "the body is not valid UTF-8"),
        (b"\xef\xbb\xbf{}", "utf-8", "the body starts with a byte order mark"),
    ],
)
def test_any_other_charset_is_refused(body, charset, reason):
    """Another charset, bytes that are no UTF-8 and a byte order mark are errors."""
    with pytest.raises(WireError) as caught:
        decode_text(body, charset)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("text", "bound"), [("[[],[],[]]", "MAX_CONTAINERS"), ("[1,2,3,4,5]", "MAX_VALUES")])
def test_countless_values_are_refused_unread(monkeypatch, text, bound):
    """More containers or values than anyone sends are refused before anything is made of them."""
    monkeypatch.setattr(strictjson, bound, 4)
    assert parse(text)
    monkeypatch.setattr(strictjson, bound, 3)
    with pytest.raises(WireError, match="too many values"):
        parse(text)
