import pytest

from panda_addon.text.spans import merge


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
