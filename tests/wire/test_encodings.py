import gzip
import os
import zlib

import brotli
import pytest
import zstandard

from panda_addon.wire.encodings import Decoder, decode
from panda_addon.wire.errors import TOO_LARGE, WireError

LIMIT = 1 << 20


def raw_deflate(plain):
    """The deflate format without zlib's header, as some senders have it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
PLAIN = {
    "nothing": b"",
    "a word": b"word",
    "a sentence": b"the quick brown fox " * 400,
    "one step": b"a" * (1 << 16),
    "past a step": b"a" * ((1 << 16) + 1),
    "noise past a step": os.urandom((1 << 16) + 1),
    "much noise": os.urandom(500_000),
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


@pytest.mark.parametrize("coding", ["gzip, br", "gzip,gzip", "x-gzip", "compress", "identity, gzip", "*", "\udcff"])
def test_an_unknown_or_a_second_coding_is_refused(coding):
    """Anything but one known coding alone is an error that does not repeat the header."""
    with pytest.raises(WireError) as caught:
        decode(b"word", coding, LIMIT)
    assert caught.value.reason == "the content-encoding is not one of gzip, deflate, br, zstd, alone"


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
    noise = os.urandom(size)
    for length in range(size - 64, size):
        packed = brotli.compress(noise[:length], quality=1)
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


def test_a_zstd_frame_behind_a_skippable_one_is_refused():
    """What one reader skips and another reads is an error."""
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    with pytest.raises(WireError, match="does not decode as zstd"):
        decode(skippable + zstandard.compress(b"word"), "zstd", LIMIT)


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
        list(decoder.feed(b"x"))


@pytest.mark.parametrize("coding", ["", *PACK])
def test_the_limit_is_one_for_all_pieces_together(coding):
    """The bound counts what all pieces decode to, and is exact."""
    packed = PACK.get(coding, bytes)(os.urandom(1001))
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
