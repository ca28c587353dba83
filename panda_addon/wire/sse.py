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
_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|\Z)")
_DATA = re.compile(rb"(?:\xef\xbb\xbf)?data(?:: ?|\Z)")
# Lines that say nothing but which event this is: what stands in them is no text.
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:event|id|retry): ?[\w.:-]{0,128}|:)?")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `data` is None where it has none; `other` is whatever else in it might be text."""

    raw: bytes
    data: str | None
    other: str = ""

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
        # Nothing before this ends an event.
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
        while (end := self._end(max(start, self._searched))) >= 0:
            found.append(bytes(self._buffer[start:end]))
            start = end
        if start:
            del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > MAX_EVENT and not found:
            raise WireError("an event of the stream is too large")
        return found

    def _end(self, start: int) -> int:
        """The end of the first event that ends behind `start`, or -1."""
        if not self._returns:
            end = self._buffer.find(b"\n\n", start)
            return end if end < 0 else end + 2
        match = _END.search(self._buffer, start)
        if match is None or (match.end() == len(self._buffer) and match[0].endswith(b"\r")):
            # The next byte may be the second half of a line end.
            return -1
        return match.end()


def read_event(raw: bytes) -> Event:
    """An event from its bytes. Raises WireError where they are not UTF-8."""
    try:
        if raw.startswith(b"data: ") and raw.endswith(b"\n\n") and raw.count(b"\n") == 2 and b"\r" not in raw:
            return Event(raw, raw[6:-2].decode())
        data: list[bytes] = []
        other: list[bytes] = []
        for line in raw.splitlines():
            prefix = _DATA.match(line)
            if prefix is not None:
                data.append(line[prefix.end() :])
            elif not _PLAIN.fullmatch(line):
                other.append(line)
        return Event(raw, b"\n".join(data).decode() if data else None, b"\n".join(other).decode())
    except UnicodeDecodeError as error:
        raise WireError("an event of the stream is not valid UTF-8") from error
