"""Encoded runs: base64, hexadecimal and invisible characters in text, and what they say.

A run begins where no letter or digit stands before it, and goes on as long as what it stands for is text that can be
read; what follows is none of it. Ordinary words hardly ever read as text that way for more than a few characters, which
is told of most of them by their head alone. Text may be in UTF-8, also behind a few bytes that are none, or in UTF-16.
"""

import binascii
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice

from panda_addon.text.readable import SHORTEST, Said, behind, utf8, utf16

_STEP = 32

# Lines are wrapped by some encoders, and indented, quoted, escaped or put together by what they are put into.
_CLOSED = r"""(?:["'`][ \t]{0,4}[+,.;&]?)?[ \t]{0,4}"""
_OPENED = r"""[ \t>|#*"'`]{0,16}"""
_BREAK = rf"(?:\\?\r?\n|(?:\\r)?\\n){_OPENED}"
_LINE = _CLOSED + _BREAK
_LINE_BEGUN = rf"{_CLOSED}(?:{_BREAK}|\\?\r|\\(?:r\\?)?)?"
# Of these some letters and signs are no digits.
_GLUE = re.compile(r"""\\[rn]|["'`][ \t]{0,4}\+""")

_DIGIT = "[A-Za-z0-9+/_-]"
_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits
_NO_DIGITS = bytes(set(range(256)) - set(f"{_DIGITS}+/-_".encode()))
_FOR_URLS = bytes.maketrans(b"-_", b"+/")
_LINE_OF_TEXT = re.compile(rf"(?<!\\){_DIGIT}{{6,}}+=?=?")

_HEX = "[0-9a-fA-F]"
_NO_HEX = bytes(set(range(256)) - set(string.hexdigits.encode() + b"xX"))
_GAP = rf"""(?:[ ,:;\r\n-]{{0,2}}|[ ,:;-]{{0,2}}{_LINE}|["'][ ,]{{1,2}}["'])"""
_THEN = rf"{_GAP}(?:0[xX])?"
# A byte that is ASCII and can be read, and the first two of a longer character.
_PLAIN = rf"(?:[2-7]{_HEX}|0[9aAdD])"
_WIDE = rf"[c-fC-F]{_HEX}{_THEN}[89abAB]{_HEX}"
_HEX_BEGUN = r"""(?:[0-9a-fA-FxX ,:;\r\n\t>|#*"'`+.&\\-]|(?<=\\)[rn])"""

# Tag characters and variation selectors, which do not show and may stand for bytes.
UNSEEN = "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0))))
_SHORT_SELECTOR = re.compile("[\ufe00-\ufe0f]")
_LATER = bytes((low + 16) % 256 for low in range(256))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch that is encoded text: half-open offsets, what it says, and the name of its encoding.

    `settled` is the offset behind the character that showed where it ends.
    """

    start: int
    end: int
    plain: str
    step: str
    settled: int


@dataclass(frozen=True, slots=True)
class _Code:
    """An encoding: where a run may begin, of what units it is made, what may stand behind it, and how it is undone.

    `hint` finds where `start` may match, quickly. `head` are beginnings of a run of which too little is there to tell,
    `rest` those of one more unit, `bits` the size of one. `ways` are those to read its bytes as text.
    """

    name: str
    hint: re.Pattern[str]
    start: re.Pattern[str]
    head: re.Pattern[str]
    run: re.Pattern[str]
    unit: re.Pattern[str]
    bits: int
    rest: re.Pattern[str]
    tail: re.Pattern[str]
    decode: Callable[[str], bytes]
    ways: tuple[Callable[[bytes], Said], ...]


def _base64(written: str) -> bytes:
    digits = _GLUE.sub("", written).encode().translate(_FOR_URLS, _NO_DIGITS)
    return binascii.a2b_base64(digits + b"A" * (-len(digits) % 4))[: len(digits) * 6 // 8]


def _hexadecimal(written: str) -> bytes:
    digits = written.encode().translate(None, _NO_HEX)
    return binascii.unhexlify(digits.replace(b"0x", b"").replace(b"0X", b""))


def _tags(written: str) -> bytes:
    return written.encode("utf-32-le")[::4]


def _selectors(written: str) -> bytes:
    moved = _SHORT_SELECTOR.sub(lambda found: chr(ord(found[0]) - 0xFE00 + 0xE00F0), written)
    return moved.encode("utf-32-le")[::4].translate(_LATER)


def _class(fits: Callable[[int], bool]) -> str:
    """A class of those digits of base64 whose value fits."""
    values = {digit: value for value, digit in enumerate(_DIGITS)} | {"+": 62, "-": 62, "/": 63, "_": 63}
    return "[" + "".join(re.escape(digit) for digit, value in values.items() if fits(value)) + "]"


def _first(bits: int) -> tuple[str, str, str]:
    """Classes of digits whose last bits, so many, begin a byte: of ASCII, of a longer character, the rest of one."""
    return (
        _class(lambda v: (v << 8 - bits) & 0xFF < 0x80),
        _class(lambda v: 0xC0 <= (v << 8 - bits) & 0xFF < 0xF8),
        _class(lambda v: 0x80 <= (v << 8 - bits) & 0xFF < 0xC0),
    )


_ASCII, _LEAD, _MORE = _first(6)
_ASCII4, _LEAD4, _MORE4 = _first(4)
_ASCII2, _LEAD2, _MORE2 = _first(2)
_BEHIND = "(?<![A-Za-z0-9].)"
# A first line may have four digits.
_FIFTH = f"(?:{_LINE})?"


def _base64_start() -> str:
    """A pattern for the first six digits of text in UTF-8, of which each tells parts of one or two bytes.

    It rules out what can be told of a digit or two, which is enough to pass over nearly all ordinary words.
    """
    # The first byte shows, or breaks a line.
    first = _class(lambda v: 8 <= v < 32 or v in (2, 3))
    third = f"(?:{_ASCII2}{_DIGIT}{_FIFTH}(?:{_ASCII}|{_LEAD})|{_LEAD2}{_DIGIT}{_FIFTH}{_MORE})"
    second = f"(?:{_ASCII4}{third}|{_LEAD4}{_MORE2}{_DIGIT}{_FIFTH}{_DIGIT})"
    wide = f"{_MORE4}(?:{third}|{_MORE2}{_DIGIT}{_FIFTH}{_DIGIT})"
    either = first[:-1] + _LEAD[1:]
    # Nearly all letters are passed over by what begins a pattern, if that is one class.
    return f"{either}{_BEHIND}(?:(?<={first}){second}|(?<={_LEAD}){wide}){_DIGIT}"


# The first digits where one byte or two cannot be read and ASCII or zeros follow; UTF-16 that begins with two
# characters of ASCII; the marks of UTF-16. Letters from g to v and signs but one begin none, for if they did, a text
# would have to wait at nearly every word: the first byte is then none from 0x04 to 0x1f or from 0x80 to 0xbf.
_LATE = (
    (
        "(?<=[Afw-z0-9/])",
        _DIGIT,
        _ASCII2,
        _DIGIT,
        _FIFTH,
        _ASCII,
        _ASCII4,
        _DIGIT,
    ),
    ("(?<=[CDI-Za-f])[AQgw]", "[AB]", _DIGIT, _FIFTH, "A", "[A-P]"),
    ("(?<=/)[/_]", "[4-7]", _DIGIT, _FIFTH, _DIGIT),
    ("(?<=/)v", "[89+/_-]", _DIGIT, _FIFTH, _DIGIT),
)


def _begun(parts: tuple[str, ...]) -> str:
    """A pattern for every beginning of parts that follow each other, but for none of them at all."""
    pattern = ""
    for part in reversed(parts):
        pattern = f"{_LINE_BEGUN}{pattern}" if part == _FIFTH else part + (f"(?:{pattern})?" if pattern else "")
    return pattern


_BASE64 = _Code(
    name="base64",
    hint=re.compile(_base64_start()),
    start=re.compile(""),
    head=re.compile(
        rf"(?<![A-Za-z0-9])[CDI-Za-fw-z0-9]{_DIGIT}{{0,3}}+(?:(?<={_DIGIT}{{4}}){_LINE_BEGUN})?{_DIGIT}?\Z"
    ),
    run=re.compile(rf"(?:(?={_DIGIT}{{4}})(?:{_DIGIT}{{32}})*+(?:{_DIGIT}{{4}})*+{_LINE}(?={_DIGIT}))*+{_DIGIT}*+"),
    unit=re.compile(f"(?:{_LINE})?{_DIGIT}"),
    bits=6,
    rest=re.compile(f"={{0,2}}|{_LINE_BEGUN}"),
    tail=re.compile("={1,2}"),
    decode=_base64,
    ways=(utf8,),
)
_HEXADECIMAL = _Code(
    name="hex",
    hint=re.compile(r"[02-7c-fC-F](?<![0-9A-Za-z].)[0-9a-fA-FxX]"),
    start=re.compile(
        rf"(?:0[xX])?(?:{_PLAIN}(?:{_THEN}[02-7]{_HEX}){{3}}|(?:{_PLAIN}{_THEN}(?:[02-7]{_HEX}{_THEN}){{0,2}})?{_WIDE})"
    ),
    head=re.compile(rf"(?<![0-9A-Za-z])[02-7c-fC-F]{_HEX_BEGUN}{{0,150}}+\Z"),
    run=re.compile(rf"(?:0[xX])?{_HEX}{{2}}(?:[ :]?{_HEX}{{2}}|{_GAP}(?:0[xX](?={_HEX}{{2}}))?{_HEX}{{2}})*+"),
    unit=re.compile(rf"(?!0[xX]){_HEX}{{2}}"),
    bits=8,
    rest=re.compile(rf"""{_GAP}(?:0[xX]?)?{_HEX}?|[ ,:;-]{{0,2}}{_LINE_BEGUN}|["'][ ,]{{0,2}}"""),
    tail=re.compile(""),
    decode=_hexadecimal,
    ways=(utf8,),
)


def _unseen(name: str, unit: str, tail: str, decode: Callable[[str], bytes]) -> _Code:
    """A code of one character that does not show for each byte."""
    return _Code(
        name=name,
        hint=re.compile(f"{unit}(?<!{unit}.)"),
        start=re.compile(f"{unit}{{4}}"),
        head=re.compile(f"(?<!{unit}){unit}{{1,3}}\\Z"),
        run=re.compile(f"{unit}+"),
        unit=re.compile("."),
        bits=8,
        rest=re.compile(f"{tail}?" if tail else ""),
        tail=re.compile(tail),
        decode=decode,
        ways=(partial(utf8, shows=0),),
    )


_CODES = (
    _BASE64,
    replace(
        _BASE64,
        hint=re.compile(f"[ACDI-Za-fw-z0-9/]{_BEHIND}(?:{'|'.join(''.join(parts) for parts in _LATE)})"),
        head=re.compile(rf"[ACDI-Za-fw-z0-9/]{_BEHIND}(?:{'|'.join(_begun(parts) for parts in _LATE)})?\Z"),
        ways=(behind, utf16),
    ),
    _HEXADECIMAL,
    replace(
        _HEXADECIMAL,
        hint=re.compile(
            rf"{_HEX}(?<![0-9A-Za-z].)(?:(?<=[018-9a-fA-F])(?:[xX]|{_HEX}(?![g-wyzG-WYZ]))|(?<=7)[fF]"
            rf"|(?<=[2-7]){_HEX}[ ,:;-]{{0,2}}00)"
        ),
        start=re.compile(
            rf"(?:0[xX])?(?:(?:[018-9a-fA-F]{_HEX}|7[fF]){_THEN}(?:{_HEX}{{2}}{_THEN})?(?:{_PLAIN}{_THEN}){{3}}{_PLAIN}"
            rf"|[2-7]{_HEX}{_THEN}00{_THEN}[2-7]{_HEX}{_THEN}00|(?:00{_THEN}[2-7]{_HEX}{_THEN}){{2}}"
            rf"|[fF][fF]{_THEN}[fF][eE]{_THEN}{_HEX}{{2}}{_THEN}{_HEX}{{2}}"
            rf"|[fF][eE]{_THEN}[fF][fF]{_THEN}{_HEX}{{2}}{_THEN}{_HEX}{{2}})"
        ),
        head=re.compile(
            rf"{_HEX}(?<![0-9A-Za-z].)(?:(?<=[018-9a-fA-F]){_HEX_BEGUN}{{0,235}}+|[fF]{_HEX_BEGUN}{{0,234}}+"
            rf"|{_HEX}[ ,:;-]{{0,2}}(?:0(?:0{_HEX_BEGUN}{{0,230}}+)?)?)?\Z"
        ),
        ways=(behind, utf16),
    ),
    _unseen("tags", "[\U000e0020-\U000e007e]", "\U000e007f", _tags),
    _unseen("selectors", "[\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", _selectors),
)
_LONGEST_HEAD = 240


def runs(text: str, skip: int = 0, *, last: bool = True, limit: int = 1 << 20) -> tuple[list[Run], int]:
    """The encoded runs of a text that start at `skip` or later, and where the first starts that is not at its end.

    Without `last` the text may go on. A run of more than `limit` characters is looked at so far.
    """
    found: list[Run] = []
    # Of one text that begins late each byte may be a word, where it begins in time.
    ends: set[tuple[int, str]] = set()
    unfinished = len(text)
    for code in _CODES if not text.isascii() else _CODES[:4]:
        at, done, going = skip, skip, False
        while not going and (match := code.hint.search(text, at)):
            at = match.start() + 1
            if code.start.match(text, match.start()):
                for run in _reads(code, text, match.start(), last=last, limit=limit):
                    if run is None:
                        unfinished, going = min(unfinished, match.start()), True
                    elif run.plain:
                        at = done = max(at, run.end)
                        if (run.end, run.plain) not in ends:
                            found += (run, *_lines(text, run))
                            ends.add((run.end, run.plain))
        at = max(done, len(text) - _LONGEST_HEAD)
        while not (last or going) and (match := code.head.search(text, at)):
            at = match.start() + 1
            if match.start() >= unfinished:
                break
            if None in _reads(code, text, match.start(), last=False, limit=limit):
                unfinished, going = min(unfinished, match.start()), True
    return found, unfinished


def first_run(text: str) -> Run | None:
    """The encoded run that a text begins with, the longest if it may be read as several."""
    found = [
        run
        for code in _CODES
        if code.hint.match(text) and code.start.match(text)
        for run in _reads(code, text, 0, last=True, limit=len(text))
        if run and run.plain
    ]
    return max(found, key=lambda run: run.end, default=None)


def _reads(code: _Code, text: str, start: int, *, last: bool, limit: int) -> list[Run | None]:
    """What a run that starts somewhere says in each way to read it."""
    return [_read(code, way, text, start, last=last, limit=limit) for way in code.ways]


def _read(code: _Code, way: Callable[[bytes], Said], text: str, start: int, *, last: bool, limit: int) -> Run | None:
    """The run that starts somewhere; one that says nothing if there is none, None if more of it may come."""
    size = min(_STEP, limit)
    while True:
        stop = min(len(text), start + size)
        match = code.run.match(text, start, stop)
        if match is None or match.end() == start:
            # A head, of which not even one unit is there.
            return None if not last and code.rest.fullmatch(text, start) else _nothing(start)
        plain, length, bad = way(code.decode(match[0]))
        if bad is not None:
            if len(plain.encode()) < SHORTEST:
                return _nothing(start)
            return Run(start, _unit(code, match, length), plain, code.name, _unit(code, match, bad + 1))
        cut = stop < len(text) and code.rest.fullmatch(text, match.end(), stop)
        if not cut or size == limit:
            break
        size = min(4 * size, limit)
    end = match.end()
    if not last and not cut and code.rest.fullmatch(text, end):
        return None
    if len(plain.encode()) < SHORTEST:
        return _nothing(start)
    if cut:
        return Run(start, end, plain, code.name, start + limit + 1)
    settled = next(stop for stop in count(end + 1) if stop > len(text) or not code.rest.fullmatch(text, end, stop))
    if tail := code.tail.match(text, end):
        end = tail.end()
    return Run(start, end, plain, code.name, settled)


def _lines(text: str, run: Run) -> Iterator[Run]:
    """The lines of a run of base64 that has several, each of which may be a text of its own."""
    if run.step == "base64":
        for line in _LINE_OF_TEXT.finditer(text, run.start, run.end):
            if len(line[0]) < run.end - run.start:
                plain, _, _ = utf8(_base64(line[0].rstrip("=")))
                yield Run(line.start(), line.end(), plain, run.step, run.settled)


def _nothing(start: int) -> Run:
    return Run(start, start, "", "", start)


def _unit(code: _Code, run: re.Match[str], size: int) -> int:
    """The end of the unit that completes so many bytes of a run."""
    units = code.unit.finditer(run[0])
    return run.start() + next(islice(units, -(-size * 8 // code.bits) - 1, None)).end()
