"""`panda check FILE...`, which says whether policies are valid."""

from collections.abc import Sequence
from pathlib import Path

from panda_addon.cli.streams import say, write
from panda_addon.policy.errors import PolicyError
from panda_addon.source import read_policy


def check(files: Sequence[str]) -> int:
    """Print every problem of every file, one a line; 1 if there is any, 2 if there is nothing to check."""
    if not files or files[0].startswith("-"):
        say("usage: panda check FILE...\n")
        return 2
    status = 0
    for file in files:
        try:
            ruleset = read_policy(Path(file))
        except PolicyError as error:
            write(f"{error}\n")
            status = 1
        else:
            names = ", ".join(policy.name for policy in ruleset.policies)
            say(f"{file}: ok: {names} ({ruleset.revision[:19]})\n")
    return status
