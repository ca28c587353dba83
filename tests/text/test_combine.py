import pytest

from panda_addon.text.combine import Combination, Combiner

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
