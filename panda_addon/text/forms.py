"""Forms: the letters of a phrase as texts may have them, and where its words break."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from panda_addon.text.alphabet import LETTERS
from panda_addon.text.confusables import SPLIT_CASES
from panda_addon.text.fold import FILLING, classes, fold, neutral

# Between the letters of a phrase: nothing, a mark that texts may leave out (`don't`, `e-mail`), the end of a word.
NONE, SOFT, BREAK = ".", "-", " "

# Marks that texts may leave out.
MARKS = frozenset("'’‘`´\"“”_,.-‐‑‒–—―−")  # noqa: RUF001 look-alikes are meant
# Signs that stand for a letter beside one.
_LETTERED, _OTHERS = "@＠﹫$＄﹩", "!！|｜+＋﹢"  # noqa: RUF001 look-alikes are meant
_READ_AS = str.maketrans(_LETTERED + _OTHERS, "4445551111777")
_SIGNS = re.compile(rf"[{_LETTERED}{_OTHERS}]++")
_SIGNS_AT_END = re.compile(rf"[{_LETTERED}{_OTHERS}]\Z")
# One that may stand for a letter, quickly told.
_TOUCHING = re.compile(rf"[{_LETTERED}](?<=[^\W_].|\ufdd0.)|[{_LETTERED}{_OTHERS}](?=[^\W_])")
# Those that are nothing else may also stand behind a letter; so many of them, that it need not be looked far back.
_BEHIND = re.compile(rf"[{_LETTERED}]{{1,8}}")

# Shorter phrases than these, in letters, read as other words when they are turned round or shifted.
_SHORTEST_TURNED, _SHORTEST_TURNED_WORD = 6, 8
_SHIFT = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


@dataclass(frozen=True, slots=True)
class Form:
    """Letters, what stands between each of them and the one before, and how the phrase was turned into them.

    `written` is the character of the phrase, in small, that each letter is of; nothing where they are the letters.
    """

    letters: str
    breaks: str
    step: str = ""
    written: str = ""

    @property
    def plain(self) -> str:
        """How it is written in ASCII with a blank at each break; nothing if there is more to it than that."""
        if self.written or SOFT in self.breaks or not self.letters.isascii() or not self.letters.isalnum():
            return ""
        return "".join(between.strip(NONE) + letter for between, letter in zip(self.breaks, self.letters, strict=True))

    @property
    def key(self) -> str:
        """What an index looks for: letters that may stand for each other are the same."""
        return classes(self.letters)


def signs(text: str, *, going_on: bool = False) -> str | None:
    """A text with signs that stand for letters as digits, which stand for the same; None where there are none.

    A sign counts beside a letter or digit; those that are punctuation as well only before one. With `going_on` signs
    at the end count as well, as they would if a letter followed.
    """
    if not (_TOUCHING.search(text) or (going_on and _SIGNS_AT_END.search(text, max(0, len(text) - 1)))):
        return None
    end = len(text)

    def read(found: re.Match[str]) -> str:
        if (going_on and found.end() == end) or text[found.end() : found.end() + 1].isalnum():
            return _translated(found[0])
        before = text[found.start() - 1] if found.start() else " "
        if before.isalnum() or before == FILLING:
            return _behind(found[0])
        return found[0]

    said = _SIGNS.sub(read, text)
    return said if said != text else None


def _translated(run: str) -> str:
    """Signs as digits; but two bars or two plus signs are an operator."""
    for operator in ("||", "++"):
        if operator in run:
            return run
    return run.translate(_READ_AS)


def _behind(run: str) -> str:
    """Signs that stand behind a letter and not before one."""
    found = _BEHIND.match(run)
    return found[0].translate(_READ_AS) + run[found.end() :] if found else run


def signs_end(text: str, at: int) -> int:
    """The end of the signs that begin somewhere in a text."""
    found = _SIGNS.match(text, at)
    return found.end() if found else at


def is_sign(char: str) -> bool:
    """Whether a character is a sign that may stand for a letter."""
    return _SIGNS.match(char) is not None


def symbols(phrase: str) -> frozenset[str]:
    """The characters of a phrase that are no letters and yet are not to be left out of it."""
    shown = [char for char in _folded(phrase) if char.strip()]
    hard = frozenset(char for char in shown if LETTERS.spell(char) == " " and char not in MARKS)
    if hard or any(LETTERS.spell(char) != " " for char in shown):
        return hard
    return frozenset(shown)


def forms(phrase: str, *, turned: bool = True) -> Iterator[Form]:
    """Every form of a phrase: as it is written, in other cases where those look different, `turned` round and shifted."""
    plain = form(phrase)
    yield plain
    if not SPLIT_CASES.isdisjoint(unicodedata.normalize("NFKD", phrase)):
        yield from (form(phrase.lower()), form(phrase.upper()), form(phrase.title()))
    letters, breaks = plain.letters, plain.breaks
    long = _SHORTEST_TURNED if BREAK in breaks else _SHORTEST_TURNED_WORD
    if turned and len(letters) >= long and letters.isascii() and letters.isalpha():
        yield Form(letters.translate(_SHIFT), breaks, "rot13")
        yield Form(letters[::-1], NONE + breaks[:0:-1], "reversed")
        if BREAK in breaks:
            yield _turned_words(plain)


def form(phrase: str) -> Form:
    """A phrase as it is written."""
    kept = symbols(phrase)
    letters, breaks, written = "", "", ""
    between = NONE
    for char in neutral(signs(phrase) or phrase):
        for folded in fold(char):
            spelled = folded if folded in kept else LETTERS.spell(folded)
            if spelled in ("", " "):
                now = NONE if not spelled else SOFT if folded in MARKS else BREAK
                between = max(between, now, key=(NONE, SOFT, BREAK).index)
                continue
            letters += spelled
            breaks += between + NONE * (len(spelled) - 1)
            written += _small(char) * len(spelled)
            between = NONE
    return Form(letters, NONE + breaks[1:], written=written if written != letters else "")


def _small(char: str) -> str:
    small = char.casefold()
    return small if len(small) == 1 else char


def _folded(phrase: str) -> str:
    read = signs(phrase) or phrase
    return fold(neutral(read))


def _turned_words(plain: Form) -> Form:
    words: list[str] = []
    breaks: list[str] = []
    at = 0
    for end in [i for i, between in enumerate(plain.breaks) if between == BREAK] + [len(plain.letters)]:
        words.append(plain.letters[at:end][::-1])
        inside = plain.breaks[at + 1 : end][::-1]
        breaks.append((BREAK if at else NONE) + inside)
        at = end
    return Form("".join(words), "".join(breaks), "reversed")
