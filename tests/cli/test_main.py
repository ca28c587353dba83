import subprocess
import sys

import pytest

from panda_addon import __version__
from panda_addon.cli import run
from panda_addon.cli.main import USAGE, main


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_is_what_is_asked_for(arguments, capsys):
    """The usage goes to standard output with status 0, also for a call without anything."""
    assert main(arguments) == 0
    assert capsys.readouterr() == (USAGE, "")


@pytest.mark.parametrize("command", ["chek", "", "--helpp"])
def test_an_unknown_command_is_a_wrong_call(command, capsys):
    """The usage goes to standard error with status 2."""
    assert main([command]) == 2
    assert capsys.readouterr() == ("", USAGE)


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_the_packages(flag, capsys):
    """The version stands alone on a line."""
    assert main([flag]) == 0
    assert capsys.readouterr().out == f"panda {__version__}\n"


def test_check_gets_the_rest_of_the_line(tmp_path, capsys):
    """`panda check` checks the files named behind it and its status is the command's."""
    path = tmp_path / "p.yaml"
    path.write_text("version: 1\npolicies: [{name: a}]\n")
    assert main(["check", str(path)]) == 0
    assert main(["check", str(path), str(tmp_path / "none")]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_run_gets_the_rest_of_the_line(monkeypatch):
    """`panda run` hands its options on as they are."""
    calls = []
    monkeypatch.setattr(run, "run", lambda arguments: calls.append(arguments) or 7)
    assert main(["run", "--set", "panda_policy=x"]) == 7
    assert calls == [["--set", "panda_policy=x"]]


def test_the_command_line_is_the_process_own():
    """Without arguments `main` reads the process's, and asking for the version loads nothing heavy."""
    program = (
        "import sys; from panda_addon.cli.main import main; main();"
        "print([name for name in ('mitmproxy', 'yaml', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == f"panda {__version__}\n[]\n"
