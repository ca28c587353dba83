"""OpenAI's published prices, from the price list that is installed, and the rates that follow from it.

The list is the data of genai-prices, and is never brought up to date over the network. Only its figures are used: its
arithmetic passes over what it has no figure for, and prices a tier that it does not know as the standard one.
A tier for which neither it nor Panda has a figure has none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from panda_addon.meter.known import MULTIPLES, RESIDENCY, costs_more_in_regions
from panda_addon.meter.rates import Quote, Rates, rates
from panda_addon.policy.model import TokenPrices

if TYPE_CHECKING:
    # It takes a fifth of a second to import, and a tenth of that to read: neither is for those who price nothing.
    from genai_prices.types import MatchLogic, ModelInfo, ModelPrice

type _Figures = Callable[[str], Decimal | None]

_DATED = re.compile(r"(.+)-(20\d\d-\d\d-\d\d)")
_TUNED = re.compile(r"ft:([^:]+)(?::[^:]*){1,3}")
# Tiers that cost what the standard one does.
STANDARD = ("default", "scale")
# What may follow where the list has the beginning of a name.
_RELEASE = re.compile(r"(?:-preview)?[0-9-]*")


@dataclass(frozen=True, slots=True)
class _PriceList:
    """The rows of the list by the names that they are for, and by the beginnings of such names."""

    source: str
    named: dict[str, "ModelInfo"]
    begun: dict[str, "ModelInfo"]


@cache
def price_list() -> _PriceList:
    """The installed list. It takes some 0.2 seconds to load; threads that do so at once load the same."""
    from genai_prices.data import providers  # noqa: PLC0415 see above

    named: dict[str, ModelInfo] = {}
    begun: dict[str, ModelInfo] = {}
    for model in next(provider.models for provider in providers if provider.id == "openai"):
        named.setdefault(model.id, model)
        for name, whole in _names(model.match):
            (named if whole else begun)[name] = model
    return _PriceList(f"genai-prices {version('genai-prices')}", named, begun)


def published(model: str, tier: str, day: date, *, region: bool) -> Quote | None:
    """The published rates for a model in a tier on a day; `region` on a host that keeps data in one. None if there are none.

    They are the list's own, or `panda`'s where a multiple makes them of the standard ones.
    """
    row = _row(model)
    if row is None:
        return None
    at = datetime.combine(day, time(12), UTC)
    standard = row.get_prices(at)
    context = {"processing": tier} if tier == "batch" else {"service_tier": tier}
    chosen, factor, source = standard, Decimal(1), price_list().source
    if any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(at))
        for variant in row.price_variants or ()
    ):
        chosen = row.get_prices(at, context)
    elif tier not in STANDARD:
        multiple = MULTIPLES.get((row.id, tier))
        if multiple is None:
            return None
        factor, source = multiple, "panda"
    if region and costs_more_in_regions(model):
        factor *= RESIDENCY
    over, figures, long = _figures(standard, chosen)
    short, beyond = (_rates(row.id, lookup).times(factor, factor) for lookup in (figures, long))
    return Quote(row.id, source, short, (over, beyond) if over else None)


def context_window(model: str) -> int | None:
    """How many tokens a model's window holds, prompt and answer together, as far as the list knows; as its base, if tuned."""
    tuned = _TUNED.fullmatch(model)
    row = _row(tuned[1] if tuned else model)
    return row.context_window if row else None


def _row(model: str) -> "ModelInfo | None":
    """The row for a model's name.

    The list's own matching is passed by: it does not regard case, and takes any name that begins or goes on like one of
    some models. Here a name is one that the list has, or such a one with the date of its release.
    """
    prices = price_list()
    tuned = _TUNED.fullmatch(model)
    if tuned is None and model.startswith("ft:"):
        return None
    if model in prices.named:
        return prices.named[model]
    dated = _DATED.fullmatch(model)
    if dated and dated[1] in prices.named and _is_date(dated[2]):
        return prices.named[dated[1]]
    name = f"ft:{tuned[1]}" if tuned else model
    for begin, row in prices.begun.items():
        if name.startswith(begin) and _RELEASE.fullmatch(name[len(begin) :]):
            return row
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _names(match: "MatchLogic") -> Iterator[tuple[str, bool]]:
    """The names that a row is for: whole ones, and beginnings."""
    from genai_prices.types import ClauseEquals, ClauseOr, ClauseStartsWith  # noqa: PLC0415 see above

    if isinstance(match, ClauseEquals):
        yield match.equals, True
    elif isinstance(match, ClauseStartsWith):
        yield match.starts_with, False
    elif isinstance(match, ClauseOr):
        for part in match.or_:
            yield from _names(part)


def _figures(standard: "ModelPrice", chosen: "ModelPrice") -> tuple[int | None, _Figures, _Figures]:
    """From how many tokens on a prompt is a long one, and how to look up a figure for a short and for a long one.

    Where a tier has no figure of its own for long prompts, they are dearer in it by as much as in the standard one.
    """
    from genai_prices.types import TieredPrices  # noqa: PLC0415 see above

    starts = [price.tiers[-1].start for price in vars(standard).values() if isinstance(price, TieredPrices)]

    def short(key: str) -> Decimal | None:
        price: Decimal | TieredPrices | None = getattr(chosen, key)
        # A price of nothing is a price that is not known.
        return (price.base if isinstance(price, TieredPrices) else price) or None

    def long(key: str) -> Decimal | None:
        price: Decimal | TieredPrices | None = getattr(chosen, key)
        if isinstance(price, TieredPrices):
            return price.tiers[-1].price or None
        usual: Decimal | TieredPrices | None = getattr(standard, key)
        if price is not None and isinstance(usual, TieredPrices):
            price = price * usual.tiers[-1].price / usual.base
        return price or None

    return (min(starts) if starts else None), short, long


def _rates(model: str, figure: _Figures) -> Rates:
    """The rates that the figures of a row come to."""
    # An embedding is no tokens.
    answer = Decimal(0) if model.startswith("text-embedding-") else figure("output_mtok")
    hours = figure("input_audio_hours") or figure("audio_hours")
    return rates(
        TokenPrices(figure("input_mtok"), figure("cache_read_mtok"), answer),
        figure("cache_write_mtok"),
        TokenPrices(figure("input_audio_mtok"), figure("cache_audio_read_mtok"), figure("output_audio_mtok")),
        TokenPrices(figure("input_image_mtok"), figure("cache_image_read_mtok"), figure("output_image_mtok")),
        hours / 60 if hours else None,
        characters=figure("input_mchars"),
    )
