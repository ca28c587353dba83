"""What a call could cost at most, before it goes out, and what makes it so dear. Knows nothing of findings.

That is more than what its text says. Where there is no telling, because of tools that OpenAI works by itself, or sound,
it could cost more than any limit.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_UP, Decimal

from panda_addon.exchange import Exchange, Order, Uninspected, Usage
from panda_addon.meter.limits import exceeds, size
from panda_addon.meter.pictures import most
from panda_addon.meter.prices import price, window, worst
from panda_addon.meter.tokens import framing
from panda_addon.policy.model import Policy
from panda_addon.wire.pictures import size as picture_size

# More than any model reads or answers: above it a number is no size, and there is nothing to work out.
MAX_TOKENS = 1 << 31

# What OpenAI adds around a prompt beside its framing: some ten tokens where it was observed, and for each tool the
# declaration that it is written as.
_HIDDEN, _HIDDEN_TOOL = 64, 128

# So many pictures OpenAI takes in one request, by its guide to images. Of more none is looked at.
_MAX_PICTURES = 500

# Models that search whether they are asked to or not.
_SEARCHES = re.compile(r".*(-search-(preview|api)|deep-research).*", re.IGNORECASE)

_SEALED = re.compile(r"/input/\d+/encrypted_content")
_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A call that is billed, before it goes out."""

    exchange: Exchange
    policy: Policy
    order: Order
    host: str
    at: datetime

    @property
    def priced(self) -> bool:
        """Whether its price is known. Of embeddings nothing is said, so what is said has none."""
        if self._spoken is not None:
            return True
        return self._worst(1, 0 if self.exchange.endpoint == "embeddings" else 1) is not None

    def over(self, limit: Decimal) -> str | None:
        """Why it could cost more than the limit, if it could."""
        exchange, order = self.exchange, self.order
        if self._spoken is not None:
            return None if self._spoken <= limit else f"the call could cost {_usd(self._spoken)}"
        if not order.text:
            return f"what a call to {exchange.endpoint} costs cannot be told before"
        if order.hosted or _SEARCHES.fullmatch(exchange.model or ""):
            return "the call lets OpenAI's own tools run, and what they add cannot be told before"
        if order.sound or any(part.reason == "audio" for part in exchange.uninspected):
            return "what sound costs cannot be told before"
        output = self._most_output()
        if output is None:
            return f"without {self._cap_name} as a whole number there is no telling how long the answer is"
        seen = self._pictures()
        beside = self._beside_text(seen)
        dearer = None if beside is None else self._dearer(seen, beside + size(exchange))
        if beside is None or dearer is None:
            return "the call holds or refers to what has no known bound"
        left = limit - dearer
        largest = self._worst(beside + size(exchange), output)
        if largest is not None and largest <= left:
            return None
        room = self._room(output, left)
        if room < beside:
            return self._dearest(limit, output, beside, dearer, seen)
        return (
            f"the prompt has more than the {room - beside} tokens that are left for it"
            if exceeds(exchange, room - beside)
            else None
        )

    def _dearest(self, limit: Decimal, output: int, beside: int, dearer: Decimal, seen: int | None) -> str:
        """What costs most of a call that could cost too much whatever its text is."""
        answer, rest = self._worst(0, output) or Decimal(0), (self._worst(beside, 0) or Decimal(0)) + dearer
        cap = self.exchange.output_cap
        why = "" if cap and cap.given else f"without {self._cap_name} "
        if max(answer, rest) <= limit:
            return f"{why}an answer of {output} tokens and what is sent beside text could cost {_usd(answer + rest)}"
        if answer >= rest:
            return f"{why}an answer of {output} tokens could cost {_usd(answer)}"
        if seen is None:
            return f"a picture of unknown size may be all that the model has room for, and could cost {_usd(rest)}"
        if beside == window(self.exchange.model):
            return f"what the call refers to may be all that the model has room for, and could cost {_usd(rest)}"
        return f"{'the pictures' if seen else 'what the call holds beside text'} could cost {_usd(rest)}"

    @property
    def _spoken(self) -> Decimal | None:
        """What speech costs with a model that bills the text; None for any other call."""
        if not self.order.characters:
            return None
        return self._price(Usage(characters=self.order.characters))

    def _room(self, output: int, limit: Decimal) -> int:
        """How many tokens of prompt there may be; -1 if the answer alone could cost more."""
        return bisect_right(range(MAX_TOKENS), limit, key=lambda sent: self._worst(sent, output) or Decimal(0)) - 1

    def _price(self, usage: Usage) -> Decimal | None:
        exchange, tier = self.exchange, self.order.tier
        return price(self.policy, usage, model=exchange.model, tier=tier, host=self.host, at=self.at).usd

    def _worst(self, sent: int, said: int) -> Decimal | None:
        return worst(
            self.policy,
            model=self.exchange.model,
            tier=self.order.tier,
            host=self.host,
            input_tokens=sent,
            output_tokens=said,
            at=self.at,
        )

    def _beside_text(self, pictures: int | None) -> int | None:
        """The most tokens there may be in the prompt beside text. None where there is no bound."""
        order = self.order
        around = framing(self.exchange.endpoint, order.messages, order.names) + _HIDDEN + _HIDDEN_TOOL * order.tools
        if pictures is not None and not order.kept and all(_bounded(part) for part in self.exchange.uninspected):
            return around + order.token_ids + order.numbers + order.opaque + pictures
        # Whatever it refers to, and however large a picture is, no more is read than the model has room for.
        return window(self.exchange.model)

    def _dearer(self, pictures: int | None, prompt: int) -> Decimal | None:
        """How much more than text its pictures may cost, in a prompt of so many tokens or less. None if that is not known."""
        tokens = window(self.exchange.model) if pictures is None else pictures
        if not tokens:
            return None if tokens is None else Decimal(0)
        dearer = Decimal(0)
        # A long prompt may have other rates.
        for whole in (tokens, max(tokens, prompt)):
            own, as_text = self._price(Usage(whole, input_image_tokens=tokens)), self._price(Usage(whole))
            if own is None or as_text is None:
                return None
            dearer = max(dearer, own - as_text)
        return dearer

    def _pictures(self) -> int | None:
        """The most tokens that its pictures may be. None if there is no bound for one, or less room for all of them."""
        found = [part.at for part in self.exchange.uninspected if part.reason == "image"]
        if not found:
            return 0
        model, urls = self.exchange.model, self.order.pictures
        room = window(model) or MAX_TOKENS
        total = 0
        for at in found:
            url = urls.get(at) if len(found) <= _MAX_PICTURES else None
            each = most(model, picture_size(url) if url else None)
            if each is None or total + each > room:
                return None
            total += each
        return total

    def _most_output(self) -> int | None:
        """How many tokens all answers may have. None if nothing says: not every model's own bound is to be had."""
        cap, policy = self.exchange.output_cap, self.policy
        if self.exchange.endpoint == "embeddings":
            return 0
        if cap and cap.given:
            sizes = [value for _, value in cap.given if type(value) is int and 0 <= value < MAX_TOKENS]
            return max(sizes) * cap.answers if len(sizes) == len(cap.given) else None
        if cap and policy.output_tokens is not None and policy.output_tokens.set_missing:
            return policy.output_tokens.max
        # What is answered has its place in the window too.
        room = window(self.exchange.model)
        return room * (cap.answers if cap else 1) if room else None

    @property
    def _cap_name(self) -> str:
        return self.exchange.output_cap.fields[0] if self.exchange.output_cap else "a cap"


def _bounded(part: Uninspected) -> bool:
    """Whether what could not be read is counted elsewhere: pictures, token ids, and what is as long as it is."""
    return part.reason in ("image", "tokens") or (part.reason == "encrypted" and bool(_SEALED.fullmatch(part.at)))


def _usd(amount: Decimal) -> str:
    """An amount rounded up, so that none is shown as less than it is."""
    return f"${amount.quantize(_SHOWN, ROUND_UP)}"
