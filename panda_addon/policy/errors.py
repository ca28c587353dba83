"""What is wrong with a policy, and where."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: lines and columns count from 1; `path` is the place in the policy's tree (`policies[0].name`)."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        # One line, whatever a file's name or a key holds.
        return _printable(f"{self.file}:{self.line}:{self.column}: {where}{self.message}")


class PolicyError(Exception):
    """A policy that cannot be used. Its text is one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def place(before: str) -> tuple[int, int]:
    """Line and column of what stands behind a file's first characters."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
