"""Combinations: several phrases of which one of each kind occurs within a number of words."""

from dataclasses import dataclass

# What a word counts in letters, so that a text cannot stretch itself by spacing them out.
_WORD = 6


@dataclass(frozen=True, slots=True)
class Combination:
    """One of the phrases of each term, in any order, all within a number of words. `text` is how its list writes it."""

    text: str
    within: int
    terms: tuple[tuple[str, ...], ...]


class Combiner:
    """Follows the terms of combinations through one text."""

    def __init__(self) -> None:
        # By combination: where each term was last seen, in letters, and by which steps.
        self._seen: dict[int, dict[int, tuple[int, tuple[str, ...]]]] = {}

    def completes(
        self, number: int, combination: Combination, term: int, place: tuple[int, int], steps: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """Take a term that was found; the steps of all terms if it is the last of its combination. Places are in letters.

        What completed one is forgotten, so that a text that goes on and on about it is one finding a time.
        """
        start, end = place
        seen = self._seen.setdefault(number, {})
        if term not in seen or start >= seen[term][0]:
            seen[term] = start, steps
        if len(seen) < len(combination.terms) or end - min(seen.values())[0] > combination.within * _WORD:
            return None
        taken = tuple(sorted({step for _, its in seen.values() for step in its}))
        seen.clear()
        return taken
