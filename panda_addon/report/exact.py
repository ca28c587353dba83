"""Money is reckoned with here: with all its digits, where Python's own context would keep 28."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

# Digits enough for any sum of what `tally.cost` takes for a price.
EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """What some amounts come to."""
    found = Decimal(0)
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


def known(cost: Decimal, unpriced: int) -> bool:
    """Whether anything is known of what some calls cost: what that of the unpriced ones adds up to with nothing is not."""
    return bool(cost) or not unpriced


def difference(amount: Decimal, other: Decimal) -> Decimal:
    """How much more the first is than the other."""
    return EXACT.subtract(amount, other)
