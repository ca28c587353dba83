"""`panda`: its commands, each in a file of its own, imported when it is called."""

import sys
from collections.abc import Sequence

from panda_addon import __version__
from panda_addon.cli.streams import GONE, OutputError, flush, prepare, say, write

USAGE = f"""\
panda {__version__}: a security and observability proxy for OpenAI

  panda run [mitmdump options] [--full]   start the proxy on 127.0.0.1:8080
  panda check FILE...                     is this policy valid? all errors, as file:line:column
  panda report [options] LOG...           what was spent, by whom and on what; --help lists the options
  panda tail [options] LOG                the log as it grows, a line a call
  panda --version

The proxy's own options: --set panda_policy=FILE, --set panda_audit=FILE (- for standard output),
--set panda_upstream=HOST:PORT. `panda run --help` lists mitmdump's.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, or 1 for a finding, or 2 for a wrong call, or 141 if its reader has left."""
    prepare()
    try:
        try:
            command, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
            return _called(command, rest)
        finally:
            flush()
    except OutputError as error:
        if error.gone:
            return GONE
        say(f"panda: standard output cannot be written: {error}\n")
        return 1


def _called(command: str, rest: Sequence[str]) -> int:
    if command == "run":
        from panda_addon.cli.run import run  # noqa: PLC0415 mitmproxy takes its time to load

        return run(rest)
    if command == "check":
        from panda_addon.cli.check import check  # noqa: PLC0415

        return check(rest)
    if command == "report":
        from panda_addon.cli.report import report  # noqa: PLC0415

        return report(rest)
    if command == "tail":
        from panda_addon.cli.tail import tail  # noqa: PLC0415

        return tail(rest)
    if command in ("--version", "-V"):
        write(f"panda {__version__}\n")
        return 0
    known = command in ("--help", "-h", "help")
    (write if known else say)(USAGE)
    return 0 if known else 2
