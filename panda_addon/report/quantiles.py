"""Quantiles of many numbers in bounded memory: exact of few, within half a percent of many."""

import math
from array import array
from itertools import accumulate

# So many numbers are kept as they are.
EXACT = 512

# Beyond that each falls into a bucket that is a hundredth wider than the one below it.
_STEP = math.log(1.01)


class Quantiles:
    """Numbers that are not negative, of which any quantile can be asked. The order in which they come is all one."""

    __slots__ = ("_buckets", "_count", "_values")

    def __init__(self) -> None:
        self._count = 0
        self._values: array[float] | None = None
        self._buckets: dict[int, int] | None = None

    def add(self, value: float) -> None:
        """Take one more number in."""
        self._count += 1
        if self._buckets is not None:
            self._drop(value)
            return
        if self._values is None:
            self._values = array("d")
        self._values.append(value)
        if self._count > EXACT:
            self._buckets = {}
            for kept in self._values:
                self._drop(kept)
            self._values = None

    def at(self, share: float) -> float | None:
        """The smallest number that so large a share of them does not exceed; None of none."""
        if not self._count:
            return None
        rank = max(math.ceil(share * self._count), 1)
        if self._buckets is None:
            return sorted(self._values or ())[rank - 1]
        buckets = sorted(self._buckets)
        reached = accumulate(self._buckets[bucket] for bucket in buckets)
        bucket = next(bucket for bucket, count in zip(buckets, reached, strict=True) if count >= rank)
        return math.exp((bucket + 0.5) * _STEP) if bucket > _LEAST else 0.0

    def _drop(self, value: float) -> None:
        assert self._buckets is not None  # noqa: S101 for the type checker
        bucket = math.floor(math.log(value) / _STEP) if value > 1e-6 else _LEAST
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1


_LEAST = math.floor(math.log(1e-6) / _STEP) - 1
