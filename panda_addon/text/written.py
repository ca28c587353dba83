"""A text beside what is compared of it, with the way back: where words begin and end, and from when on that is certain."""

import string
from functools import cached_property

from panda_addon.text.alphabet import LETTERS, Alphabet, Origins
from panda_addon.text.explain import MAX_GAP
from panda_addon.text.fold import BARRIER, SEAM, in_word, is_mark, is_unspaced, original_end
from panda_addon.text.forms import signs_end

# Whether a byte is a letter or digit of ASCII, and none is for what is no ASCII.
_WORD = bytes(chr(point).isalnum() and point < 128 for point in range(256))

_EDGES = frozenset(string.punctuation + " \t\r\n" + BARRIER)


class Written:
    """A text as it is written and, character for character beside it, one way to read it.

    What is `said` may be shorter, where it is not known yet how the rest is to be read. `plain` is that before signs
    were taken for letters.
    """

    def __init__(self, said: str, text: str, alphabet: Alphabet, plain: str | None = None) -> None:
        self.said = said
        self.text = text
        self.alphabet = alphabet
        self.letters = alphabet.letters(said)
        self._plain = plain

    @property
    def signed(self) -> bool:
        """Whether signs were taken for letters."""
        return self._plain is not None

    @cached_property
    def origin(self) -> Origins:
        """For every letter the index of the character that it came from."""
        return self.alphabet.origins(self.said)

    def joints(self) -> tuple[bytes, bytes]:
        """For every letter whether it is joined to what stands before it, and whether to what stands behind it.

        That is told at a look: of two letters or digits of ASCII side by side. What is joined neither begins nor ends.
        """
        word = self.said.encode("ascii", "replace").translate(_WORD)
        # A byte for each character, all of them compared with their neighbours at once.
        size, number = len(word), int.from_bytes(word)
        before = (number & (number >> 8)).to_bytes(size)
        behind = (before + b"\0")[1:]
        return self.origin.pick(before), self.origin.pick(behind)

    def place(self, first: int, last: int) -> tuple[int, int] | None:
        """Where the letters `first` to `last` (inclusive) stand; None if they are part of a character or a longer word."""
        origin, said = self.origin, self.said
        start, tail = origin[first], origin[last]
        if self.inside(first) or (last + 1 < len(origin) and origin[last + 1] == tail):
            return None
        if tail + 1 < len(said) and (behind := said[tail + 1]).isalnum() and behind.isascii() and in_word(said[tail]):
            return None
        return start, original_end(said, tail, MAX_GAP)

    def inside(self, first: int) -> bool:
        """Whether a letter is told at a look to be inside of a word or a character."""
        origin, said = self.origin, self.said
        start = origin[first]
        if start == 0:
            return False
        before = said[start - 1]
        return (before.isalnum() and before.isascii() and in_word(said[start])) or (
            first > 0 and origin[first - 1] == start
        )

    def apart(self, start: int, end: int) -> bool:
        """Whether a stretch stands between two characters of ASCII that show and are in no word, or blanks."""
        said = self.said
        return end < len(said) and said[end] in _EDGES and (start == 0 or said[start - 1] in _EDGES)

    def whole(self, start: int, end: int, *, thin: bool) -> tuple[bool, int | None]:
        """Whether a stretch is not part of a longer word, and the offset behind the character that made it certain.

        None if that is still to come. With `thin` what does not show parts words.
        """
        if not self.begins(start, thin=thin):
            return False, None
        parted, at = self._parted(self._last(start, end), end, 1, thin=thin)
        if self._plain is not None and at < len(self._plain):
            # Whether signs are letters is told by what follows them.
            at = signs_end(self._plain, at)
        return parted, at + 1 if at < len(self.said) else None

    def begins(self, start: int, *, thin: bool) -> bool:
        """Whether a word may begin somewhere."""
        return self._parted(start, start - 1, -1, thin=thin)[0]

    def near(self, first: int) -> bool:
        """Whether no gap from a letter on is too wide, up to the end of the text."""
        origin = self.origin
        before = origin[first]
        for number in range(first + 1, len(origin)):
            at = origin[number]
            if at - before > MAX_GAP + 1:
                return False
            before = at
        return len(self.said) - before <= MAX_GAP + 1

    def _last(self, start: int, end: int) -> int:
        """The last letter of a stretch, before the marks that sit on it."""
        while end - 1 > start and is_mark(self.said[end - 1]):
            end -= 1
        return end - 1

    def _parted(self, at: int, beside: int, step: int, *, thin: bool) -> tuple[bool, int]:
        """Whether a word may end at a letter, seen in the direction of `step`, and the character that told."""
        said = self.said
        word = in_word(said[at])
        if not word and (is_unspaced(said[at]) or LETTERS.spell(said[at]) == " "):
            return True, beside
        for _ in range(MAX_GAP + 1):
            if not 0 <= beside < len(said):
                return True, beside
            if said[beside] == SEAM:
                return True, beside
            spelled = LETTERS.spell(said[beside])
            if spelled:
                # Letters in a circle, a box, or above the line make words of their own kind.
                other = in_word(said[beside])
                return spelled in (" ", BARRIER) or other != word or is_unspaced(said[beside]), beside
            if thin and not is_mark(said[beside]):
                return True, beside
            beside += step
        return True, beside
