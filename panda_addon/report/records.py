"""The records of a log: each line's JSON, and what could not be read said once and with its place."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from panda_addon.report.files import MAX_LINE, Source, lines, pieces

type Record = dict[str, Any]

# Money is summed exactly, so no number with a point becomes a float.
_decode = json.JSONDecoder(parse_float=Decimal).decode


@dataclass(slots=True)
class _Bad:
    """Lines of one log that are no records: how many, and the number of the first."""

    count: int = 0
    first: int = 0

    def at(self, number: int) -> None:
        self.first = self.first or number
        self.count += 1


def parsed(line: bytes) -> Record | None:
    """The record that a line holds; None if it holds none. Numbers with a point are Decimals."""
    if len(line) > MAX_LINE:
        return None
    try:
        found = _decode(line.decode())
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return found if type(found) is dict else None


def records(
    sources: list[Source],
    warn: Callable[[str], None],
    progress: Callable[[int], None] = lambda _bytes: None,
    see: Callable[[Record, Source], None] = lambda _record, _source: None,
) -> Iterator[Record]:
    """Every record of some logs, in their order. Raises LogError for a log that cannot be read.

    A line that holds no record is skipped; `warn` gets a sentence for each log that has any. `see` gets each record and
    the log it is from.
    """
    for source in sources:
        bad = _Bad()
        for number, line in enumerate(lines(pieces(source, warn, progress)), 1):
            if line.isspace():
                continue
            record = parsed(line)
            if record is not None:
                see(record, source)
                yield record
            elif line.endswith(b"\n") or len(line) >= MAX_LINE:
                bad.at(number)
            else:
                warn(f"{source.name}:{number}: the last line is torn: skipped")
        if bad.count:
            many = f"{bad.count:,} lines hold no record, the first of them here" if bad.count > 1 else "holds no record"
            warn(f"{source.name}:{bad.first}: {many}: skipped")
