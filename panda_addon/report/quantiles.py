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

    __slots__ = ("buckets", "count", "values")

    def __init__(self) -> None:
        self.count = 0
        self.values: array[float] | None = None
        self.buckets: dict[int, int] | None = None

    def add(self, value: float) -> None:
        """Take one more number in."""
        self.count += 1
        if self.buckets is not None:
            self._drop(value)
            return
        if self.values is None:
            self.values = array("d")
        self.values.append(value)
        if self.count > EXACT:
            self._pour()

    def merge(self, other: "Quantiles") -> None:
        """Take in all that another one has taken in."""
        if other.buckets is None:
            for value in other.values or ():
                self.add(value)
            return
        self.count += other.count
        if self.buckets is None:
            self._pour()
        buckets = self.buckets or {}
        for bucket, count in other.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + count
        self.buckets = buckets

    def at(self, share: float) -> float | None:
        """The smallest number that so large a share of them does not exceed; None of none."""
        if not self.count:
            return None
        rank = max(math.ceil(share * self.count), 1)
        if self.buckets is None:
            return sorted(self.values or ())[rank - 1]
        buckets = sorted(self.buckets)
        reached = accumulate(self.buckets[bucket] for bucket in buckets)
        bucket = next(bucket for bucket, count in zip(buckets, reached, strict=True) if count >= rank)
        return math.exp((bucket + 0.5) * _STEP) if bucket > _LEAST else 0.0

    def _pour(self) -> None:
        """Let the numbers go, and keep what bucket each is in."""
        values, self.values, self.buckets = self.values, None, {}
        for value in values or ():
            self._drop(value)

    def _drop(self, value: float) -> None:
        assert self.buckets is not None  # noqa: S101 for the type checker
        bucket = math.floor(math.log(value) / _STEP) if value > 1e-6 else _LEAST
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1


_LEAST = math.floor(math.log(1e-6) / _STEP) - 1
