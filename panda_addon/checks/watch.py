"""A text that comes in pieces under the phrase lists of a policy: what is found in it, and what becomes of it.

However it is cut, what is found and what is written is what `check` finds in the whole text and the judge makes of it.
"""

import re
from collections import deque
from dataclasses import dataclass

from panda_addon.checks.phrases import MAX_FINDINGS, finding, too_many
from panda_addon.checks.places import Place, Places
from panda_addon.policy.model import Phrases
from panda_addon.text.fold import FILLING, neutral
from panda_addon.text.nested import Lens, masked
from panda_addon.text.phrases import Hit, PhraseIndex
from panda_addon.text.spans import insert
from panda_addon.text.window import Window
from panda_addon.verdict import Action, Edit, Finding

_NOTHING = PhraseIndex(())

# A run of base64 and the like is waited for, and looked into, so far.
MAX_ENCODED = 4096

# JSON may write a character beyond the first 65,536 as two, and a sender may cut between them.
_HIGH = re.compile("[\ud800-\udbff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Terms:
    """What all texts of one stream are watched by. `counts` are the findings of each list so far, of all texts."""

    phrases: Phrases
    redaction: str
    enforce: bool
    counts: list[int]

    def acting(self) -> PhraseIndex:
        """The phrases for which text waits."""
        return self.phrases.acting if self.enforce else _NOTHING

    def stops(self, hit: Hit) -> bool:
        """Whether a stream ends where this is found."""
        return self.enforce and any(
            self.phrases.lists[owner].action is Action.BLOCK for owner in self.phrases.owners(hit)
        )


class Watch:
    """One text of a stream, known by its place in the answer. Offsets are code points of that text.

    `findings` are for the caller to take; `stopped` is the one that ends the stream.
    """

    def __init__(self, place: str, terms: Terms, *, nested: bool) -> None:
        self.place = place
        self.length = 0
        self.closed = False
        self.findings: list[Finding] = []
        self.stopped: Finding | None = None
        # What was replaced so far, and by how many characters.
        self.moves: list[tuple[int, int, int]] = []
        self._terms = terms
        self._window = Window(terms.phrases.index, terms.acting(), terms.stops, MAX_ENCODED)
        self._lens = Lens() if nested else None
        # The first half of a character whose second may come.
        self._half = ""
        # By list: in order, and none overlaps another.
        self._open: dict[int, Places] = {}
        # Stretches to be replaced that are not, or not to their end: in order, and none touches another.
        self._redacted: deque[tuple[int, int]] = deque()
        # Whether the last stretch that was replaced is a number.
        self._numeric = False

    @property
    def decided(self) -> int:
        """Up to here it is certain what becomes of the text."""
        return self._window.decided if self._terms.acting() else self.length

    @property
    def kept(self) -> int:
        """How much of the text is kept, in characters."""
        return self._window.kept

    @property
    def redacts(self) -> bool:
        """Whether anything that has come is still to be replaced."""
        return bool(self._redacted)

    def feed(self, text: str, *, last: bool = False) -> None:
        """Take in the next piece; with `last` there will be no other."""
        self.length += len(text)
        self.closed = last
        view = self._whole(text, last=last)
        if self._lens:
            view = self._lens.feed(view, last=last)
        for hit in self._window.feed(view, last=last):
            for owner in self._terms.phrases.owners(hit):
                self._note(owner, hit)
        if self._open:
            self._conclude(self._window.undecided if self.stopped is None else self.length + 1)

    def _whole(self, text: str, *, last: bool) -> str:
        """The text with characters that were cut in two put together, and filled up to the length they had."""
        text = self._half + neutral(text)
        self._half = ""
        if text and _HIGH.match(text[-1]) and not last:
            self._half, text = text[-1], text[:-1]
        return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16") + FILLING, text)

    def edits(self, pointer: str, start: int, text: str) -> list[Edit]:
        """What is to be done to the piece that begins at `start`; pieces are to be asked for in order, each once.

        Of one that is not decided to its end the rest is cut away: so it is where the stream was stopped.
        """
        end = start + len(text)
        shown = min(end, max(start, self.decided))
        found: list[Edit] = []
        while self._redacted and self._redacted[0][0] < shown:
            begins, ends = self._redacted[0]
            first, last = max(begins, start), min(ends, shown)
            pieces = self._pieces(text[first - start : last - start], first, last) if first < last else ()
            found += [self._edit(pointer, start, text, piece) for piece in pieces]
            if ends > shown:
                break
            self._redacted.popleft()
        if self._lens:
            self._lens.forget(shown)
        if shown < end:
            found.append(Edit(pointer, shown - start, len(text), ""))
        return found

    def _pieces(self, text: str, first: int, last: int) -> list[tuple[int, int]]:
        return self._lens.pieces(text, first, last) if self._lens else [(first, last)]

    def _edit(self, pointer: str, start: int, text: str, piece: tuple[int, int]) -> Edit:
        first, last = piece
        written = text[first - start : last - start]
        if self.moves and self.moves[-1][1] == first:
            # The same stretch goes on: what takes its place was written where it began, but for a number's digits.
            before, _, length = self.moves.pop()
            redaction = masked(written) if self._numeric else ""
            self.moves.append((before, last, length + len(redaction)))
        else:
            redaction = self._terms.redaction
            if self._lens:
                self._numeric = self._lens.numeric(written, first)
                redaction = self._lens.replacement(written, first, redaction)
            self.moves.append((first, last, len(redaction)))
        return Edit(pointer, first - start, last - start, redaction)

    def _note(self, owner: int, hit: Hit) -> None:
        """Join an occurrence to those of its list that it overlaps."""
        rule = self._terms.phrases.lists[owner]
        place = self._open.setdefault(owner, Places()).add(hit)
        if self._terms.enforce and rule.action is Action.REDACT:
            insert(self._redacted, hit.start, hit.end)
        if self._terms.enforce and rule.action is Action.BLOCK and self.stopped is None:
            self.stopped = finding("response", self.place, rule, place)

    def _conclude(self, upto: int) -> None:
        """Tell of the findings that nothing which starts at `upto` or later can join."""
        for owner, found in list(self._open.items()):
            for place in found.take(upto):
                self._tell(owner, place)
        self._open = {owner: found for owner, found in self._open.items() if len(found)}

    def _tell(self, owner: int, place: Place) -> None:
        counts, rule = self._terms.counts, self._terms.phrases.lists[owner]
        if counts[owner] >= MAX_FINDINGS:
            return
        counts[owner] += 1
        self.findings.append(finding("response", self.place, rule, place))
        if counts[owner] == MAX_FINDINGS and rule.action is Action.REDACT:
            self.findings.append(too_many("response", rule))
            if self._terms.enforce and self.stopped is None:
                self.stopped = self.findings[-1]
