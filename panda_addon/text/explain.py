"""Explaining: whether a stretch of text reads as a phrase, and by which steps it comes to read so.

An index compares letters alone. Here it is seen what stands between them and what each was written as: a word may be
spaced out, cut in two, run together with the next or have digits for letters, but not so that ordinary text says
what nobody wrote.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from panda_addon.text import escapes
from panda_addon.text.alphabet import Alphabet
from panda_addon.text.confusables import CONFUSABLES
from panda_addon.text.fold import FILLING, LEET, SEAM, THIN, fold_char, is_mark, is_unspaced
from panda_addon.text.forms import BREAK, NONE, SOFT, Form

# Every step there is, by the name that findings give it and that a list may do without.
STEPS = frozenset(
    """base64 case confusable entity escape form hex ignorable joined leet marks parts percent reversed rot13 selectors
    separator space spaced split tag tags""".split()
)

# Nothing reaches across a gap of more characters than this, or of more runs of one that shows; inside of a word, of more
# that show. No tag is longer.
MAX_GAP = 4096
_MAX_SHOWN = 16

# What longer stretches read as is not kept: they are a caller's, and there may be thousands of them.
_LONGEST_KEPT = 200

# From so many letters on a phrase may be cut anywhere and its words run together; from so many on it may be spaced out.
_LONG = 10
_SPACED = 4
_MAX_CUT = 2
# What an escape begins with.
_ESCAPING = "&\\%<"
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
# What may cut a word in two, all over it the same.
_CUTS = frozenset("-‐‑‒–—−－﹣._．＿*＊~～`/／\\＼|｜^·•")  # noqa: RUF001 look-alikes are meant


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text reads as a phrase: by which steps, and whether words are parted by characters that do not show."""

    steps: tuple[str, ...]
    thin: bool = False


@dataclass(slots=True)
class _Gap:
    """What stands between two letters."""

    chars: int = 0
    # Whether there is more than marks.
    filled: bool = False
    # How many characters show, and how many of them are not like the one before.
    shown: int = 0
    runs: int = 0
    blanks: int = 0
    blank: str = ""
    signs: str = ""

    @property
    def open(self) -> bool:
        """Whether it shows."""
        return bool(self.shown or self.blanks)

    def step(self, between: str) -> str:
        """The name of the step that passes over it, where the phrase has this between two letters."""
        if between == SOFT:
            return "separator" if self.open and (self.shown != 1 or self.blanks) else ""
        if between == NONE or not self.open:
            return ""
        if self.shown:
            return "separator"
        return "space" if self.blanks > 1 or self.blank != " " else ""


def explain(form: Form, said: str, written: str, alphabet: Alphabet) -> Reading | None:
    """How a stretch reads as a form, None if it does not. It says `said` and is `written` so: texts of one length."""
    return (_read_before if len(said) <= _LONGEST_KEPT else _read)(form, said, written, alphabet)


def _read(form: Form, said: str, written: str, alphabet: Alphabet) -> Reading | None:
    reader = _Reader(form, alphabet)
    return reader.reading() if reader.takes(said, written) else None


_read_before = lru_cache(maxsize=4096)(_read)


class _Reader:
    """A stretch beside the form whose letters it has."""

    def __init__(self, form: Form, alphabet: Alphabet) -> None:
        self._form = form
        self._alphabet = alphabet
        self._gaps: list[_Gap | None] = []
        self._steps: set[str] = set()
        # By word: whether there is a letter that stands for itself, and one that does not.
        self._true: set[int] = set()
        self._leet: set[int] = set()
        self._digits: Counter[int] = Counter()
        # How many digits there are, whatever they stand for, and whether more than what hexadecimal numbers are made of.
        self._figures = 0
        self._lettered = False
        self._upper = False

    def takes(self, said: str, written: str) -> bool:
        """Whether every letter may stand for the form's, and no gap is too wide."""
        letters, count, word = self._form.letters, 0, 0
        own = self._form.written or letters
        self._upper = said == said.upper()
        gap = _Gap()
        for char, raw in zip(said, written, strict=True):
            spelled = self._alphabet.spell(char)
            self._note(char, raw, spelled, own[count : count + 1])
            # A character that was escaped looks like what it says, a sign for a letter like itself.
            seen = char if raw in _ESCAPING else raw
            if spelled in ("", " "):
                gap.chars += 1
                gap.filled = gap.filled or not is_mark(char)
                if spelled:
                    _widen(gap, char)
                if gap.chars > MAX_GAP or gap.runs > _MAX_SHOWN:
                    return False
                continue
            for part, letter in enumerate(spelled):
                if count == len(letters):
                    return False
                word += count > 0 and self._form.breaks[count] != NONE
                if not self._same(
                    letter, letters[count], seen, word, first=count == 0 or self._form.breaks[count] != NONE
                ):
                    return False
                # Between letters of one character there is no gap that could be open.
                self._gaps += (None if part else gap,)
                gap = _Gap()
                count += 1
        return count == len(letters) and self._leet <= self._true and self._few_digits()

    def _few_digits(self) -> bool:
        """Whether no word of a few letters has more than one digit, as a name of a road or a colour has.

        One word alone is a number, if half of it are digits and the rest are such as hexadecimal numbers have.
        """
        word, size = 0, 0
        for between in (*self._form.breaks[1:], BREAK):
            size += 1
            if between != NONE:
                if size < _SPACED and self._digits[word] > 1:
                    return False
                word, size = word + 1, 0
        numeric = word == 1 and bool(self._leet) and not self._lettered
        return not numeric or 2 * self._figures < len(self._form.letters)

    def _same(self, letter: str, wanted: str, seen: str, word: int, *, first: bool) -> bool:
        """Whether a letter stands for the one that is wanted."""
        if seen not in _HEXADECIMAL:
            self._lettered = True
        self._figures += seen.isdigit()
        if letter == wanted:
            self._true.add(word)
            return True
        if wanted in LEET.get(letter, ""):
            self._steps.add("leet")
            self._leet.add(word)
            self._digits[word] += seen.isdigit()
            return True
        # These look alike in most fonts, and in other alphabets anyhow: a capital I within small letters, and a small l
        # that begins a word. Elsewhere they make other words (`fail`, `FALL`).
        if {wanted, letter} != {"i", "l"}:
            return False
        if not seen.isascii() or (seen == "I" and not self._upper) or (seen == "l" and first):
            self._steps.add("confusable")
            return True
        return False

    def _note(self, char: str, raw: str, spelled: str, own: str) -> None:
        """Note the steps by which one character comes to read as it does, where the phrase has `own`."""
        if char != raw and raw in _ESCAPING:
            self._steps.add(escapes.step(raw))
        if char == raw or char not in (FILLING, THIN):
            if spelled == " " or char == own:
                # What separates is told of the gap as a whole.
                return
            if own and char.casefold() == own:
                self._steps.add("case")
            elif name := step(char) or (step(own) if len(fold_char(own or " ")) == 1 else ""):
                self._steps.add(name)

    def reading(self) -> Reading | None:
        """How it reads, None if the gaps are such as ordinary text has between other words."""
        letters, breaks, steps = self._form.letters, self._form.breaks, self._steps
        free = [is_unspaced(before) and is_unspaced(after) for before, after in pairwise(letters)]
        between = [
            (gap, where, lax)
            for gap, where, lax in zip(self._gaps[1:], breaks[1:], free, strict=True)
            if gap is not None
        ]
        inside = [(gap, lax) for gap, where, lax in between if where == NONE and gap.open]
        if any(gap.shown > _MAX_SHOWN for gap, _ in inside):
            return None
        cut = [gap for gap, lax in inside if not lax]
        words = [(gap, lax) for gap, where, lax in between if where == BREAK]
        joined = any(not (gap.filled or lax) for gap, lax in words)
        apart = all(gap.open for gap, _, _ in between)
        if (joined and len(letters) < _LONG) or (cut and not self._may_cut(cut, apart=apart)):
            return None
        steps |= {name for gap, where, _ in between if (name := gap.step(where))}
        if inside:
            steps.add("spaced" if apart or not cut else "split")
        if joined:
            steps.add("joined")
        if self._form.step:
            if steps & {"leet", "split", "spaced", "joined"}:
                return None
            steps.add(self._form.step)
        return Reading(tuple(sorted(steps)), thin=any(gap.filled and not gap.open for gap, _ in words))

    def _may_cut(self, cut: list[_Gap], *, apart: bool) -> bool:
        """Whether the words of a phrase may be cut as they are."""
        count = len(self._form.letters)
        if count >= _LONG:
            return True
        if count < _SPACED:
            return False
        signs = {gap.signs for gap in cut}
        plain = len(signs) == 1 and not any(gap.blanks or gap.shown > _MAX_CUT for gap in cut)
        return apart or (plain and _CUTS.issuperset(*signs))


def _widen(gap: _Gap, char: str) -> None:
    if fold_char(char) == " ":
        gap.blanks += 1
        gap.blank = char
    else:
        gap.shown += 1
        gap.runs += not gap.signs.endswith(char)
        gap.signs += char


@lru_cache(maxsize=4096)
def step(char: str) -> str:
    """The name of the folding step that changes a character; empty if it is its own folded form, or only separates."""
    if char in (FILLING, SEAM):
        # Filling that is there before escapes are undone is of JSON in text; the other parts neighbours.
        return "escape" if char == FILLING else "parts"
    if is_mark(char):
        return "marks"
    folded = fold_char(char)
    if folded == char:
        return ""
    if not folded:
        return "ignorable"
    if folded == " ":
        return "space"
    if ord(char) in CONFUSABLES:
        return "confusable"
    if char.casefold() == folded:
        return "case"
    return "marks" if unicodedata.normalize("NFKD", char) == unicodedata.normalize("NFD", char) else "form"
