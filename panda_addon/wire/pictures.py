"""How large a picture in a request is, in pixels, from its head. Decodes no picture.

Knows in which members a part of a request has its picture, and how four formats begin.

A caller may write a head that says less than what is behind it. So a size counts only where all that reads a picture of
that format, strictly or not, must come to it; where one could come to another, there is none:
PNG (https://www.w3.org/TR/png-3/), JPEG (ITU-T T.81, annex B), GIF89a, WebP (RFC 9649, RFC 6386).
"""

import re
import struct
from binascii import a2b_base64
from collections.abc import Callable, Iterator

from panda_addon.wire.strictjson import Json

type Size = tuple[int, int]

# What is behind the comma says itself which of the four it is: none can be read as another, whatever the label says.
_URL = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,")

# So many characters are decoded, and more only if they do not tell: the last are 256 kB of a picture. In front of the
# size of a photograph stand a preview of it and profiles of colours.
_HEADS = (4 << 10, 32 << 10, 349_528)

# No picture has its size behind more parts.
_MAX_PARTS = 2048

# Members of a part that is a picture, and of a URL with a detail, that name no picture themselves.
_BESIDE = frozenset(("detail", "prompt_cache_breakpoint", "type"))

# In a JPEG: frames that are baseline, extended or progressive; tables, restart intervals, applications' data, comments.
_FRAMES = frozenset((0xFFC0, 0xFFC1, 0xFFC2))
_SEGMENTS = frozenset((0xFFC4, 0xFFDB, 0xFFDD, *range(0xFFE0, 0xFFF0), 0xFFFE))
_SCAN = 0xFFDA

# In an extended WebP, what may stand in front of its picture.
_WEBP_CHUNKS = frozenset((b"ICCP", b"ALPH", b"EXIF", b"XMP "))


def source(part: dict[str, Json]) -> str | None:
    """The URL of a part that is a picture, as chat completions and responses have it; None if there may be another."""
    url = part.get("image_url")
    for name, value in part.items():
        if name not in _BESIDE and name != "image_url" and value is not None:
            return None
    if isinstance(url, dict):
        if not _BESIDE.issuperset(url.keys() - {"url"}):
            return None
        url = url.get("url")
    return url if isinstance(url, str) else None


def size(url: str) -> Size | None:
    """The width and height in pixels of the picture in a `data:` URL; None for another URL, and if there is a doubt."""
    begins = _URL.match(url)
    if begins is None:
        return None
    start = begins.end()
    if url.find(",", start) >= 0:
        # Some take what is behind the last comma.
        return None
    for chars in _HEADS:
        try:
            # What is skipped is looked at too: whoever skips a character that is none of base64 reads on elsewhere.
            head = a2b_base64(url[start : start + chars], strict_mode=True)
        except ValueError:
            return None
        found = _read(head)
        if found or start + chars >= len(url):
            return found
    return None


def _read(head: bytes) -> Size | None:
    """The size that a head tells, if it tells one."""
    try:
        found = next((read(head) for magic, read in _FORMATS if head.startswith(magic)), None)
    except (IndexError, struct.error):
        # It ends before.
        return None
    return found if found and all(found) else None


def _png(head: bytes) -> Size | None:
    """Of two headers some take the first, some the last. What moves may be more than one picture."""
    found: Size | None = None
    at = 8
    for _ in range(_MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", head, at)
        if found is None:
            if (length, kind) != (13, b"IHDR"):
                return None
            found = struct.unpack_from(">II", head, at + 8)
        elif kind == b"IDAT":
            return found
        elif kind in (b"IHDR", b"acTL"):
            return None
        at += 12 + length
    return None


def _jpeg(head: bytes) -> Size | None:
    """Previews are in applications' segments. Of several frames some take the last, and some skip what is no marker."""
    found: Size | None = None
    at = 2
    for _ in range(_MAX_PARTS):
        marker, length = struct.unpack_from(">HH", head, at)
        if marker == _SCAN:
            return found
        if marker in _FRAMES:
            height, width, components = struct.unpack_from(">HHB", head, at + 5)
            if found or length != 8 + 3 * components:
                return None
            found = width, height
        elif marker not in _SEGMENTS:
            return None
        at += 2 + length
    return None


def _gif(head: bytes) -> Size | None:
    """A frame may reach over the screen, which some make larger then. It is one picture if the file ends behind it."""
    width, height, flags = struct.unpack_from("<HHB", head, 6)
    found: Size | None = None
    at = 13 + _table(flags)
    parts = iter(range(_MAX_PARTS))
    for _ in parts:
        kind = head[at]
        if kind == 0x3B:
            return found
        if kind == 0x21:
            # Some read on behind an empty block, or behind a name with nothing to it.
            if not head[at + 2] or (head[at + 1] == 0xFF and not head[at + 3 + head[at + 2]]):
                return None
            at = _behind(head, at + 2, parts)
        elif kind == 0x2C and found is None:
            left, top, across, down, flags = struct.unpack_from("<HHHHB", head, at + 1)
            found = max(width, left + across), max(height, top + down)
            at = _behind(head, at + 11 + _table(flags), parts)
        else:
            return None
    return None


def _table(flags: int) -> int:
    """How long a table of colours is, in bytes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(head: bytes, at: int, parts: Iterator[int]) -> int:
    """Where a chain of blocks has ended. Raises IndexError if it does not."""
    for _ in parts:
        length = head[at]
        at += 1 + length
        if not length:
            return at
    raise IndexError


def _webp(head: bytes) -> Size | None:
    """A canvas counts if the picture on it is as large. An animation has others."""
    if head[8:12] != b"WEBP":
        return None
    if head[12:16] != b"VP8X":
        return _frame(head, 12)
    length, flags = struct.unpack_from("<IB", head, 16)
    if length != 10 or flags & 2:
        return None
    canvas = 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    at = 30
    for _ in range(_MAX_PARTS):
        kind, length = struct.unpack_from("<4sI", head, at)
        if kind not in _WEBP_CHUNKS:
            return canvas if _frame(head, at) == canvas else None
        at += 8 + length + length % 2
    return None


def _frame(head: bytes, at: int) -> Size | None:
    """The size of the picture in one chunk of a WebP, lossy or lossless."""
    kind = head[at : at + 4]
    if kind == b"VP8 ":
        tag, code, width, height = struct.unpack_from("<B2x3sHH", head, at + 8)
        # Otherwise it is no whole picture, or one that is to be shown larger.
        plain = not tag & 1 and code == b"\x9d\x01\x2a" and width < 1 << 14 and height < 1 << 14
        return (width, height) if plain else None
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", head, at + 8)
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)) if signature == 0x2F and not bits >> 29 else None
    return None


_FORMATS: tuple[tuple[bytes, Callable[[bytes], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
)
