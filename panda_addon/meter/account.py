"""What one call used and what it costs, from what became known of it by its end."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from panda_addon.exchange import Bill, Exchange, Usage
from panda_addon.meter.models import encoding_for
from panda_addon.meter.prices import Price, price
from panda_addon.meter.tokens import count, framing
from panda_addon.policy.model import Policy
from panda_addon.transcript import Transcript
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
        self.bill = Bill()
        self._method = method
        self._host = host
        self._at = at
        self._booked = booked
        self._target = Target(None, known=False)
        self._asked: Exchange | None = None
        self._prompt = Transcript()

    def ask(self, target: Target, exchange: Exchange) -> None:
        """Take note of a request that goes out."""
        self._target = target
        self._asked = replace(exchange, spans=())
        for index, span in enumerate(exchange.spans):
            if not span.fixed:
                self._prompt.add(str(index), span.text)

    def charge(self, policy: Policy, status: int | None, ended: str, heard: Transcript | None) -> Charge:
        """What the call comes to: `status` and `ended` are the record's, `heard` is what a stream said."""
        asked = self._asked
        if asked is None or (status is not None and not 200 <= status < 300):
            # It never went out, or was refused there: OpenAI bills answers.
            return Charge()
        if self.bill.usage is not None:
            return self._reported(policy, self.bill.usage)
        if asked.order is None:
            read = self._target.known or self._method in _READS
            return Charge() if read else _unknown("unread")
        if self.bill.once is not None:
            return _unknown("background")
        left = status is None and ended != "upstream_error"
        if asked.order.text and (heard is not None or left):
            return self._counted(policy, heard)
        return _unknown("no_usage" if status else "no_answer")

    def _reported(self, policy: Policy, usage: Usage) -> Charge:
        """What was reported, if it is not what was billed before and is read back."""
        once, ordered = self.bill.once, self._asked is not None and self._asked.order is not None
        new = self._booked.first(once) if once else ordered or (self._method not in _READS and not self._target.known)
        return Charge(usage, "reported", self._price(policy, usage)) if new else Charge()

    def _counted(self, policy: Policy, heard: Transcript | None) -> Charge:
        """What went through, counted here: texts alone, so an estimate where there was more than text."""
        asked = self._asked
        if asked is None or asked.order is None:
            raise AssertionError("nothing was ordered")
        encoding = encoding_for(self.bill.model or asked.model)
        sent, sent_whole = _tokens(self._prompt, encoding)
        said, said_whole = _tokens(heard, encoding) if heard else (0, True)
        sent += framing(asked.endpoint, asked.order.messages) + asked.order.token_ids
        whole = sent_whole and said_whole and not asked.uninspected and not asked.order.tools
        usage = Usage(sent, said)
        return Charge(usage, "counted" if whole else "estimated", self._price(policy, usage))

    def _price(self, policy: Policy, usage: Usage) -> Price:
        """By the model that answered, in the tier that it was served in; where either is not known, as was asked."""
        asked, bill = self._asked, self.bill
        ordered = asked.order if asked else None
        tier = bill.tier or (ordered.tier if ordered else None)
        names = dict.fromkeys((bill.model, asked.model if asked else None))
        found = [price(policy, usage, model=name, tier=tier, host=self._host, at=self._at) for name in names if name]
        known = (one for one in found if one.source not in ("fallback", "unknown"))
        return next(known, found[0] if found else Price(reason="no_model"))


def _tokens(transcript: Transcript, encoding: str) -> tuple[int, bool]:
    """The tokens of all its texts; those that are not kept are taken to be like the others, which is no count."""
    kept = count(transcript.texts(), encoding)
    if transcript.chars <= transcript.kept:
        return kept, True
    return kept * transcript.chars // transcript.kept, False


def _unknown(reason: str) -> Charge:
    return Charge(price=Price(reason=reason))
