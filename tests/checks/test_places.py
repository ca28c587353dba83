import itertools

import pytest

from panda_addon.checks.places import Place, Places
from panda_addon.text.phrases import Entry, Hit


def hit(start, end, phrase="x", *steps):
    """An occurrence of a phrase."""
    return Hit(start, end, Entry(phrase, (0,)), steps)


def place(start, end, phrase="x", *steps):
    """Where such were found."""
    return Place(start, end, phrase, frozenset(steps))


def places(*hits):
    """Places with some hits added in their order."""
    found = Places()
    for one in hits:
        found.add(hit(*one))
    return found


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ([], []),
        ([(0, 2)], [(0, 2)]),
        # apart, or one behind the other
        ([(0, 2), (3, 5)], [(0, 2), (3, 5)]),
        ([(0, 2), (2, 5)], [(0, 2), (2, 5)]),
        # overlapping, nested, the same
        ([(0, 2), (1, 5)], [(0, 5)]),
        ([(1, 5), (0, 2)], [(0, 5)]),
        ([(0, 9), (2, 3)], [(0, 9)]),
        ([(2, 3), (0, 9)], [(0, 9)]),
        ([(1, 2), (1, 2)], [(1, 2)]),
        # one that joins several
        ([(0, 2), (3, 5), (6, 8), (9, 11), (4, 7)], [(0, 2), (3, 8), (9, 11)]),
        ([(0, 2), (3, 5), (6, 8), (0, 9)], [(0, 9)]),
        ([(0, 2), (3, 5), (6, 8), (1, 7)], [(0, 8)]),
        # one that comes late
        ([(0, 2), (6, 8), (9, 11), (3, 5)], [(0, 2), (3, 5), (6, 8), (9, 11)]),
        ([(3, 5), (6, 8), (0, 2)], [(0, 2), (3, 5), (6, 8)]),
        ([(3, 5), (6, 8), (2, 3)], [(2, 3), (3, 5), (6, 8)]),
        ([(3, 5), (6, 8), (5, 6)], [(3, 5), (5, 6), (6, 8)]),
        ([(3, 5), (6, 8), (0, 4)], [(0, 5), (6, 8)]),
        ([(0, 1), (10, 11), (12, 13), (2, 11)], [(0, 1), (2, 11), (12, 13)]),
    ],
)
def test_hits_that_overlap_are_one_place(hits, expected):
    """Places are in order and none overlaps another; hits that only touch stay apart."""
    found = places(*hits)
    assert len(found) == len(expected)
    assert found.take() == [place(*one) for one in expected]
    assert len(found) == 0


def test_the_order_of_hits_does_not_matter():
    """Hits come to the same places whichever comes first."""
    hits = [(0, 2, "a"), (1, 4, "bb"), (4, 6, "c"), (5, 9, "d", "leet"), (7, 8, "eee")]
    expected = [place(0, 4, "bb"), place(4, 9, "eee", "leet")]
    for ordered in itertools.permutations(hits):
        assert places(*ordered).take() == expected


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ([(0, 4, "ab"), (2, 6, "abc")], (0, 6, "abc")),
        ([(0, 4, "abc"), (2, 6, "ab")], (0, 6, "abc")),
        ([(0, 4, "ab"), (2, 6, "ba")], (0, 6, "ba")),
        ([(0, 4, "ba"), (2, 6, "ab")], (0, 6, "ba")),
        ([(0, 4, "a", "leet"), (2, 6, "a", "case", "leet")], (0, 6, "a", "case", "leet")),
        ([(0, 4, "a", "leet"), (2, 6, "a")], (0, 6, "a", "leet")),
        ([(0, 2, "a", "leet"), (3, 5, "bbb", "case"), (1, 4, "cc", "tag")], (0, 5, "bbb", "case", "leet", "tag")),
    ],
)
def test_a_place_has_the_longest_phrase_and_all_steps(hits, expected):
    """Of phrases of one length the last by its letters names it, so that order tells nothing."""
    found = Places()
    for one in hits:
        added = found.add(hit(*one))
    assert added == place(*expected)
    assert found.take() == [added]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        *[(0, 2, False), (0, 3, True), (3, 5, True), (4, 4, True), (4, 9, True), (5, 6, False), (5, 7, True)],
        *[(8, 9, False), (7, 8, True), (0, 9, True), (2, 2, False), (12, 20, False), (19, 30, True), (9, 10, False)],
    ],
)
def test_it_is_told_whether_a_hit_is_part_of_a_place(start, end, expected):
    """A hit is, if it shares a character with any place."""
    assert places((2, 5), (6, 8), (20, 25)).overlaps(hit(start, end)) is expected


def test_nothing_overlaps_nothing():
    """Where there is no place yet, a hit is part of none."""
    assert not Places().overlaps(hit(0, 9))


@pytest.mark.parametrize(
    ("upto", "taken"), [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (9, 3), (10, 4), (float("inf"), 4)]
)
def test_places_before_an_offset_are_taken_once(upto, taken):
    """Those that end there or before are given and no longer there; the others stay."""
    stretches = [(0, 2), (3, 5), (6, 9), (9, 10)]
    found = places(*stretches)
    assert found.take(upto) == [place(*one) for one in stretches[:taken]]
    assert len(found) == 4 - taken
    assert found.take(upto) == []
    assert found.take() == [place(*one) for one in stretches[taken:]]
