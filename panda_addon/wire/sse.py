"""Server-sent events: from bytes to events, and an event with other data back to bytes.

Reads as the HTML standard says (section 9.2, "Server-sent events"): lines end in LF, CR LF or CR, an empty line ends an
event, comments start with a colon. An event keeps the bytes it came in.
"""

import re
from dataclasses import dataclass

from panda_addon.wire.errors import WireError

# The largest events repeat a whole answer with its pictures, so they may be as large as a plain answer.
MAX_EVENT = 64 << 20

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_BLANK = re.compile(rb"\n+")
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_BOM = b"\xef\xbb\xbf"
_DATA = re.compile(rb"(?:\xef\xbb\xbf)?data(?:: ?|\Z)")
_NAME = re.compile(rb"(?:\xef\xbb\xbf)?event: ?(.*)")
# Lines that say nothing but which event this is: what stands in them is no text.
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:event|id|retry): ?[\w.:-]{0,128}|:)?")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `data` is None where it has none, `name` its `event` field; `other` what else might be text in it."""

    raw: bytes
    data: str | None
    other: str = ""
    name: str = ""

    def write(self, data: str | None, *, bare: bool = False) -> bytes:
        """Its bytes with other data; every other line stays as it was, but where it is `bare` of all other text."""
        written: list[bytes] = []
        first = data != self.data
        for line, end in _LINE.findall(self.raw):
            prefix = _DATA.match(line)
            if prefix is None or data is None or data == self.data:
                written += (line, end) if prefix or not bare or _PLAIN.fullmatch(line) else ()
            elif first:
                first = False
                for part in data.encode().split(b"\n"):
                    written += prefix[0] if prefix[0].endswith((b":", b" ")) else b"data:", part, end
        return b"".join(written)


class Splitter:
    """Cuts a stream of bytes into events."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        # Nothing before this ends the first event.
        self._searched = 0
        self._returns = False

    def finish(self) -> bytes:
        """What came behind the last whole event; it is handed over, once."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes. Raises WireError for one that is larger than anyone sends in earnest."""
        if not self._buffer and not self._returns and data.find(b"\n\n", 1) == len(data) - 2 > 0 and b"\r" not in data:
            # One whole event, as most pieces are.
            return [data]
        self._buffer += data
        self._returns = self._returns or b"\r" in data
        found: list[bytes] = []
        start = 0
        while (end := self._end(start)) >= 0:
            found.append(bytes(self._buffer[start:end]))
            start = end
        if start:
            del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > MAX_EVENT and not found:
            raise WireError("an event of the stream is too large")
        return found

    def _end(self, start: int) -> int:
        """The end of the event that begins at `start`, or -1. Empty lines before one are an event without anything."""
        blank = _BLANK.match(self._buffer, start)
        if blank is not None:
            return blank.end()
        start = max(start, self._searched)
        if not self._returns:
            end = self._buffer.find(b"\n\n", start)
            return end if end < 0 else end + 2
        match = _END.search(self._buffer, start)
        if match is None or (match.end() == len(self._buffer) and match[0].endswith(b"\r")):
            # The next byte may be the second half of a line end.
            return -1
        return match.end()


def read_event(raw: bytes, *, first: bool = False) -> Event:
    """An event from its bytes, maybe the stream's first. Raises WireError where clients may read them differently."""
    if raw.startswith(b"\n") and not raw.strip(b"\n"):
        return Event(raw, None)
    try:
        if raw.startswith(b"data: ") and raw.endswith(b"\n\n") and raw.count(b"\n") == 2 and b"\r" not in raw:
            return Event(raw, raw[6:-2].decode())
        data: list[bytes] = []
        other: list[bytes] = []
        name = b""
        for number, line in enumerate(raw.splitlines()):
            prefix = _DATA.match(line)
            if line.startswith(_BOM) and not (first and number == 0):
                raise WireError("a line of the stream begins with a byte order mark")
            name = found[1] if (found := _NAME.fullmatch(line)) else name
            if prefix is not None:
                data.append(line[prefix.end() :])
            elif not _PLAIN.fullmatch(line):
                other.append(line)
        text = b"\n".join(data).decode() if data else None
        if raw.startswith(_BOM) and len(data) > 1:
            # Some clients leave out the line that it is in.
            raise WireError("an event of several lines begins with a byte order mark")
        return Event(raw, text, b"\n".join(other).decode(), name.decode())
    except UnicodeDecodeError as error:
        raise WireError("an event of the stream is not valid UTF-8") from error
