"""`panda check FILE...`, which says whether policies are valid."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from panda_addon.cli.streams import say, write
from panda_addon.policy.errors import PolicyError
from panda_addon.source import read_policy

DESCRIPTION = """\
Is this policy valid? Each FILE is read as the proxy reads it, with the phrase lists that it names: its YAML, every key and
value, and what contradicts itself or could never apply. Nothing is run, sent or changed.
"""
EPILOG = """\
Every mistake of every file is a line on standard output, lines and columns counted from 1:

  FILE:LINE:COLUMN: KEY: what is wrong
  policy.yaml:2:22: policies[0].limts: unknown key; did you mean 'limits'?

FILE is a phrase list where the mistake is in one; what is wrong with a file as a whole has no KEY.
A good file is a line on standard error, with the names of its policies and its revision, which records have too.

Exit status: 0 if all are valid, 1 if any is not or cannot be read, 2 for a wrong call, 141 if its reader has left.
"""


def check(files: Sequence[str]) -> int:
    """Print every problem of every file, one a line; 1 if there is any, 2 if there is nothing to check."""
    parser = argparse.ArgumentParser(
        "panda check", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a policy in YAML")
    try:
        asked = parser.parse_args(files)
    except SystemExit as ended:
        return int(ended.code or 0)
    status = 0
    for file in asked.files:
        try:
            ruleset = read_policy(Path(file))
        except PolicyError as error:
            write(f"{error}\n")
            status = 1
        else:
            names = ", ".join(policy.name for policy in ruleset.policies)
            say(f"{file}: ok: {names} ({ruleset.revision[:19]})\n")
    return status
