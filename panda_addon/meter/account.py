"""What one call used and what it costs, from what became known of it by its end."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from panda_addon.exchange import Bill, Exchange, Order, Usage
from panda_addon.meter.models import encoding_for
from panda_addon.meter.prices import Price, total
from panda_addon.meter.tokens import estimate, framing
from panda_addon.policy.model import Policy
from panda_addon.transcript import MAX_KEPT, Transcript
from panda_addon.wire.route import Target

type Source = Literal["reported", "counted", "estimated"]

# Bills that come by as often as they are asked for are remembered, so many of them, so that each is counted once.
_MAX_BOOKED = 100_000

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
        self.bill = Bill()
        self._method = method
        self._host = host
        self._at = at
        self._booked = booked
        self._target = Target(None, known=False)
        self._asked = Exchange(side="request", known=False)
        self._prompt = Transcript()

    def ask(self, target: Target, exchange: Exchange) -> None:
        """Take note of a request that was read."""
        self._target = target
        self._asked = replace(exchange, spans=())
        for index, span in enumerate(exchange.spans):
            if not span.fixed:
                self._prompt.add(str(index), span.text)

    def charge(self, policy: Policy, heard: Transcript | None = None, *, left: bool = False) -> Charge:
        """What the call comes to. `heard` is what a stream said; `left` says that the client did not wait for its end."""
        order, status = self._asked.order, self.status
        if not self.sent or (status is not None and not 200 <= status < 300):
            # OpenAI bills answers.
            return Charge()
        if self.bill.usage is not None:
            return self._reported(policy, self.bill.usage)
        if order is None:
            return Charge() if self._target.known or self._method in _READS else _unknown("unread")
        if self.bill.once is not None:
            return _unknown("background")
        if order.text and (heard is not None or left):
            return self._counted(policy, order, heard)
        return _unknown("no_usage" if status else "no_answer")

    def _reported(self, policy: Policy, usage: Usage) -> Charge:
        """What was reported, if it is not what was billed before and is read back."""
        if self.bill.once:
            new = self._booked.first(self.bill.once)
        else:
            new = self._asked.order is not None or not (self._target.known or self._method in _READS)
        return Charge(usage, "reported", self._price(policy, self.bill)) if new else Charge()

    def _counted(self, policy: Policy, order: Order, heard: Transcript | None) -> Charge:
        """What went through, counted here: texts alone, so an estimate where there was more than text."""
        asked = self._asked
        encoding = encoding_for(self.bill.model or asked.model)
        sent, sent_whole = _tokens(self._prompt, encoding)
        said, said_whole = _tokens(heard, encoding) if heard else (0, True)
        sent += framing(asked.endpoint, order.messages) + order.token_ids
        whole = sent_whole and said_whole and not asked.uninspected and not order.tools
        usage = Usage(sent, said)
        return Charge(usage, "counted" if whole else "estimated", self._price(policy, replace(self.bill, usage=usage)))

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


def _unknown(reason: str) -> Charge:
    return Charge(price=Price(None, "unknown", None, "default", reason))
