"""What was said, text by text, for counting: kept up to a bound, and measured beyond it."""

from collections.abc import Iterable

# So many characters are kept of one side of a call: more than most models answer with, some 120,000 tokens of English.
MAX_KEPT = 512 << 10


class Transcript:
    """Texts that may come in pieces, each under a name of its own."""

    def __init__(self) -> None:
        # All characters there were.
        self.chars = 0
        self._room = MAX_KEPT
        self._texts: dict[str, list[str]] = {}

    def add(self, name: str, piece: str) -> None:
        """Take in the next piece of a text."""
        self.chars += len(piece)
        if self._room > 0:
            kept = piece if len(piece) <= self._room else piece[: self._room]
            self._room -= len(kept)
            self._texts.setdefault(name, []).append(kept)

    @property
    def kept(self) -> int:
        """How many characters of them are kept."""
        return MAX_KEPT - self._room

    def texts(self) -> Iterable[str]:
        """What is kept of each text."""
        return ("".join(pieces) for pieces in self._texts.values())
