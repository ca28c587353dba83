from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Usage
from panda_addon.meter.rates import Quote, Rates, UnpricedError, cost, dearest, flat, rates
from panda_addon.policy.model import TokenPrices

D = Decimal
TEXT = TokenPrices(D(2), D("0.2"), D(10))


def quote(**figures):
    """A quote of one row, short prompts alone."""
    return Quote("m", "test", rates(**figures))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"text": TokenPrices(D(2))}, Rates(TokenPrices(D(2), D(2)), D(2), D(2), image=TokenPrices(D(2), D(2)))),
        (
            {"text": TEXT, "cache_write": D("2.5")},
            Rates(TEXT, D("2.5"), D(5), image=TEXT),
        ),
        (
            {"text": TEXT, "audio": TokenPrices(D(32)), "image": TokenPrices(D(8), None, D(30)), "minute": D(1)},
            Rates(TEXT, D(2), D(2), TokenPrices(D(32), D(32)), TokenPrices(D(8), D(8), D(30)), D(1)),
        ),
        ({"text": TEXT, "image": TokenPrices(D(8), D(1))}, Rates(TEXT, D(2), D(2), image=TokenPrices(D(8), D(1), D(10)))),
        ({"text": TokenPrices()}, Rates(TokenPrices())),
        ({"text": TokenPrices(), "cache_write": D(1)}, Rates(TokenPrices(), D(1), D(2))),
    ],
)  # fmt: skip
def test_what_has_no_figure_costs_as_much_as_what_has(figures, expected):
    """Nothing that is left out is free: cached costs as uncached, written as sent, pictures as text."""
    assert rates(**figures) == expected


def test_rates_grow_by_factors():
    """All that is sent grows by one factor, all that is answered by another, and what has no price gets none."""
    full = rates(
        TEXT, D("2.5"), TokenPrices(D(32), D(1), D(64)), TokenPrices(D(8), D(2), D(30)), D("0.006"), characters=D(15)
    )
    grown = full.times(D(2), D(3))
    assert grown.text == TokenPrices(D(4), D("0.4"), D(30))
    assert (grown.cache_write, grown.long_cache_write) == (D(5), D(10))
    assert (grown.minute, grown.characters) == (D("0.012"), D(30))
    assert grown.audio == TokenPrices(D(64), D(2), D(192))
    assert grown.image == TokenPrices(D(16), D(4), D(90))
    assert Rates(TokenPrices()).times(D(2), D(2)) == Rates(TokenPrices())


MILLIONTH = D("0.000001")
ALL = quote(
    text=TEXT,
    cache_write=D("2.5"),
    audio=TokenPrices(D(32), D(1), D(64)),
    image=TokenPrices(D(8), D(3), D(30)),
    minute=D("0.006"),
    characters=D(15),
)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(), D(0)),
        (Usage(1000, 100), MILLIONTH * (1000 * 2 + 100 * 10)),
        (Usage(1000, 100, reasoning_tokens=90), MILLIONTH * (1000 * 2 + 100 * 10)),
        (Usage(1000, 0, 400, 0, 300, 100), MILLIONTH * (300 * 2 + 400 * D("0.2") + 200 * D("2.5") + 100 * 5)),
        (
            Usage(1000, 90, 250, 0, 50, 0, 200, 300, 60, 70, 20, 30),
            MILLIONTH
            * (
                (500 - 120 - 50) * 2 + 120 * D("0.2") + 50 * D("2.5")
                + (200 - 60) * 32 + 60 * 1
                + (300 - 70) * 8 + 70 * 3
                + 40 * 10 + 20 * 64 + 30 * 30
            ),
        ),
        # More is cached than there is text, and not of which kind: what is beyond the text is not taken to be cheap.
        (Usage(1000, 0, 800, input_audio_tokens=700), MILLIONTH * (300 * D("0.2") + 700 * 32)),
        (Usage(1000, 0, 200, 0, 800, 800, 700), MILLIONTH * (200 * D("0.2") + 100 * 5 + 700 * 32)),
        (Usage(seconds=90.5), D("90.5") * D("0.006") / 60),
        (Usage(characters=4096), D("0.06144")),
        (Usage(characters=1), D("0.000015")),
        (Usage(10, 0, web_searches=3, file_searches=2), MILLIONTH * 20 + 3 * D("0.01") + 2 * D("0.0025")),
    ],
)  # fmt: skip
def test_every_token_is_paid_once(usage, expected):
    """The parts of a call cost what their kind does, and add up to the whole."""
    assert cost(ALL, usage) == expected


def test_amounts_are_rounded_up():
    """The smallest amount is a billionth of a dollar, and no cost is below what it is."""
    assert cost(quote(text=TokenPrices(D("0.00001"))), Usage(1)) == D("1e-9")
    assert cost(quote(text=TokenPrices(D("0.0011"))), Usage(1)) == D("2e-9")
    assert flat(D("0.0011"), D(0), Usage(1)) == D("2e-9")


def test_the_largest_amounts_are_exact():
    """As many tokens as a number in JSON can count, at the highest price a policy can set, are still a price."""
    largest = quote(text=TokenPrices(D(1_000_000) * 1000**3))
    assert cost(largest, Usage((1 << 53) - 1)) == ((1 << 53) - 1) * D(1000**3)


@pytest.mark.parametrize(
    ("figures", "usage", "kind"),
    [
        ({"text": TokenPrices(D(1))}, Usage(1, 1), "output"),
        ({"text": TokenPrices(None, None, D(1))}, Usage(1, 1), "input"),
        ({"text": TokenPrices(None, None, D(1))}, Usage(1, 0, 1), "input"),
        ({"text": TEXT}, Usage(2, 0, input_audio_tokens=1), "audio"),
        ({"text": TEXT}, Usage(2, 2, output_audio_tokens=1), "audio"),
        ({"text": TokenPrices(), "image": TokenPrices(D(1))}, Usage(1, 1, 0, 0, 0, 0, 0, 1, output_image_tokens=1), "image"),
        ({"text": TEXT}, Usage(seconds=1.0), "seconds"),
        ({"text": TEXT}, Usage(characters=1), "characters"),
    ],
)  # fmt: skip
def test_what_has_no_rate_has_no_price(figures, usage, kind):
    """A call of which a part has no price is not priced by its other parts."""
    with pytest.raises(UnpricedError) as caught:
        cost(quote(**figures), usage)
    assert (caught.value.kind, str(caught.value)) == (kind, kind)


LONG = Quote("m", "test", rates(TEXT), (1000, rates(TEXT).times(D(2), D("1.5"))))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(1000, 10), MILLIONTH * (1000 * 2 + 10 * 10)),
        (Usage(1001, 10), MILLIONTH * (1001 * 4 + 10 * 15)),
        (Usage(1001, 10, 501), MILLIONTH * (500 * 4 + 501 * D("0.4") + 10 * 15)),
    ],
)
def test_a_long_prompt_makes_the_whole_call_dearer(usage, expected):
    """From one token more than the limit on, every token of the call costs what it does in a long prompt."""
    assert cost(LONG, usage) == expected


@pytest.mark.parametrize(
    ("rated", "sent", "answered", "expected"),
    [
        (LONG, 1000, 10, MILLIONTH * (1000 * 2 + 10 * 10)),
        (LONG, 1001, 10, MILLIONTH * (1001 * 4 + 10 * 15)),
        (Quote("m", "test", rates(TEXT), (1000, rates(TEXT).times(D("0.1"), D(1)))), 1001, 10, MILLIONTH * (1000 * 2 + 100)),
        (quote(text=TEXT, cache_write=D("2.5")), 100, 0, MILLIONTH * 100 * 5),
        (quote(text=TEXT, cache_write=D("0.5")), 100, 0, MILLIONTH * 100 * 2),
        (quote(text=TokenPrices(D(1), D(3), D(1))), 100, 1, MILLIONTH * 301),
        (quote(text=TokenPrices(D(1))), 100, 0, MILLIONTH * 100),
        (quote(text=TokenPrices(D(1))), 100, 1, None),
        (quote(text=TokenPrices(None, None, D(1))), 0, 5, MILLIONTH * 5),
        (quote(text=TokenPrices(None, None, D(1))), 1, 5, None),
        (quote(text=TokenPrices()), 0, 0, D(0)),
        (Quote("m", "test", rates(TokenPrices()), (10, rates(TokenPrices()))), 11, 0, None),
    ],
)  # fmt: skip
def test_the_dearest_way_is_found(rated, sent, answered, expected):
    """Tokens of text cost most written to the cache for long, in whichever of a short and a long prompt is dearer."""
    assert dearest(rated, sent, answered) == expected


FIGURES = st.decimals(0, 1000, places=4)
PRICES = st.builds(TokenPrices, FIGURES, st.none() | FIGURES, FIGURES)
COUNTS = st.integers(0, 2000) | st.integers(0, 1 << 53)


@st.composite
def usages(draw):
    """What a call may have taken of text."""
    sent, answered = draw(COUNTS), draw(COUNTS)
    cached = draw(st.integers(0, sent))
    written = draw(st.integers(0, sent - cached))
    kept = draw(st.integers(0, written))
    return Usage(sent, answered, cached, draw(st.integers(0, answered)), written, kept)


@st.composite
def quotes(draw, least="0.01"):
    """Rates of any size, with or without others for long prompts, by factors of no less than the least."""
    factors = st.decimals(least, 10, places=2)
    short = rates(draw(PRICES), draw(st.none() | FIGURES))
    over = draw(st.none() | st.integers(1, 2000))
    return Quote("m", "test", short, None if over is None else (over, short.times(draw(factors), draw(factors))))


@given(quotes(), usages(), COUNTS, COUNTS)
def test_no_call_costs_more_than_the_dearest(rated, usage, sent, answered):
    """However tokens are billed, as many of them or fewer never cost more than was told before."""
    price, most = cost(rated, usage), dearest(rated, usage.input_tokens + sent, usage.output_tokens + answered)
    assert 0 <= price <= most


@given(quotes(least="1"), usages(), COUNTS, COUNTS)
def test_more_tokens_never_cost_less(rated, usage, sent, answered):
    """A call that took as much and more costs as much or more, where long prompts are not cheaper."""
    more = Usage(
        usage.input_tokens + sent,
        usage.output_tokens + answered,
        usage.cached_tokens,
        usage.reasoning_tokens,
        usage.cache_write_tokens,
        usage.long_cache_write_tokens,
    )
    assert cost(rated, usage) <= cost(rated, more)
