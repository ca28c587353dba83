"""What a call costs by its rates: arithmetic, and nothing of models, tiers or dates.

All of it is exact. Amounts are rounded up, to a billionth of a dollar, so that none is too low.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, localcontext

from panda_addon.exchange import Usage
from panda_addon.policy.model import TokenPrices

# Searching is billed by the call, in USD. https://developers.openai.com/api/docs/pricing
WEB_SEARCH = Decimal(10) / 1000
FILE_SEARCH = Decimal("2.5") / 1000

# What is written to the cache for twelve hours costs this many times what is written for thirty minutes.
# https://developers.openai.com/api/docs/models/gpt-6.1-terra
_TWELVE_HOURS = 2

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("1e-9")
_EXACT = Context(prec=100, rounding=ROUND_CEILING)


_NONE = TokenPrices()


class UnpricedError(Exception):
    """A call took something that its rates have no figure for; `kind` is one word for it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens, per minute of sound, and per million characters of text.

    None is no price, which is not a price of nothing.
    """

    text: TokenPrices
    cache_write: Decimal | None = None
    long_cache_write: Decimal | None = None
    audio: TokenPrices = _NONE
    image: TokenPrices = _NONE
    minute: Decimal | None = None
    characters: Decimal | None = None

    def times(self, sent: Decimal, answered: Decimal) -> "Rates":
        """The same with all that is sent, and all that is answered, dearer by a factor."""

        def kind(prices: TokenPrices) -> TokenPrices:
            return TokenPrices(_times(prices.input, sent), _times(prices.cached, sent), _times(prices.output, answered))

        return Rates(
            kind(self.text),
            _times(self.cache_write, sent),
            _times(self.long_cache_write, sent),
            kind(self.audio),
            kind(self.image),
            _times(self.minute, sent),
            _times(self.characters, sent),
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """The rates for a model in a tier: whose model and whose rates they are; others for a prompt of more tokens than so many."""

    model: str
    source: str
    rates: Rates
    long: tuple[int, Rates] | None = None


def rates(
    text: TokenPrices,
    cache_write: Decimal | None = None,
    audio: TokenPrices = _NONE,
    image: TokenPrices = _NONE,
    minute: Decimal | None = None,
    *,
    characters: Decimal | None = None,
) -> Rates:
    """Rates from such figures as there are, filled in where one kind of token costs as much as another.

    What has no price for being cached costs what it does uncached, and pictures what text does. Only models that bill
    what is written to the cache bill how long it stays there.
    """
    sent = text.input
    seen = sent if image.input is None else image.input
    return Rates(
        text=TokenPrices(sent, _first(text.cached, sent), text.output),
        cache_write=_first(cache_write, sent),
        long_cache_write=sent if cache_write is None else cache_write * _TWELVE_HOURS,
        audio=TokenPrices(audio.input, _first(audio.cached, audio.input), audio.output),
        image=TokenPrices(
            seen,
            _first(image.cached, text.cached if image.input is None else None, seen),
            _first(image.output, text.output),
        ),
        minute=minute,
        characters=characters,
    )


def cost(quote: Quote, usage: Usage) -> Decimal:
    """What a call cost, in USD, or several. Raises UnpricedError where there is no rate for what was taken.

    Of several, all prompts are long or none is, as they are on the average: more is not told of a batch.
    """
    chosen = quote.long[1] if quote.long and usage.input_tokens > quote.long[0] * usage.requests else quote.rates
    with localcontext(_EXACT):
        total = Decimal(0)
        for count, rate, kind in _parts(chosen, usage):
            if not count:
                continue
            if rate is None:
                raise UnpricedError(kind)
            total += count * rate
        total /= _MILLION
        if usage.seconds:
            if chosen.minute is None:
                raise UnpricedError("seconds")
            total += Decimal(usage.seconds) * chosen.minute / 60
        if usage.characters:
            if chosen.characters is None:
                raise UnpricedError("characters")
            total += usage.characters * chosen.characters / _MILLION
        return (total + searches(usage)).quantize(_SMALLEST)


def searches(usage: Usage) -> Decimal:
    """What a call's searches cost, in USD, whatever the model and tier."""
    return usage.web_searches * WEB_SEARCH + usage.file_searches * FILE_SEARCH


def dearest(quote: Quote, sent: int, answered: int) -> Decimal | None:
    """The most that so many tokens of text could cost, in USD, or fewer; None where there is no rate for them."""
    if quote.long is None or sent <= quote.long[0]:
        return _most(quote.rates, sent, answered)
    over, long = quote.long
    # A shorter prompt need not be cheaper: a policy sets its own factors.
    bounds = _most(quote.rates, over, answered), _most(long, sent, answered)
    return max((bound for bound in bounds if bound is not None), default=None)


def flat(sent: Decimal, answered: Decimal, usage: Usage) -> Decimal:
    """What a call cost in USD at two rates for all its tokens, and its searches."""
    with localcontext(_EXACT):
        total = (usage.input_tokens * sent + usage.output_tokens * answered) / _MILLION
        return (total + searches(usage)).quantize(_SMALLEST)


def _parts(rates: Rates, usage: Usage) -> Iterator[tuple[int, Decimal | None, str]]:
    """A call's tokens in parts that do not overlap, each with its rate and a word for its kind.

    What is cached or written of which kind is not always said: then it is text, as far as there is text.
    """
    text = usage.input_tokens - usage.input_audio_tokens - usage.input_image_tokens
    cached = min(usage.cached_tokens - usage.cached_audio_tokens - usage.cached_image_tokens, text)
    written = min(usage.cache_write_tokens, text - cached)
    kept = min(usage.long_cache_write_tokens, written)
    yield text - cached - written, rates.text.input, "input"
    yield cached, rates.text.cached, "input"
    yield written - kept, rates.cache_write, "input"
    yield kept, rates.long_cache_write, "input"
    yield usage.input_audio_tokens - usage.cached_audio_tokens, rates.audio.input, "audio"
    yield usage.cached_audio_tokens, rates.audio.cached, "audio"
    yield usage.input_image_tokens - usage.cached_image_tokens, rates.image.input, "image"
    yield usage.cached_image_tokens, rates.image.cached, "image"
    yield usage.output_tokens - usage.output_audio_tokens - usage.output_image_tokens, rates.text.output, "output"
    yield usage.output_audio_tokens, rates.audio.output, "audio"
    yield usage.output_image_tokens, rates.image.output, "image"


def _most(rates: Rates, sent: int, answered: int) -> Decimal | None:
    ways = (rates.text.input, rates.text.cached, rates.cache_write, rates.long_cache_write)
    sending = max((way for way in ways if way is not None), default=None)
    if (sent and sending is None) or (answered and rates.text.output is None):
        return None
    with localcontext(_EXACT):
        total = sent * (sending or Decimal(0)) + answered * (rates.text.output or Decimal(0))
        return (total / _MILLION).quantize(_SMALLEST)


def _times(price: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if price is None else price * factor


def _first(*prices: Decimal | None) -> Decimal | None:
    return next((price for price in prices if price is not None), None)
