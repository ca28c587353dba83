"""What a call costs: by the policy's own rows, by OpenAI's published prices, or by nothing that is known.

An unknown price is not a price of nothing. What a call is taken to cost instead is for the policy to say.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from panda_addon.exchange import Bill, Usage
from panda_addon.meter.fees import left_out
from panda_addon.meter.known import TIER_NAMES, costs_more_in_regions, known_window, regional, rows
from panda_addon.meter.published import STANDARD, context_window, price_list, published
from panda_addon.meter.rates import Quote, UnpricedError, cost, dearest, flat, rates
from panda_addon.policy.model import Fallback, Policy, PriceRow

# No model has a longer name; a caller may send any.
_MAX_NAME = 256


@dataclass(frozen=True, slots=True)
class Price:
    """What a call cost in USD, None where that is not known, and how it was told.

    `source` is `policy`, `genai-prices` with its version, `panda` for a row or a tier's multiple that is shipped,
    `fallback` for the figures of `unknown_price`, or `unknown`. `model` is the name of the row, `tier` the tier that was
    priced. `reason` is a word for what had no price: `model`, `tier`, a kind of usage, or `usage` where a bill has none.
    `without` are the fees that are not, or not all, in it.
    """

    usd: Decimal | None
    source: str
    model: str | None
    tier: str
    reason: str | None = None
    without: tuple[str, ...] = ()


def price(policy: Policy, usage: Usage, *, model: str | None, tier: str | None, host: str, at: datetime) -> Price:
    """What a call cost that took so much of a model in a service tier, at a host of OpenAI's and an aware time."""
    shown = TIER_NAMES.get(tier, "unknown")
    quotes, reason = _quotes(policy.prices, model, tier, host, at)
    for quote in quotes:
        try:
            return Price(cost(quote, usage), quote.source, quote.model, shown)
        except UnpricedError as error:
            reason = reason or error.kind
    if isinstance(policy.unknown_price, Fallback) and not (usage.seconds or usage.characters):
        figures = policy.unknown_price
        return Price(flat(figures.input, figures.output, usage), "fallback", None, shown, reason)
    return Price(None, "unknown", None, shown, reason)


def total(policy: Policy, bill: Bill, *, model: str | None, tier: str | None, host: str, at: datetime) -> Price:
    """What a call cost by its bill, with all that other models took on the way.

    `model` and `tier` are what the request asked for, which counts where the bill does not say.
    """
    tier = bill.tier or tier
    model = bill.model or model
    whole = price(policy, bill.usage or Usage(1, 1), model=model, tier=tier, host=host, at=at)
    # What is free is free whatever it took.
    if bill.usage is None and whole.usd != 0:
        return Price(None, "unknown", None, whole.tier, "usage")
    for other in bill.beside:
        part = price(policy, other.usage or Usage(), model=other.model, tier=other.tier, host=host, at=at)
        if part.usd is None or whole.usd is None:
            return replace(whole, usd=None, source="unknown", reason=whole.reason or part.reason)
        whole = replace(whole, usd=whole.usd + part.usd)
    return replace(whole, without=left_out(bill, model))


def worst(
    policy: Policy,
    *,
    model: str | None,
    tier: str | None,
    host: str,
    input_tokens: int,
    output_tokens: int,
    at: datetime,
) -> Decimal | None:
    """The most that a call of at most so many tokens of text can cost, in USD, searches aside; None if it is not known.

    Text costs most where it is written to the prompt cache for long, and in a prompt so long that all of it is dearer.
    """
    quotes, _ = _quotes(policy.prices, model, tier, host, at)
    most = dearest(quotes[0], input_tokens, output_tokens) if quotes else None
    if most is not None or not isinstance(policy.unknown_price, Fallback):
        return most
    figures = policy.unknown_price
    # A call that has nothing of what the rates lack is priced by them, and may be dearer than the figures.
    sides = ((input_tokens, output_tokens), (input_tokens, 0), (0, output_tokens))
    bounds = (dearest(quote, sent, answered) for quote in quotes for sent, answered in sides)
    flatly = flat(figures.input, figures.output, Usage(input_tokens, output_tokens))
    return max([flatly, *(bound for bound in bounds if bound is not None)])


def window(model: str | None) -> int | None:
    """How many tokens a model's context window holds, prompt and answer together; None where that is not known."""
    if model is None or len(model) > _MAX_NAME:
        return None
    return context_window(model) or known_window(model)


def warm() -> None:
    """Load the price list now, and not while a call waits: some 0.2 seconds."""
    price_list()


def _quotes(
    prices: tuple[PriceRow, ...], model: str | None, tier: str | None, host: str, at: datetime
) -> tuple[tuple[Quote, ...], str | None]:
    """The rates that a call may be priced by, the first to try first; or why there are none."""
    known = TIER_NAMES.get(tier)
    if known is None:
        return (), "tier"
    if model is None or len(model) > _MAX_NAME:
        return (), "model"
    day, region = at.astimezone(UTC).date(), regional(host)
    quotes = _resolved(prices, model, known, day, region)
    if quotes:
        return quotes, None
    # One that has a price in no other tier has none at all.
    return (), "tier" if _resolved(prices, model, "default", day, region) else "model"


@lru_cache(maxsize=1024)
def _resolved(prices: tuple[PriceRow, ...], model: str, tier: str, day: date, region: bool) -> tuple[Quote, ...]:  # noqa: FBT001 a key of the cache
    for row in prices:
        if row.matches.match(model):
            # Whoever writes a row for a model knows better than any list.
            own = _by_row(row, "policy", tier, region=region)
            return (own,) if own else ()
    shipped = (_by_row(row, "panda", tier, region=region and costs_more_in_regions(model)) for row in rows(model, day))
    found = (published(model, tier, day, region=region), *shipped)
    return tuple(quote for quote in found if quote is not None)


def _by_row(row: PriceRow, source: str, tier: str, *, region: bool) -> Quote | None:
    """The rates of a row in a tier; None in one that it does not have."""
    multiple = Decimal(1) if tier in STANDARD else row.tiers.get(tier)
    if multiple is None:
        return None
    factor = multiple * (row.residency if region else 1)
    short = rates(row.text, row.cache_write, row.audio, row.image, row.minute).times(factor, factor)
    long = (row.long.over, short.times(row.long.input, row.long.output)) if row.long else None
    return Quote(row.model, source, short, long)
