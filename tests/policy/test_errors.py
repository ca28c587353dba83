import pytest

from panda_addon.policy.errors import PolicyError, Problem, place


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("a.yaml", 3, 5, "policies[0].name", "is missing"), "a.yaml:3:5: policies[0].name: is missing"),
        (Problem("a.yaml", 1, 1, "", "not valid UTF-8"), "a.yaml:1:1: not valid UTF-8"),
        (Problem("my pølicy.yaml", 1, 1, "a\nb", "x"), "my pølicy.yaml:1:1: a\\nb: x"),
        (Problem("\udcff.yaml", 1, 1, "", "\x1b[31m"), "\\udcff.yaml:1:1: \\x1b[31m"),
    ],
)
def test_a_problem_is_one_printable_line(problem, line):
    """A problem reads `file:line:column: path: message`, and nothing in a name can break the line or the terminal."""
    assert str(problem) == line


def test_problems_come_in_the_order_of_the_file():
    """An error's text lists its problems by place, lines as numbers, whatever order they were found in."""
    problems = [Problem("p", line, column, "", "x") for line, column in ((10, 1), (2, 9), (2, 10))]
    assert str(PolicyError(iter(problems))) == "p:2:9: x\np:2:10: x\np:10:1: x"


@pytest.mark.parametrize(
    ("before", "expected"), [("", (1, 1)), ("ab", (1, 3)), ("ab\n", (2, 1)), ("ab\r\n\ncd", (3, 3)), ("é😀", (1, 3))]
)
def test_a_place_counts_lines_and_characters_from_one(before, expected):
    """The place behind some text is its last line and the next column, in characters."""
    assert place(before) == expected
