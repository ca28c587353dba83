"""What `panda run` saves mitmproxy from doing. Each of these was measured, and none changes what a client sees."""

import h11
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import http
from mitmproxy.proxy.layers.http import _http1

type _Event = h11.Data | h11.EndOfMessage | None

_make_reader = _http1.make_body_reader


def lighten() -> None:
    """Make this process's mitmproxy do less."""
    # The check of every field's type at every message is a twentieth of a call's time. mitmproxy has it to help those
    # who write addons; `python -O` drops it too, and every other check with it. The one addon at work here has its
    # types checked before it runs.
    http.MessageData.__post_init__ = lambda _self: None  # type: ignore[method-assign]
    _http1.make_body_reader = _joined_reader  # type: ignore[assignment]


def _joined_reader(expected_size: int | None) -> "_http1.TBodyReader | Joined":
    """The reader that mitmproxy makes for the size a head announces; of a chunked body, which has none, joined."""
    reader = _make_reader(expected_size)
    return Joined(reader) if expected_size is None else reader


class Joined:
    """A reader of a chunked body that gives all the data that has come as one piece.

    mitmproxy takes each chunk through all its layers, encrypts and sends it by itself, though a busy stream brings
    dozens in one read: joined, they take a quarter of the time. Nothing waits for it.
    """

    def __init__(self, reader: _http1.TBodyReader) -> None:
        self._reader = reader
        self._next: _Event = None
        self._error: h11.ProtocolError | None = None

    def __call__(self, buffer: ReceiveBuffer) -> _Event:
        """The next of what is in the buffer; None if there is no more. Raises h11's ProtocolError."""
        if self._error is not None:
            raise self._error
        found, self._next = self._next, None
        if found is not None:
            return found
        pieces: list[bytes] = []
        try:
            while isinstance(found := self._reader(buffer), h11.Data):
                pieces.append(bytes(found.data))
        except h11.ProtocolError as error:
            if not pieces:
                raise
            # What came before the mistake is good.
            self._error = error
        if not pieces:
            return found
        self._next = found
        return h11.Data(b"".join(pieces))

    def read_eof(self) -> _Event:
        """What the end of the connection means. Raises h11's ProtocolError."""
        return self._reader.read_eof()
