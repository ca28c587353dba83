"""Events on their way through: in order, each until it is decided what becomes of all its texts."""

from collections import deque
from dataclasses import dataclass, field

from panda_addon.checks.watch import Watch
from panda_addon.verdict import Edit
from panda_addon.wire.document import Document
from panda_addon.wire.errors import WireError
from panda_addon.wire.sse import MAX_EVENT, Event

# What may wait behind an undecided text before it goes past it: characters of text, and bytes. So many characters take
# any model a second or two.
MAX_BEHIND = 512
MAX_WAITING = 256 << 10


@dataclass(slots=True)
class Part:
    """A piece of a text, in an event: where it stands there, and where in its text it begins."""

    watch: Watch
    pointer: str
    start: int
    text: str


@dataclass(slots=True)
class Held:
    """An event that has not left yet. One that a template told of has no document."""

    event: Event
    document: Document | None = None
    edits: list[Edit] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    number: int | None = None
    # To leave without what stands beside its data.
    bare: bool = False

    @property
    def decided(self) -> bool:
        """Whether it can leave."""
        return all(part.start + len(part.text) <= part.watch.decided for part in self.parts)

    @property
    def shows(self) -> bool:
        """Whether any of its text can leave."""
        return any(part.start < part.watch.decided for part in self.parts)

    @property
    def chars(self) -> int:
        """The length of its texts."""
        return sum(len(part.text) for part in self.parts)


class Line:
    """The events that wait."""

    def __init__(self) -> None:
        self._held: deque[Held] = deque()
        self._bytes = self._chars = 0
        self._numbers: deque[int] = deque()
        # Whether the first event is being overtaken.
        self._passing = False

    def __bool__(self) -> bool:
        return bool(self._held)

    def add(self, held: Held) -> None:
        """Let an event wait. Raises WireError where too much does."""
        if self._bytes + len(held.event.raw) > 2 * MAX_EVENT:
            raise WireError("too much of the stream is undecided")
        self._held.append(held)
        self._bytes += len(held.event.raw)
        self._chars += held.chars
        if held.number is not None:
            self._numbers.append(held.number)

    def leave(self, longest: int) -> list[Held]:
        """The events that can leave now: in order, and past one that cannot only where too much waits behind it.

        That is more text than `longest`, which the first one's text may need to be decided.
        """
        leaving: list[Held] = []
        while self._held and self._held[0].decided:
            leaving.append(self._held.popleft())
            self._gone(leaving[-1])
            self._passing = False
        self._passing = bool(self._held) and (self._passing or self._crowded(max(longest, MAX_BEHIND)))
        if self._passing:
            leaving += self._overtake()
        return leaving

    def restore(self, leaving: list[Held]) -> None:
        """Take back events that could not leave."""
        self._held.extendleft(reversed(leaving))

    def number(self, held: Held) -> int | None:
        """The number an event leaves with, if that is another than it came with: numbers stay in order."""
        if held.number is None or (first := self._numbers.popleft()) == held.number:
            return None
        return first

    def empty(self) -> list[Held]:
        """Every event that waits, which it does no longer."""
        held = list(self._held)
        self._held.clear()
        self._bytes = self._chars = 0
        return held

    def _gone(self, held: Held) -> None:
        self._bytes -= len(held.event.raw)
        self._chars -= held.chars

    def _crowded(self, most: int) -> bool:
        first = self._held[0]
        return self._chars - first.chars > most or self._bytes - len(first.event.raw) > MAX_WAITING

    def _overtake(self) -> list[Held]:
        leaving: list[Held] = []
        kept: deque[Held] = deque()
        texts: set[str] = set()
        for held in self._held:
            # A text stays in order, also where it shares an event with one that is undecided.
            own = {part.watch.place for part in held.parts}
            if held.decided and not own & texts:
                leaving.append(held)
                self._gone(held)
            else:
                kept.append(held)
                texts |= own
        self._held = kept
        return leaving
