import gzip
import itertools
import zlib

import brotli
import pytest
import zstandard
from chunk_invariance import assert_chunk_invariant
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.wire.codecs import MAX_PARTS
from panda_addon.wire.encodings import Decoder, decode, hides
from panda_addon.wire.errors import TOO_LARGE, WireError
from tests.packing import PACK, noise

LIMIT = 1 << 20


def raw_deflate(plain):
    """The deflate format without zlib's header, as some senders have it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


PLAIN = {
    "nothing": b"",
    "a word": b"word",
    "a sentence": b"the quick brown fox " * 400,
    "one step": b"a" * (1 << 16),
    "past a step": b"a" * ((1 << 16) + 1),
    "noise past a step": noise((1 << 16) + 1),
    "much noise": noise(500_000),
}


@pytest.mark.parametrize("plain", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("coding", PACK)
def test_each_coding_is_undone(coding, plain):
    """A body in one of the known codings decodes to what was packed, whatever its size."""
    assert decode(PACK[coding](plain), coding, LIMIT) == plain


@pytest.mark.parametrize("plain", PLAIN.values(), ids=PLAIN)
def test_deflate_without_its_header_is_undone(plain):
    """A deflate body that lacks the zlib header decodes too."""
    assert decode(raw_deflate(plain), "deflate", LIMIT) == plain


@pytest.mark.parametrize("coding", ["", "identity", " Identity ", "\tIDENTITY"])
def test_identity_is_left_as_it_is(coding):
    """No coding, or identity in any spelling, gives the body itself."""
    assert decode(b"as it is", coding, LIMIT) == b"as it is"


def test_a_codings_name_is_read_without_regard_to_case():
    """The name of a coding may be in capitals and have blanks around it."""
    assert decode(gzip.compress(b"word"), " GZip ", LIMIT) == b"word"


@pytest.mark.parametrize(
    "codings",
    [
        "compress",
        "*",
        "\udcff",
        "gzip;q=1",
        '"gzip"',
        "gzip br",
        "gzip\u00a0",
        "gzip\x0b",
        "x-br",
        "gzip, compress",
        "unknown, gzip",
        "gzip, gzip, gzip, gzip",
    ],
)
def test_an_unknown_coding_and_a_fourth_one_are_refused(codings):
    """Anything but a few known codings is an error that does not repeat the header."""
    with pytest.raises(WireError) as caught:
        decode(b"word", codings, LIMIT)
    assert caught.value.reason == "the content-encoding is not made of gzip, deflate, br and zstd, 3 at most"


@pytest.mark.parametrize(
    "codings",
    ["x-gzip", "X-GZip", "gzip, identity", "identity,gzip", ", gzip", "gzip,", " ,\t, gzip ,,identity , identity"],
)
def test_what_counts_for_nothing_in_a_list_of_codings(codings):
    """`identity` and empty members are no codings, and `x-gzip` is gzip."""
    assert decode(gzip.compress(b"word"), codings, LIMIT) == b"word"


@pytest.mark.parametrize("codings", [",", " , ", "identity, identity", "identity,"])
def test_a_list_of_no_codings_leaves_the_body_as_it_is(codings):
    """Where nothing but nothing was applied there is nothing to undo."""
    assert decode(b"word", codings, LIMIT) == b"word"


STACKS = [stack for size in (2, 3) for stack in itertools.product(PACK, repeat=size)]


@pytest.mark.parametrize("stack", STACKS, ids=" ".join)
def test_codings_are_undone_from_the_last(stack):
    """A list names the codings in the order in which they were applied."""
    packed = plain = PLAIN["a sentence"]
    for coding in stack:
        packed = PACK[coding](packed)
    assert decode(packed, ", ".join(stack), LIMIT) == plain
    if len(set(stack)) > 1 and list(stack) != list(reversed(stack)):
        with pytest.raises(WireError, match="does not decode"):
            decode(packed, ", ".join(reversed(stack)), LIMIT)


@pytest.mark.parametrize("stack", STACKS, ids=" ".join)
def test_a_stack_is_whole_only_if_every_coding_is(stack):
    """A part that is missing below another coding is missed."""
    for short in range(len(stack)):
        packed = PLAIN["a sentence"]
        for index, coding in enumerate(stack):
            packed = PACK[coding](packed)
            packed = packed[:-1] if index == short else packed
        with pytest.raises(WireError, match="does not decode as"):
            decode(packed, ", ".join(stack), LIMIT)


@pytest.mark.parametrize(("inner", "outer"), list(itertools.product(PACK, repeat=2)))
def test_what_a_coding_makes_is_bounded_also_where_another_follows(inner, outer):
    """A body may be small in the end and large on the way: each coding has the bound to itself."""
    # Parts may come to nothing.
    large = PACK[inner](b"") * 100 if inner in ("gzip", "zstd") else PACK[inner](noise(5000))
    packed = PACK[outer](large)
    limit = len(large)
    decode(packed, f"{inner}, {outer}", limit)
    with pytest.raises(WireError, match=f"larger than {limit - 1} bytes"):
        decode(packed, f"{inner}, {outer}", limit - 1)


def test_a_bomb_inside_a_bomb_is_refused_at_the_limit():
    """Codings that blow up one behind the other are stopped by the bound of the first."""
    packed = gzip.compress(gzip.compress(gzip.compress(bytes(64 << 20))))
    assert len(packed) < 1000
    with pytest.raises(WireError, match="larger than 1048576 bytes"):
        decode(packed, "gzip, gzip, gzip", LIMIT)


@pytest.mark.parametrize("parts", [[b""], [b"", b""], [b"a", b"b"], [b"one ", b"", b"two " * 50_000, b"three"]])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_parts_one_behind_the_other_decode_to_what_they_are_together(coding, parts):
    """Gzip may have several members and zstd several frames: all of them are the body."""
    packed = b"".join(PACK[coding](part) for part in parts)
    assert decode(packed, coding, LIMIT) == b"".join(parts)
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(packed + PACK[coding](b"x")[:-1], coding, LIMIT)


@pytest.mark.parametrize("coding", ["deflate", "br"])
def test_parts_of_other_codings_are_refused(coding):
    """Neither zlib nor brotli has parts: what is behind the end is no body of anyone's."""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(PACK[coding](b"a") * 2, coding, LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_more_parts_than_anyone_sends_are_refused(coding):
    """Each part costs a new start: a thousand pass, one more does not."""
    packed = PACK[coding](b"a")
    assert decode(packed * MAX_PARTS, coding, LIMIT) == b"a" * MAX_PARTS
    with pytest.raises(WireError, match="does not decode"):
        decode(packed * (MAX_PARTS + 1), coding, LIMIT)


@pytest.mark.parametrize("place", ["before", "between", "behind"])
def test_a_zstd_frame_to_be_skipped_is_refused(place):
    """What one reader skips and another reads is an error, wherever it stands."""
    skipped, frame = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd", zstandard.compress(b"word")
    packed = {"before": skipped + frame, "between": frame + skipped + frame, "behind": frame + skipped}[place]
    with pytest.raises(WireError, match="does not decode as zstd"):
        decode(packed, "zstd", LIMIT)


def test_what_is_json_as_it_stands_is_not_believed_to_be_packed():
    """Bytes that can be read either way were made for two readers."""
    # In fixed codes: one character and the end, and the first bits are a brace.
    both = b"{\0\0"
    assert b"".join(Decoder("deflate", LIMIT).feed(both)) == b"\xe0"
    with pytest.raises(WireError, match="may be JSON as it stands"):
        decode(both, "deflate", LIMIT)


def test_deflate_that_can_be_read_with_a_head_and_without_is_refused():
    """The two bytes of zlib's head may also begin a block whose length confirms them."""
    both = b"\x78\x9c\x00\x63\xff" + bytes(0x9C) + b"\x01\x00\x00\xff\xff"
    assert zlib.decompress(both, wbits=-zlib.MAX_WBITS) == bytes(0x9C)
    for size in (1, len(both)):
        decoder = Decoder("deflate", LIMIT)
        with pytest.raises(WireError, match="does not decode as deflate"):
            [piece for data in in_pieces(both, size) for piece in decoder.feed(data)]


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        (gzip.compress(b"word"), True),
        (b"\x1f\x8b", True),
        (zstandard.compress(b"word"), True),
        (zlib.compress(b"word"), True),
        (zlib.compress(b"word", 0), True),
        (zlib.compress(bytes(LIMIT + 1)), True),
        (zlib.compress(b"word")[:-1], False),
        (zlib.compress(b"word") + b"x", False),
        (raw_deflate(b"word"), False),
        (b"x^", False),
        (b"x^2 + y^2", False),
        (b"hC", False),
        (b"plain words", False),
        (b"{}", False),
        (b"x", False),
        (b"", False),
    ],
)
def test_packed_bytes_that_nobody_announced(body, hidden):
    """Gzip and zstd are known by their first bytes; what begins like zlib must be that to its end."""
    assert hides(body, LIMIT) is hidden


@pytest.mark.parametrize("plain", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("coding", PACK)
def test_a_body_cut_short_is_refused(coding, plain):
    """A packed body without its last byte is an error, not the part that could be read."""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(PACK[coding](plain)[:-1], coding, LIMIT)


@pytest.mark.parametrize("behind", [b"x", b"\0", b"{}" * 200_000], ids=["a letter", "a zero", "much"])
@pytest.mark.parametrize("plain", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("coding", PACK)
def test_data_behind_the_end_is_refused(coding, plain, behind):
    """Bytes behind the end of the packed data are an error: another reader might read them."""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(PACK[coding](plain) + behind, coding, LIMIT)


@pytest.mark.parametrize("coding", PACK)
def test_data_behind_an_end_that_falls_on_a_slice_is_refused(coding):
    """Bytes behind the end are an error also where the end is that of a slice of input."""
    for size in (1 << 16, 256):
        packed = PACK[coding](b"word")
        filler = b"x" * (2 * size - len(packed))
        with pytest.raises(WireError, match="does not decode"):
            decode(packed + filler, coding, LIMIT)


def padded(pack, size):
    """A packed body of exactly `size` bytes, and what it decodes to."""
    for length in range(size - 64, size):
        plain = bytes(range(256)) * (length // 256) + bytes(length % 256)
        packed = pack(plain)
        if len(packed) == size:
            return packed
    raise AssertionError(size)


def stored_gzip(plain):
    """The gzip format without compression."""
    packer = zlib.compressobj(0, wbits=16 + zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


def test_a_body_that_ends_with_a_slice_decodes_and_more_behind_it_does_not():
    """A body whose end is also that of a slice is whole; a further slice is data behind the end."""
    packed = padded(stored_gzip, 1 << 16)
    assert len(decode(packed, "gzip", LIMIT)) < len(packed)
    with pytest.raises(WireError, match="does not decode as gzip"):
        decode(packed + b"x", "gzip", LIMIT)


def test_a_brotli_body_that_ends_with_a_slice_takes_no_more_behind_it():
    """Data behind a brotli stream that ends with a slice is refused as any other."""
    packed = brotli_of_size(1 << 16)
    assert decode(packed, "br", LIMIT)
    with pytest.raises(WireError, match="does not decode as br"):
        decode(packed + b"x", "br", LIMIT)


def brotli_of_size(size):
    """A brotli body of exactly `size` bytes."""
    data = noise(size)
    for length in range(size - 64, size):
        packed = brotli.compress(data[:length], quality=1)
        if len(packed) == size:
            return packed
    raise AssertionError(size)


@pytest.mark.parametrize("coding", PACK)
def test_noise_is_refused(coding):
    """Bytes that are no packed data are an error."""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(b"\xff\xfe this is not packed", coding, LIMIT)


@pytest.mark.parametrize("coding", ["", *PACK])
def test_a_body_of_just_the_limit_passes_and_one_byte_more_does_not(coding):
    """The bound counts decoded bytes and is exact."""
    pack = PACK.get(coding, bytes)
    assert len(decode(pack(b"a" * 1000), coding, 1000)) == 1000
    with pytest.raises(WireError, match="larger than 1000 bytes") as caught:
        decode(pack(b"a" * 1001), coding, 1000)
    assert caught.value.status == TOO_LARGE


@pytest.mark.parametrize("coding", PACK)
def test_a_bomb_is_refused_at_the_limit(coding):
    """Kilobytes that decode to many megabytes are refused for their size."""
    with pytest.raises(WireError, match="larger than 1048576 bytes"):
        decode(PACK[coding](bytes(32 << 20)), coding, LIMIT)


def test_a_zstd_frame_with_a_huge_window_is_refused():
    """A frame that asks for a window above eight megabytes is an error."""
    packer = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    )
    stream = packer.compressobj()
    with pytest.raises(WireError, match="does not decode as zstd"):
        decode(stream.compress(b"word") + stream.flush(), "zstd", LIMIT)


@pytest.mark.parametrize("coding", PACK)
def test_an_empty_body_is_no_packed_one(coding):
    """A coding that is announced and packs nothing, not even an end, is an error."""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decode(b"", coding, LIMIT)


def in_pieces(data, size):
    """Bytes cut into pieces of one size, with empty ones between them."""
    return [piece for start in range(0, len(data), size) for piece in (data[start : start + size], b"")]


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 1 << 16])
@pytest.mark.parametrize("coding", ["", "raw deflate", *PACK])
def test_a_body_that_comes_in_pieces_is_undone(coding, size):
    """However a body is cut it decodes to the same, and only its last byte makes it whole."""
    plain = b"the quick brown fox " * 200 + bytes(range(256))
    packed = {"": bytes, "raw deflate": raw_deflate, **PACK}[coding](plain)
    decoder = Decoder(coding.removeprefix("raw "), LIMIT)
    assert b"".join(piece for data in in_pieces(packed, size) for piece in decoder.feed(data)) == plain
    decoder.finish()


@pytest.mark.parametrize("coding", PACK)
def test_what_is_missing_is_an_error_at_the_end_and_not_before(coding):
    """Bytes that more may follow are decoded as far as they go."""
    packed = PACK[coding](b"word " * 100)
    decoder = Decoder(coding, LIMIT)
    for data in in_pieces(packed[:-1], 1):
        list(decoder.feed(data))
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        decoder.finish()
    list(decoder.feed(packed[-1:]))
    decoder.finish()


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_what_is_flushed_is_given_out_at_once(coding):
    """A stream's pieces leave as they come, without waiting for the end."""
    if coding == "br":
        packer = brotli.Compressor()
        packed = packer.process(b"one ") + packer.flush()
    elif coding == "gzip":
        packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
        packed = packer.compress(b"one ") + packer.flush(zlib.Z_SYNC_FLUSH)
    else:
        packer = zstandard.ZstdCompressor().compressobj()
        packed = packer.compress(b"one ") + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    assert b"".join(Decoder(coding, LIMIT).feed(packed)) == b"one "


@pytest.mark.parametrize("coding", PACK)
def test_a_piece_behind_the_end_is_refused(coding):
    """Data behind the end is an error also where it comes by itself, and an empty piece is no data."""
    decoder = Decoder(coding, LIMIT)
    assert b"".join(decoder.feed(PACK[coding](b"word"))) == b"word"
    assert b"".join(decoder.feed(b"")) == b""
    with pytest.raises(WireError, match=f"does not decode as {coding}"):
        list(decoder.feed(b"xx"))


@pytest.mark.parametrize("coding", ["", *PACK])
def test_the_limit_is_one_for_all_pieces_together(coding):
    """The bound counts what all pieces decode to, and is exact."""
    packed = PACK.get(coding, bytes)(noise(1001))
    decoder = Decoder(coding, 1001)
    assert sum(len(piece) for data in in_pieces(packed, 10) for piece in decoder.feed(data)) == 1001
    decoder = Decoder(coding, 1000)
    with pytest.raises(WireError, match="larger than 1000 bytes") as caught:
        [piece for data in in_pieces(packed, 10) for piece in decoder.feed(data)]
    assert caught.value.status == TOO_LARGE


@pytest.mark.parametrize("coding", PACK)
def test_a_piece_is_never_large(coding):
    """What a few bytes stand for comes in steps, so that a bound holds before memory is spent."""
    decoder = Decoder(coding, 64 << 20)
    sizes = [len(piece) for piece in decoder.feed(PACK[coding](bytes(32 << 20)))]
    assert sum(sizes) == 32 << 20
    assert max(sizes) <= 12 << 20


@pytest.mark.parametrize("pieces", [[], [b""], [b"\x78"]])
def test_a_deflate_body_without_a_header_yet_is_not_whole(pieces):
    """Fewer than two bytes do not tell which format it is."""
    decoder = Decoder("deflate", LIMIT)
    assert [piece for data in pieces for piece in decoder.feed(data)] == []
    with pytest.raises(WireError, match="does not decode as deflate"):
        decoder.finish()


@st.composite
def packed_bodies(draw):
    """A body in up to three codings, some of them in parts, now and then spoilt; and where to cut it."""
    stack = draw(st.lists(st.sampled_from(sorted(PACK)), max_size=3))
    packed = draw(st.binary(max_size=200)) * draw(st.sampled_from([1, 1, 1000]))
    for coding in stack:
        middle = draw(st.integers(0, len(packed))) if coding in ("gzip", "zstd") and draw(st.booleans()) else None
        parts = [packed] if middle is None else [packed[:middle], packed[middle:]]
        packed = b"".join(PACK[coding](part) for part in parts)
    spoilt = draw(st.sampled_from(["", "", "", "short", "behind", "changed"]))
    if spoilt == "short":
        packed = packed[: draw(st.integers(0, len(packed)))]
    elif spoilt == "behind":
        packed += draw(st.binary(min_size=1, max_size=5))
    elif spoilt == "changed" and packed:
        place = draw(st.integers(0, len(packed) - 1))
        packed = packed[:place] + draw(st.binary(min_size=1, max_size=1)) + packed[place + 1 :]
    places = draw(st.lists(st.integers(0, len(packed)), max_size=8))
    return ", ".join(stack), packed, [0, *sorted(places), len(packed)]


def undone(codings, pieces):
    """What comes of pieces, and whether they are a whole body."""
    decoder, plain = Decoder(codings, LIMIT), b""
    try:
        for data in pieces:
            plain += b"".join(decoder.feed(data))
        decoder.finish()
    except WireError as error:
        return error.status
    return plain


@settings(max_examples=300, deadline=None)
@given(packed_bodies())
def test_however_a_packed_body_is_cut_it_is_the_same(body):
    """In any codings, whole or spoilt, cut anywhere: the same comes of it, or an error as of the whole."""
    codings, packed, places = body
    pieces = [packed[start:end] for start, end in itertools.pairwise(places)]
    assert undone(codings, pieces) == undone(codings, [packed])


def test_a_frame_has_the_size_that_it_says():
    """A frame of zstd with more or fewer bytes than its head says is broken, however it comes."""
    broken, fine = b"(\xb5/\xfd \x01\x01\x00\x00", b"(\xb5/\xfd \x00\x01\x00\x00"
    for cut in range(len(fine) + 1):
        assert undone("zstd", [broken[:cut], broken[cut:]]) == 400
        assert undone("zstd", [fine[:cut], fine[cut:]]) == b""


@pytest.mark.parametrize("codings", ["gzip", "zstd", "deflate", "br", "deflate, br", "gzip, br", "zstd, gzip, zstd"])
def test_every_cut_of_a_short_body(codings):
    """All ways to cut a body into up to three pieces come to the same."""
    packed = b"a b"
    for coding in codings.split(", "):
        packed = PACK[coding](packed) * (2 if coding in ("gzip", "zstd") else 1)
    tried = assert_chunk_invariant(
        lambda pieces: [undone(codings, pieces)], lambda whole: undone(codings, [whole]), packed, splits=3
    )
    assert tried > len(packed)
    assert undone(codings, [packed]).startswith(b"a b")
