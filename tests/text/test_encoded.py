import base64

import pytest

from panda_addon.text.encoded import runs


def tags(text):
    """ASCII as tag characters, which show nothing."""
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def selectors(text):
    """The bytes of a text as variation selectors, which show nothing."""
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 - 16 + byte) for byte in text.encode())


def base64_of(text):
    """Text or bytes in base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def whole(text, **how):
    """The encoded runs of a text without those that are lines of another."""
    found = runs(text, **how)[0]
    return [
        run
        for at, run in enumerate(found)
        if not any(other.start <= run.start and run.end <= other.end and other.step == run.step for other in found[:at])
    ]


def told(text, **how):
    """The encoded stretches of a text and what they say."""
    return [(text[run.start : run.end], run.plain) for run in whole(text, **how)]


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        # bytes that cannot be read, and a character or two before them
        (b"\xffdarn it", "darn it"),
        (b"\x00darn it", "darn it"),
        (b"\x7f\x80darn it", "darn it"),
        (b"\x01\x02darn it", "darn it"),
        (b"\xe4\xb8darn", "darn"),
        (b"\x00darn\xe4\xb8\xad", "darn中"),
        (b"\xffdarn\xff", "darn"),
        (b"\xff\tdarn\x00it", "\tdarn\x00it"),
        # UTF-16
        ("darn it".encode("utf-16-le"), "darn it"),
        ("darn it".encode("utf-16-be"), "darn it"),
        (b"\xff\xfe" + "darn it".encode("utf-16-le"), "darn it"),
        (b"\xfe\xff" + "darn it".encode("utf-16-be"), "darn it"),
        (b"\xff\xfe" + "中 darn".encode("utf-16-le"), "中 darn"),
        (b"\xfe\xff" + "中 darn".encode("utf-16-be"), "中 darn"),
        ("darn😀中".encode("utf-16-le"), "darn😀中"),
        ("darn it".encode("utf-16-le") + b"\x2d", "darn it"),
        ("darn it".encode("utf-16-le") + b"\x3d\xd8", "darn it"),
        ("darn it".encode("utf-16-le") + b"\x3d\xd8\x20\x00", "darn it"),
        ("darn it".encode("utf-16-be") + b"\xd8\x3d\x00\x20", "darn it"),
        ("darn it".encode("utf-16-le") + b"\x3d\xdc\x20\x00", "darn it"),
        ("darn it\ue000it".encode("utf-16-le"), "darn it"),
    ],
)
@pytest.mark.parametrize(
    "encode", [base64_of, lambda data: base64_of(data).rstrip("="), bytes.hex, lambda data: data.hex(" ")]
)
def test_text_may_begin_late_and_be_in_utf_16(data, plain, encode):
    """Up to three bytes before a text may be none, and each run is told as soon as its end is known."""
    text = f"so: {encode(data)}. Yes"
    [run, *_] = [run for run in runs(text)[0] if run.plain == plain]
    assert run.start == 4 or text[run.start - 1] == " "
    for stop in range(len(text) + 1):
        assert (run in runs(text[:stop], last=False)[0]) == (stop >= run.settled)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ZGFy\nbiBp\ndA==", "darn it"),
        ("ZGFy\r\nbiBp\r\ndA==", "darn it"),
        ("> ZGFy\n> biBp\n> dA==", "darn it"),
        ("| ZGFy\n| biBp\n| dA==", "darn it"),
        ("    # ZGFy\n    # biBp\n    # dA==", "darn it"),
        ('x = "ZGFy" +\n    "biBp" +\n    "dA=="', "darn it"),
        ("x = ('ZGFy'\n     'biBp'\n     'dA==')", "darn it"),
        ('["ZGFy",\n  "biBp",\n  "dA=="]', "darn it"),
        ('"ZGFy" .\n"biBp" .\n"dA=="', "darn it"),
        ("ZGFy\\\nbiBp\\\r\ndA==", "darn it"),
        ("ZGFy  \nbiBp\t\ndA==", "darn it"),
        (r"ZGFy\nbiBp\ndA==", "darn it"),
        ("/2Rh\ncm4g\naXQ=", "darn it"),
        ("6461\n726e\n2069\n74", "darn it"),
        ("  64 61 72\n  6e 20 69\n  74", "darn it"),
        ("> 64 61 72\n> 6e 20 69\n> 74", "darn it"),
        ("{\n    0x64, 0x61, 0x72,\n    0x6e, 0x20, 0x69,\r\n    0x74\n}", "darn it"),
        ('"6461726e"\n    "206974"', "darn it"),
        ('"6461726e" +\n    "206974"', "darn it"),
        ('["64", "61", "72", "6e"]', "darn"),
        ("['0x64','0x61','0x72','0x6e']", "darn"),
        (r"64 61 72 6e\n20 69 74", "darn it"),
        ("ff 64\n  61 72\n  6e", "darn"),
    ],
)
def test_a_run_may_be_in_lines(text, plain):
    """Lines of any number of units are read on, whatever they are indented, quoted and put together by."""
    [run] = [run for run in whole(text) if run.plain == plain]
    for stop in range(len(text) + 1):
        assert (run in runs(text[:stop], last=False)[0]) == (stop >= run.settled)


@pytest.mark.parametrize(
    ("text", "written", "plain"),
    [
        ("ZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("say ZGFybiBpdA== twice", "ZGFybiBpdA==", "darn it"),
        ("ZGFybiBpdCBu", "ZGFybiBpdCBu", "darn it n"),
        ("ZGFybiBpdCBubw==", "ZGFybiBpdCBubw==", "darn it no"),
        # without padding, with too much of it, with something behind it
        ("ZGFybiBpdA", "ZGFybiBpdA", "darn it"),
        ("ZGFybiBpdA=", "ZGFybiBpdA=", "darn it"),
        ("ZGFybiBpdA===", "ZGFybiBpdA==", "darn it"),
        ("ZGFybiBpdA==x", "ZGFybiBpdA==", "darn it"),
        ("ZGFybiBpdA, x", "ZGFybiBpdA", "darn it"),
        ("ZGFybiBpdAé", "ZGFybiBpdA", "darn it"),
        # behind something that is no letter or digit
        (".ZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("éZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("中ZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("=ZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("\nZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        ("data:text/plain;base64,ZGFybiBpdA==", "ZGFybiBpdA==", "darn it"),
        # in lines
        ("ZGFybiBp\ndA==", "ZGFybiBp\ndA==", "darn it"),
        ("ZGFybiBp\r\ndCBub3cu\nZGFybg==", "ZGFybiBp\r\ndCBub3cu\nZGFybg==", "darn it now.darn"),
        ("ZGFybi\r\nBp\ndA==", "ZGFybi", "darn"),
        (r"ZGFybiBp\ndA==", r"ZGFybiBp\ndA==", "darn it"),
        (r"ZGFybiBp\r\ndA==", r"ZGFybiBp\r\ndA==", "darn it"),
        ("ZGFybiBp\n > \tdA==", "ZGFybiBp\n > \tdA==", "darn it"),
        ("ZGFybiBp\n" + " " * 16 + "dA==", "ZGFybiBp\n" + " " * 16 + "dA==", "darn it"),
        ("ZGFybiBp\n" + " " * 17 + "dA==", "ZGFybiBp", "darn i"),
        (r"ZGFybiBp\rdA==", "ZGFybiBp", "darn i"),
        (r"ZGFybiBp\tdA==", "ZGFybiBp", "darn i"),
        (r"ZGFybiBp\ndMMo", r"ZGFybiBp\ndM", "darn it"),
        ("ZGFybiBp dA==", "ZGFybiBp", "darn i"),
        ("ZGFybiBp\rdA==", "ZGFybiBp", "darn i"),
        ("ZGFybiBp\n\ndA==", "ZGFybiBp", "darn i"),
        # the digits of either alphabet
        ("fn5+ZGFybj8/Pz4=", "fn5+ZGFybj8/Pz4=", "~~~darn???>"),
        ("fn5-ZGFybj8_Pz4=", "fn5-ZGFybj8_Pz4=", "~~~darn???>"),
        # more than ASCII, at the beginning too
        ("w6kgZGFybg==", "w6kgZGFybg==", "é darn"),
        ("5LitIGRhcm4=", "5LitIGRhcm4=", "中 darn"),
        ("8J+YgCBkYXJu", "8J+YgCBkYXJu", "😀 darn"),
        ("CWRhcm4=", "CWRhcm4=", "\tdarn"),
        ("ZGEJcm4NCml0", "ZGEJcm4NCml0", "da\trn\r\nit"),
        # with what does not show
        ("wqBkYXJuIGl0", "wqBkYXJuIGl0", "\u00a0darn it"),
        ("4oCLZGFybg==", "4oCLZGFybg==", "\u200bdarn"),
        ("ZMKg44CA4oCo4oCLcm4=", "ZMKg44CA4oCo4oCLcm4=", "d\u00a0\u3000\u2028\u200brn"),
        ("ZGFybgBpdCB0aGVyZQ==", "ZGFybgBpdCB0aGVyZQ==", "darn\0it there"),
        ("ZGFybuKAjw==", "ZGFybuKAjw==", "darn\u200f"),
        # as far as it can be read
        ("ZGFybiBpdP8gbW9yZSB0ZXh0", "ZGFybiBpdP", "darn it"),
        ("ZGFybiBpdMMo", "ZGFybiBpdM", "darn it"),
        ("ZGFybiBpdO2ggA==", "ZGFybiBpdO", "darn it"),
        ("ZGFybu+/vw==", "ZGFybu", "darn"),
        ("ZGFybu6AgA==", "ZGFybu", "darn"),
        ("ZGFybs24IGl0", "ZGFybs", "darn"),
        # a character that is cut at the end is left out
        ("ZGFybiBpdOS4", "ZGFybiBpdOS4", "darn it"),
        ("ZGFybg", "ZGFybg", "darn"),
    ],
)
def test_base64_is_read(text, written, plain):
    """A run in either alphabet, in lines or not, padded or not, says what can be read of it."""
    assert {run.step for run in runs(text)[0]} == {"base64"}
    assert told(text) == [(written, plain)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ZGFybiBpdA==", []),
        ("ZGFybiBp\ndA==", [("ZGFybiBp", "darn i")]),
        ("YSBkYXJu\nb2sgb2sh", [("YSBkYXJu", "a darn"), ("b2sgb2sh", "ok ok!")]),
        ("YSBkYXJu\r\n  b2sgb2sh", [("YSBkYXJu", "a darn"), ("b2sgb2sh", "ok ok!")]),
        (r"YSBkYXJu\nb2sgb2sh", [("YSBkYXJu", "a darn"), ("b2sgb2sh", "ok ok!")]),
        ("ZGFybiBpdA\nZGFybiBpdA==", [("ZGFybiBpdA", "darn it"), ("ZGFybiBpdA==", "darn it")]),
    ],
)
def test_a_line_of_base64_may_be_a_text_of_its_own(text, lines):
    """Lines that belong together are read as one, and each by itself as well."""
    found = [(text[run.start : run.end], run.plain) for run in runs(text)[0]]
    assert [one for one in found if one in lines] == lines


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("6461726e206974", "darn it"),
        ("6461726E206974", "darn it"),
        ("64 61 72 6e", "darn"),
        ("64:61:72:6e", "darn"),
        ("64-61-72-6E", "darn"),
        ("64, 61, 72, 6e", "darn"),
        ("64;61;72;6e", "darn"),
        ("64  61 72\n6e", "darn"),
        ("64\r\n61\r\n72\r\n6e", "darn"),
        ("0x6461726e", "darn"),
        ("0x64 0x61 0x72 0x6e", "darn"),
        ("0X64,0X61,0X72,0X6E", "darn"),
        ("0x640x610x720x6e", "darn"),
        ("0x64 61 72 6e", "darn"),
        ("6461 726e", "darn"),
        ("c3a9 6461", "éda"),
        ("e4b8ad21", "中!"),
        ("f09f9880", "😀"),
        ("616263c3a9", "abcé"),
        ("61 62 63 64 c3 a9", "abcdé"),
        ("0d6461726e", "\rdarn"),
        ("6461726ee4b8ad", "darn中"),
        ("0a64090d", "\nd\t\r"),
        ("5f5f7e20", "__~ "),
        ("6461726e00017f", "darn\0\x01\x7f"),
    ],
)
def test_hexadecimal_is_read(text, plain):
    """Digits in pairs say what they stand for, together or apart by up to two separators, each marked or not."""
    for left, right in (
        ("", ""),
        ("_", "!"),
        (" ", " x"),
        ("é", "\n"),
        ("/", "/"),
        ("", ", 0"),
        ("", " 0x"),
        ("", "q"),
    ):
        surrounded = left + text + right
        [run] = runs(surrounded)[0]
        assert (run.start, run.end, run.plain, run.step) == (len(left), len(left) + len(text), plain, "hex")


@pytest.mark.parametrize(
    ("text", "written", "plain"),
    [
        ("6461726ecdb8", "6461726e", "darn"),
        ("6461726eff64", "6461726e", "darn"),
        ("6461726ec328", "6461726e", "darn"),
        ("6461726e7", "6461726e", "darn"),
        ("6461726e 7", "6461726e", "darn"),
        ("64 61 72 6e   64", "64 61 72 6e", "darn"),
        ("64 61 72 6eX", "64 61 72 6e", "darn"),
        ("0x64 0x61 0x72 0x6e 0x6", "0x64 0x61 0x72 0x6e", "darn"),
        ("6461726e.64", "6461726e", "darn"),
    ],
)
def test_a_run_ends_where_it_cannot_be_read_on(text, written, plain):
    """What stands behind what can be read is no part of the run."""
    assert told(text) == [(written, plain)]


@pytest.mark.parametrize(
    ("text", "stretch", "plain", "name"),
    [
        (tags("darn it"), (0, 7), "darn it", "tags"),
        ("a" + tags("darn") + "b", (1, 5), "darn", "tags"),
        (tags("darn") + "\U000e007f!", (0, 5), "darn", "tags"),
        (tags("darn") + "\U000e0001", (0, 4), "darn", "tags"),
        ("🏴" + tags("~ d ~") + "\U000e007f", (1, 7), "~ d ~", "tags"),
        (selectors("darn it"), (0, 7), "darn it", "selectors"),
        ("❤" + selectors("da\tr\n") + "x", (1, 6), "da\tr\n", "selectors"),
        (selectors("é中"), (0, 5), "é中", "selectors"),
        (selectors("darn\x0f"), (0, 5), "darn\x0f", "selectors"),
        ("\ufe0f" + selectors("darn"), (0, 5), "\x0fdarn", "selectors"),
        (selectors("darn") + "\U000e01ef", (0, 4), "darn", "selectors"),
        (selectors("darn中")[:-1], (0, 6), "darn", "selectors"),
    ],
)
def test_invisible_characters_are_read(text, stretch, plain, name):
    """Tag characters stand for ASCII, variation selectors for bytes."""
    assert [(run.start, run.end, run.plain, run.step) for run in runs(text)[0]] == [(*stretch, plain, name)]


@pytest.mark.parametrize(
    "text",
    [
        *["", "plain words", "information about everything", "internationalization", "ThisIsACamelCaseIdentifier"],
        *["/usr/lib/python3/dist-packages/", "12 34 56 78", "2024-11-23 12:34:56", "555-1234-5678", "1234567890"],
        *["deadbeef", "#ffcc00", "DE AD BE EF", "0x00 0x01 0x02 0x03"],
        # too little of it: three bytes
        *["ZGFy", "ZGFy/2Rhcm4=", "64 61 72", "646172ff", tags("dar"), selectors("dar"), tags("dar") + "\U000e007f"],
        # nothing readable at the beginning
        *[
            "AQID/2Rhcm4gaXQ=",
            "ffffffff6461726e",
            "000000006461726e",
            "01020364617201",
            "//9kYf8=",
            "AQJkYf8=",
            "\ufe00\ufe0f❤\ufe0f",
            "\U000e01ef" + selectors("darn"),
            "AAAAAGRhcm4gaXQ=",
            # UTF-16 that is none: too little of it, and half a character
            "AGQAYQBy",
            "fffe640061007200",
            "//5kAADYZQBlAA==",
        ],
        # behind a letter or digit
        *["xZGFybiBpdA==", "1ZGFybiBpdA==", "x6461726e", "g6461726e", "Z0x6461726e"],
        # too far apart, or by something else
        *["64   61   72   6e", "64.61.72.6e", "64/61/72/6e", "0 64 0 61 0 72 0 6e"],
    ],
)
def test_what_is_not_encoded_says_nothing(text):
    """Words, numbers, names and keys are none, nor is what is shorter than four bytes."""
    assert runs(text) == ([], len(text))


def test_several_runs_are_all_found():
    """Each run is found, in whatever encoding, in order by encoding."""
    text = f"ZGFybiBpdA== and 6461726e, {tags('darn')}{selectors('heck')} d29yZHM="
    assert [(run.plain, run.step) for run in runs(text)[0]] == [
        ("darn it", "base64"),
        ("words", "base64"),
        ("darn", "hex"),
        ("darn", "tags"),
        ("heck", "selectors"),
    ]


def test_a_run_may_follow_another_at_once():
    """What is behind the end of one run may begin the next."""
    text = "ZGFybiBpdA=ZGFybiBpdA="
    assert told(text) == [("ZGFybiBpdA=", "darn it")] * 2
    assert told(tags("darn") + "\U000e007f" + tags("heck")) == [
        (tags("darn") + "\U000e007f", "darn"),
        (tags("heck"), "heck"),
    ]


@pytest.mark.parametrize("length", [45, 46, 47, 48, 49, 180, 191, 192, 193, 765, 768, 769, 3072, 5000])
@pytest.mark.parametrize("encode", [base64_of, lambda text: text.encode().hex(), tags, selectors])
def test_long_runs_are_read_whole(length, encode):
    """A run has any length; what ends it is found wherever it is."""
    plain = ("darn it, " * 1000)[:length]
    written = encode(plain)
    assert told(f"({written})") == [(written, plain)]
    assert told(f"({written}\n)") == [(written, plain)]


@pytest.mark.parametrize("encode", [base64_of, bytes.hex, lambda data: data.hex(" ")])
@pytest.mark.parametrize("length", [4, 44, 47, 48, 63, 64, 191, 193, 1000])
def test_a_long_run_ends_where_it_is_broken(encode, length):
    """What can be read before the first byte that cannot is the run, be it in the first look or a later one."""
    data = (b"darn it, " * 200)[:length]
    (written, plain), *_ = told(encode(data + b"\xff" + b"it was"))
    assert plain == data.decode()
    assert written[:-1] == encode(data).rstrip("=")[: len(written) - 1]
    assert len(written) == len(encode(data).rstrip("="))


@pytest.mark.parametrize(
    "text", [base64_of("a" * 300), ("a" * 300).encode().hex(), tags("a" * 300), selectors("a" * 300)]
)
def test_a_run_of_more_than_the_limit_is_looked_at_so_far(text):
    """The limit bounds what is held and searched; what is beyond it is no part of the run."""
    first, *_ = runs(text, limit=128)[0]
    assert first.start == 0
    assert first.plain in ("a" * 64, "a" * 96, "a" * 128)
    assert (first.end, first.settled) == (128, 129)
    assert runs(text[:128], last=False, limit=128) == ([], 0)
    assert first in runs(text[:129], last=False, limit=128)[0]
    assert runs(text + " ", limit=1000)[0][0].plain == "a" * 300


@pytest.mark.parametrize(
    ("text", "skip", "plain"),
    [
        ("ZGFybiBpdA== d29yZHM=", 0, ["darn it", "words"]),
        ("ZGFybiBpdA== d29yZHM=", 1, ["words"]),
        ("ZGFybiBpdA== d29yZHM=", 13, ["words"]),
        ("ZGFybiBpdA== d29yZHM=", 14, []),
        ("6461726e6461726e", 8, []),
        (tags("darn it"), 3, []),
        (selectors("darn it"), 3, []),
    ],
)
def test_runs_start_behind_what_is_skipped(text, skip, plain):
    """What starts before is left out, and what stands before it is seen all the same."""
    assert [run.plain for run in runs(text, skip)[0]] == plain


@pytest.mark.parametrize(
    ("text", "plain", "unfinished"),
    [
        # whatever may go on
        ("ZGFybiBpdA==", [], 0),
        ("ZGFybiBpdA=", [], 0),
        ("ZGFybiBpdA", [], 0),
        ("ZGFybiBpdA\n", [], 0),
        ("ZGFybiBpdA\r", [], 0),
        ("ZGFybiBpdA\r\n", [], 0),
        ("ZGFybiBp\\", [], 0),
        ("ZGFybiBp\\n", [], 0),
        ("ZGFybiBp\\r", [], 0),
        ("ZGFybiBp\\r\\", [], 0),
        ("ZGFybiBp\\r\\n  >", [], 0),
        ("ZGFybiBp\\!", ["darn i"], 10),
        ("6461726e", [], 0),
        ("6461726e ", [], 0),
        ("6461726e,\n", [], 0),
        ("6461726e 0", [], 0),
        ("6461726e 0x", [], 0),
        ("6461726e 0x6", [], 0),
        ("a " + tags("dar"), [], 2),
        (selectors("dar"), [], 0),
        ("ZGFybiBpdOS4", [], 0),
        # whatever is complete
        ("ZGFybiBpdA==.", ["darn it"], 13),
        ("ZGFybiBpdA== ", ["darn it"], 13),
        ("ZGFybiBpdA.", ["darn it"], 11),
        ("ZGFybiBpdA\n\n", ["darn it"], 12),
        ("ZGFybv9pdCB0", ["darn"], 12),
        ("6461726e.", ["darn"], 9),
        ("6461726eff", ["darn"], 10),
        ("6461726e" + " " * 7, ["darn"], 15),
        (tags("darn") + "\U000e007f", [], 0),
        (tags("darn") + "\U000e007f!", ["darn"], 6),
        (tags("darn") + ".", ["darn"], 5),
        (selectors("darn") + "\U000e01ef", ["darn"], 5),
        (selectors("darn") + "\ufe0f", [], 0),
        # whatever is too little to tell
        ("Z", [], 0),
        ("say ZGFy", [], 4),
        ("say ZG", [], 4),
        ("say 0", [], 4),
        ("say 0x", [], 4),
        ("say 0x6", [], 4),
        ("say 64", [], 4),
        ("say 64 6", [], 4),
        ("say 0x64 0x", [], 4),
        ("say 0x62, 0x63, 0x64, 0xc3, 0xa", [], 4),
        ("say 0x62, 0x63, 0x64, 0", [], 4),
        ("say ", [], 4),
        ("say !", [], 5),
        ("say ZGFy!", [], 9),
        ("sayZGF", [], 6),
        ("ZGFybiBpdA== 6", ["darn it"], 13),
        # the first of several
        ("ZGFybiBpdA\n6461726e", ["darn it"], 11),
        ("ZGFybiBpdA==\n6461726e", ["darn it"], 13),
        ("6461726e - ZGFybiBp" + tags("x"), ["darn i", "darn"], 19),
        ("ZGFybiBp, 6461726e" + tags("x"), ["darn i", "darn"], 18),
        (tags("x") + " 6461726e", [], 2),
    ],
)
def test_of_a_text_that_goes_on_what_is_complete_is_told(text, plain, unfinished):
    """A run is told once something shows where it ends; where the first begins that does not end is told too."""
    assert [run.plain for run in whole(text, last=False)] == plain
    assert runs(text, last=False)[1] == unfinished


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        # with the next character
        ("ZGFybiBpdA==", 13),
        ("ZGFybiBpdCBu", 13),
        ("ZGFybiBpdA. more", 11),
        ("6461726e", 9),
        (tags("darn"), 5),
        (tags("darn") + "!", 5),
        (selectors("darn"), 5),
        # with what it might have gone on with
        ("ZGFybiBpdA\n.", 12),
        ("ZGFybiBpdA\r.", 12),
        ("ZGFybiBpdA=.", 12),
        ("6461726e 7.", 11),
        ("6461726e 0x.", 12),
        # with what cannot be read
        ("ZGFybv9pdCB0aGVyZQ==", 7),
        ("6461726eff", 10),
        ("6461726ec328", 12),
    ],
)
def test_a_run_tells_with_which_character_its_end_was_known(text, settled):
    """The offset is that behind the first character with which a text that may go on would tell the run."""
    [run] = whole(text)
    assert run.settled == settled
    for stop in range(len(text) + 1):
        assert (whole(text[:stop], last=False) == [run]) is (stop >= settled)


@pytest.mark.parametrize("limit", [64, 100, 128, 1000])
def test_what_goes_on_past_the_limit_is_told(limit):
    """A run that does not end is told as far as the limit, so that nobody waits for it for good."""
    for text in (base64_of("a" * 3000), ("a" * 3000).encode().hex(), tags("a" * 3000)):
        found, unfinished = runs(text, last=False, limit=limit)
        assert found
        assert unfinished > 0
        assert runs(text[: limit - 1], last=False, limit=limit) == ([], 0)
