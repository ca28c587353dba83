"""Events of a stream that are recognised by a template, and judged together where they come together."""

from panda_addon.checks.watch import Watch
from panda_addon.waiting import Held
from panda_addon.wire.events import Reading
from panda_addon.wire.template import Template, learn

# How many templates are tried, the newest first, and how many are made of one stream.
_MAX_TEMPLATES = 4
_MAX_LEARNED = 64


class Run:
    """Events that one template tells of, each of which says a piece of one text and nothing else."""

    def __init__(self, template: Template | None = None, watch: Watch | None = None) -> None:
        self.watch = watch
        self.pointer = template.pointer if template else ""
        self.raws: list[bytes] = []
        self.texts: list[str] = []
        self.numbers: list[int | None] = []
        self._template = template

    def __bool__(self) -> bool:
        return bool(self.raws)

    def takes(self, raw: bytes) -> bool:
        """Take an event in if it is one of them."""
        if self._template is None or self.watch is None or self.watch.closed:
            return False
        found = self._template.match(raw)
        if found is None or not found[0]:
            return False
        self.raws.append(raw)
        self.texts.append(found[0])
        self.numbers.append(found[1])
        return True

    def cut(self, start: int, end: int) -> "Run":
        """Some of them, from one up to another."""
        some = Run(self._template, self.watch)
        some.raws, some.texts, some.numbers = self.raws[start:end], self.texts[start:end], self.numbers[start:end]
        return some


class Templates:
    """For events like those before: each with the text that such an event goes on with."""

    def __init__(self) -> None:
        self._known: list[tuple[Template, Watch]] = []
        self._learned = 0

    def start(self, raw: bytes) -> Run:
        """A run that begins with an event; an empty one if no template tells what it says."""
        for template, watch in self._known:
            run = Run(template, watch)
            if run.takes(raw):
                return run
        return Run()

    def learn(self, held: Held, reading: Reading) -> None:
        """Make a template of an event that has nothing to it but a piece of one text."""
        if len(held.parts) != 1 or held.document is None or self._learned >= _MAX_LEARNED:
            return
        # What else it says an event like it says again, with nothing new to follow from it.
        if reading.spans or (reading.bill and reading.bill.usage):
            return
        self._learned += 1
        part = held.parts[0]
        template = learn(held.event, held.document, part.pointer, part.text)
        if template is not None:
            self._known = [(template, part.watch), *self._known[: _MAX_TEMPLATES - 1]]
