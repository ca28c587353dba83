import json
import zlib

import pytest

from panda_addon import relay
from panda_addon.exchange import Uninspected, Usage
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.relay import Relay, is_events, passage
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action, Refusal
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import Head
from panda_addon.wire.route import find
from tests.packing import PACK

REDACT, BLOCK, AUDIT = Action.REDACT, Action.BLOCK, Action.AUDIT
CHAT = find("POST", "/v1/chat/completions")
PACKERS = {
    "": bytes,
    "identity": bytes,
    **PACK,
}


def policy(*lists, **fields):
    """A policy with phrase lists for answers, each an action and its phrases."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, *_) in enumerate(lists))
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    return Policy(name="p", response_phrases=Phrases(rules, index), **fields)


MILD = policy((REDACT, "darn"), (BLOCK, "never"))
QUIET = policy((REDACT, "darn"), (BLOCK, "never"), enforce=False)
AUDITS = policy((AUDIT, "darn", "never"))


def chunk(text):
    """A chunk that says something."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def made(rules=MILD, coding=""):
    """A relay."""
    return Relay(rules, CHAT, Head("text/event-stream", coding), "01ID")


def through(rules, pieces, coding=""):
    """What leaves of a body that comes in pieces, and the relay."""
    one = made(rules, coding)
    return b"".join([*map(one.feed, pieces), one.close()]), one


def singly(body):
    """A body cut into single bytes."""
    return [body[at : at + 1] for at in range(len(body))]


STREAM = chunk("a da") + chunk("rn b ") + b"data: [DONE]\n\n"
LEFT = chunk("a ****") + chunk(" b ") + b"data: [DONE]\n\n"


@pytest.mark.parametrize("coding", [*PACKERS, " GZip "])
@pytest.mark.parametrize("cut", [singly, lambda body: [body]])
def test_a_stream_is_read_in_any_coding(coding, cut):
    """Coded or not, whole or in pieces of one byte, a stream leaves plain and redacted."""
    sent, one = through(MILD, cut(PACKERS[coding.strip().lower()](STREAM)), coding)
    assert sent == LEFT
    assert [(finding.start, finding.end) for finding in one.session.findings] == [(2, 6)]


@pytest.mark.parametrize("rules", [QUIET, AUDITS, policy()])
@pytest.mark.parametrize("coding", PACKERS)
def test_where_nothing_is_done_every_byte_leaves_as_it_came(rules, coding):
    """Under a policy that changes nothing a body stays coded, and each piece leaves when it comes."""
    body = PACKERS[coding](STREAM)
    one = made(rules, coding)
    assert not one.rewrites
    assert [one.feed(piece) for piece in singly(body)] == singly(body)
    assert one.close() == b""
    assert len(one.session.findings) == bool(rules.response_phrases.lists)


def test_what_is_decided_leaves_at_once():
    """Pieces leave with what decides them, not with the end."""
    one = made()
    assert [one.feed(chunk("high ")), one.feed(chunk("da")), one.feed(chunk("rned "))] == [
        chunk("high "),
        b"",
        chunk("da") + chunk("rned "),
    ]
    packer = zlib.compressobj(wbits=31)
    one = made(coding="gzip")
    piece = packer.compress(chunk("high ")) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert one.feed(piece) == chunk("high ")


# Telling what it is.


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"\n\r\n", b": hello\n\n", b"event: x\n", b"\xef\xbb\xbf\n"])
def test_a_stream_may_begin_with_what_says_nothing(head):
    """Byte order marks, blanks and comments come before events, and leave as they came."""
    for pieces in ([head + STREAM], singly(head + STREAM)):
        assert through(MILD, pieces)[0] == head + LEFT


@pytest.mark.parametrize("rules", [MILD, QUIET])
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"\r\n \t\r\n", b"fine words", b"data: half", b"retry: 1\n\n"],
)
def test_what_has_no_event_leaves_as_it_came(rules, body):
    """A body of blanks, or of lines that mean nothing, is not an error, unless it says that it is data."""
    for pieces in ([body], singly(body)):
        if body == b"data: half":
            with pytest.raises(WireError, match="JSON"):
                through(rules, pieces)
        else:
            assert through(rules, pieces)[0] == body


def test_a_body_of_blanks_is_not_waited_for_without_end(monkeypatch):
    """So much white space may come before it and no more; given up, it leaves as it came."""
    monkeypatch.setattr(relay, "_MAX_BLANK", 10)
    one = made()
    assert one.feed(b" " * 10) == b""
    with pytest.raises(WireError, match="does not begin"):
        one.feed(b"\n")
    assert one.give_up(b"\n") == b" " * 10 + b"\n"
    assert one.feed(chunk("darn ")) == chunk("darn ")


@pytest.mark.parametrize("rules", [MILD, AUDITS, policy()])
@pytest.mark.parametrize("coding", PACKERS)
def test_what_was_demanded_is_taken_out_of_any_stream(rules, coding):
    """Also where a policy does nothing to answers, and whatever coding it comes in."""
    pieces = [chunk("well "), b'data: {"choices": [], "usage": {"prompt_tokens": 2}}\n\n', b"data: [DONE]\n\n"]
    one = Relay(rules, CHAT, Head("text/event-stream", coding), "01ID", demanded=True)
    assert one.rewrites
    sent = b"".join([*map(one.feed, singly(PACKERS[coding](b"".join(pieces)))), one.close()])
    assert sent == pieces[0] + pieces[2]
    assert one.session.bill.usage == Usage(2)


def test_what_was_demanded_changes_nothing_in_what_is_found():
    """A stream that breaks off is judged to its end where nothing in it is changed."""
    one = Relay(AUDITS, CHAT, Head("text/event-stream"), "01ID", demanded=True)
    assert one.feed(chunk("never")) == chunk("never")
    one.cut_short()
    assert len(one.session.findings) == 1


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize(("head", "tail"), [(b"", b""), (b" \n", b"\n")])
def test_a_document_where_a_stream_was_to_be_is_read_as_one(coding, head, tail):
    """JSON waits for its end and is judged as the plain answer it is."""
    usage = b'"usage": {"prompt_tokens": 2, "completion_tokens": 3}'
    body = head + b'{"choices": [{"message": {"content": "a darn"}}], ' + usage + b"}" + tail
    wire = PACKERS[coding](body)
    one = made(MILD, coding)
    assert b"".join(map(one.feed, singly(wire))) == b""
    assert one.close() == body.replace(b"darn", b"****")
    session = one.session
    assert [(finding.at, finding.start) for finding in session.findings] == [("/choices/0/message/content", 2)]
    assert (session.action, session.bill.usage, session.refused) == (REDACT, Usage(2, 3), None)
    sent, one = through(QUIET, [wire], coding)
    assert sent == wire
    assert (len(one.session.findings), one.session.action) == (1, AUDIT)


@pytest.mark.parametrize(
    "body", [b'{"object": "list", "data": []}', b"[1.10, 2]", b'{"b64_json": "%s"}' % (b"iVBO" * 20)]
)
def test_a_document_in_which_nothing_is_found_leaves_as_it_came(body):
    """Byte for byte."""
    sent, one = through(MILD, [body])
    assert sent == body
    assert one.session.action is Action.ALLOW
    assert one.session.uninspected == ([Uninspected("/b64_json", "image")] if b"b64" in body else [])


def test_a_document_may_be_blocked():
    """Nothing of it leaves but the error."""
    sent, one = through(MILD, [b'{"choices": [{"message": {"content": "never"}}]}'])
    assert b'"code": "policy_violation"' in sent
    assert b"choices" not in sent.replace(b"choices[0]", b"")
    assert (one.session.action, one.session.refused.param) == (BLOCK, "choices[0].message.content")


@pytest.mark.parametrize("body", [b'{"a": "\xff"}', b'\xef\xbb\xbf{"a": "darn"}', b"[broken words", b'{"data": 1'])
def test_a_document_that_cannot_be_read_is_an_error(body):
    """And is given up as it came."""
    one = made()
    assert one.feed(body) == b""
    with pytest.raises(WireError):
        one.close()
    assert one.give_up(b"") == body
    assert one.close() == b""


@pytest.mark.parametrize("head", [b"{fine}\n", b"[words\ndata: {}\n\n"])
def test_events_behind_a_line_that_looks_like_a_document_are_read(head):
    """To clients a first line that is no field is nothing."""
    sent, one = through(MILD, singly(head + STREAM))
    assert sent == head + LEFT
    assert len(one.session.findings) == 1


def test_too_large_a_document_is_an_error(monkeypatch):
    """A document has a largest size; given up, all of it leaves once."""
    monkeypatch.setattr(relay, "MAX_ANSWER", 20)
    one = made()
    assert one.feed(b'{"a": "darn",') == b""
    with pytest.raises(WireError, match="the answer is too large"):
        one.feed(b'"b": "fine"}')
    assert one.give_up(b'"b": "fine"}') == b'{"a": "darn","b": "fine"}'
    assert one.feed(b" darn") == b" darn"


# Codings.


@pytest.mark.parametrize("coding", ["compress", "gzip, compress", "x"])
def test_a_coding_that_is_not_known_is_an_error(coding):
    """It is told before the first byte."""
    with pytest.raises(WireError, match="content-encoding"):
        made(coding=coding)


@pytest.mark.parametrize("coding", PACK)
def test_a_broken_coding_is_an_error(coding):
    """What does not decode, what lacks its end and what has more behind it."""
    wire = PACKERS[coding](chunk("x ") * 50)
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        through(MILD, [b"\xff\xff\xff\xff plainly not"], coding)
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        through(MILD, [wire[:-5]], coding)
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        through(MILD, [wire, b"more"], coding)


@pytest.mark.parametrize("coding", PACK)
def test_a_bomb_is_an_error(monkeypatch, coding):
    """A piece that stands for too much is refused, and so is a stream that does in all."""
    bomb = PACKERS[coding](b": x\n\n" * 200_000)
    monkeypatch.setattr(relay, "_MAX_PIECE", 500_000)
    with pytest.raises(WireError, match="expands too much"):
        through(MILD, [bomb], coding)
    monkeypatch.undo()
    monkeypatch.setattr(relay, "_MAX_STREAM", 500_000)
    with pytest.raises(WireError, match="larger than 500000 bytes"):
        through(MILD, [bomb], coding)


def test_a_coded_stream_that_breaks_can_be_given_up():
    """What was held and what follows passes, decoded."""
    packer = zlib.compressobj(wbits=31)

    def packed(data):
        return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)

    one = made(coding="gzip")
    assert one.feed(packed(chunk("x ") + chunk("da"))) == chunk("x ")
    broken = packed(b"data: {\n\n" + chunk("darn"))
    with pytest.raises(WireError, match="JSON"):
        one.feed(broken)
    assert one.give_up(broken) == chunk("da") + b"data: {\n\n" + chunk("darn")
    assert one.give_up(b"") == b""
    assert one.feed(packed(chunk("darn "))) == chunk("darn ")
    assert one.feed(packer.flush()) == b""
    assert one.close() == b""


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("rules", [MILD, QUIET])
def test_what_does_not_decode_cannot_be_given_up_where_it_would_leave_plain(rules, coding):
    """Its head no longer says that it is coded: it is ended, unless it leaves as it came."""
    one = made(rules, coding)
    broken = b"\xff\xff\xff\xff plainly not"
    with pytest.raises(WireError, match="does not decode"):
        one.feed(broken)
    sent = one.give_up(broken)
    if rules is QUIET:
        assert sent == broken
        assert one.feed(b"more") == b"more"
    else:
        assert b'"code": "not_inspectable"' in sent
        assert one.session.refused.code == "not_inspectable"
    assert one.close() == b""


# How it ends.


@pytest.mark.parametrize("coding", PACKERS)
def test_a_block_ends_it(coding):
    """What leaves last is plain whatever came coded, and nothing leaves after it."""
    wire = PACKERS[coding](chunk("x ") + chunk("never ") + chunk("more "))
    sent, one = through(MILD, singly(wire), coding)
    assert sent.startswith(chunk("x ") + b'data: {"error": ')
    assert sent.endswith(b"data: [DONE]\n\n")
    assert sent.count(b"data: ") == 3
    assert one.session.refused.code == "policy_violation"


def test_it_can_be_refused():
    """From outside, in the words of its client."""
    one = made()
    one.feed(chunk("da"))
    assert b'"code": "proxy_error"' in one.refuse(Refusal("proxy_error", "it broke"))
    assert [one.feed(chunk("x")), one.close()] == [b"", b""]


def test_without_effect_nothing_is_held_that_could_be_given_up():
    """Where every byte has left already the last piece is all there is."""
    one = made(QUIET)
    assert one.feed(chunk("da")) == chunk("da")
    with pytest.raises(WireError):
        one.feed(b"data: {\n\n")
    assert one.give_up(b"data: {\n\n") == b"data: {\n\n"
    assert one.feed(chunk("darn")) == chunk("darn")
    assert [one.close(), one.session.findings] == [b"", []]
    one.cut_short()
    assert one.session.findings == []


@pytest.mark.parametrize(
    ("rules", "body", "count", "parts"),
    [
        (QUIET, chunk("a darn"), 1, []),
        (AUDITS, chunk("a darn") + b"data: {", 1, [Uninspected("", "incomplete")]),
        (QUIET, chunk("fine"), 0, []),
        (MILD, chunk("a darn"), 0, []),
    ],
)
def test_one_that_is_cut_short_is_judged_by_what_was_sent_on(rules, body, count, parts):
    """The last word that left counts where all leaves at once; what was held never left."""
    one = made(rules)
    one.feed(body)
    one.cut_short()
    assert len(one.session.findings) == count
    assert one.session.uninspected == parts


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b'data: {"a": 1}\n\n', True),
        (b"data:[1]\n\n", True),
        (b"\xef\xbb\xbf\n\nevent: x\nid: 1\n: y\n\nretry: 1\r\ndata: {}", True),
        (b"data: fine words\n", False),
        (b'{"data": {}}', False),
        (b"", False),
        (b"events: data: {", False),
    ],
)
def test_events_are_told_by_their_first_data(body, events):
    """A body is a stream of events if there is JSON in the first line of data, whatever says otherwise."""
    assert is_events(body) is events


JSON, EVENTS, PLAIN = "application/json; charset=utf-8", "text/event-stream; charset=utf-8", "text/plain"


@pytest.mark.parametrize(
    ("status", "kind", "asked", "wanted"),
    [
        (200, EVENTS, True, ("judged", "")),
        (200, EVENTS, False, ("judged", "")),
        (500, EVENTS, False, ("judged", "")),
        (200, "", True, ("judged", "")),
        (299, PLAIN, True, ("judged", "")),
        (200, "application/octet-stream", True, ("judged", "")),
        (300, PLAIN, True, ("whole", "")),
        (404, "", True, ("whole", "")),
        (200, JSON, True, ("whole", "")),
        (200, "application/problem+json", False, ("whole", "")),
        (200, "application/octet-stream", False, ("whole", "")),
        (200, "audio/mpeg", True, ("unread", "audio")),
        (200, "image/png", False, ("unread", "image")),
    ],
)
def test_an_answer_is_judged_in_pieces_where_it_may_come_in_pieces(status, kind, asked, wanted):
    """What was asked for as a stream, or says that it is one; media are not read, and all else is read whole."""
    assert passage(MILD, CHAT, ("POST", status), Head(kind), asked=asked) == wanted


@pytest.mark.parametrize("line", [("POST", 204), ("POST", 205), ("GET", 304), ("HEAD", 200)])
def test_an_answer_without_a_body_is_whole(line):
    """Whatever its head says."""
    assert passage(MILD, CHAT, line, Head(EVENTS), asked=True) == ("whole", "")


def test_what_says_it_is_no_text_is_not_read_in_vain():
    """Where nothing would follow from it, bytes of an unknown kind go through."""
    head = Head("application/octet-stream")
    assert passage(policy((AUDIT, "darn")), CHAT, ("POST", 200), head, asked=False) == ("unread", "binary")


def test_endpoints_that_nobody_knows_go_through_where_that_is_allowed():
    """And are read where it is not."""
    target = find("POST", "/v1/brand/new")
    lax = policy((REDACT, "darn"), unknown_endpoint="allow")
    assert passage(lax, target, ("POST", 200), Head(EVENTS), asked=True) == ("unread", "unknown_endpoint")
    assert passage(lax, CHAT, ("POST", 200), Head(EVENTS), asked=True) == ("judged", "")
    assert passage(MILD, target, ("POST", 200), Head(EVENTS), asked=True) == ("judged", "")
