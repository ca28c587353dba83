import os
import subprocess
import sys

import pytest

from panda_addon.cli.check import check
from panda_addon.source import shipped

GOOD = "version: 1\npolicies: [{name: research}, {name: everyone}]\n"


@pytest.fixture
def files(tmp_path):
    """Write policy files by their names."""

    def write(**contents):
        for name, content in contents.items():
            (tmp_path / f"{name}.yaml").write_text(content)
        return [str(tmp_path / f"{name}.yaml") for name in contents]

    return write


def test_a_good_policy_is_named(files, capsys):
    """A valid file gives status 0, nothing on standard output, and its policies and revision on standard error."""
    [path] = files(good=GOOD)
    assert check([path]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}: ok: research, everyone (sha256:")


def test_every_problem_of_every_file_is_a_line(files, capsys):
    """All errors of all files are printed, in their order, and a good file among them does not change the status."""
    bad, good, worse = files(bad="version: 2\nmode: x\n", good=GOOD, worse="policies: []\n")
    assert check([bad, good, worse]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"{bad}:1:1: policies: this key is missing",
        f"{bad}:1:10: version: should be 1, not 2",
        f"{bad}:2:1: mode: unknown key",
        f"{worse}:1:1: version: this key is missing",
        f"{worse}:1:11: policies: list should have at least 1 item after validation, not 0",
    ]
    assert err.startswith(f"{good}: ok: ")


def test_a_file_that_is_not_there_is_a_problem(tmp_path, capsys):
    """A path without a file is told like any other mistake."""
    path = tmp_path / "none.yaml"
    assert check([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:1:1: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [[], ["--strict", "policy.yaml"]])
def test_nothing_to_check_is_a_wrong_call(arguments, capsys):
    """Without a file, or with an option that there is none of, the status is 2 and the usage is shown."""
    assert check(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: panda check [-h] FILE [FILE ...]\n")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_an_answer(flag, files, capsys):
    """It is on standard output with status 0, and the line that it gives as an example is the one that a mistake gets."""
    assert check([flag]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for words in ("FILE:LINE:COLUMN: KEY: what is wrong", "Exit status: 0 if all are valid, 1 if any is not", "141"):
        assert words in out
    [path] = files(policy="version: 1\npolicies: [{name: a, limts: {}}]\n")
    assert check([path]) == 1
    shape = capsys.readouterr().out.removeprefix(path.removesuffix("policy.yaml"))
    [shown] = [line.strip() for line in out.splitlines() if line.startswith("  policy.yaml:")]
    assert shape == f"{shown}\n"


def test_the_default_policy_is_valid():
    """What Panda starts with passes its own check."""
    assert check([str(shipped() / "default.yaml")]) == 0


def test_a_name_that_is_no_text_can_be_printed(tmp_path):
    """A file name of arbitrary bytes is told in a terminal that speaks UTF-8."""
    name = os.fsencode(tmp_path) + b"/\xff.yaml"
    program = "import sys; from panda_addon.cli.check import check; sys.exit(check(sys.argv[1:]))"
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(
        [sys.executable, "-c", program, name], capture_output=True, env=environment, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout.endswith(b"/\\udcff.yaml:1:1: cannot be read: No such file or directory\n")
