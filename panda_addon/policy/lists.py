"""Phrase lists: a phrase a line, `#` comments, and alternatives in braces."""

import itertools
import re

from panda_addon.policy.errors import Problem
from panda_addon.text.fold import fold

# One line may stand for this many phrases: enough for five words with a dozen choices between them.
MAX_EXPANSION = 10_000

_LINE_END = re.compile(r"\r\n?|\n")

# Characters with a meaning of their own: a comma has one only between braces.
_SPECIAL = {False: re.compile(r"[{}]"), True: re.compile(r"[{},]")}


def read_list(text: str, file: str) -> tuple[list[str], list[Problem]]:
    """The phrases of a list file, and its mistakes."""
    phrases: list[str] = []
    problems: list[Problem] = []
    for number, line in enumerate(_LINE_END.split(text), 1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        try:
            phrases += expand(written)
        except ValueError as error:
            problems.append(Problem(file, number, len(line) - len(line.lstrip()) + 1, "", str(error)))
    return phrases, problems


def expand(pattern: str) -> list[str]:
    """Every phrase a pattern stands for: `{a,b,} c` is `a c`, `b c` and `c`. Raises ValueError."""
    try:
        options, rest = _sequence(pattern, 0, nested=False)
    except RecursionError:
        raise ValueError("braces nested too deeply") from None
    if rest < len(pattern):
        raise ValueError("a closing brace without an opening one")
    phrases = list(dict.fromkeys(" ".join(option.split()) for option in options))
    if not all(fold(phrase).strip() for phrase in phrases):
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
