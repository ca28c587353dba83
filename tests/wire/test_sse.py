import pytest

from panda_addon.wire import sse as module
from panda_addon.wire.errors import WireError
from panda_addon.wire.sse import Event, Splitter, read_event


def split(*pieces):
    """The events in a stream that comes in pieces, and what is left of it."""
    splitter = Splitter()
    return [event for piece in pieces for event in splitter.feed(piece)], splitter.finish()


def said(events):
    """The events that are more than empty lines, without those before them, which may go with the one or the other."""
    return [event.lstrip(b"\r\n") for event in events if event.strip(b"\r\n")]


STREAMS = {
    "LF": (b"data: a\n\ndata: b\n\n", [b"data: a\n\n", b"data: b\n\n"], b""),
    "CR LF": (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"data: a\r\n\r\n", b"data: b\r\n\r\n"], b""),
    "CR": (b"data: a\r\rdata: b\r\rx", [b"data: a\r\r", b"data: b\r\r"], b"x"),
    "a CR that may go on": (b"data: a\r\r", [], b"data: a\r\r"),
    "an LF and a CR that may go on": (b"data: a\n\r", [], b"data: a\n\r"),
    "mixed": (
        b"data: a\n\r\ndata: b\r\n\ndata: c\r\ndata: d\n\rdata: e\r\r\ndata: f\n\n",
        [b"data: a\n\r\n", b"data: b\r\n\n", b"data: c\r\ndata: d\n\r", b"data: e\r\r\n", b"data: f\n\n"],
        b"",
    ),
    "single line ends": (b"event: a\rid: 1\r\ndata: a\ndata: b\n\n", [b"event: a\rid: 1\r\ndata: a\ndata: b\n\n"], b""),
    "no end": (b"data: a\n\ndata: b\n", [b"data: a\n\n"], b"data: b\n"),
    "blank lines": (b"data: a\n\n\n\n\ndata: b\n\n", [b"data: a\n\n", b"\n\n\n", b"data: b\n\n"], b""),
    "blank lines first": (b"\n\n\n\ndata: b\n\n", [b"\n\n\n\n", b"data: b\n\n"], b""),
    "one blank line": (b"data: a\n\n\ndata: b\n", [b"data: a\n\n", b"\n"], b"data: b\n"),
    "only blank lines": (b"\n\n\n", [b"\n\n\n"], b""),
    "blank lines of CR LF": (
        b"data: a\r\n\r\n\r\n\r\n\r\ndata: b\r\n\r\n",
        [b"data: a\r\n\r\n", b"\r\n\r\n", b"\r\ndata: b\r\n\r\n"],
        b"",
    ),
    "comments": (b": hello\n\n:\n\ndata: a\n\n", [b": hello\n\n", b":\n\n", b"data: a\n\n"], b""),
    "a BOM": (b"\xef\xbb\xbfdata: a\n\n", [b"\xef\xbb\xbfdata: a\n\n"], b""),
    "CR late": (b"data: a\n\ndata: b\r\n\r\n", [b"data: a\n\n", b"data: b\r\n\r\n"], b""),
    "no ends of lines": (b"data: \x0b\x0c\xc2\x85\xe2\x80\xa8\n\n", [b"data: \x0b\x0c\xc2\x85\xe2\x80\xa8\n\n"], b""),
    "nothing": (b"", [], b""),
}  # fmt: skip


@pytest.mark.parametrize(("stream", "events", "rest"), STREAMS.values(), ids=STREAMS)
def test_a_stream_is_cut_behind_empty_lines(stream, events, rest):
    """Lines end in LF, CR LF or CR, and an empty one ends an event; a CR at the end may be the half of a CR LF."""
    assert split(stream) == (events, rest)


@pytest.mark.parametrize(("stream", "events", "rest"), STREAMS.values(), ids=STREAMS)
def test_the_cuts_of_a_stream_make_no_difference(stream, events, rest):
    """However the bytes come, one by one or cut once anywhere, the events are the same."""
    bytewise = [stream[at : at + 1] for at in range(len(stream))]
    for pieces in [bytewise, *([stream[:at], stream[at:]] for at in range(len(stream) + 1))]:
        found, left = split(*pieces)
        assert (b"".join(found), left) == (b"".join(events), rest), pieces
        assert said(found) == said(events), pieces


@pytest.mark.parametrize("behind", [b"", b"data: b\n\n", b"\r"])
def test_an_event_leaves_with_the_piece_that_ends_it(behind):
    """Nothing waits for what comes behind an empty line that ends in LF."""
    splitter = Splitter()
    assert splitter.feed(b"data: a\n") == []
    assert splitter.feed(b"\n" + behind)[0] == b"data: a\n\n"


def test_a_cr_waits_for_what_follows():
    """Behind CR CR the next byte tells whether the event has ended there or one later."""
    assert split(b"data: a\r\r", b"\n") == ([b"data: a\r\r\n"], b"")
    assert split(b"data: a\r\r", b"d") == ([b"data: a\r\r"], b"d")
    assert split(b"data: a\r\r", b"\r") == ([b"data: a\r\r"], b"\r")


@pytest.mark.parametrize("pieces", [[b"data: 01234"], [b"data: 0123", b"4"], [b"a\n\n", b"data: 01234"]])
def test_an_event_that_is_too_large_is_refused(pieces, monkeypatch):
    """A bound on what is kept of an event holds however it comes, and speaks of no content."""
    monkeypatch.setattr(module, "MAX_EVENT", 10)
    with pytest.raises(WireError, match="an event of the stream is too large"):
        split(*pieces)


@pytest.mark.parametrize("pieces", [[b"\n" * 1000], [b"\n"] * 1000, [b"data: a\n\n" + b"\n" * 1000, b"\n"]])
def test_a_run_of_empty_lines_leaves_at_once_and_in_one(pieces):
    """As many empty lines as come together are one event without anything, and none of them waits."""
    splitter = Splitter()
    found = [splitter.feed(piece) for piece in pieces]
    blank = [event for events in found for event in events if not event.startswith(b"data")]
    assert len(blank) <= len(pieces)
    assert all(read_event(event) == Event(event, None) for event in blank)
    assert splitter.finish() == b""


def test_what_is_left_is_handed_over_once():
    """The rest of a stream is its caller's from then on."""
    splitter = Splitter()
    splitter.feed(b"data: a\n\ndata: b")
    assert (splitter.finish(), splitter.finish()) == (b"data: b", b"")


def test_events_up_to_the_bound_pass(monkeypatch):
    """The bound is one for an event, not for a stream, and is exact."""
    monkeypatch.setattr(module, "MAX_EVENT", 10)
    assert split(b"data: 0123", b"\n\ndata: 0123", b"\n\ndata: 0123") == ([b"data: 0123\n\n"] * 2, b"data: 0123")


@pytest.mark.parametrize(
    ("raw", "data", "other"),
    [
        (b"data: a\n\n", "a", ""),
        (b"data:a\n\n", "a", ""),
        (b"data:  a \n\n", " a ", ""),
        (b"data\n\n", "", ""),
        (b"data:\n\n", "", ""),
        (b"data: \n\n", "", ""),
        (b"data: a\ndata: b\n\n", "a\nb", ""),
        (b"data: a\r\ndata\rdata:b\n\n", "a\n\nb", ""),
        (b"data: a\r\n\r\n", "a", ""),
        (b"data: a\r\n\n", "a", ""),
        (b"data: a\r\r\n", "a", ""),
        (b"data: a", "a", ""),
        (b"data: a\n", "a", ""),
        (b"data: na\xc3\xafve \xf0\x9f\x98\x80\n\n", "naïve 😀", ""),
        (b"data: a\xe2\x80\xa8\x0b\x0c\x1c\xc2\x85b\n\n", "a\u2028\x0b\x0c\x1c\x85b", ""),
        (b"data: data: a: b\n\n", "data: a: b", ""),
        (b":\n:\n\n", None, ""),
        (b": keep alive\n:ping\n\n", None, ": keep alive\n:ping"),
        (b"note: a\ndata: b\n\n", "b", "note: a"),
        (b"DATA: c\n data: d\ndata : e\ndatas: f\n\n", None, "DATA: c\n data: d\ndata : e\ndatas: f"),
        (b": na\xc3\xafve\ndata: a\n\n", "a", ": naïve"),
        (b"id\ndata: a\n\n", "a", "id"),
        (b"\n", None, ""),
        (b"\n\n\n\n", None, ""),
        (b"\r\n\r\n", None, ""),
        (b"\ndata: a\n\n", "a", ""),
        (b"", None, ""),
        (b"data: \xef\xbb\xbfa\xef\xbb\xbf\n\n", "\ufeffa\ufeff", ""),
    ],
)  # fmt: skip
def test_an_event_is_its_data_and_whatever_else_may_be_text(raw, data, other):
    """Data lines are joined; of the others those that can hold a sentence are told, and the bytes are kept."""
    assert read_event(raw) == read_event(raw, first=True) == Event(raw, data, other)


@pytest.mark.parametrize(
    ("raw", "name", "other"),
    [
        (b"event: response.created\ndata: a\nid: 12\nretry: 10\n\n", "response.created", ""),
        (b"event:a\nid\ndata:a\n\n", "a", "id"),
        (b"event:  a \ndata: a\n\n", " a ", "event:  a "),
        (b"event: a\nevent: b\ndata: a\n\n", "b", ""),
        (b"event: a\nevent:\ndata: a\r\n\r\n", "", ""),
        (b"data: a\revent: b\r\r", "b", ""),
        (b"events: b\n event: c\nEvent: d\ndata: a\n\n", "", "events: b\n event: c\nEvent: d"),
        (b"event: " + b"a" * 128 + b"\ndata: a\n\n", "a" * 128, ""),
        (b"event: " + b"a" * 129 + b"\ndata: a\n\n", "a" * 129, "event: " + "a" * 129),
        (
            b"event: darn it\nid: x y\nretry: soon!\ndata: a\n\n",
            "darn it",
            "event: darn it\nid: x y\nretry: soon!",
        ),
        (b"event: na\xc3\xafve\ndata: a\n\n", "na\u00efve", "event: na\u00efve"),
    ],
)  # fmt: skip
def test_an_event_is_named_by_its_last_event_field(raw, name, other):
    """The name is told as it is written, and is text besides where it may be a sentence."""
    assert read_event(raw) == Event(raw, "a", other, name)


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("raw", "data", "other"),
    [
        (BOM + b"data: a\n\n", "a", ""),
        (BOM + b"data:a\r\n\r\n", "a", ""),
        (BOM + b"data\n\n", "", ""),
        (BOM + b"\n\n", None, ""),
        (BOM + b"\ndata: a\n\n", "a", ""),
        (BOM + b"event: a\ndata: b\n\n", "b", ""),
        (BOM + b": c d\ndata: b\n\n", "b", "\ufeff: c d"),
        (BOM + b"darn\n\n", None, "\ufeffdarn"),
        (BOM, None, ""),
    ],
)
def test_a_stream_may_begin_with_a_byte_order_mark(raw, data, other):
    """In front of the first event it says nothing; there alone."""
    event = read_event(raw, first=True)
    assert (event.raw, event.data, event.other) == (raw, data, other)
    assert event.write(data) == raw
    with pytest.raises(WireError, match="a line of the stream begins with a byte order mark"):
        read_event(raw)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "raw",
    [
        b"data: a\n" + BOM + b"data: b\n\n",
        b"data: a\n" + BOM + b"\n\n",
        b"\n" + BOM + b"data: b\n\n",
        b": c\r" + BOM + b"data: b\r\r",
        BOM + BOM + b"data: b\n" + BOM + b"data: b\n\n",
        BOM + b"data: a\n" + BOM + b"data: b\n\n",
    ],
)
def test_a_byte_order_mark_at_the_start_of_another_line_is_refused(raw, first):
    """Some clients take it for nothing and some for a part of the field's name."""
    with pytest.raises(WireError, match="a line of the stream begins with a byte order mark"):
        read_event(raw, first=first)


def test_a_byte_order_mark_before_several_lines_of_data_is_refused():
    """A client that leaves out the line it is in reads other data."""
    for raw in (BOM + b"data: a\ndata: b\n\n", BOM + b"event: x\ndata: a\ndata: b\n\n"):
        with pytest.raises(WireError, match="an event of several lines begins with a byte order mark"):
            read_event(raw, first=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"data: \xff\n\n",
        b"data: a\ndata: \xff\n\n",
        b"data: \xed\xa0\x80\n\n",
        b": \xff\n\n",
        b"\xff",
        b"data: \xe2",
        b"event: \xff\n\n",
    ],
)
def test_what_is_no_utf_8_is_refused(raw):
    """Bytes that two readers may read in two ways are an error, wherever in an event they stand."""
    with pytest.raises(WireError, match="an event of the stream is not valid UTF-8"):
        read_event(raw)


def test_an_event_without_its_end_is_read_to_its_last_byte():
    """In the rest of a stream that was cut off, one character behind a line is no line end."""
    assert read_event(b"data: x\ny") == Event(b"data: x\ny", "x", "y")


def test_the_last_byte_of_an_event_without_its_end_is_checked():
    """A stream that ends in the middle of a character is refused, also where that is all of a line."""
    with pytest.raises(WireError):
        read_event(b"data: x\n\xff")


@pytest.mark.parametrize(
    ("raw", "data", "written"),
    [
        (b"data: a\n\n", "b", b"data: b\n\n"),
        (b"data:a\n\n", "b", b"data:b\n\n"),
        (b"data\n\n", "b", b"data:b\n\n"),
        (b"data: a", "b", b"data: b"),
        (b"data: a\r\n\r\n", "b", b"data: b\r\n\r\n"),
        (b"data: a\r\rx", "b", b"data: b\r\rx"),
        (b"data: a\n\n", "b\nc", b"data: b\ndata: c\n\n"),
        (b"data:a\r\n\r\n", "b\n\nc", b"data:b\r\ndata:\r\ndata:c\r\n\r\n"),
        (b"data\r\r", "b\nc", b"data:b\rdata:c\r\r"),
        (b"data: a\ndata: b\n\n", "c", b"data: c\n\n"),
        (b"data: a\ndata: b\n\n", "c\nb", b"data: c\ndata: b\n\n"),
        (b"event: x\ndata: a\n: y z\r\ndata:b\nid: 1\n\n", "c", b"event: x\ndata: c\n: y z\r\nid: 1\n\n"),
        (b"\xef\xbb\xbfdata: a\n\n", "b", b"\xef\xbb\xbfdata: b\n\n"),
        (b"data: a\n\n", "naïve 😀", b"data: na\xc3\xafve \xf0\x9f\x98\x80\n\n"),
        (b"data: a\n\n", "", b"data: \n\n"),
        (b"event: x\n\n", "b", b"event: x\n\n"),
        (b"data: a\n\n", None, b"data: a\n\n"),
    ],
)
def test_an_event_is_written_with_other_data(raw, data, written):
    """Data of several lines is as many data lines, each as the first was written; every other line stays."""
    assert read_event(raw, first=True).write(data) == written


@pytest.mark.parametrize(
    "raw",
    [
        b"data: a\n\n",
        b"data:a\r\ndata\rnote: b\n: c d\n\ndata: \x0b",
        b"\xef\xbb\xbfdata:a\r\nnote: b\n: c d\n\n",
        b": only this\r\n\r\n",
        b"data:  a",
        b"\r\r\n\n",
        b"",
    ],
)
def test_an_event_with_its_own_data_is_written_byte_for_byte(raw):
    """Where nothing changes nothing changes."""
    event = read_event(raw, first=True)
    assert event.write(event.data) == raw


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ("a\nb", b"event: x\ndata: a\n:\ndata:b\nid: 1\n\n"),
        ("c", b"event: x\ndata: c\n:\nid: 1\n\n"),
        (None, b"event: x\ndata: a\n:\ndata:b\nid: 1\n\n"),
    ],
)
def test_a_bare_event_keeps_no_line_that_may_hold_text(data, written):
    """Comments with words and fields without meaning are left out, all other lines stay."""
    raw = b"event: x\n: darn it\ndata: a\nnote: darn\r\n:\ndata:b\nid: 1\nid: a b\n\n"
    assert read_event(raw).write(data, bare=True) == written


def test_a_bare_event_without_data_keeps_its_end():
    """Of a comment with words only the empty line is left."""
    assert read_event(b": darn it\r\n\r\n").write(None, bare=True) == b"\r\n"
