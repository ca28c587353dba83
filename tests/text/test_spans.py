import itertools
from collections import deque

import pytest

from panda_addon.text.spans import insert, merge


@pytest.mark.parametrize(
    ("intervals", "merged"),
    [
        ([], []),
        ([(1, 3)], [(1, 3)]),
        ([(4, 6), (1, 3)], [(1, 3), (4, 6)]),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(1, 9), (2, 3), (4, 5)], [(1, 9)]),
        ([(2, 5), (1, 3), (4, 8), (10, 11)], [(1, 8), (10, 11)]),
    ],
)
def test_overlapping_intervals_become_one(intervals, merged):
    """Intervals that overlap or touch are joined, and the rest stays apart and in order."""
    assert merge(iter(intervals)) == merged


@pytest.mark.parametrize(
    "intervals", list(itertools.permutations([(2, 5), (1, 3), (4, 8), (10, 11), (11, 12), (14, 15)]))
)
def test_one_at_a_time_they_become_the_same(intervals):
    """Whatever the order in which intervals come, joining each to those before gives what joining all at once does."""
    merged = deque()
    for start, end in intervals:
        insert(merged, start, end)
    assert list(merged) == merge(intervals)
