"""What is known of OpenAI's prices beside the installed price list: a few rows it lacks, tiers, hosts, free models.

Figures are second-hand where it says so; the price list goes before them as soon as it has them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from panda_addon.policy.model import Globs, LongPrompts, PriceRow, TokenPrices

# The service tiers that a caller may ask for or an answer may name, and as what each is priced. The tokens of the scale
# tier are bought ahead; what they are worth is told at the standard price, so that they count.
TIER_NAMES = {
    None: "default",
    "auto": "default",
    "default": "default",
    "standard": "default",
    "scale": "scale",
    "flex": "flex",
    "batch": "batch",
    "priority": "priority",
    "fast": "priority",
    "ultrafast": "ultrafast",
}

# Those in which a model of the price list can be had though the list has no figures for it, in multiples of its standard
# price. In any that is in neither, a model has no price that is known: most cannot be had in most of them.
# https://developers.openai.com/api/docs/pricing, by a second price list
MULTIPLES: Mapping[tuple[str, str], Decimal] = MappingProxyType(
    {
        ("babbage-002", "batch"): Decimal("0.5"),
        ("chatgpt-image-latest", "batch"): Decimal("0.5"),
        ("davinci-002", "batch"): Decimal("0.5"),
        ("gpt-6-astra", "ultrafast"): Decimal(6),
        ("gpt-6.1-sol", "ultrafast"): Decimal(6),
        ("text-embedding-3-large", "batch"): Decimal("0.5"),
        ("text-embedding-3-small", "batch"): Decimal("0.5"),
        ("text-embedding-ada-002", "batch"): Decimal("0.5"),
    }
)

# Hosts that keep data in one region charge a tenth more for the tokens of models released on or after 2026-03-05.
# https://developers.openai.com/api/docs/pricing
RESIDENCY = Decimal("1.1")
_REGION = re.compile(r"(?!mtls\.)[a-z0-9-]+\.api\.openai\.com")

# The families released before that day. None is added to them any more, and a model of a name not known here is newer.
_EARLIER = re.compile(
    r"(?:ft:)?(?:gpt-3|gpt-4|gpt-5(?:\.[123])?(?![.\d])|o[134](?!\d)|text-|omni-moderation|whisper-1|tts-1|babbage|davinci"
    r"|gpt-image-1|gpt-audio|gpt-realtime(?!-2|-translate|-whisper)|gpt-oss|chatgpt-4o|codex-mini|computer-use).*"
)

# Prompts of more than 272,000 tokens, of gpt-5.4 and later models.
_LONG = LongPrompts(272_000, Decimal(2), Decimal("1.5"))

_DATE = r"(?:-20\d\d-\d\d-\d\d)?"

ROWS = (
    # Announced on 2026-11-17 and second-hand: input, output, "cached input 60 % cheaper" than gpt-6-astra's, which is
    # 0.40. Cache writes, long prompts and these tiers as for every model since gpt-5.6.
    PriceRow(
        model="gpt-6.2-astra",
        matches=Globs((re.compile(r"gpt-6\.2-astra" + _DATE),)),
        text=TokenPrices(Decimal(8), Decimal("0.4"), Decimal(40)),
        cache_write=Decimal(10),
        tiers=MappingProxyType({"flex": Decimal("0.5"), "batch": Decimal("0.5"), "priority": Decimal(2)}),
        long=_LONG,
        residency=RESIDENCY,
    ),
    # https://developers.openai.com/api/docs/models/gpt-6.2-sol, which has its window and its offer below too.
    PriceRow(
        model="gpt-6.2-sol",
        matches=Globs((re.compile(r"gpt-6\.2-sol" + _DATE),)),
        text=TokenPrices(Decimal(2), Decimal("0.1"), Decimal(10)),
        cache_write=Decimal("2.5"),
        tiers=MappingProxyType(
            {"flex": Decimal("0.5"), "batch": Decimal("0.5"), "priority": Decimal(2), "ultrafast": Decimal(6)}
        ),
        long=_LONG,
        residency=RESIDENCY,
    ),
    # The price list has this one by the token, as which it is billed; by the minute where that is all an answer says.
    PriceRow(
        model="gpt-4o-transcribe",
        matches=Globs((re.compile(r"gpt-4o-transcribe(?:-diarize)?"),)),
        minute=Decimal("0.006"),
        tiers={},
    ),
    # Free, which is a price.
    PriceRow(
        model="omni-moderation",
        matches=Globs((re.compile(r"(?:omni|text)-moderation-[a-z0-9-]{1,32}"),)),
        text=TokenPrices(Decimal(0), None, Decimal(0)),
    ),
)


# By the names of rows: how many tokens a window holds; and up to which day some tiers cost less than they do later.
_WINDOWS = {"gpt-6.2-sol": 1_050_000}
_OFFERS = {"gpt-6.2-sol": (date(2027, 2, 28), {"ultrafast": Decimal(3)})}


def rows(model: str, day: date) -> Iterator[PriceRow]:
    """The rows for a model, with what they say on a day."""
    for row in ROWS:
        if row.matches.match(model):
            last, tiers = _OFFERS.get(row.model, (date.min, {}))
            yield replace(row, tiers={**row.tiers, **tiers}) if day <= last else row


def known_window(model: str) -> int | None:
    """How many tokens a model's window holds that the price list lacks; None where that is not known either."""
    return next((_WINDOWS.get(row.model) for row in ROWS if row.matches.match(model)), None)


def regional(host: str) -> bool:
    """Whether a host is one of OpenAI's that keep data in one region."""
    return _REGION.fullmatch(host.lower().rstrip(".")) is not None


def costs_more_in_regions(model: str) -> bool:
    """Whether a model is dearer on hosts that keep data in one region."""
    return _EARLIER.fullmatch(model) is None
