import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.wire.pictures import size, source

# Real pictures, as Pillow writes them.
JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8"
    "ybqmx5moq6T/wAALCAAhAEYBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AJAAAAAA"
    "AAAAAAAAAf/Z"
)
PROGRESSIVE = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8"
    "ybqmx5moq6T/wgALCABGACEBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/2gAIAQEAAAABiAAAAAAAf//EABQQAQAAAAAAAAAAAAAAAAAA"
    "AFD/2gAIAQEAAQUCN//EABQQAQAAAAAAAAAAAAAAAAAAAFD/2gAIAQEABj8CN//EABQQAQAAAAAAAAAAAAAAAAAAAFD/2gAIAQEAAT8hN//a"
    "AAgBAQAAABD/AP8A/wD/AP8A/wD/xAAUEAEAAAAAAAAAAAAAAAAAAABQ/9oACAEBAAE/EDf/2Q=="
)
LOSSY = (
    "UklGRkoAAABXRUJQVlA4ID4AAACQAwCdASpGACEAP3G412Q0ryumoigCkC4JaQAAEGhVnIQuN8QAAP7hw3/4u7EcZPD/qqnr6LNpEIwLeEAAAA=="
)
LOSSLESS = "UklGRiQAAABXRUJQVlA4TBcAAAAvIEARAAdQqCYUuf8BICH8Xy9G9D/lAgA="
ALPHA = (
    "UklGRmgAAABXRUJQVlA4WAoAAAAQAAAAJwAAEwAAQUxQSAoAAAABB1CyiAhERP8DVlA4IDgAAAAQAwCdASooABQAP3G202G0ryqmJWgCkC4J"
    "ZwAAKa1mgAAA/uHDf/i7sRxk8P+qqevos3k99GBAAA=="
)
EXTENDED = "UklGRkYAAABXRUJQVlA4WAoAAAAIAAAADwAACAAAVlA4TBEAAAAvDwACAAdQqCYUuf+BiOh/AABFWElGDgAAAE1NACoAAAAIAAAAAAAA"
ANIMATED = (
    "UklGRoYAAABXRUJQVlA4WAoAAAACAAAABwAABwAAQU5JTQYAAAAAAAAAAABBTk1GKgAAAAAAAAAAAAcAAAcAAAAAAAJWUDhMEQAAAC8HwAEA"
    "B1CoJhS5/4GI6H8AAEFOTUYoAAAAAAAAAAAABwAABwAAAAAAAFZQOEwPAAAALwfAAQAHEP2P/gciov8BAA=="
)
REAL = {JPEG: (70, 33), PROGRESSIVE: (33, 70), LOSSY: (70, 33), LOSSLESS: (33, 70), ALPHA: (40, 20), EXTENDED: (16, 9)}

SIDES = st.integers(1, 200)


def url(data, kind="image/png"):
    """A `data:` URL."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def chunk(kind, data):
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def ihdr(width, height):
    """The header of a PNG in shades of grey."""
    return chunk(b"IHDR", struct.pack(">II5B", width, height, 8, 0, 0, 0, 0))


def png(width, height, *chunks):
    """A black picture, with some chunks in front of its lines."""
    lines = chunk(b"IDAT", zlib.compress(bytes(height * (width + 1))))
    return b"\x89PNG\r\n\x1a\n" + ihdr(width, height) + b"".join(chunks) + lines + chunk(b"IEND", b"")


def blocks(data, length=255):
    """A chain of blocks, as GIFs have them."""
    pieces = (data[at : at + length] for at in range(0, len(data), length))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def frame(width, height, left=0, top=0, *, table=b"", length=255):
    """A frame of a GIF, all of one colour; cleared so often that each code of it is a byte."""
    count = width * height
    codes = b"".join(b"\x80" + bytes(min(100, count - at)) for at in range(0, count, 100)) + b"\x81"
    flags = 0x86 if table else 0
    return struct.pack("<BHHHHB", 0x2C, left, top, width, height, flags) + table + b"\x07" + blocks(codes, length)


def gif(width, height, *parts, table=bytes(384), end=b";"):
    """A GIF of some parts on a screen of that size."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x86 if table else 0, 0, 0) + table + b"".join(parts) + end


def segment(marker, data):
    """A segment of a JPEG."""
    return struct.pack(">HH", marker, len(data) + 2) + data


def sof(width, height, marker=0xFFC0):
    """The header of a frame of a JPEG in three colours."""
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3) + bytes(9))


def jpeg(*segments):
    """What a JPEG begins with, up to its picture."""
    return b"\xff\xd8" + b"".join(segments) + segment(0xFFDA, bytes(10))


def webp(*chunks):
    """A WebP of some chunks."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def canvas(width, height, flags=0):
    """The head of an extended WebP."""
    return b"VP8X", struct.pack("<I", flags) + b"".join((one - 1).to_bytes(3, "little") for one in (width, height))


def lossy(width, height, tag=0x10, code=b"\x9d\x01\x2a"):
    """A picture in a WebP, as far as its size."""
    return b"VP8 ", bytes([tag, 0, 0]) + code + struct.pack("<HH", width, height)


def lossless(width, height, *, signature=0x2F, version=0):
    """Another."""
    return b"VP8L", struct.pack("<BI", signature, width - 1 | height - 1 << 14 | version << 29)


APP1 = segment(0xFFE1, bytes(60_000))
PREVIEW = segment(0xFFE1, b"Exif\0\0" + jpeg(sof(9, 9)))
GCE = b"\x21\xf9\x04\0\0\0\0\0"


@pytest.mark.parametrize(("written", "expected"), REAL.items())
def test_the_size_of_real_pictures_is_told(written, expected):
    """Whichever of the four formats it is, and whichever of them its label names."""
    for kind in ("jpeg", "jpg", "png", "gif", "webp"):
        assert size(f"data:image/{kind};base64,{written}") == expected


@given(SIDES, SIDES)
def test_pictures_of_any_size_are_told(width, height):
    """Of all that can be made of lines and frames of it."""
    assert size(url(png(width, height))) == (width, height)
    assert size(url(gif(width, height, frame(width, height)))) == (width, height)
    assert size(url(jpeg(sof(width, height)))) == (width, height)
    assert size(url(webp(lossy(width, height)))) == (width, height)
    assert size(url(webp(lossless(width, height)))) == (width, height)
    assert size(url(webp(canvas(width, height), lossless(width, height)))) == (width, height)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(8, 7, chunk(b"iCCP", bytes(9000)), chunk(b"PLTE", bytes(9)), chunk(b"tEXt", b"IHDR")), (8, 7)),
        (png(70_000, 1), (70_000, 1)),
        (jpeg(PREVIEW, sof(70, 33)), (70, 33)),
        (jpeg(APP1, APP1, APP1, APP1, sof(4000, 3000)), (4000, 3000)),
        (jpeg(segment(0xFFDB, bytes(65)), sof(65_535, 65_535, 0xFFC2), segment(0xFFC4, bytes(9))), (65_535, 65_535)),
        (jpeg(segment(0xFFFE, b""), segment(0xFFDD, b"\0\0"), sof(1, 2, 0xFFC1)), (1, 2)),
        (gif(9, 8, GCE, frame(9, 8)), (9, 8)),
        (gif(9, 8, frame(9, 8, table=bytes(384)), table=b""), (9, 8)),
        (gif(9, 8, b"\x21\xfe" + blocks(bytes(700)), frame(9, 8)), (9, 8)),
        (gif(9, 8, b"\x21\xff" + blocks(b"NETSCAPE2.0", 11)[:-1] + blocks(b"\1\0\0"), frame(9, 8)), (9, 8)),
        (gif(9, 8, frame(3, 4, 1, 2)), (9, 8)),
        (gif(9, 8, frame(90, 4, 5, 6)), (95, 10)),
        (gif(0, 0, frame(5, 6)), (5, 6)),
        (b"GIF87a" + gif(9, 8, frame(9, 8))[6:], (9, 8)),
        (webp(lossy(16_383, 16_383)), (16_383, 16_383)),
        (webp(lossless(16_384, 16_384)), (16_384, 16_384)),
        (webp(canvas(70, 33), (b"ICCP", bytes(3001)), (b"ALPH", bytes(30)), lossy(70, 33)), (70, 33)),
    ],
)
def test_what_stands_in_front_is_passed_over(data, expected):
    """Profiles, comments, previews; a frame that reaches over its screen counts with it."""
    assert size(url(data)) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BM" + bytes(60),
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b" " + png(9, 9),
        b"\x89PNG\r\n\x1a\n" + chunk(b"CgBI", bytes(4)) + png(9, 9)[8:],
        png(9, 9, ihdr(900, 900)),
        png(9, 9, chunk(b"acTL", bytes(8))),
        png(0, 9),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIB", 9, 9, 8)) + png(9, 9)[33:],
        png(9, 9, *[chunk(b"tEXt", b"")] * 2100),
        png(9, 9, chunk(b"iCCP", bytes(300_000))),
        jpeg(),
        jpeg(PREVIEW),
        jpeg(sof(9, 9), sof(900, 900)),
        jpeg(sof(9, 0)),
        jpeg(sof(9, 9, 0xFFC3)),
        jpeg(sof(9, 9, 0xFFC9)),
        jpeg(segment(0xFFDE, bytes(20)), sof(9, 9)),
        jpeg(segment(0xFFC0, struct.pack(">BHHB", 8, 9, 9, 4) + bytes(9))),
        jpeg(b"\xff", sof(9, 9)),
        jpeg(b"\0", sof(9, 9)),
        jpeg(b"\xff\xd8", sof(9, 9)),
        jpeg(b"\xff\xd0", sof(9, 9)),
        jpeg(segment(0xFFF0, sof(900, 900)), sof(9, 9)),
        jpeg(segment(0xFFC8, sof(900, 900)), sof(9, 9)),
        jpeg(b"\xff\xe1\0\0", sof(9, 9)),
        jpeg(b"\xff\xe1\0\1", sof(9, 9)),
        jpeg(b"\xff\xd9", sof(9, 9)),
        jpeg(*[APP1] * 5, sof(9, 9)),
        jpeg(*[segment(0xFFFE, b"")] * 2100, sof(9, 9)),
        gif(9, 9, frame(9, 9), frame(9, 9)),
        gif(9, 9, GCE),
        gif(9, 9, frame(9, 9), end=b""),
        gif(9, 9, frame(9, 9), end=b"\0;"),
        gif(9, 9, b"\x21\xf9\0", frame(9, 9)),
        gif(9, 9, b"\x21\xfe\0", frame(9, 9)),
        gif(9, 9, b"\x21\xff\x0bNETSCAPE2.0\0", frame(9, 9)),
        gif(99, 99, frame(99, 99, length=1)),
        gif(9, 9, *[b"\x21\xfe" + blocks(b"x")] * 1100, frame(9, 9)),
        gif(9, 9, *[b"\x21\xfe" + blocks(b"x")] * 681, b"\x21\xfe" + blocks(b"xyz", 1), frame(9, 9)),
        base64.b64decode(ANIMATED),
        webp(canvas(9, 9, flags=2), lossy(9, 9)),
        webp(canvas(9, 9), lossy(900, 900)),
        webp(canvas(9, 9), canvas(9, 9), lossy(9, 9)),
        webp(canvas(9, 9), (b"ANMF", bytes(16)), lossy(9, 9)),
        webp(canvas(9, 9), (b"ALPH", bytes(300_000)), lossy(9, 9)),
        webp(canvas(9, 9), *[(b"EXIF", b"")] * 2100, lossy(9, 9)),
        webp((b"VP8X", canvas(9, 9)[1] + b"VP8 \x0a\0\0\0" + lossy(9, 9)[1]), lossy(900, 900)),
        webp(lossy(9, 9, tag=0x11)),
        webp(lossy(9, 9, code=b"\x9d\x01\x2b")),
        webp(lossy(9 | 1 << 14, 9)),
        webp(lossy(9, 9 | 1 << 15)),
        webp(lossy(0, 9)),
        webp(lossless(9, 9, signature=0x2E)),
        webp(lossless(9, 9, version=1)),
        webp((b"ICCP", bytes(8)), lossy(9, 9)),
        b"RIFF\x24\0\0\0WAVE" + webp(lossy(9, 9))[12:],
    ],
)
def test_where_some_could_read_another_size_there_is_none(data):
    """What one decoder skips, and the next takes; what comes twice; what moves; and what lies too far behind."""
    assert size(url(data)) is None


@pytest.mark.parametrize("place", [0, 1, 5, 40, 83])
@pytest.mark.parametrize("character", ["\n", " ", "-", "_", "=", "====", "%", "%0A", "\0", "é", "\ud800", "#", ","])
def test_what_is_not_plainly_base64_tells_nothing(place, character):
    """Also in what is skipped: who leaves out a character there reads on elsewhere."""
    whole = url(jpeg(segment(0xFFE1, bytes(40)), sof(9, 9)), "image/jpeg")
    at = whole.index(",") + 1 + place
    assert size(whole) == (9, 9)
    assert size(whole[:at] + character + whole[at:]) is None


@pytest.mark.parametrize(
    "head",
    [
        "data:image/svg+xml;base64,",
        "data:image/bmp;base64,",
        "data:text/plain;base64,",
        "data:image/png;charset=utf-8;base64,",
        "data:image/png,",
        "data:;base64,",
        "DATA:image/png;base64,",
        " data:image/png;base64,",
        "data:image/png;base64, ",
        "https://example.com/",
        "",
    ],
)
def test_other_urls_tell_nothing(head):
    """What is behind a picture's address, or under another label, is not read."""
    assert size(head + base64.b64encode(png(9, 9)).decode()) is None


def test_a_url_with_two_pictures_tells_nothing():
    """Some read what is behind the first comma, some what is behind the last."""
    # The second begins behind all that is decoded of the first.
    small, large = jpeg(sof(9, 9)) + bytes(6000), png(5000, 5000)
    assert size(url(small, "image/jpeg")) == (9, 9)
    assert size(f"{url(small, 'image/jpeg')},{base64.b64encode(large).decode()}") is None


def test_no_more_is_decoded_than_a_head():
    """What is behind the first lines may be anything: no decoder has come there when it knows the size."""
    assert size(url(png(9, 9)) + "?") is None
    assert size(url(png(9, 9) + bytes(5000)) + "?") == (9, 9)
    assert size(url(jpeg(APP1, sof(9, 9)) + bytes(300_000)) + "?") == (9, 9)


@pytest.mark.parametrize("written", [*REAL, ANIMATED])
def test_a_head_that_ends_early_tells_the_same_or_nothing(written):
    """Wherever it ends."""
    data = base64.b64decode(written)
    for end in range(len(data)):
        assert size(url(data[:end])) in (None, REAL.get(written))


@given(st.data(), SIDES, SIDES)
def test_any_head_that_ends_early_tells_the_same_or_nothing(data, width, height):
    """Of pictures of any size."""
    for whole in (png(width, height), gif(width, height, GCE, frame(width, height)), jpeg(PREVIEW, sof(width, height))):
        end = data.draw(st.integers(0, len(whole)))
        assert size(url(whole[:end])) in (None, (width, height))


@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WEBPVP8X", b""]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_are_a_size_or_none(magic, data):
    """No bytes are an error, and no side is nothing."""
    found = size(url(magic + data))
    assert found is None or min(found) > 0


@given(st.one_of(st.text(), st.builds("data:image/png;base64,{}".format, st.text())))
def test_any_text_is_a_size_or_none(text):
    """Nor is any text."""
    assert size(text) is None


DATA = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "image_url", "image_url": {"url": DATA}}, DATA),
        ({"type": "image_url", "image_url": {"url": DATA, "detail": "high"}}, DATA),
        ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, "https://example.com/a.png"),
        ({"type": "input_image", "image_url": DATA, "detail": "auto"}, DATA),
        ({"type": "input_image", "image_url": DATA, "file_id": None}, DATA),
        ({"type": "input_image", "image_url": DATA, "prompt_cache_breakpoint": {"mode": "explicit"}}, DATA),
        ({"type": "computer_screenshot", "image_url": DATA}, DATA),
        ({"type": "input_image", "image_url": DATA, "file_id": "file-1"}, None),
        ({"type": "input_image", "image_url": DATA, "file_id": ""}, None),
        ({"type": "input_image", "image_url": DATA, "url": DATA}, None),
        ({"type": "input_image", "image_url": {"url": DATA, "file_id": "file-1"}}, None),
        ({"type": "input_image", "file_id": "file-1"}, None),
        ({"type": "image_file", "image_file": {"file_id": "file-1"}}, None),
        ({"type": "image_url", "image_url": [DATA]}, None),
        ({"type": "image_url", "image_url": {"url": 3}}, None),
        ({"type": "image_url", "image_url": {}}, None),
        ({"type": "image_url"}, None),
    ],
)
def test_a_picture_has_one_source(part, expected):
    """A part that may name another picture beside it has none that is certain."""
    assert source(part) == expected
