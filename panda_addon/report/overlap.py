"""Whether two logs hold the same calls, as a log and its packed copy do: every sum then has them twice.

Ids of calls are unique and a log is in the order of time, so of two logs that overlap one holds the first call of the
other. No other calls are remembered.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from panda_addon.report.figures import plain
from panda_addon.report.files import STDIN, Source, lines, pieces
from panda_addon.report.records import Record, parsed

# The first call is looked for in so many lines of a log: before it may be other events.
_LINES = 100
_CHUNK = 1 << 14


class Overlaps:
    """Looks at the records of some logs for the first call of each. Raises LogError for one that cannot be read."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._firsts = {str(call["id"]): call for call in map(_first, sources) if call}
        # The logs that hold such a call, by its id, in the order in which they are read.
        self._holders: dict[str, list[str]] = {name: [] for name in self._firsts}

    def see(self, record: Record, source: Source) -> None:
        """Take in one record of a log, as it was read."""
        name = record.get("id")
        if type(name) is str and name in self._firsts and record == self._firsts[name]:
            holders = self._holders[name]
            if source.name not in holders:
                holders.append(source.name)

    def told(self) -> Iterator[str]:
        """A sentence for each log that holds calls of one before it."""
        pairs: dict[tuple[str, str], str] = {}
        for name, holders in self._holders.items():
            for other in holders[1:]:
                pairs.setdefault((holders[0], other), name)
        for (first, other), name in pairs.items():
            yield f"{other} holds calls that {first} holds too, as {plain(name)}: what both hold is counted twice"


def _first(source: Source) -> Record | None:
    """A log's first call; None if it has none, or is a pipe, which can be read but once."""
    if source.path == STDIN or not Path(source.path).is_file():
        return None
    found = map(parsed, islice(lines(pieces(source, lambda _what: None, lambda _size: None, _CHUNK)), _LINES))
    return next(
        (call for call in found if call and call.get("event") == "exchange" and type(call.get("id")) is str), None
    )
