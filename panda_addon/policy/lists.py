"""Phrase lists: a phrase a line, `#` comments, alternatives in braces, and combinations of phrases."""

import itertools
import re

from panda_addon.policy.errors import Problem
from panda_addon.text.combine import Combination
from panda_addon.text.fold import shows

# One line may stand for this many phrases: enough for five words with a dozen choices between them.
MAX_EXPANSION = 10_000

type Words = list[str | Combination]

# A line of this form is a combination, of so many terms within so many words at most.
_WITHIN = re.compile(r"within\s+(\d+)\s+words?\s*:\s*(.*)", re.DOTALL | re.IGNORECASE)
_BEGUN = re.compile(r"within\s+\S+\s+words?\b", re.IGNORECASE)
_AND = re.compile(r"(?:^|\s)&(?:\s|$)")
_MAX_TERMS = 8
_MAX_WORDS = 200

_LINE_END = re.compile(r"\r\n?|\n")

# Characters with a meaning of their own: a comma has one only between braces.
_SPECIAL = {False: re.compile(r"[{}]"), True: re.compile(r"[{},]")}


def read_list(text: str, file: str) -> tuple[Words, list[Problem]]:
    """The phrases and combinations of a list file, and its mistakes."""
    phrases: Words = []
    problems: list[Problem] = []
    for number, line in enumerate(_LINE_END.split(text), 1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        try:
            phrases += read_line(written)
        except ValueError as error:
            problems.append(Problem(file, number, len(line) - len(line.lstrip()) + 1, "", str(error)))
    return phrases, problems


def read_line(line: str) -> Words:
    """The phrases of one line, or its combination: `within 9 words: {a,b} & c`. Raises ValueError."""
    found = _WITHIN.fullmatch(line.strip())
    if found is None:
        if _BEGUN.match(line.strip()) and _AND.search(line):
            raise ValueError("a combination is written `within 9 words: {a,b} & c`")
        return [*expand(line)]
    terms = tuple(tuple(expand(term)) for term in _AND.split(found[2]))
    if not 2 <= len(terms) <= _MAX_TERMS:
        raise ValueError(f"a combination has 2 to {_MAX_TERMS} terms, with ' & ' between them")
    words = int(found[1][:9])
    if not 1 <= words <= _MAX_WORDS:
        raise ValueError(f"the terms of a combination stand within 1 to {_MAX_WORDS} words")
    return [Combination(" ".join(line.split()), words, terms)]


def expand(pattern: str) -> list[str]:
    """Every phrase a pattern stands for: `{a,b,} c` is `a c`, `b c` and `c`. Raises ValueError."""
    try:
        options, rest = _sequence(pattern, 0, nested=False)
    except RecursionError:
        raise ValueError("braces nested too deeply") from None
    if rest < len(pattern):
        raise ValueError("a closing brace without an opening one")
    phrases = list(dict.fromkeys(" ".join(option.split()) for option in options))
    if not all(map(shows, phrases)):
        raise ValueError("a phrase without any character that shows")
    return phrases


def _sequence(pattern: str, at: int, *, nested: bool) -> tuple[list[str], int]:
    """What the pattern from `at` up to the end of this alternative stands for, and where that end is."""
    parts: list[list[str]] = []
    size = 1
    while at < len(pattern):
        char = pattern[at]
        if char == "}" or (char == "," and nested):
            break
        if char == "{":
            options, at = _alternatives(pattern, at + 1)
            parts.append(options)
            size *= len(options)
        else:
            special = _SPECIAL[nested].search(pattern, at)
            end = special.start() if special else len(pattern)
            parts.append([pattern[at:end]])
            at = end
        if size > MAX_EXPANSION:
            raise ValueError(f"this stands for more than {MAX_EXPANSION} phrases")
    return ["".join(choice) for choice in itertools.product(*parts)], at


def _alternatives(pattern: str, at: int) -> tuple[list[str], int]:
    options: list[str] = []
    while True:
        choices, at = _sequence(pattern, at, nested=True)
        options += choices
        if at >= len(pattern):
            raise ValueError("an opening brace without a closing one")
        if pattern[at] == "}":
            return options, at + 1
        at += 1
