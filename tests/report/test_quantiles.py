import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.quantiles import EXACT, Quantiles

SHARES = st.sampled_from([0.01, 0.5, 0.95, 1.0])


def filled(values):
    """The quantiles of some numbers."""
    quantiles = Quantiles()
    for value in values:
        quantiles.add(value)
    return quantiles


def nearest(values, share):
    """The quantile by its definition."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def test_nothing_has_no_quantile():
    """There is no median of no calls."""
    assert Quantiles().at(0.5) is None


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50), SHARES)
def test_of_few_numbers_they_are_exact(values, share):
    """Each is one of the numbers."""
    assert filled(values).at(share) == nearest(values, share)


@pytest.mark.parametrize("share", [0.001, 0.5, 0.95, 1.0])
def test_of_many_numbers_they_are_within_half_a_percent(share):
    """The numbers themselves are let go of."""
    chance = random.Random(7)
    values = [chance.lognormvariate(5, 3) for _ in range(EXACT * 8)]
    assert filled(values).at(share) == pytest.approx(nearest(values, share), rel=0.0051)


def test_nothing_is_a_number_too():
    """Many calls that took no time have a median of none."""
    assert filled([0.0] * (EXACT + 1)).at(0.5) == 0.0


@given(st.integers(0, EXACT + 9), st.integers(0, EXACT + 9))
def test_merged_they_are_as_if_all_had_come_to_one(one, more):
    """However many either has, exact of few and within their bound of many."""
    values = [float(value) for value in range(one + more)]
    merged = filled(values[:one])
    merged.merge(filled(values[one:]))
    assert [merged.at(share) for share in (0.5, 0.95)] == [filled(values).at(share) for share in (0.5, 0.95)]


@given(st.integers(0, 99), st.integers(EXACT - 2, EXACT + 2))
def test_the_order_is_all_one(seed, size):
    """The same numbers in another order have the same quantiles."""
    chance = random.Random(seed)
    values = [chance.uniform(0, 1000) for _ in range(size)]
    other = chance.sample(values, size)
    assert [filled(values).at(share) for share in (0.5, 0.95)] == [filled(other).at(share) for share in (0.5, 0.95)]
