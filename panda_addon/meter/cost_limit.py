"""What a policy says of a call's cost before it goes out. One without a price could cost more than any limit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from panda_addon.exchange import Exchange
from panda_addon.meter.bound import Ordered
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding

_READS = ("GET", "HEAD", "OPTIONS", "DELETE")

_UNPRICED = "no price is known for this model in this service tier"


@dataclass(frozen=True, slots=True)
class CostLimit:
    """What one call may cost: a check that is made for it."""

    method: str
    host: str
    at: datetime

    def __call__(self, exchange: Exchange, policy: Policy) -> Iterator[Finding]:
        """A finding where the price is not known and the policy minds, or where the call could cost more than the limit."""
        limit, unknown = policy.request_cost_usd, policy.unknown_price
        if exchange.side == "response" or (limit is None and unknown not in ("block", "warn")):
            return
        order = exchange.order
        if order is None:
            told = exchange.known or exchange.free or self.method in _READS
            if limit is not None and not told:
                yield _over("what a call to a path that the proxy does not know costs cannot be told before", limit)
            return
        call = Ordered(exchange, policy, order, self.host, self.at)
        if not call.priced:
            yield from _unpriced(policy)
        elif limit is not None and (why := call.over(limit)):
            yield _over(why, limit)


def _unpriced(policy: Policy) -> Iterator[Finding]:
    """What is found of a call whose price is not known."""
    if policy.unknown_price == "block":
        yield _finding(Action.BLOCK, "model_not_allowed", _UNPRICED)
    elif policy.unknown_price == "warn":
        yield _finding(Action.AUDIT, "unknown_price", _UNPRICED)
    elif policy.request_cost_usd is not None:
        yield _over(f"{_UNPRICED}, so it could cost more", policy.request_cost_usd)


def _over(why: str, limit: Decimal) -> Finding:
    return _finding(Action.BLOCK, "budget_exceeded", f"{why}; the limit for a request is ${limit}")


def _finding(action: Action, code: str, message: str) -> Finding:
    return Finding(check="cost", action=action, side="request", code=code, message=message, at="/model")
