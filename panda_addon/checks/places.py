"""Places: where the phrases of one list were found in one text, joined where they overlap."""

from dataclasses import dataclass
from itertools import takewhile

from panda_addon.text.phrases import Hit


@dataclass(slots=True)
class Place:
    """Occurrences of one list that overlap: half-open offsets, the longest phrase, and all folding steps."""

    start: int
    end: int
    phrase: str
    folded: frozenset[str]


class Places:
    """Places in order, of which none overlaps another."""

    def __init__(self) -> None:
        self._found: list[Place] = []

    def __len__(self) -> int:
        return len(self._found)

    def overlaps(self, hit: Hit) -> bool:
        """Whether a hit is part of what is there."""
        for place in reversed(self._found):
            if place.end <= hit.start:
                return False
            if place.start < hit.end:
                return True
        return False

    def add(self, hit: Hit) -> Place:
        """Join a hit to what it overlaps. Hits come roughly in order: what is far back is not looked at."""
        found = Place(hit.start, hit.end, hit.entry.phrase, frozenset(hit.steps))
        behind: list[Place] = []
        # Those that end before it begins are too far back to meet it, and so are all before them.
        while self._found and self._found[-1].end > found.start:
            other = self._found.pop()
            if other.start < found.end:
                found.start, found.end = min(found.start, other.start), max(found.end, other.end)
                found.phrase, found.folded = _longer(found.phrase, other.phrase), found.folded | other.folded
            else:
                behind.append(other)
        self._found += [found, *reversed(behind)]
        return found

    def take(self, upto: float = float("inf")) -> list[Place]:
        """Those that end before an offset, which are then no longer there."""
        done = sum(1 for _ in takewhile(lambda one: one.end <= upto, self._found))
        taken = self._found[:done]
        del self._found[:done]
        return taken


def _longer(phrase: str, other: str) -> str:
    """Of two phrases the one that names an occurrence of both."""
    return max(phrase, other, key=lambda phrase: (len(phrase), phrase))
