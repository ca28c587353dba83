"""Combinations: several phrases of which one of each kind occurs within a number of words."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

# What a word counts in letters, so that a text cannot stretch itself by spacing them out.
_WORD = 6

# Whether a combination may be complete somewhere is told by stretches of so many letters.
STRETCH = 512


@dataclass(frozen=True, slots=True)
class Combination:
    """One of the phrases of each term, in any order, all within a number of words. `text` is how its list writes it.

    What reads as a term by a step that it does `without` does not count.
    """

    text: str
    within: int
    terms: tuple[tuple[str, ...], ...]
    without: frozenset[str] = frozenset()


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
        if not combination.without.isdisjoint(steps):
            return None
        start, end = place
        seen = self._seen.setdefault(number, {})
        if term not in seen or start >= seen[term][0]:
            seen[term] = start, steps
        if len(seen) < len(combination.terms) or end - min(seen.values())[0] > combination.within * _WORD:
            return None
        taken = tuple(sorted({step for _, its in seen.values() for step in its}))
        seen.clear()
        return taken


class Nearby:
    """Where in a text combinations may be complete, at a rough look: where every term is, as far as can be told, near.

    Most of what is found of combinations are everyday words, in a text that has nothing else of them.
    """

    def __init__(
        self,
        combinations: Sequence[Combination],
        terms: Collection[tuple[int, tuple[tuple[int, int], ...]]],
        *,
        open_at: int | None = None,
    ) -> None:
        """Of `terms` that may stand in a stretch: its number, and of each the combination's number and which it is.

        Of a text that may go on and whose beginning may be missing, `open_at` is the number of letters: before and
        behind them anything may be.
        """
        # A bit for each stretch, the first for all that is before the text.
        edges = 0 if open_at is None else 1 | 2 << open_at // STRETCH
        present = {one for _, its_terms in terms for one in its_terms}
        if not edges:
            # Most are everyday words of which nothing else is there.
            whole = {
                number
                for number, count in Counter(number for number, _ in present).items()
                if count == len(combinations[number].terms)
            }
            present = {one for one in present if one[0] in whole}
        seen: dict[int, dict[int, int]] = {}
        for stretch, its_terms in terms if present else ():
            for number, term in present.intersection(its_terms):
                own = seen.setdefault(number, {})
                own[term] = own.get(term, edges) | 2 << stretch
        # By combination: near which stretches there are all terms.
        self._near: dict[int, int] = {}
        for number, by_term in seen.items():
            combination = combinations[number]
            missing = len(by_term) < len(combination.terms)
            reach = -(-combination.within * _WORD // STRETCH)
            near = _spread(edges, reach) if missing else -1
            for where in by_term.values():
                near &= _spread(where, reach)
            self._near[number] = near

    def of(self, terms: Iterable[tuple[int, int]], stretch: int) -> list[tuple[int, int]]:
        """Those of some terms in a stretch whose combinations may be complete near it."""
        return [one for one in terms if self._near.get(one[0], 0) >> stretch & 2]


def _spread(where: int, reach: int) -> int:
    """Stretches, and those that are so near to them."""
    spread = where
    for by in range(1, reach + 1):
        spread |= where << by | where >> by
    return spread
