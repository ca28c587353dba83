"""The published prices against a second list of them, as of November 2026, and the price list against what is read of it."""

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices.types import (
    ClauseContains,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
)

from panda_addon.exchange import Usage
from panda_addon.meter.known import MULTIPLES
from panda_addon.meter.published import context_window, price_list, published
from panda_addon.meter.rates import FILE_SEARCH, WEB_SEARCH, cost

D = Decimal
DAY = date(2026, 11, 27)

# model, input, cached, cache write, output; then input and output in flex and batch, in priority, and of long prompts.
# Empty where nothing is published.
TABLE = """
gpt-6-astra    10    1     12.5  50   | 5     25    | 20   100 | 20  75
gpt-6.1-sol    2     0.1   2.5   10   | 1     5     | 4    20  | 4   15
gpt-6-sol      2     0.2   2.5   10   | 1     5     | 4    20  | 4   15
gpt-6.1-terra  1     0.05  1.25  5    | 0.5   2.5   | 2    10  | 2   7.5
gpt-6-luna     0.1   0.01  0.125 0.5  | 0.05  0.25  | 0.2  1   | 0.2 0.75
gpt-5.6-sol    4     0.4   5     20   | 2     10    | 8    40  | 8   30
gpt-5.6-terra  2     0.2   2.5   12   | 1     6     | 4    24  | 4   18
gpt-5.6-luna   0.2   0.02  0.25  1.2  | 0.1   0.6   | 0.4  2.4 | 0.4 1.8
gpt-5.5        5     0.5   -     30   | 2.5   15    | 12.5 75  | 10  45
gpt-5.5-pro    30    -     -     180  | 15    90    | -    -   | 60  270
gpt-5.4-pro    30    -     -     180  | 15    90    | -    -   | 60  270
gpt-5.4        2.5   0.25  -     15   | 1.25  7.5   | 5    30  | 5   22.5
gpt-5.4-mini   0.75  0.075 -     4.5  | 0.375 2.25  | 1.5  9   | -   -
gpt-5.4-nano   0.2   0.02  -     1.25 | 0.1   0.625 | -    -   | -   -
gpt-5.2        1.75  0.175 -     14   | 0.875 7     | 3.5  28  | -   -
gpt-5.1        1.25  0.125 -     10   | 0.625 5     | 2.5  20  | -   -
gpt-5          1.25  0.125 -     10   | 0.625 5     | 2.5  20  | -   -
gpt-5-mini     0.25  0.025 -     2    | 0.125 1     | 0.45 3.6 | -   -
gpt-5-nano     0.05  0.005 -     0.4  | 0.025 0.2   | -    -   | -   -
gpt-4.1        2     0.5   -     8    | 1     4     | 3.5  14  | -   -
gpt-4.1-mini   0.4   0.1   -     1.6  | 0.2   0.8   | 0.7  2.8 | -   -
gpt-4.1-nano   0.1   0.025 -     0.4  | 0.05  0.2   | 0.2  0.8 | -   -
gpt-4o         2.5   1.25  -     10   | 1.25  5     | 4.25 17  | -   -
gpt-4o-mini    0.15  0.075 -     0.6  | 0.075 0.3   | 0.25 1   | -   -
o3             2     0.5   -     8    | 1     4     | 3.5  14  | -   -
o4-mini        1.1   0.275 -     4.4  | 0.55  2.2   | 2    8   | -   -
o3-mini        1.1   0.55  -     4.4  | 0.55  2.2   | -    -   | -   -
"""
LINES = [line.replace("|", " ").split() for line in TABLE.strip().splitlines()]
ROWS = [(model, *(None if figure == "-" else D(figure) for figure in figures)) for model, *figures in LINES]
# Which have no flex tier, though a batch costs half of it, and which have the fastest.
NO_FLEX = "gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-4o gpt-4o-mini o3-mini".split()
FASTEST = {"gpt-6-astra": (60, 300), "gpt-6.1-sol": (12, 60)}
ROW_NAMES = "model sent cached written answered half_sent half_answered dear_sent dear_answered long_sent long_answered"


@pytest.mark.parametrize(ROW_NAMES.split(), ROWS, ids=[line[0] for line in LINES])
def test_the_list_says_what_another_says(
    model, sent, cached, written, answered, half_sent, half_answered, dear_sent, dear_answered, long_sent, long_answered
):
    """Every figure of the other list is what a call is priced by, in each tier and for long prompts."""
    listed = {
        tier: published(model, tier, DAY, region=False)
        for tier in ("default", "flex", "batch", "priority", "ultrafast")
    }
    plain = listed["default"].rates
    assert (plain.text.input, plain.text.output) == (sent, answered)
    assert plain.text.cached == (sent if cached is None else cached)
    assert plain.cache_write == (sent if written is None else written)
    assert plain.long_cache_write == (sent if written is None else written * 2)
    found = {tier: quote and (quote.rates.text.input, quote.rates.text.output) for tier, quote in listed.items()}
    assert found["batch"] == (half_sent, half_answered)
    assert found["flex"] == (None if model in NO_FLEX else (half_sent, half_answered))
    assert found["priority"] == (dear_sent and (dear_sent, dear_answered))
    assert found["ultrafast"] == FASTEST.get(model)
    if long_sent is None:
        assert listed["default"].long is None
    else:
        over, long = listed["default"].long
        assert (over, long.text.input, long.text.output) == (272_000, long_sent, long_answered)


@pytest.mark.parametrize(
    ("tier", "factor"), [("flex", D("0.5")), ("batch", D("0.5")), ("priority", D(2)), ("ultrafast", D(6))]
)
@pytest.mark.parametrize("model", ["gpt-6-astra", "gpt-6.1-sol"])
def test_a_tier_changes_every_figure(model, tier, factor):
    """What is cached, what is written to the cache and what is long is as much cheaper or dearer as the rest."""
    standard, other = (published(model, name, DAY, region=False) for name in ("default", tier))
    assert other.rates == standard.rates.times(factor, factor)
    assert other.long == (272_000, standard.long[1].times(factor, factor))


@pytest.mark.parametrize(
    ("model", "tier", "sent", "answered"),
    [("gpt-5.5-pro", "flex", "30", "135"), ("gpt-5.5-pro", "batch", "30", "135"), ("gpt-5.4", "priority", "10", "45")],
)
def test_a_tier_without_figures_for_long_prompts_has_the_standard_surcharge(model, tier, sent, answered):
    """Where the list has one figure for prompts of any length, a long one costs as much more as in the standard tier."""
    _, long = published(model, tier, DAY, region=False).long
    assert (long.text.input, long.text.output) == (D(sent), D(answered))


@pytest.mark.parametrize(
    ("model", "kind", "expected"),
    [
        ("gpt-realtime-2.1", "text", ("4", "0.4", "24")),
        ("gpt-realtime-2.1", "audio", ("32", "0.4", "64")),
        ("gpt-realtime-2.1", "image", ("5", "0.5", "24")),
        ("gpt-realtime-2.1-mini", "audio", ("10", "0.3", "20")),
        ("gpt-audio", "text", ("2.5", "2.5", "10")),
        ("gpt-audio", "audio", ("32", "32", "64")),
        ("gpt-audio-mini", "audio", ("10", "10", "20")),
        ("gpt-image-2.5-flare", "text", ("5", "1.25", "30")),
        ("gpt-image-2.5-flare", "image", ("8", "2", "30")),
        ("gpt-image-1.5", "image", ("8", "2", "32")),
        ("gpt-6-luna", "image", ("0.1", "0.01", "0.5")),
        ("text-embedding-3-small", "text", ("0.02", "0.02", "0")),
        ("text-embedding-3-large", "text", ("0.13", "0.13", "0")),
    ],
)
def test_each_kind_of_token_has_its_price(model, kind, expected):
    """Sound and pictures are priced apart where they are, and pictures as text where they are not."""
    prices = getattr(published(model, "default", DAY, region=False).rates, kind)
    assert (prices.input, prices.cached, prices.output) == tuple(map(D, expected))


@pytest.mark.parametrize(
    ("model", "minute"),
    [("whisper-1", "0.006"), ("gpt-transcribe", "0.0045"), ("gpt-live-1", "0.05"), ("gpt-6-luna", None)],
)
def test_sound_is_priced_by_the_minute(model, minute):
    """Models that are billed by the length of what they hear have a price a minute."""
    assert published(model, "default", DAY, region=False).rates.minute == (minute and D(minute))


@pytest.mark.parametrize(("model", "million"), [("tts-1", "15"), ("tts-1-hd", "30"), ("gpt-4o-mini-tts", None)])
def test_speech_is_priced_by_the_character(model, million):
    """Where text is billed by its length, there is a price for a million characters of it."""
    assert published(model, "default", DAY, region=False).rates.characters == (million and D(million))


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("gpt-6-luna", "gpt-6-luna"),
        ("gpt-6-luna-2026-10-01", "gpt-6-luna"),
        ("gpt-6-luna-2026-13-01", None),
        ("gpt-6-luna-mini", None),
        ("gpt-6-luna-mini-2026-10-01", None),
        ("gpt-6-luna ", None),
        ("gpt-6-luna\n", None),
        ("GPT-6-luna", None),
        ("gpt-6", None),
        ("", None),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("gpt-4o-2024-99-99", None),
        ("gpt-4o-realtime-preview-2024-10-01", "gpt-4o-realtime-preview"),
        ("gpt-5-nano-2025-08-07", "gpt-5-nano"),
        ("gpt-5-nano-small", None),
        ("computer-use-preview", "computer-use"),
        ("computer-use-preview-2025-03-11", "computer-use"),
        ("computer-user", None),
        ("gpt-3.5-turbo-instruct-0914", "gpt-3.5-turbo-instruct"),
        ("my-moderation-model", None),
        ("ft:gpt-4o-2024-08-06:acme::a1", "ft:gpt-4o"),
        ("ft:gpt-4o-mini-2024-07-18:acme:mine:a1", "ft:gpt-4o-mini"),
        ("ft:gpt-3.5-turbo-0125:acme", "ft:gpt-3.5-turbo-"),
        ("ft:gpt-4-0613:acme::a1", "gpt-4"),
        ("ft:gpt-4.1-2025-04-14:acme::a1", None),
        ("ft:gpt-6-luna:acme::a1", None),
        ("ft:gpt-4o-2024-08-06", None),
        ("ft:gpt-4o", None),
        ("ft:", None),
    ],
)  # fmt: skip
def test_a_row_is_for_models_of_just_that_name(model, row):
    """A name is the list's own or that with a date; what only begins or goes on like it is another model."""
    found = published(model, "default", DAY, region=False)
    assert (found and found.model) == row


@pytest.mark.parametrize(
    ("model", "tier", "sent", "answered"),
    [
        ("ft:gpt-4o-2024-08-06:acme::a1", "default", "3.75", "15"),
        ("ft:gpt-4o-mini-2024-07-18:acme::a1", "batch", "0.15", "0.6"),
        ("gpt-3.5-turbo-1106", "batch", "1", "2"),
        ("gpt-6-luna", "scale", "0.1", "0.5"),
    ],
)
def test_a_discount_is_the_lists_own_where_it_has_a_word_on_it(model, tier, sent, answered):
    """A batch that the list has at the full price costs that, and so does what was bought ahead."""
    prices = published(model, tier, DAY, region=False).rates.text
    assert (prices.input, prices.output) == (D(sent), D(answered))


@pytest.mark.parametrize(
    ("model", "tiers"),
    [
        ("gpt-5.4-nano", "default flex batch"),
        ("gpt-5.5-pro", "default flex batch"),
        ("gpt-5.3-codex", "default priority"),
        ("o3-mini", "default batch"),
        ("gpt-4.1", "default batch priority"),
        ("gpt-4o-2024-08-06", "default batch priority"),
        ("gpt-5.2", "default flex batch priority"),
        ("gpt-6-luna", "default flex batch priority"),
        ("gpt-6-astra-2026-10-01", "default flex batch priority ultrafast"),
        ("text-embedding-3-small", "default batch"),
        ("gpt-3.5-turbo-instruct", "default"),
        ("gpt-audio", "default"),
        ("whisper-1", "default"),
        ("ft:gpt-4o-2024-08-06:acme::a1", "default"),
        ("ft:gpt-4o-mini-2024-07-18:acme::a1", "default batch"),
    ],
)
def test_a_tier_that_nobody_knows_a_price_of_has_none(model, tiers):
    """What a model costs in one tier says nothing of another, of which it may have none at all."""
    names = ("default", "flex", "batch", "priority", "ultrafast", "warp")
    assert " ".join(tier for tier in names if published(model, tier, DAY, region=False)) == tiers


@pytest.mark.parametrize(
    ("model", "tier", "factor"),
    [
        ("gpt-6-astra", "ultrafast", 6),
        ("gpt-6.1-sol", "ultrafast", 6),
        ("text-embedding-3-small", "batch", "0.5"),
        ("text-embedding-3-large", "batch", "0.5"),
        ("text-embedding-ada-002", "batch", "0.5"),
        ("babbage-002", "batch", "0.5"),
        ("davinci-002", "batch", "0.5"),
        ("chatgpt-image-latest", "batch", "0.5"),
    ],
)
def test_a_multiple_that_is_pandas_own_says_so(model, tier, factor):
    """A tier that the list lacks is priced in multiples of what it has, and not under its name."""
    listed, own = (published(model, name, DAY, region=False) for name in ("default", tier))
    assert (listed.source, own.source) == (price_list().source, "panda")
    assert own.rates == listed.rates.times(D(factor), D(factor))


@pytest.mark.parametrize(("model", "tier"), MULTIPLES)
def test_pandas_own_multiples_are_of_what_the_list_lacks(model, tier):
    """A row is there for each, and has no figures of its own for that tier: those would go first."""
    key = "processing" if tier == "batch" else "service_tier"
    assert tier not in [variant.when.get(key) for variant in price_list().named[model].price_variants or ()]


@pytest.mark.parametrize(("model", "factor"), [("gpt-6-luna", "1.1"), ("gpt-5.4", "1.1"), ("gpt-4o", "1")])
def test_residency_makes_later_models_dearer(model, factor):
    """A tenth more on every figure, where there is a surcharge at all."""
    plain, kept = (published(model, "priority", DAY, region=region) for region in (False, True))
    assert kept.rates == plain.rates.times(D(factor), D(factor))
    assert kept.long == (plain.long and (plain.long[0], plain.long[1].times(D(factor), D(factor))))


def test_a_price_is_that_of_its_day():
    """A call is priced by what was asked for on its day."""
    prices = [
        published("gpt-5.6-sol", "default", day, region=False).rates.text
        for day in (date(2026, 8, 20), date(2026, 8, 21))
    ]
    assert [(price.input, price.output) for price in prices] == [(D(5), D(30)), (D(4), D(20))]


@pytest.mark.parametrize(
    ("model", "tokens"),
    [("gpt-6-luna", 1_050_000), ("ft:gpt-6-luna:acme::1", 1_050_000), ("gpt-6-luna-mini", None), ("whisper-1", None)],
)
def test_a_context_window_is_that_of_the_base(model, tokens):
    """A tuned model's window is its base's; of some models the list does not know it."""
    assert context_window(model) == tokens


# What is read of a row, and what is not: prices by the call, which are known apart, and those by characters, which no
# answer counts.
READ = set(
    "input_mtok cache_read_mtok cache_write_mtok output_mtok input_audio_mtok cache_audio_read_mtok output_audio_mtok "
    "input_image_mtok cache_image_read_mtok output_image_mtok audio_hours input_audio_hours".split()
)
IGNORED = {"web_searches_kcount", "storage_searches_kcount", "input_mchars"}
MODELS = sorted({model.id: model for model in price_list().named.values()}.items())


def prices(model):
    """Every set of prices that a row has, and the conditions of each."""
    if isinstance(model.prices, ModelPrice):
        yield model.prices, None
    else:
        yield from ((part.prices, part.constraint) for part in model.prices)
    yield from ((part.prices, part.constraint) for part in model.price_variants or ())


def clauses(match):
    """The rules by which the list tells what a row is for."""
    return [part for clause in match.or_ for part in clauses(clause)] if isinstance(match, ClauseOr) else [match]


@pytest.mark.parametrize(("model", "row"), MODELS, ids=[model for model, _ in MODELS])
def test_nothing_in_the_list_is_overlooked(model, row):
    """Figures, dates, tiers and names in the installed list are of the kinds that are read."""
    assert {type(clause) for clause in clauses(row.match)} <= {
        ClauseEquals,
        ClauseStartsWith,
        ClauseRegex,
        ClauseContains,
    }
    assert {key for variant in row.price_variants or () for key in variant.when} <= {"service_tier", "processing"}
    for figures, constraint in prices(row):
        told = {key: figure for key, figure in vars(figures).items() if figure is not None}
        assert told.keys() <= READ | IGNORED, model
        assert constraint is None or isinstance(constraint, StartDateConstraint)
        assert told.get("web_searches_kcount", D(10)) == WEB_SEARCH * 1000
        assert told.get("storage_searches_kcount", D("2.5")) == FILE_SEARCH * 1000
        tiered = [figure for figure in told.values() if isinstance(figure, TieredPrices)]
        assert [[tier.start for tier in figure.tiers] for figure in tiered] == [[272_000]] * len(tiered)


@pytest.mark.parametrize("tier", ["default", "flex", "priority"])
@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-6.1-sol", "gpt-5.6-terra", "gpt-5-mini", "o3"])
@pytest.mark.parametrize("usage", [Usage(1000, 300, 400), Usage(272_001, 7), Usage(272_000, 7, 200_000)])
def test_the_lists_own_arithmetic_agrees(model, tier, usage):
    """Where the list can price a call itself, both come to the same."""
    theirs = (
        price_list()
        .named[model]
        .calc_price(
            TheirUsage(
                input_tokens=usage.input_tokens,
                cache_read_tokens=usage.cached_tokens,
                output_tokens=usage.output_tokens,
            ),
            next(provider for provider in _providers() if provider.id == "openai"),
            price_context={"service_tier": tier},
        )
    )
    assert cost(published(model, tier, DAY, region=False), usage) == theirs.total_price.quantize(D("1e-9"))


def _providers():
    from genai_prices.data import providers

    return providers


OFFLINE = """
import sys, threading
from datetime import UTC, datetime
def audit(event, _):
    if event.startswith(("socket.", "subprocess.", "urllib.")):
        raise SystemExit(f"{event} while prices are looked up")
sys.addaudithook(audit)
from panda_addon.exchange import Usage
from panda_addon.meter import prices
from panda_addon.policy.model import Policy
assert "genai_prices" not in sys.modules, "loaded before it is needed"
prices.warm()
now = datetime.now(UTC)
for model in ("gpt-6-luna", "gpt-6-luna-mini"):
    prices.price(Policy(name="p"), Usage(1, 1), model=model, tier=None, host="api.openai.com", at=now)
assert threading.active_count() == 1
print(prices.price(Policy(name="p"), Usage(10), model="gpt-6-luna", tier=None, host="api.openai.com", at=now).usd)
"""


def test_prices_are_looked_up_without_a_network():
    """The list is loaded when it is first needed, and neither then nor later is anyone asked for anything."""
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("0.000001000", "", 0)
