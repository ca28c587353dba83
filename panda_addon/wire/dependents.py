"""What stands beside a text and says something about it by offsets or token by token: to be changed along with it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate

from panda_addon.verdict import Edit
from panda_addon.wire.names import escape, unescape
from panda_addon.wire.strictjson import Json

# A stretch of a text, half-open and in code points, and the length of what took its place.
type Move = tuple[int, int, int]

# Members of an annotation that are offsets into the text it belongs to, and whether one is an end.
_OFFSETS = {"start_index": False, "end_index": True, "index": False}

# The members whose text the annotations beside them are about.
_ANNOTATED = ("content", "text")


def dependents(value: Json, edits: Iterable[Edit]) -> dict[str, str]:
    """Pointers to what edits of a document make wrong, and the JSON to write there instead.

    Log probabilities spell out an edited text, so they go. The offsets of annotations move with it.
    """
    moves: dict[str, list[Move]] = defaultdict(list)
    for edit in edits:
        moves[edit.pointer].extend([] if edit.key else [(edit.start, edit.end, len(edit.text))])
    found: dict[str, str] = {}
    for pointer, moved in moves.items():
        holder: Json = None
        above = ""
        for holder, above, part in _path(value, pointer):
            logprobs = holder.get("logprobs") if isinstance(holder, dict) else None
            if isinstance(logprobs, (dict, list)):
                found[f"{above}/logprobs"] = "[]" if isinstance(logprobs, list) else "null"
            if isinstance(holder, dict) and part in _ANNOTATED and f"{above}/{part}" == pointer:
                found.update(shifted(holder.get("annotations"), f"{above}/annotations", sorted(moved)))
    return found


def shifted(annotations: Json, pointer: str, moves: list[Move]) -> dict[str, str]:
    """The offsets below a pointer as they are after `moves`, which are in order and do not overlap."""
    found: dict[str, str] = {}
    if not moves or not isinstance(annotations, (list, dict)):
        return found
    shift = _Shift(moves)
    pending: list[tuple[str, Json]] = [(pointer, annotations)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, list):
            pending += [(f"{place}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            for name, member in value.items():
                if name in _OFFSETS and type(member) is int:
                    found[f"{place}/{name}"] = str(shift.moved(member, end=_OFFSETS[name]))
                elif isinstance(member, (list, dict)):
                    pending.append((f"{place}/{escape(name)}", member))
    return found


class _Shift:
    """Where offsets go when stretches of a text are replaced."""

    def __init__(self, moves: list[Move]) -> None:
        self._moves = moves
        self._starts = [start for start, _, _ in moves]
        self._ahead = [0, *accumulate(length - (stop - start) for start, stop, length in moves)]

    def moved(self, offset: int, *, end: bool) -> int:
        """An offset after the moves. One inside a stretch goes to its edge: an end behind what took its place."""
        before = bisect_left(self._starts, offset)
        if before:
            start, stop, length = self._moves[before - 1]
            if stop > offset:
                return start + self._ahead[before - 1] + (length if end else 0)
        return offset + self._ahead[before]


def _path(value: Json, pointer: str) -> Iterator[tuple[Json, str, str]]:
    """The containers on the way to what a pointer leads to: each, its own pointer, and the part that goes on."""
    above = ""
    for part in pointer.split("/")[1:]:
        yield value, above, part
        if isinstance(value, dict):
            value = value[unescape(part)]
        elif isinstance(value, list):
            value = value[int(part)]
        above += f"/{part}"
