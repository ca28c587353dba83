"""What one call used and what it costs, from what became known of it by its end."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from panda_addon.exchange import Bill, Exchange, Order, Usage
from panda_addon.meter.limits import shown
from panda_addon.meter.models import encoding_for
from panda_addon.meter.prices import Price, total
from panda_addon.meter.tokens import estimate, framing
from panda_addon.policy.model import Policy
from panda_addon.transcript import MAX_KEPT, Transcript
from panda_addon.wire.route import Target

type Source = Literal["reported", "counted", "estimated"]

# Bills that come by as often as they are asked for are remembered, so many of them, so that each is counted once.
_MAX_BOOKED = 100_000

# What is billed when it is read back.
_READ_BACK = ("batches", "responses")

# What is known of a call at its beginning.
_NO_BILL = Bill()
_UNREAD = Exchange(side="request", known=False)
_UNKNOWN = Target(None, known=False)

_READS = ("GET", "HEAD", "OPTIONS", "DELETE")


class Booked:
    """What was billed already, of what may come by again."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def first(self, name: str) -> bool:
        """Whether a bill is seen for the first time; it is not any more."""
        if name in self._names:
            return False
        self._names[name] = None
        if len(self._names) > _MAX_BOOKED:
            self._names.popitem(last=False)
        return True


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call used, where that is from, and what it costs. Without a price it costs nothing."""

    usage: Usage | None = None
    source: Source | None = None
    price: Price | None = None


class Account:
    """One call's. It is told what is known, in the order in which that happens, and charged at the end."""

    def __init__(self, method: str, host: str, at: datetime, booked: Booked) -> None:
        # Whether it went out, what status was answered, and what the answer said of its price.
        self.sent = False
        self.status: int | None = None
        self._bill = _NO_BILL
        self._method = method
        self._host = host
        self._at = at
        self._booked = booked
        self._target = _UNKNOWN
        self._asked = _UNREAD
        self._prompt = Transcript()
        self._edited = False
        # What went through, if it was counted, and whether that is all there was.
        self._count: tuple[Usage, bool] | None = None

    @property
    def bill(self) -> Bill:
        """What the answer says of its price."""
        return self._bill

    @bill.setter
    def bill(self, bill: Bill) -> None:
        if bill.once is not None and self._target.endpoint not in _READ_BACK:
            # A file may have the look of one, and whoever wrote it could bill others.
            bill = replace(bill, once=None, end_user=None)
        self._bill = bill

    def ask(self, target: Target, exchange: Exchange, *, edited: bool = False) -> None:
        """Take note of a request that was read; `edited` says that its text is not what went out."""
        self._target = target
        self._edited = edited
        order = exchange.order
        if order is not None and order.pictures:
            # They are large, and an answer may be long in coming.
            order = replace(order, pictures={})
        self._asked = replace(exchange, spans=(), order=order)
        for index, span in enumerate(shown(exchange)):
            self._prompt.add(str(index), span.text)

    def to_count(self, heard: Transcript | None, *, left: bool) -> int:
        """How many characters are counted before it can be charged: none if what it used is reported, or not known."""
        return self._prompt.kept + (heard.kept if heard else 0) if self._counts(heard, left=left) else 0

    def count(self, heard: Transcript | None) -> None:
        """Count what went through. May be called in a thread, as long as nothing else is called meanwhile."""
        asked, order = self._asked, self._asked.order
        if order is None:
            return
        encoding = encoding_for(self.bill.model or asked.model)
        sent, sent_whole = _tokens(self._prompt, encoding)
        said, said_whole = _tokens(heard, encoding) if heard else (0, True)
        sent += framing(asked.endpoint, order.messages, order.names) + order.token_ids
        self._count = Usage(sent, said), sent_whole and said_whole

    def charge(
        self, policy: Policy, heard: Transcript | None = None, *, left: bool = False, whole: bool = True
    ) -> Charge:
        """What the call comes to. `heard` is what a stream said, None if it is not known.

        `left` says that the client did not wait for the end; `whole` that all the answer said was read.
        """
        order, status = self._asked.order, self.status
        if not self.sent or (status is not None and not 200 <= status < 300):
            # OpenAI bills answers.
            return Charge()
        if self.bill.usage is not None:
            return self._reported(policy, self.bill.usage)
        if order is None:
            free = self._target.known or self._target.free or self._method in _READS
            return Charge() if free else unknown("unread")
        if self.bill.once is not None:
            return unknown("background")
        if self._counts(heard, left=left):
            # Of an answer that was to come whole nobody knows how long it had become.
            whole = whole and (heard is not None or self._asked.stream)
            return self._counted(policy, order, heard, whole=whole)
        if order.characters and status and (spoken := self._spoken(policy, order.characters)):
            return spoken
        return unknown("no_usage" if status else "no_answer")

    def _counts(self, heard: Transcript | None, *, left: bool) -> bool:
        """Whether what it used is what went through: of an answer whose text is known, or that nobody waited for."""
        order, status = self._asked.order, self.status
        if (
            not self.sent
            or order is None
            or not order.text
            or self.bill.usage is not None
            or self.bill.once is not None
        ):
            return False
        return left if status is None else 200 <= status < 300 and heard is not None

    def _reported(self, policy: Policy, usage: Usage) -> Charge:
        """What was reported, if it is not what was billed before and is read back."""
        if self.bill.once:
            new = self._booked.first(self.bill.once)
        else:
            new = self._asked.order is not None or not (self._target.known or self._method in _READS)
        return Charge(usage, "reported", self._price(policy, self.bill)) if new else Charge()

    def _counted(self, policy: Policy, order: Order, heard: Transcript | None, *, whole: bool) -> Charge:
        """What went through, counted here: texts alone, so an estimate where there was more than text."""
        if self._count is None:
            self.count(heard)
        usage, exact = self._count or (Usage(), False)
        whole = whole and exact and not self._edited and not self._asked.uninspected and not order.tools
        bill = replace(self.bill, usage=usage)
        if order.hosted:
            # What they had done by then, nobody says.
            bill = replace(bill, unsaid=(*bill.unsaid, "tools"))
        return Charge(usage, "counted" if whole else "estimated", self._price(policy, bill))

    def _spoken(self, policy: Policy, characters: int) -> Charge | None:
        """What speech costs with a model that bills the text and reports nothing; None with another."""
        usage = Usage(characters=characters)
        price = self._price(policy, replace(self.bill, usage=usage))
        return None if price.usd is None else Charge(usage, "estimated" if self._edited else "counted", price)

    def _price(self, policy: Policy, bill: Bill) -> Price:
        """By the model that answered, in the tier that it was served in; where either is not known, as was asked."""
        asked = self._asked
        tier = asked.order.tier if asked.order else None
        return total(policy, bill, model=asked.model, tier=tier, host=self._host, at=self._at)


def _tokens(transcript: Transcript, encoding: str) -> tuple[int, bool]:
    """The tokens of all its texts; those that are not kept are taken to be like the others, which is no count."""
    tokens, counted = estimate(transcript.texts(), encoding, MAX_KEPT)
    if transcript.chars > transcript.kept:
        return tokens * transcript.chars // transcript.kept, False
    return tokens, counted


def unknown(reason: str) -> Charge:
    """The charge for a call of which nobody knows what it costs, and a word for why."""
    return Charge(price=Price(None, "unknown", None, "default", reason))
