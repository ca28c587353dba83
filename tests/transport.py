"""Ways to carry a phrase to a known endpoint that depend on how a body is read: its codings, its charset, its JSON.

Of each it is said what becomes of it: it is read, and the phrase is in one of the request's texts as it stands; or it
is refused, because two readers might see two things in it. There is no third.
"""

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import Literal

import brotli
import zstandard

PHRASE = "project borealis"
PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Row:
    """One way. Of a header field there may be several lines, or none."""

    name: str
    body: bytes
    outcome: Literal["read", "refused"]
    content_type: tuple[str, ...] = ("application/json",)
    content_encoding: tuple[str, ...] = ()
    method: str = "POST"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The lines of both fields."""
        types = [("content-type", line) for line in self.content_type]
        return types + [("content-encoding", line) for line in self.content_encoding]


def said(text: str = PHRASE, **more: object) -> str:
    """A request that says something, as JSON."""
    return json.dumps({"model": "m", **more, "messages": [{"role": "user", "content": text}]})


def raw(plain: bytes) -> bytes:
    """Deflate without zlib's wrapping."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


PLAIN = said().encode()
HEAD, TAIL = PLAIN[:40], PLAIN[40:]
FINE = said("fine").encode()
ZIPPED = gzip.compress(PLAIN)
SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in PHRASE)
UTF7 = "".join("+AHA-" if letter == "p" else letter for letter in PHRASE)


def _coded(name: str, body: bytes, outcome: Literal["read", "refused"], *lines: str) -> Row:
    return Row(name, body, outcome, content_encoding=lines)


def _typed(name: str, body: bytes, outcome: Literal["read", "refused"], *lines: str) -> Row:
    return Row(name, body, outcome, content_type=lines)


def _json(name: str, source: str | bytes, outcome: Literal["read", "refused"]) -> Row:
    return Row(name, source if isinstance(source, bytes) else source.encode(), outcome)


CODINGS = (
    _coded("no coding", PLAIN, "read"),
    _coded("an empty coding", PLAIN, "read", ""),
    _coded("identity", PLAIN, "read", "identity"),
    _coded("identity in odd case, twice", PLAIN, "read", "IdentitY, identity"),
    _coded("empty members alone", PLAIN, "read", ", ,"),
    _coded("gzip", ZIPPED, "read", "gzip"),
    _coded("gzip by its old name", ZIPPED, "read", "X-GZIP"),
    _coded("gzip in odd case and blanks", ZIPPED, "read", " \tGZip "),
    _coded("gzip among empty members", ZIPPED, "read", ",gzip, ,"),
    _coded("gzip and identity", ZIPPED, "read", "identity, gzip"),
    _coded("deflate", zlib.compress(PLAIN), "read", "deflate"),
    _coded("deflate without a wrapping", raw(PLAIN), "read", "deflate"),
    _coded("brotli", brotli.compress(PLAIN), "read", "br"),
    _coded("zstd", zstandard.compress(PLAIN), "read", "zstd"),
    _coded("two codings", brotli.compress(ZIPPED), "read", "gzip, br"),
    _coded("two codings in two lines", brotli.compress(ZIPPED), "read", "gzip", "br"),
    _coded("three codings", zlib.compress(zstandard.compress(ZIPPED)), "read", "gzip, zstd, deflate"),
    _coded("one coding twice", gzip.compress(ZIPPED), "read", "gzip, gzip"),
    _coded("four codings", gzip.compress(gzip.compress(gzip.compress(ZIPPED))), "refused", "gzip, gzip, gzip, gzip"),
    _coded("two codings in the other order", brotli.compress(ZIPPED), "refused", "br, gzip"),
    _coded("two lines in the other order", brotli.compress(ZIPPED), "refused", "br", "gzip"),
    _coded("two codings of which one is said", gzip.compress(ZIPPED), "refused", "gzip"),
    _coded("one coding of which two are said", ZIPPED, "refused", "gzip, gzip"),
    _coded("two members", gzip.compress(HEAD) + gzip.compress(TAIL), "read", "gzip"),
    _coded("an empty member in front", gzip.compress(b"") + ZIPPED, "read", "gzip"),
    _coded("a harmless member in front", gzip.compress(FINE) + ZIPPED, "refused", "gzip"),
    _coded("two frames", zstandard.compress(HEAD) + zstandard.compress(TAIL), "read", "zstd"),
    _coded("a harmless frame in front", zstandard.compress(FINE) + zstandard.compress(PLAIN), "refused", "zstd"),
    _coded("a frame to be skipped", SKIPPED + zstandard.compress(PLAIN), "refused", "zstd"),
    _coded("a harmless body and a frame to be skipped", zstandard.compress(FINE) + SKIPPED, "refused", "zstd"),
    _coded("plain JSON behind gzip", gzip.compress(FINE) + PLAIN, "refused", "gzip"),
    _coded("zeros behind gzip", ZIPPED + bytes(8), "refused", "gzip"),
    _coded("gzip cut short", ZIPPED[:-8], "refused", "gzip"),
    _coded("gzip with a wrong checksum", ZIPPED[:-8] + bytes(8), "refused", "gzip"),
    _coded("another body behind brotli", brotli.compress(FINE) + brotli.compress(PLAIN), "refused", "br"),
    _coded("another body behind deflate", zlib.compress(FINE) + zlib.compress(PLAIN), "refused", "deflate"),
    _coded("plain JSON said to be gzip", PLAIN, "refused", "gzip"),
    _coded("plain JSON said to be deflate", PLAIN, "refused", "deflate"),
    _coded("plain JSON said to be brotli", PLAIN, "refused", "br"),
    _coded("plain JSON said to be zstd", PLAIN, "refused", "zstd"),
    _coded("gzip said to be identity", ZIPPED, "refused", "identity"),
    _coded("gzip said to be zstd", ZIPPED, "refused", "zstd"),
    _coded("gzip said to be nothing", ZIPPED, "refused"),
    _coded("zstd said to be nothing", zstandard.compress(PLAIN), "refused"),
    _coded("zlib said to be nothing", zlib.compress(PLAIN), "refused"),
    _coded("brotli said to be nothing", brotli.compress(PLAIN), "refused"),
    _coded("a coding nobody has", ZIPPED, "refused", "compress"),
    _coded("a coding of another protocol", PLAIN, "refused", "aws-chunked"),
    _coded("any coding", ZIPPED, "refused", "*"),
    _coded("a coding with a weight", ZIPPED, "refused", "gzip;q=1"),
    _coded("a coding in quotes", ZIPPED, "refused", '"gzip"'),
    _coded("two codings without a comma", brotli.compress(ZIPPED), "refused", "gzip br"),
    _coded("a blank that is none", ZIPPED, "refused", "gzip\u00a0"),
    _coded("too large when unpacked", gzip.compress(bytes(46 << 20), 1), "refused", "gzip"),
    _coded("too large on the way", gzip.compress(gzip.compress(bytes(46 << 20), 0)), "refused", "gzip, gzip"),
)

CHARSETS = (
    _typed("charset", PLAIN, "read", "application/json; charset=utf-8"),
    _typed("charset in capitals and quotes", PLAIN, "read", 'Application/JSON ;Charset="UTF-8"'),
    _typed("charset in RFC 2231's way", PLAIN, "read", "application/json; charset*=utf-8''utf-8"),
    _typed("ASCII", said().encode(), "read", "application/json; charset=us-ascii"),
    _typed("more than ASCII said to be ASCII", f'{{"a": "é {PHRASE}"}}'.encode(), "refused", "x/y; charset=us-ascii"),
    _typed("latin-1", PLAIN, "refused", "application/json; charset=iso-8859-1"),
    _typed("EBCDIC", said().encode("cp500"), "refused", "application/json; charset=cp500"),
    _typed("UTF-7", said(UTF7).encode(), "refused", "application/json; charset=utf-7"),
    _typed("UTF-7 as the second charset", said(UTF7).encode(), "refused", "a/json; charset=utf-8; charset=utf-7"),
    _typed("UTF-7 as the first charset", said(UTF7).encode(), "refused", "a/json; charset=utf-7; charset=utf-8"),
    _typed("UTF-7 in RFC 2231's way", said(UTF7).encode(), "refused", "a/json; charset*=''utf-7"),
    _typed("UTF-7 in parts", said(UTF7).encode(), "refused", "a/json; charset*0=utf; charset*1=-7"),
    _typed("UTF-7 in another parameter", said(UTF7).encode(), "refused", 'a/json; profile="; charset=utf-7"'),
    _typed("UTF-7 behind a comma", said(UTF7).encode(), "refused", "application/json, charset=utf-7"),
    _typed("UTF-7 in a second line", said(UTF7).encode(), "refused", "a/json; charset=utf-8", "a/b; charset=utf-7"),
    _typed("UTF-16 said so", said().encode("utf-16"), "refused", "application/json; charset=utf-16"),
    _typed("UTF-16 by its mark", said().encode("utf-16"), "refused", "application/json"),
    _typed("UTF-16 without a mark", said().encode("utf-16-le"), "refused", "application/json"),
    _typed("UTF-16, the other way", said().encode("utf-16-be"), "refused", "application/json"),
    _typed("UTF-32", said().encode("utf-32"), "refused", "application/json"),
    _typed("UTF-32 without a mark", said().encode("utf-32-be"), "refused", "application/json"),
    _typed("UTF-8 with a mark", said().encode("utf-8-sig"), "refused", "application/json"),
    _typed("overlong UTF-8", PLAIN.replace(b"p", b"\xc1\xb0"), "refused", "application/json"),
    _typed("surrogates in UTF-8", PLAIN.replace(b"p", b"\xed\xa0\xb5\xed\xb1\x9d"), "refused", "application/json"),
    _typed("a byte of no character", PLAIN.replace(b"project", b"proj\xffect"), "refused", "application/json"),
)

TYPES = (
    _typed("no type", PLAIN, "read"),
    _typed("an empty type", PLAIN, "read", ""),
    _typed("a type that is none", PLAIN, "read", "json"),
    _typed("plain text", PLAIN, "read", "text/plain"),
    _typed("bytes", PLAIN, "read", "application/octet-stream"),
    _typed("a picture", PLAIN, "read", "image/png"),
    _typed("events", PLAIN, "read", "text/event-stream"),
    _typed("lines of JSON", PLAIN, "read", "application/x-ndjson"),
    _typed("a kind of JSON", PLAIN, "read", "application/vnd.api+json"),
    _typed("two types that are one", PLAIN, "read", "application/json", "application/json"),
    _typed("JSON said to be a form", PLAIN, "refused", "application/x-www-form-urlencoded"),
    _typed("JSON said to be both", PLAIN, "refused", "application/json", "application/x-www-form-urlencoded"),
    _typed(
        "a form inside JSON",
        said("&model=m&prompt=%70roject+borealis&x=").encode(),
        "refused",
        "Application/X-WWW-Form-URLencoded; charset=utf-8",
    ),
    _typed("a form said to be JSON", b"model=m&prompt=%70roject+borealis", "refused", "application/json"),
    _typed("JSON said to be parts", PLAIN, "refused", "multipart/form-data; boundary=x"),
    _typed(
        "parts", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', "refused", "multipart/mixed; boundary=x"
    ),
    _typed(
        "parts said to be JSON", b'--x\r\n\r\n{"prompt": "project borealis"}\r\n--x--', "refused", "application/json"
    ),
    _typed("text said to be JSON", PHRASE.encode(), "refused", "application/json"),
    _typed("XML said to be JSON", b"<prompt>project borealis</prompt>", "refused", "application/json"),
    _typed("events said to be JSON", b"data: " + PLAIN + b"\n\n", "refused", "application/json"),
    Row("a body where none is needed", PLAIN, "read", method="GET"),
    Row("a body where none is needed, and no JSON", PHRASE.encode(), "refused", method="GET"),
)

JSON = (
    _json("escapes", said("#").replace("#", ESCAPED), "read"),
    _json("escapes of escapes' capitals", said("#").replace("#", ESCAPED.replace("006a", "006A")), "read"),
    _json("an escaped name", said().replace("content", "\\u0063ontent"), "read"),
    _json("half a character beside it", said(f"\ud83d {PHRASE}"), "read"),
    _json("a zero character beside it", said(f"\0{PHRASE}"), "read"),
    _json("hexadecimal escapes", said("#").replace("#", "\\x70roject borealis"), "refused"),
    _json("escapes with braces", said("#").replace("#", "\\u{70}roject borealis"), "refused"),
    _json("an escape cut short", said("#").replace("#", "\\u70 project borealis"), "refused"),
    _json("an escaped letter", said().replace("borealis", "\\borealis\\s"), "refused"),
    _json("a bare line break", said().replace("project ", "project\n"), "refused"),
    _json("a bare tab", said().replace("project ", "project\t"), "refused"),
    _json("a bare zero", said().replace("project ", "project\0"), "refused"),
    _json("a repeated name", said().replace('"model"', '"messages": "fine", "model"'), "refused"),
    _json("a repeated name behind", said()[:-1] + ', "messages": "fine"}', "refused"),
    _json("a name repeated by an escape", said()[:-1] + ', "message\\u0073": "fine"}', "refused"),
    _json("a repeated name below", said().replace('"role"', '"content": "fine", "role"'), "refused"),
    _json("a name in other letters", said()[:-1] + ', "Messages": "fine"}', "read"),
    _json("an empty name", said(**{"": PHRASE}), "read"),
    _json("a prototype", '{"model": "m", "__proto__": {"messages": [{"content": "project borealis"}]}}', "read"),
    _json("a name", '{"model": "m", "project borealis": 1}', "read"),
    _json("not a number", said(temperature=float("nan")), "refused"),
    _json("infinity", said(temperature=float("inf")), "refused"),
    _json("a number that is too large", said(temperature=1).replace("1", "1e999"), "read"),
    _json("a number of too many digits", said(seed=1).replace("1", "1" * 5000), "refused"),
    _json("a leading zero", said(seed=1).replace("1", "01"), "refused"),
    _json("a leading plus", said(seed=1).replace("1", "+1"), "refused"),
    _json("a bare point", said(seed=1).replace("1", "1."), "refused"),
    _json("a hexadecimal number", said(seed=1).replace("1", "0x1"), "refused"),
    _json("digits of another script", said(seed=1).replace("1", "\u0661"), "refused"),
    _json("a comment", said().replace("[{", '[/* "fine" */{'), "refused"),
    _json("a comment to the end of the line", said() + "// fine", "refused"),
    _json("a comment as in YAML", said() + " # fine", "refused"),
    _json("a comma too many", said()[:-1] + ",}", "refused"),
    _json("single quotes", said().replace('"', "'"), "refused"),
    _json("names without quotes", said().replace('"content"', "content"), "refused"),
    _json("constants in capitals", said(stream=True).replace("true", "True"), "refused"),
    _json("white space around", f" \t\r\n{said()}\n\t \r", "read"),
    _json("white space of other kinds", f"\u00a0{said()}", "refused"),
    _json("a form feed", f"\f{said()}", "refused"),
    _json("a mark behind white space", f" \ufeff{said()}", "refused"),
    _json("zeros behind", said() + "\0", "refused"),
    _json("zeros in front", "\0" + said(), "refused"),
    _json("two values", FINE + PLAIN, "refused"),
    _json("two lines", FINE + b"\n" + PLAIN, "refused"),
    _json("a record separator", "\x1e" + said() + "\n", "refused"),
    _json("junk behind", said() + "]", "refused"),
    _json("a guard in front", ")]}',\n" + said(), "refused"),
    _json("cut short", said()[:-1], "refused"),
    _json("nothing", "", "refused"),
    _json("blanks", "   ", "refused"),
    _json("an array", f"[{said()}]", "refused"),
    _json("a string", json.dumps(said()), "refused"),
    _json("deep", said(metadata="#").replace('"#"', "[" * 100 + "]" * 100), "read"),
    _json("too deep", said(metadata="#").replace('"#"', "[" * 200 + "]" * 200), "refused"),
    _json("absurdly deep", "[" * 100_000 + "]" * 100_000, "refused"),
)

ROWS: tuple[Row, ...] = (*CODINGS, *CHARSETS, *TYPES, *JSON)
