"""What can be read of bytes as text: UTF-8, also behind a few bytes that are none, and UTF-16.

Each reading of a beginning is the beginning of the reading: what more bytes there are takes back nothing.
"""

import unicodedata

# What is shorter, in bytes of UTF-8, is no text.
SHORTEST = 4
# So many bytes that cannot be read may stand before one.
_MOST_BEFORE = 3

# What can be read of bytes; how many of them that takes from the first on; and the first that showed that the next
# cannot be read, None as long as they may go on.
type Said = tuple[str, int, int | None]
_NOTHING: Said = "", 0, 0


def utf8(data: bytes, shows: int = 1) -> Said:
    """UTF-8, as far as it can be read. Of its first characters so many are no control characters, but for blanks."""
    try:
        text, bad = data.decode(), None
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
        cut = error.reason == "unexpected end of data"
        bad = None if cut else error.start if error.reason == "invalid start byte" else error.end
    return _shown(text, "utf-8", bad, shows)


def behind(data: bytes) -> Said:
    """UTF-8 that begins behind some bytes that cannot be read."""
    begins = 0
    while begins <= _MOST_BEFORE:
        plain, length, bad = utf8(data[begins:], SHORTEST if begins else 1)
        if bad is None or length >= SHORTEST:
            found = plain, begins + length, None if bad is None else begins + bad
            return found if begins or length < SHORTEST else _NOTHING
        begins += length + 1
    return _NOTHING


def utf16(data: bytes) -> Said:
    """UTF-16 that begins with a mark or with two characters of ASCII."""
    if len(data) < SHORTEST:
        return "", 0, None
    for codec, mark, high in (("utf-16-le", b"\xff\xfe", 1), ("utf-16-be", b"\xfe\xff", 0)):
        begins = 2 if data.startswith(mark) else 0
        if begins or (not any(data[high:4:2]) and all(data[1 - high : 4 : 2])):
            text = data[begins : len(data) // 2 * 2].decode(codec, "surrogatepass")
            if "\ud800" <= text[-1:] <= "\udbff":
                # The second half may come.
                text = text[:-1]
            plain, length, bad = _shown(text, codec, None, 2)
            return plain, begins + length, None if bad is None else begins + bad
    return _NOTHING


def _shown(text: str, codec: str, bad: int | None, shows: int) -> Said:
    """What can be read of a decoded text, of which `bad` showed that it does not go on."""
    if not text.isprintable():
        for index, char in enumerate(text[:shows] if text.isascii() else text):
            # Characters that show nothing are no end of a text, as long as it does not begin with them.
            category = unicodedata.category(char)
            control = index < shows and category == "Cc" and char not in "\t\n\r"
            if control or category in ("Cn", "Co", "Cs"):
                length = _size(text[:index], codec)
                # Half a character is none for want of the other, which would have been next.
                other = 2 if "\ud800" <= char <= "\udbff" else 0
                return text[:index], length, length + _size(char, codec) + other - 1
    return text, _size(text, codec), bad


def _size(text: str, codec: str) -> int:
    return len(text) if codec == "utf-8" and text.isascii() else len(text.encode(codec, "surrogatepass"))
