import random

import pytest

from panda_addon.text.combine import STRETCH, Combination, Combiner, Nearby

THREE = Combination("a & b & c", 4, (("a",), ("b",), ("c",)))


@pytest.mark.parametrize(
    ("within", "found", "completed"),
    [
        # any order, and each term as often as it comes
        (2, [(0, 0, 3), (1, 4, 8)], [1]),
        (2, [(1, 0, 3), (0, 4, 8)], [1]),
        (2, [(0, 0, 3)], []),
        (2, [(0, 0, 3), (0, 4, 8)], []),
        (2, [(0, 0, 3), (0, 4, 8), (1, 9, 12)], [2]),
        # from the beginning of the first to the end of the last, six letters a word
        (1, [(0, 0, 3), (1, 3, 6)], [1]),
        (1, [(0, 0, 3), (1, 3, 7)], []),
        (2, [(0, 0, 3), (1, 9, 12)], [1]),
        (2, [(0, 0, 3), (1, 9, 13)], []),
        (200, [(0, 5, 9), (1, 1200, 1205)], [1]),
        (200, [(0, 5, 9), (1, 1200, 1206)], []),
        # the nearest one counts, also where it is told earlier
        (2, [(0, 0, 3), (0, 10, 13), (1, 20, 22)], [2]),
        (2, [(0, 10, 13), (0, 0, 3), (1, 20, 22)], [2]),
        (2, [(0, 10, 30), (0, 14, 17), (1, 22, 25)], [2]),
        # overlapping terms are both there
        (1, [(0, 0, 6), (1, 0, 6)], [1]),
        (1, [(0, 5, 9), (1, 0, 11)], []),
        # what completed one is forgotten
        (2, [(0, 0, 3), (1, 4, 6), (0, 7, 9)], [1]),
        (2, [(0, 0, 3), (1, 4, 6), (0, 7, 9), (1, 10, 12)], [1, 3]),
        (2, [(0, 0, 3), (1, 4, 6), (1, 7, 9)], [1]),
        # what was too far is not
        (1, [(0, 0, 3), (1, 20, 23), (0, 24, 26)], [2]),
    ],
)
def test_a_combination_is_complete_with_its_last_term(within, found, completed):
    """Terms complete one where all are within so many words, in any order; then they are looked for anew."""
    combiner = Combiner()
    pair = Combination("a & b", within, (("a",), ("b",)))
    told = [combiner.completes(0, pair, term, (start, end), ()) for term, start, end in found]
    assert [at for at, steps in enumerate(told) if steps is not None] == completed


@pytest.mark.parametrize(
    ("found", "completed"),
    [
        ([(0, 0, 2), (1, 3, 5), (2, 6, 8)], [2]),
        ([(2, 0, 2), (0, 3, 5), (1, 6, 24)], [2]),
        ([(2, 0, 2), (0, 3, 5), (1, 6, 25)], []),
        ([(2, 0, 2), (0, 3, 5), (1, 6, 25), (2, 26, 27)], [3]),
        ([(0, 0, 2), (1, 3, 5), (1, 6, 8), (0, 9, 12)], []),
    ],
)
def test_all_terms_are_needed(found, completed):
    """Of three terms all must be there, the first of them no further away than it says."""
    combiner = Combiner()
    told = [combiner.completes(0, THREE, term, (start, end), ()) for term, start, end in found]
    assert [at for at, steps in enumerate(told) if steps is not None] == completed


def test_combinations_do_not_mix():
    """What is seen of one combination is nothing to another, and what completes one leaves the other as it was."""
    combiner, pair = Combiner(), Combination("a & b", 2, (("a",), ("b",)))
    assert combiner.completes(0, pair, 0, (0, 2), ("case",)) is None
    assert combiner.completes(1, pair, 1, (3, 5), ("leet",)) is None
    assert combiner.completes(0, pair, 1, (6, 8), ()) == ("case",)
    assert combiner.completes(1, pair, 0, (9, 11), ("space",)) == ("leet", "space")


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        ([(0, 0, ()), (1, 3, ())], ()),
        ([(0, 0, ("case",)), (1, 3, ("leet", "case"))], ("case", "leet")),
        # those of the occurrences that make it up, of which the nearest counts, and the later of two in one place
        ([(0, 0, ("case",)), (0, 2, ("leet",)), (1, 3, ())], ("leet",)),
        ([(0, 2, ("case",)), (0, 0, ("leet",)), (1, 3, ())], ("case",)),
        ([(0, 0, ("case",)), (0, 0, ("leet",)), (1, 3, ())], ("leet",)),
        ([(0, 0, ("case",)), (1, 90, ("leet",)), (0, 92, ("tag",))], ("leet", "tag")),
    ],
)
def test_a_combination_took_the_steps_of_all_its_terms(found, steps):
    """What a list does without is told of the whole of it."""
    combiner, pair = Combiner(), Combination("a & b", 2, (("a",), ("b",)))
    *_, told = [combiner.completes(0, pair, term, (at, at + 2), its) for term, at, its in found]
    assert told == steps


@pytest.mark.parametrize(
    ("within", "seen", "open_at", "near"),
    [
        # all terms, in one stretch or in neighbouring ones
        (2, {0: [0], 1: [0], 2: [0]}, None, [0]),
        (2, {0: [1], 1: [2], 2: [1, 9]}, None, [1]),
        (2, {0: [2, 3], 1: [3], 2: [1]}, None, [2]),
        (2, {0: [0], 1: [4], 2: [2]}, None, []),
        # two of three are not enough
        (2, {0: [0], 1: [0]}, None, []),
        # so many words may be further apart
        (100, {0: [0, 4], 1: [2], 2: [0]}, None, [0]),
        # what is before and behind a text that goes on may be anything
        (2, {0: [0, 2, 5]}, 6 * STRETCH - 1, [0, 5]),
        (2, {0: [0, 2, 5]}, 6 * STRETCH, [0, 5]),
        (2, {0: [0, 2, 4]}, 6 * STRETCH, [0]),
        (2, {0: [0]}, 0, [0]),
    ],
)
def test_a_combination_may_be_complete_near_all_its_terms(within, seen, open_at, near):
    """A term counts where the others of its combination stand in the same stretch or so near that it could be complete."""
    terms = [(stretch, ((0, term),)) for term, stretches in seen.items() for stretch in stretches]
    nearby = Nearby([Combination("a & b & c", within, THREE.terms)], terms, open_at=open_at)
    assert [stretch for stretch in seen[0] if nearby.of([(0, 0)], stretch)] == near


def test_what_is_not_nearby_was_not_complete():
    """No combination is complete that was held not to be, however its terms lie."""
    generator = random.Random(4)
    completed = 0
    for _ in range(300):
        combination = Combination("a & b", generator.randint(1, 300), (("a",), ("b",)))
        places = sorted((generator.randint(0, 6000), generator.randint(0, 1)) for _ in range(6))
        nearby = Nearby([combination], [(at // STRETCH, ((0, term),)) for at, term in places])
        combiner = Combiner()
        for at, term in places:
            if combiner.completes(0, combination, term, (at, at + 1), ()) is not None:
                completed += 1
                assert nearby.of([(0, term)], at // STRETCH)
    assert completed > 100


def test_what_reads_as_a_term_by_a_step_a_list_does_without_does_not_count():
    """Nor does it take the place of one that reads as the term plainly."""
    combiner, combination = Combiner(), Combination("a & b", 9, (("a",), ("b",)), frozenset(("leet",)))
    assert combiner.completes(0, combination, 0, (0, 3), ()) is None
    assert combiner.completes(0, combination, 0, (4, 7), ("leet",)) is None
    assert combiner.completes(0, combination, 1, (8, 11), ("case",)) == ("case",)
