"""Intervals: joining those that overlap."""

from collections import deque
from collections.abc import Iterable


def merge(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union of half-open intervals, in order, as intervals that do not touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def insert(merged: deque[tuple[int, int]], start: int, end: int) -> None:
    """Join one more interval to those that `merge` would give; quick where it is among the last."""
    behind: list[tuple[int, int]] = []
    while merged and merged[-1][1] >= start:
        begins, ends = merged.pop()
        if begins <= end:
            start, end = min(start, begins), max(end, ends)
        else:
            behind.append((begins, ends))
    merged.extend([(start, end), *reversed(behind)])
