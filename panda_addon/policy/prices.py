"""Prices in the policy file: what they are written as, and the rows that calls are priced by."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from panda_addon.policy.model import TIERS, Fallback, Globs, LongPrompts, PriceRow, TokenPrices, UnknownPrice
from panda_addon.policy.numbers import Factor, Price


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TokensPart(_Part):
    """What one kind of token costs."""

    input: Price | None = None
    cached: Price | None = None
    output: Price | None = None


class TiersPart(_Part):
    """What the other service tiers cost, in multiples of the standard one."""

    flex: Factor = TIERS["flex"]
    batch: Factor = TIERS["batch"]
    priority: Factor = TIERS["priority"]
    ultrafast: Factor = TIERS["ultrafast"]


class LongPart(_Part):
    """From what length on a prompt costs more, and how much more the whole call costs then."""

    over: Annotated[int, Field(ge=1)]
    input: Factor = Decimal(2)
    output: Factor = Decimal("1.5")


class PricePart(TokensPart):
    """What a model costs."""

    model: Annotated[str, Field(min_length=1)]
    cache_write: Price | None = None
    audio: TokensPart = TokensPart()
    image: TokensPart = TokensPart()
    minute: Price | None = None
    tiers: TiersPart = TiersPart()
    long: LongPart | None = None
    residency: Factor = Decimal(1)

    @model_validator(mode="after")
    def _prices_something(self) -> "PricePart":
        if self.input is None and self.audio.input is None and self.image.input is None and self.minute is None:
            raise ValueError("needs a price: 'input' or 'minute'")
        return self


class FallbackPart(_Part):
    """What a call is taken to cost whose price is not known."""

    input: Price
    output: Price


def _unknown_price(value: object) -> object:
    """One of two words, or figures. Told apart here, for a union would complain once for each of its members."""
    if isinstance(value, dict):
        return FallbackPart.model_validate(value)
    if value not in ("block", "warn"):
        raise PydanticCustomError("words_type", "Input should be 'block', 'warn' or a mapping of 'input' and 'output'")
    return value


type UnknownPricePart = Annotated[Literal["block", "warn"] | FallbackPart, PlainValidator(_unknown_price)]


def price_row(part: PricePart, matches: Globs) -> PriceRow:
    """The row that a part of the file stands for, with its model's pattern compiled."""
    return PriceRow(
        model=part.model,
        matches=matches,
        text=_tokens(part),
        cache_write=part.cache_write,
        audio=_tokens(part.audio),
        image=_tokens(part.image),
        minute=part.minute,
        tiers=part.tiers.model_dump(),
        long=LongPrompts(part.long.over, part.long.input, part.long.output) if part.long else None,
        residency=part.residency,
    )


def unknown_price(part: Literal["block", "warn"] | FallbackPart | None) -> UnknownPrice | None:
    """What becomes of a call whose price is not known."""
    return Fallback(part.input, part.output) if isinstance(part, FallbackPart) else part


def _tokens(part: TokensPart) -> TokenPrices:
    return TokenPrices(part.input, part.cached, part.output)
