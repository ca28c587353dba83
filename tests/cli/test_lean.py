import h11
import pytest
from h11._receivebuffer import ReceiveBuffer
from mitmproxy.proxy.layers.http import _http1

from panda_addon.cli import lean


@pytest.fixture
def lightened(monkeypatch):
    """mitmproxy as `panda run` has it, for one test."""
    monkeypatch.setattr(_http1, "make_body_reader", _http1.make_body_reader)
    monkeypatch.setattr(lean.http.MessageData, "__post_init__", lean.http.MessageData.__post_init__)
    lean.lighten()


def read(reader, *pieces: bytes) -> list[bytes | str]:
    """What a reader gives for each piece of a body that arrives: data, and the end."""
    buffer = ReceiveBuffer()
    given: list[bytes | str] = []
    for piece in pieces:
        buffer += piece
        while (event := reader(buffer)) is not None:
            given.append(bytes(event.data) if isinstance(event, h11.Data) else "end")
            if isinstance(event, h11.EndOfMessage):
                break
    return given


@pytest.mark.parametrize(
    ("pieces", "given"),
    [
        ([b"1\r\na\r\n2\r\nbc\r\n"], [b"abc"]),
        ([b"1\r\na\r\n", b"2\r\nbc\r\n0\r\n\r\n"], [b"a", b"bc", "end"]),
        ([b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"], [b"abc", "end"]),
        ([b"3\r\na", b"bc\r", b"\n"], [b"a", b"bc"]),
        ([b"0\r\n\r\n"], ["end"]),
        ([b"1"], []),
    ],
)
def test_what_comes_at_once_is_given_at_once(lightened, pieces, given):
    """Chunks of one read are one piece; nothing waits for the next read."""
    assert read(_http1.make_body_reader(None), *pieces) == given


def test_a_mistake_comes_after_what_was_good_before_it(lightened):
    """The chunks before one that is none are given; the mistake is then raised, and stays."""
    reader, buffer = _http1.make_body_reader(None), ReceiveBuffer()
    buffer += b"1\r\na\r\n1\r\nb\r\nx\r\n"
    assert bytes(reader(buffer).data) == b"ab"
    for _ in range(2):
        with pytest.raises(h11.ProtocolError):
            reader(buffer)
    buffer = ReceiveBuffer()
    buffer += b"x\r\n"
    with pytest.raises(h11.ProtocolError):
        _http1.make_body_reader(None)(buffer)


def test_a_body_that_breaks_off_is_a_mistake(lightened):
    """The end of the connection is no end of a chunked body."""
    with pytest.raises(h11.ProtocolError):
        _http1.make_body_reader(None).read_eof()


def test_bodies_of_a_known_length_are_read_as_ever(lightened):
    """Only chunked bodies come in pieces that are the sender's."""
    assert not isinstance(_http1.make_body_reader(3), lean.Joined)
    assert read(_http1.make_body_reader(3), b"ab", b"c") == [b"ab", b"c", "end"]
