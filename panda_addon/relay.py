"""How the body of a streamed answer goes through: decoded, told apart, judged, sent on.

A stream is read as what it is, whatever its head says: an answer to a request for a stream may lack its label, be
compressed although that was not asked for, or be one JSON document after all. Knows no clock and no log.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal

from panda_addon.judge import judge
from panda_addon.policy.model import Policy
from panda_addon.stream import Session
from panda_addon.transcript import Transcript
from panda_addon.verdict import Refusal
from panda_addon.wire.encodings import Decoder
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import MAX_ANSWER, Head, is_json, is_media, media_reason, read_answer
from panda_addon.wire.route import Target

# What a compressed stream may be in all, and a piece of it. One that is not compressed may be as long as its upstream
# makes it.
_MAX_STREAM = 1 << 30
_MAX_PIECE = 4 << 20

# Answers without a body, whatever their head says (RFC 9110, section 6.4.1).
_BODILESS = (204, 205, 304)

# So much white space may come before it.
_MAX_BLANK = 64 << 10

_FIELD = re.compile(rb"^data", re.MULTILINE)
_JSON = Head("application/json")
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*([^ \t\r\n])")
# Possessive throughout: whatever a body begins with is looked at once.
_EVENTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:(?:event|id|retry)?+:[^\r\n]*+[\r\n]++)*+data: ?[\[{]")


class Relay:
    """The body of one streamed answer. What was found in it is for `session` to say.

    In a policy that changes nothing in answers what goes out is what came in, but for the event that was `demanded` on no
    wish of the client's. Raises WireError, from any method, where the body cannot be read for certain; then it is ended
    by `refuse`, or `give_up` and everything after passes unread.
    """

    def __init__(self, policy: Policy, target: Target, head: Head, decision: str, *, demanded: bool = False) -> None:
        coded = head.content_encoding.strip().lower() not in ("", "identity")
        self.session = Session(policy, target.endpoint, decision, demanded=demanded)
        self._acts = policy.enforce and policy.acts_on_text("response")
        self.rewrites = self._acts or demanded
        self._policy = policy
        self._target = target
        self._decoder = Decoder(head.content_encoding, _MAX_STREAM) if coded else None
        self._undecodable = False
        # What of the last piece has not been judged.
        self._coming: Iterator[bytes] = iter(())
        self._began = b""
        self._document: bytearray | None = None
        self._told = False
        self._unread = False
        # What may be sent on, of what came last.
        self._out = bytearray()

    @property
    def heard(self) -> Transcript | None:
        """What the stream said. None if it was none, or passed unread from some point on."""
        return self.session.heard if self._document is None and not self._unread else None

    def feed(self, data: bytes) -> bytes:
        """What is sent on now that `data` has come."""
        if self._unread and not self.rewrites:
            return data
        self._coming = self._decoded(data)
        for plain in self._coming:
            self._out += plain if self._unread else self._tell(plain)
        return self._sent(data)

    def close(self) -> bytes:
        """What is sent on at the end."""
        if self._unread:
            return b""
        if self._decoder is not None:
            self._decoder.finish()
        if not self._told:
            self._out += self._began
        elif self._document is None:
            self._out += self.session.close()
        else:
            self._out += self._whole(bytes(self._document))
            self._document = bytearray()
        return self._sent(b"")

    def cut_short(self) -> None:
        """Take in that the body ended before its end: what of it was sent on is all there is to judge."""
        if not (self._acts or self._unread):
            self.session.cut_short()

    def refuse(self, why: Refusal) -> bytes:
        """End it: what its client is sent last. Later bytes come to nothing."""
        self._out += self.session.refuse(why)
        return self._sent(b"")

    def give_up(self, data: bytes) -> bytes:
        """Let pass what is held, and everything that follows, unread; `data` came last.

        A body that does not decode cannot pass, for its head no longer says that it is coded: it is ended.
        """
        self._unread = True
        self._out += self._began + bytes(self._document or b"") + self.session.give_up()
        self._began, self._document = b"", None
        with suppress(WireError):
            for plain in self._coming:
                self._out += plain
        if self._undecodable and self.rewrites:
            return self.refuse(Refusal("not_inspectable", "the answer does not decode"))
        return self._sent(data)

    def _sent(self, data: bytes) -> bytes:
        """What is sent on: what was made of what came, or that itself."""
        sent = bytes(self._out)
        self._out.clear()
        return sent if self.rewrites else data

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is None:
            yield data
            return
        pieces, size = self._decoder.feed(data), 0
        while True:
            # What is raised where a piece is judged does not come by here.
            self._undecodable = True
            piece = next(pieces, None)
            size += len(piece or b"")
            if size > _MAX_PIECE:
                raise WireError("the stream expands too much")
            self._undecodable = False
            if piece is None:
                return
            yield piece

    def _tell(self, plain: bytes) -> bytes:
        """Judge what came, once events are told from a document by the first character that shows."""
        if self._told:
            return self._judge(plain)
        self._began += plain
        found = _HEAD.match(self._began)
        if found is None:
            if len(self._began) > _MAX_BLANK:
                raise WireError("the stream does not begin")
            return b""
        self._told = True
        began, self._began = self._began, b""
        if found[1] in (b"{", b"["):
            self._document = bytearray()
        return self._judge(began)

    def _judge(self, plain: bytes) -> bytes:
        if self._document is None:
            return self.session.feed(plain)
        self._document += plain
        if len(self._document) > MAX_ANSWER:
            raise WireError("the answer is too large")
        return b""

    def _whole(self, body: bytes) -> bytes:
        """Judge a document that stands where a stream was to be."""
        session = self.session
        try:
            exchange, document = read_answer(self._target, _JSON, body)
        except WireError:
            if not _FIELD.search(body):
                raise
            # To clients a first line that is no field is nothing, and what follows is events.
            return session.feed(body) + session.close()
        verdict = judge(exchange, self._policy)
        session.findings += verdict.findings
        session.uninspected += exchange.uninspected
        session.bill = exchange.bill or session.bill
        session.action = verdict.action
        if verdict.refusal is not None:
            return session.refuse(verdict.refusal)
        if document is not None and verdict.edits:
            return document.write(verdict.edits)
        return body


def passage(
    policy: Policy, target: Target, line: tuple[str, int], head: Head, *, asked: bool
) -> tuple[Literal["whole", "judged", "unread"], str]:
    """How an answer goes through: read as a whole, judged piece by piece, or as it comes; and why it is not read.

    `line` is the request's method and the answer's status; `asked` says that the request asked for a stream.
    """
    method, status = line
    if not target.known and policy.unknown_endpoint == "allow":
        return "unread", "unknown_endpoint"
    if status in _BODILESS or method == "HEAD":
        return "whole", ""
    if is_media(head):
        return "unread", media_reason(head)
    if (asked and 200 <= status < 300 and not is_json(head)) or head.kind == "text/event-stream":
        return "judged", ""
    readable = not head.kind or is_json(head) or head.kind.startswith("text/")
    return ("whole", "") if readable or policy.acts_on_text("response") else ("unread", media_reason(head))


def is_events(body: bytes) -> bool:
    """Whether a whole body is a stream of events, whatever its head calls it."""
    return _EVENTS.match(body) is not None
