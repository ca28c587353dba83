import pytest

from panda_addon.text.readable import SHORTEST, behind, utf8, utf16


@pytest.mark.parametrize(
    ("read", "data", "said"),
    [
        (utf8, b"", ("", 0, None)),
        (utf8, "dárn".encode(), ("dárn", 5, None)),
        # a character of which the rest may come, and what is none
        (utf8, b"da\xc3", ("da", 2, None)),
        (utf8, b"da\xc3n", ("da", 2, 3)),
        (utf8, b"da\xffrn", ("da", 2, 2)),
        # it does not begin with a control character, and may have some
        (utf8, b"\0darn", ("", 0, 0)),
        (utf8, b"\tda\0rn", ("\tda\0rn", 6, None)),
        # characters that nobody has given a meaning end it
        (utf8, "da\ue000rn".encode(), ("da", 2, 4)),
        # up to three bytes may be none
        (behind, b"\xffdarn", ("darn", 5, None)),
        (behind, b"\0\0\0darn", ("darn", 7, None)),
        (behind, b"\0\0\0\0darn", ("", 0, 0)),
        (behind, b"\xffdarn\xff", ("darn", 5, 5)),
        # what begins in time is not behind anything
        (behind, b"darn\xff", ("", 0, 0)),
        (behind, b"\xffda\xffrn", ("", 0, 0)),
        (utf16, "darn".encode("utf-16-le"), ("darn", 8, None)),
        (utf16, "darn".encode("utf-16-be"), ("darn", 8, None)),
        (utf16, b"\xff\xfe" + "中文".encode("utf-16-le"), ("中文", 6, None)),
        (utf16, b"\xfe\xff" + "中文".encode("utf-16-be"), ("中文", 6, None)),
        # half a character is waited for
        (utf16, b"d\0a\0r", ("da", 4, None)),
        (utf16, b"d\0a\0\x3d\xd8", ("da", 4, None)),
        (utf16, b"d\0a", ("", 0, None)),
        (utf16, b"darn", ("", 0, 0)),
        (utf16, b"d\0a\0\x3d\xd8n\0", ("da", 4, 7)),
    ],
)
def test_bytes_are_read_as_far_as_they_are_text(read, data, said):
    """What they say, how many that takes, and which showed that it does not go on."""
    assert read(data) == said


@pytest.mark.parametrize("read", [utf8, behind, utf16])
@pytest.mark.parametrize(
    "data",
    [
        b"darn it all",
        "дарн 中文 😀 é".encode(),
        b"\xff\0darn it",
        "darn 😀 it".encode("utf-16-le"),
        b"\xfe\xff" + "中😀文".encode("utf-16-be"),
        b"da\xffrn",
        "da\ue000rn it".encode(),
        b"d\0a\0\0\xd8\0\0rn",
    ],
)
def test_more_bytes_take_back_nothing(read, data):
    """What a beginning is read as is the beginning of what is read, once it is long enough to be one."""
    whole, _, _ = read(data)
    for size in range(len(data) + 1):
        plain, length, _ = read(data[:size])
        assert length <= size
        # What is too short is none yet.
        assert len(plain.encode()) < SHORTEST or whole.startswith(plain)
