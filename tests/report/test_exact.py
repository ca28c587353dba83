from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.exact import difference, total

# As large and as small as a cost can be.
AMOUNTS = st.decimals(0, 10**15, places=59)


@given(st.lists(AMOUNTS, max_size=8), AMOUNTS)
def test_no_digit_is_lost(amounts, other):
    """Sums and differences of money are those of fractions."""
    assert Fraction(total(amounts)) == sum(map(Fraction, amounts))
    assert Fraction(difference(total(amounts), other)) == sum(map(Fraction, amounts)) - Fraction(other)
