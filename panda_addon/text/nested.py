r"""JSON inside text, as in a tool call's arguments: what it says, character for character beside how it is written.

A view has the length of the text it is of, so that offsets into one are offsets into the other: an escape is the
character it stands for, followed by filling that folds to nothing, and the quotes of a literal are a barrier that no
phrase reaches across. Text that is not JSON is viewed as well as may be: nothing of it is left out.
"""

import json
import re
from bisect import bisect_left, bisect_right

from panda_addon.text.fold import BARRIER, FILLING

_HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_IN = re.compile(rf'"|{_HIGH}{_LOW}|\\u[0-9a-fA-F]{{4}}|\\.?|[^"\\]+', re.DOTALL)
_OUT = re.compile(r'"|[^"]+')
# What more text may turn into another escape: an unfinished one, or half a pair of surrogates.
_UNFINISHED = re.compile(rf"(?:{_HIGH})?(?:\\(?:u[0-9a-fA-F]{{0,3}})?)?\Z")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_TOLD = re.compile(r"[^-+.eE]")
_TOKEN = re.compile(r"[^\s{}\[\],:]+")


class Lens:
    """Views a text that arrives in pieces. Offsets are code points of the whole text."""

    def __init__(self) -> None:
        self._rest = ""
        self._length = 0
        # Where literals begin and end, in turns; and how many of those are forgotten.
        self._quotes: list[int] = []
        self._gone = 0

    def feed(self, text: str, *, last: bool = False) -> str:
        """The view of a piece. The beginning of an escape is kept until the rest is there, or nothing follows."""
        text = self._rest + text
        self._rest = ""
        view: list[str] = []
        at = 0
        while at < len(text):
            within = bool((self._gone + len(self._quotes)) % 2)
            if within and not last and text[at] == "\\" and _UNFINISHED.match(text, at):
                self._rest = text[at:]
                break
            token = (_IN if within else _OUT).match(text, at)
            seen = token[0] if token else ""
            if seen == '"':
                self._quotes.append(self._length)
                view.append(BARRIER)
            else:
                view.append(_said(seen) if within and seen[0] == "\\" else seen)
            at += len(seen)
            self._length += len(seen)
        return "".join(view)

    def inside(self, offset: int) -> bool:
        """Whether the character at an offset is inside a literal."""
        return bool((self._gone + bisect_right(self._quotes, offset)) % 2)

    def forget(self, offset: int) -> None:
        """Forget what is before an offset: nobody will ask about it."""
        done = bisect_left(self._quotes, offset)
        self._gone += done
        del self._quotes[:done]

    def pieces(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """What of a redacted stretch is replaced: all of it in a literal, else its numbers and words.

        `text` is what is written there; half-open offsets.
        """
        if self.inside(start):
            return [(start, end)]
        return [(start + token.start(), start + token.end()) for token in _TOKEN.finditer(text)]

    def replacement(self, piece: str, offset: int, redaction: str) -> str:
        """What takes the place of a piece that begins at an offset, so that JSON stays JSON.

        That is the redaction in a literal, `null` for a word outside of one, and nines for the digits of a number.
        """
        if self.inside(offset):
            return json.dumps(redaction)[1:-1]
        return masked(piece) if self.numeric(piece, offset) else "null"

    def numeric(self, piece: str, offset: int) -> bool:
        """Whether a piece that begins at an offset is a number, or a part of one."""
        return piece[0] in "+-.0123456789" and not self.inside(offset)


def masked(number: str) -> str:
    """A number, or a part of one, of which only the form is told. Any part of it may be masked by itself."""
    return _TOLD.sub("9", number)


def _said(escape: str) -> str:
    """The character an escape stands for, filled up to the length in which it is written."""
    said = json.loads(f'"{escape}"') if len(escape) > 2 else _SHORT.get(escape[1:], escape[1:])
    return said + FILLING * (len(escape) - len(said))
