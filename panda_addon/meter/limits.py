"""How many tokens a request may hold, and how much a call may cost: decided from exact bounds, by counting if need be.

What a call could cost is more than what its text says. Where there is no telling, because of files, stored context or
tools that OpenAI works by itself, it could cost more than any limit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from panda_addon.exchange import Exchange, Order
from panda_addon.meter.models import encoding_for
from panda_addon.meter.prices import window, worst
from panda_addon.meter.tokens import bounds, count, framing
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding

# The most that one picture counts for. By OpenAI's guide to images it is 48,169 tokens in gpt-4o-mini (2,833, and 5,667 for
# each of eight tiles); models that count patches stay below.
MAX_IMAGE = 48_169

# What OpenAI adds around a prompt beside its framing: some ten tokens where it was observed, and for each tool the
# declaration that it is written as.
_HIDDEN, _HIDDEN_TOOL = 64, 128

# What stands in a prompt and has a bound of its own; `tokens` are counted as they are.
_BOUNDED = {"image": MAX_IMAGE, "tokens": 0}


def prompt_tokens(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where the text of a request, and prompts given as token ids, are more tokens than the limit."""
    limit = policy.prompt_tokens
    if limit is None or exchange.side == "response":
        return
    ids = exchange.order.token_ids if exchange.order else 0
    least, most = bounds(_texts(exchange))
    found = ids + least
    if found <= limit < ids + most:
        found = ids + count(_texts(exchange), encoding_for(exchange.model), limit - ids)
    if found > limit:
        yield Finding(
            check="prompt_tokens",
            action=Action.BLOCK,
            side="request",
            code="prompt_too_long",
            message=f"the request has more tokens of text than {limit}, which is the limit",
        )


@dataclass(frozen=True, slots=True)
class CostLimit:
    """What calls to a host may cost at a time: a check that is made for one call."""

    host: str
    at: datetime

    def __call__(self, exchange: Exchange, policy: Policy) -> Iterator[Finding]:
        """A finding where the price is not known and the policy minds, or where the call could cost more than the limit."""
        order, limit = exchange.order, policy.request_cost_usd
        if order is None or (limit is None and policy.unknown_price not in ("block", "warn")):
            return
        call = _Ordered(exchange, policy, order, self.host, self.at)
        if exchange.model is not None and call.worst(1, 1) is None:
            yield from _unknown(policy)
        elif limit is not None and (why := call.over(limit)):
            yield _finding(Action.BLOCK, "budget_exceeded", f"{why}; the limit for a request is ${limit}")


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A call that is billed, before it goes out."""

    exchange: Exchange
    policy: Policy
    order: Order
    host: str
    at: datetime

    def worst(self, sent: int, said: int) -> Decimal | None:
        """The most that it costs with so many tokens of prompt and of answers. None if no price is known."""
        return worst(
            self.policy,
            model=self.exchange.model,
            tier=self.order.tier,
            host=self.host,
            input_tokens=sent,
            output_tokens=said,
            at=self.at,
        )

    def over(self, limit: Decimal) -> str | None:
        """Why it could cost more than the limit, if it could."""
        exchange = self.exchange
        if exchange.model is None:
            return "the call names no model, so what it costs cannot be told"
        if not self.order.text:
            return f"what a call to {exchange.endpoint} costs cannot be told before"
        if self.order.hosted:
            return "the call lets OpenAI's own tools run, and what they add cannot be told before"
        output = self._most_output()
        if output is None:
            return f"without {self._cap_name} there is no telling how long the answer is"
        extra = self._beside_text()
        if extra is None:
            return "the call refers to files or stored context, and what they add cannot be told before"
        _, most = bounds(_texts(exchange))
        if self._fits(extra + most, output, limit):
            return None
        if most and self._fits(extra + count(_texts(exchange), encoding_for(exchange.model)), output, limit):
            return None
        return f"with {output} tokens of answer the call could cost more" if output else "the call could cost more"

    def _fits(self, sent: int, said: int, limit: Decimal) -> bool:
        cost = self.worst(sent, said)
        return cost is not None and cost <= limit

    def _beside_text(self) -> int | None:
        """The most tokens there may be in the prompt beside its text. None where there is no bound."""
        order = self.order
        around = (
            framing(self.exchange.endpoint, order.messages) + _HIDDEN + _HIDDEN_TOOL * order.tools + order.token_ids
        )
        parts = [_BOUNDED.get(part.reason) for part in self.exchange.uninspected]
        if None not in parts:
            return around + sum(part or 0 for part in parts)
        # Whatever it refers to, no more of it is read than the model has room for.
        return window(self.exchange.model)

    def _most_output(self) -> int | None:
        """How many tokens all answers may have. None if nothing says: not every model's own bound is to be had."""
        cap, policy = self.exchange.output_cap, self.policy
        answers = cap.answers if cap else 1
        given = [value for _, value in cap.given if isinstance(value, int)] if cap else []
        if self.exchange.endpoint == "embeddings":
            return 0
        if given:
            return max(*given, 0) * answers
        if cap and policy.output_tokens is not None and policy.output_tokens.set_missing:
            return policy.output_tokens.max
        # What is answered has its place in the window too.
        most = window(self.exchange.model)
        return most * answers if most else None

    @property
    def _cap_name(self) -> str:
        return self.exchange.output_cap.fields[0] if self.exchange.output_cap else "a cap"


def _texts(exchange: Exchange) -> Iterable[str]:
    return (span.text for span in exchange.spans if not span.fixed)


def _unknown(policy: Policy) -> Iterator[Finding]:
    """What is found of a call whose price is not known."""
    if policy.unknown_price == "block":
        yield _finding(Action.BLOCK, "model_not_allowed", "no price is known for this model in this service tier")
    elif policy.unknown_price == "warn":
        yield _finding(Action.AUDIT, "unknown_price", "no price is known for this model in this service tier")
    elif policy.request_cost_usd is not None:
        message = "no price is known for this model in this service tier, so it could cost more than the limit"
        yield _finding(Action.BLOCK, "budget_exceeded", message)


def _finding(action: Action, code: str, message: str) -> Finding:
    return Finding(check="cost", action=action, side="request", code=code, message=message, at="/model")
