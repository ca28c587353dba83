"""A streamed answer under a policy: bytes in, bytes out, with no I/O in between.

Events leave in the order in which they came, each as soon as it is decided what becomes of all its texts; an event that
nothing is to be done to leaves byte for byte. Where one text would keep the others waiting for longer than its longest
phrase takes, those go ahead of it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from panda_addon.checks.watch import MAX_ENCODED, Terms, Watch
from panda_addon.exchange import Bill, Exchange, Span, Uninspected
from panda_addon.judge import judge, refusal_for
from panda_addon.policy.model import Policy
from panda_addon.runs import Run, Templates
from panda_addon.transcript import Transcript
from panda_addon.verdict import Action, Finding, Put, Refusal, Verdict
from panda_addon.waiting import Held, Line, Part
from panda_addon.wire import events
from panda_addon.wire.dependents import shifted
from panda_addon.wire.document import Document, open_data
from panda_addon.wire.ending import Progress, ending, numbered
from panda_addon.wire.errors import WireError
from panda_addon.wire.names import public
from panda_addon.wire.on_demand import demanded
from panda_addon.wire.sse import Event, Splitter, read_event

# The most texts that one stream may go on with: 128 answers with a dozen tool calls each.
MAX_TEXTS = 2_000

# So many characters are kept of a text that is undecided. Phrases are shorter, unless most of them shows nothing.
MAX_UNDECIDED = 2 * MAX_ENCODED

# How many different findings, and parts that could not be read, are kept of one stream.
_MAX_NOTES = 10_000
_MAX_PARTS = 100

_DONE = "[DONE]"


class Session:
    """One stream. `decision` is what its client is told to quote.

    After `refused` is set nothing more of the upstream's leaves. In a policy's audit mode what comes out is what went
    in, at once. What the stream used was `demanded` if only Panda asked for it: then the event that says so is taken out.
    Raises WireError, from any method, where the stream cannot be read for certain; then `give_up` hands out what is
    still held.
    """

    def __init__(
        self, policy: Policy, endpoint: str | None = None, decision: str = "", *, demanded: bool = False
    ) -> None:
        self.refused: Refusal | None = None
        self.action = Action.ALLOW
        self.findings: list[Finding] = []
        self.uninspected: list[Uninspected] = []
        # What it has said of its price by now.
        self.bill = Bill()
        # Events and characters of text that have left.
        self.events = 0
        self.chars = 0
        # What the upstream has said, whatever of it has left.
        self.heard = Transcript()
        self._demanded = demanded
        self._policy = policy
        self._endpoint = endpoint
        self._decision = decision
        self._splitter = Splitter()
        counts = [0] * len(policy.response_phrases.lists)
        self._terms = Terms(policy.response_phrases, policy.redaction, policy.enforce, counts)
        # All texts there are, and those that may go on.
        self._watches: dict[str, Watch] = {}
        self._growing: dict[str, Watch] = {}
        self._moved = False
        self._first = True
        self._said = False
        # Events that came and are not in the line yet, those in it, and what is about to leave.
        self._coming: deque[bytes] = deque()
        self._line = Line()
        self._out: list[bytes] = []
        self._templates = Templates()
        self._progress = Progress("responses" if endpoint == "responses" else "chunks")
        self._seen: set[tuple[str, int | None, int | None, str | None, str]] = set()

    def feed(self, data: bytes) -> bytes:
        """What may leave now that `data` has come."""
        if self.refused is not None:
            return b""
        run = Run()
        self._coming.extend(self._splitter.feed(data))
        for raw in tuple(self._coming):
            if run.takes(raw):
                continue
            self._take_run(run)
            run = self._templates.start(raw)
            if not run and self.refused is None:
                self._take(raw)
            if self.refused is not None:
                break
        self._take_run(run)
        return self._sent()

    @property
    def finished(self) -> bool:
        """Whether it has said that this was all, and all of it has left."""
        return self._said and not self._line

    def close(self) -> bytes:
        """What leaves when nothing more will come."""
        rest = self._splitter.finish()
        if rest and self.refused is None:
            self._coming.append(rest)
            self._take(rest)
        if self.refused is None:
            self._close([""])
        return self._sent()

    def cut_short(self) -> None:
        """Judge to its end what has come, though the stream did not come to its own."""
        if self._splitter.finish():
            self._overlook(Uninspected("", "incomplete"))
        self._close([""])

    def give_up(self) -> bytes:
        """All that is held and not judged, as it came."""
        held = [held.event.raw for held in self._line.empty()]
        self._out += [*held, *self._coming, self._splitter.finish()]
        self._coming.clear()
        return self._sent()

    def refuse(self, why: Refusal) -> bytes:
        """End the stream: what its client is sent last."""
        self._end(why)
        return self._sent()

    def _end(self, why: Refusal) -> None:
        self.refused = why
        self._line.empty()
        self._coming.clear()
        self._out.append(ending(self._progress, why, self._policy.name, self._decision))

    def _sent(self) -> bytes:
        sent = b"".join(self._out)
        self._out.clear()
        return sent

    def _take(self, raw: bytes) -> None:
        """Judge one event, and send what may leave now."""
        event = read_event(raw, first=self._first)
        self._first = False
        data = event.data.strip() if event.data else ""
        held = Held(event)
        closes: tuple[str, ...] = ()
        stopped = self._judge_other(held, event.other) if event.other else None
        if data == _DONE:
            closes = ("",)
        elif data:
            held.document = open_data(event.data or "")
            stopped, closes = self._read(held, held.document, stopped)
        if self._demanded and held.document is not None and not held.parts and demanded(held.document.value):
            # Nobody waits for it.
            self._coming.popleft()
        else:
            self._wait(held)
        if stopped is not None:
            self._stop(stopped)
        else:
            self._close(closes)

    def _take_run(self, run: Run) -> None:
        """Judge events of which a template has told what they say: each a piece of one text, and nothing else."""
        watch = run.watch
        if watch is None or not run or self.refused is not None:
            return
        if self._line and len(run.raws) > 1:
            # Whether one of them may go ahead of what waits is asked at every event, however many come at once.
            taken = 0
            while self._line and taken < len(run.raws):
                self._take_run(run.cut(taken, taken + 1))
                taken += 1
            self._take_run(run.cut(taken, len(run.raws)))
            return
        start = watch.length
        text = "".join(run.texts)
        self.heard.add(watch.place, text)
        watch.feed(text)
        stopped = self._collect(watch)
        for raw, text, number in zip(run.raws, run.texts, run.numbers, strict=True):
            end = start + len(text)
            if end <= watch.decided and not (self._line or stopped or watch.redacts):
                self._left(number)
                self.chars += len(text)
                self._out.append(self._coming.popleft())
            else:
                self._wait(Held(Event(raw, None), parts=[Part(watch, run.pointer, start, text)], number=number))
            start = end
        if stopped is not None:
            self._stop(stopped)
        else:
            self._leave()

    def _wait(self, held: Held) -> None:
        """Put the event that came first in the line."""
        self._line.add(held)
        self._coming.popleft()

    def _read(self, held: Held, document: Document, stopped: Finding | None) -> tuple[Finding | None, tuple[str, ...]]:
        """Judge what the JSON of an event says: what ends the stream, if anything, and the places it closes."""
        value = document.value
        name = held.event.name
        reading = events.read(value, name)
        if isinstance(value, dict):
            self._progress.note(value)
            held.number = numbered(value)
        if reading.bill is not None:
            self.bill = self.bill.then(reading.bill)
        for part in reading.uninspected:
            self._overlook(Uninspected(events.place(value, part.at, name), part.reason))
        if reading.spans and stopped is None:
            verdict = self._judge(reading.spans)
            found = [replace(finding, at=events.place(value, finding.at, name)) for finding in verdict.findings]
            self._note(found)
            held.edits = list(verdict.edits)
            stopped = _blocking(verdict, found)
        for fragment in reading.fragments:
            watch = self._watch(fragment.place)
            held.parts.append(Part(watch, fragment.pointer, watch.length, fragment.text))
            if stopped is None:
                self.heard.add(watch.place, fragment.text)
                watch.feed(fragment.text)
                stopped = self._collect(watch)
        for place, pointer, said in events.annotations(value):
            if said and (annotated := self._growing.get(place)) is not None:
                # It counts characters of the text, and waits for what of that came before it.
                held.parts.append(Part(annotated, pointer, annotated.length, ""))
        self._templates.learn(held, reading)
        return stopped, reading.closes

    def _judge_other(self, held: Held, text: str) -> Finding | None:
        """Judge what is in an event beside its data: comments and fields that mean nothing, which can be left out."""
        verdict = self._judge([Span("", text)])
        self._note(verdict.findings)
        held.bare = bool(verdict.edits)
        return _blocking(verdict, verdict.findings)

    def _judge(self, spans: list[Span]) -> Verdict:
        return judge(Exchange(side="response", endpoint=self._endpoint, spans=tuple(spans)), self._policy)

    def _watch(self, place: str) -> Watch:
        watch = self._watches.get(place)
        if watch is None:
            if len(self._watches) >= MAX_TEXTS:
                raise WireError("the stream has too many texts")
            watch = Watch(place, self._terms, nested=place.endswith("/arguments"))
            self._watches[place] = self._growing[place] = watch
        if watch.closed:
            raise WireError("a text of the stream goes on behind its end")
        return watch

    def _collect(self, watch: Watch) -> Finding | None:
        """Take over what a watch has found; the finding that ends the stream, if it is among it."""
        if watch.findings:
            self._note(watch.findings)
            watch.findings = []
        if watch.kept > MAX_UNDECIDED + self._terms.phrases.index.longest:
            raise WireError("too much of a text is undecided")
        return watch.stopped and replace(watch.stopped, at=public(watch.place))

    def _note(self, findings: Iterable[Finding]) -> None:
        """Keep findings, each once: an answer's texts come by several times."""
        for finding in findings:
            action = finding.action if self._policy.enforce else min(finding.action, Action.AUDIT)
            self.action = max(self.action, action)
            key = (finding.at, finding.start, finding.end, finding.rule, finding.code)
            if key not in self._seen and len(self._seen) < _MAX_NOTES:
                self._seen.add(key)
                self.findings.append(replace(finding, at=public(finding.at)))

    def _overlook(self, part: Uninspected) -> None:
        if part not in self.uninspected and len(self.uninspected) < _MAX_PARTS:
            self.uninspected.append(part)

    def _close(self, places: Iterable[str]) -> None:
        """Close the texts at and below some places, and send what may leave now."""
        closed = frozenset(places)
        self._said = self._said or "" in closed
        for watch in tuple(self._growing.values()) if closed else ():
            if "" in closed or any(above in closed for above in events.above(watch.place)):
                watch.feed("", last=True)
                del self._growing[watch.place]
                stopped = self._collect(watch)
                if stopped is not None:
                    self._stop(stopped)
                    return
        self._leave()

    def _leave(self) -> None:
        """Send what is decided."""
        leaving = self._line.leave(self._terms.acting().longest * len(self._growing))
        for at, held in enumerate(leaving):
            try:
                self._out.append(self._write(held))
            except WireError:
                self._line.restore(leaving[at:])
                raise

    def _write(self, held: Held) -> bytes:
        """An event as it leaves. Raises WireError where its edits would leave no JSON."""
        edits = held.edits
        for part in held.parts:
            edits += part.watch.edits(part.pointer, part.start, part.text)
            self.chars += max(0, min(len(part.text), part.watch.decided - part.start))
            self._moved = self._moved or bool(part.watch.moves)
        number = self._line.number(held)
        self._left(held.number if number is None else number)
        puts = [] if number is None else [Put("sequence_number", number)]
        if held.document is None and (edits or puts):
            # A template told what it says.
            held.event = read_event(held.event.raw)
            held.document = open_data(held.event.data or "")
        literals = self._annotations(held.document) if self._moved and held.document else {}
        data = held.event.data
        if held.document and (edits or puts or literals):
            data = held.document.write(edits, puts, literals).decode()
        elif not held.bare:
            return held.event.raw
        return held.event.write(data, bare=held.bare)

    def _left(self, number: int | None) -> None:
        """Note that an event leaves."""
        self.events += 1
        self._progress.sent(number)

    def _annotations(self, document: Document) -> dict[str, str]:
        """The offsets of annotations that an event brings for a text of which something was replaced."""
        found: dict[str, str] = {}
        for place, pointer, annotations in events.annotations(document.value):
            watch = self._watches.get(place)
            if watch is not None:
                found.update(shifted(annotations, pointer, watch.moves))
        return found

    def _stop(self, finding: Finding) -> None:
        """End the stream because of a finding. What was decided by then leaves first, and nothing of what was not."""
        waiting = self._line.empty()
        for held in waiting:
            if held.shows or (held is not waiting[-1] and not held.parts):
                self._out.append(self._write(held))
        self._end(refusal_for(finding))


def _blocking(verdict: Verdict, findings: Iterable[Finding]) -> Finding | None:
    """The finding for which a stream is ended, if its verdict is that."""
    if verdict.refusal is None:
        return None
    return next(finding for finding in findings if finding.action is Action.BLOCK)
