"""Encoded runs: base64, hexadecimal and invisible characters in text, and what they say.

A run begins where no letter or digit stands before it, and goes on as long as what it stands for is text that can be
read; what follows is none of it. Ordinary words hardly ever read as text that way for more than a few characters, which
is told of most of them by their head alone.
"""

import base64
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

# What is shorter, in bytes, is not looked at.
_SHORTEST = 4
_STEP = 32

_HEX = "[0-9a-fA-F]"
_GAP = r"[ ,:;\r\n-]{0,2}"
_THEN = rf"{_GAP}(?:0[xX])?"
# A byte that is ASCII and can be read, and the first two of a longer character.
_PLAIN = rf"(?:[2-7]{_HEX}|0[9aAdD])"
_WIDE = rf"[c-fC-F]{_HEX}{_THEN}[89abAB]{_HEX}"
# Lines are wrapped by some encoders, and indented, quoted or escaped by what they are put into.
_LINE = r"(?:\r?\n|(?:\\r)?\\n)[ \t>]{0,16}"
_LINES = re.compile(_LINE)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"


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
    `rest` those of one more unit, `bits` the size of one. Where a run `shows` it does not begin with what does not.
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
    shows: bool = True


def _base64(written: str) -> bytes:
    digits = "".join(_LINES.split(written)).replace("-", "+").replace("_", "/")
    whole = len(digits) * 6 // 8
    return base64.b64decode(digits + "A" * (-len(digits) % 4))[:whole]


def _hexadecimal(written: str) -> bytes:
    return bytes.fromhex("".join(_CODES[1].unit.findall(written)))


def _tags(written: str) -> bytes:
    return bytes(ord(char) - 0xE0000 for char in written)


def _selectors(written: str) -> bytes:
    return bytes(ord(char) - (0xFE00 if char < "\uff00" else 0xE0100 - 16) for char in written)


def _digits(fits: Callable[[int], bool]) -> str:
    """A class of those digits of base64 whose value fits."""
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits
    values = {digit: value for value, digit in enumerate(digits)} | {"+": 62, "-": 62, "/": 63, "_": 63}
    return "[" + "".join(re.escape(digit) for digit, value in values.items() if fits(value)) + "]"


def _base64_start() -> str:
    """A pattern for the first six digits of text in UTF-8, of which each tells parts of one or two bytes.

    It rules out what can be told of a digit or two, which is enough to pass over nearly all ordinary words.
    """
    any_digit = _digits(lambda value: True)  # noqa: ARG005
    # A byte begins with six bits of one digit, with four of one or with two of one, and may be ASCII, the lead of a
    # longer character, or what continues one. The first shows, or breaks a line.
    first = _digits(lambda value: 8 <= value < 32 or value in (2, 3))
    plain, lead, more = (
        _digits(lambda value: value < 32),
        _digits(lambda value: 48 <= value < 62),
        _digits(lambda value: 32 <= value < 48),
    )
    plain4, lead4, more4 = (
        _digits(lambda value: value & 15 < 8),
        _digits(lambda value: value & 15 >= 12),
        _digits(lambda value: 8 <= value & 15 < 12),
    )
    plain2, lead2, more2 = (
        _digits(lambda value: value & 3 < 2),
        _digits(lambda value: value & 3 == 3),
        _digits(lambda value: value & 3 == 2),
    )
    third = f"(?:{plain2}{any_digit}(?:{plain}|{lead})|{lead2}{any_digit}{more})"
    second = f"(?:{plain4}{third}|{lead4}{more2}{any_digit}{any_digit})"
    wide = f"{more4}(?:{third}|{more2}{any_digit}{any_digit})"
    return f"(?:{first}{_BEHIND}.){second}|{lead}{_BEHIND}.){wide}){any_digit}"


_BEHIND = "(?<![A-Za-z0-9]"

_CODES = (
    _Code(
        name="base64",
        hint=re.compile(_base64_start()),
        start=re.compile(""),
        head=re.compile(r"(?<![A-Za-z0-9])[CDI-Za-fw-z0-9][A-Za-z0-9+/_-]{0,4}\Z"),
        run=re.compile(rf"(?:(?:[A-Za-z0-9+/_-]{{4}})++{_LINE}(?=[A-Za-z0-9+/_-]))*+[A-Za-z0-9+/_-]*+"),
        # An escaped line break has letters of its own, which are none of the digits.
        unit=re.compile(r"(?<!\\)[A-Za-z0-9+/_-]"),
        bits=6,
        rest=re.compile(r"(?:={1,2}|(?:\r?\n|(?:\\r)?\\n)[ \t>]{0,16}|\r|\\(?:r\\?)?)?"),
        tail=re.compile("={1,2}"),
        decode=_base64,
    ),
    _Code(
        name="hex",
        hint=re.compile(r"[02-7c-fC-F](?<![0-9A-Za-z].)[0-9a-fA-FxX]"),
        start=re.compile(
            rf"(?:0[xX])?(?:{_PLAIN}(?:{_THEN}[02-7]{_HEX}){{3}}|(?:{_PLAIN}{_THEN}(?:[02-7]{_HEX}{_THEN}){{0,2}})?{_WIDE})"
        ),
        head=re.compile(r"(?<![0-9A-Za-z])[02-7c-fC-F][0-9a-fA-FxX ,:;\r\n-]{0,26}\Z"),
        run=re.compile(rf"(?:0[xX])?{_HEX}{{2}}(?:{_GAP}(?:0[xX](?={_HEX}{{2}}))?{_HEX}{{2}})*+"),
        unit=re.compile(rf"(?!0[xX]){_HEX}{{2}}"),
        bits=8,
        rest=re.compile(rf"{_GAP}(?:0[xX]?)?{_HEX}?"),
        tail=re.compile(""),
        decode=_hexadecimal,
    ),
    _Code(
        name="tags",
        hint=re.compile("[\U000e0020-\U000e007e](?<![\U000e0020-\U000e007e].)"),
        start=re.compile("[\U000e0020-\U000e007e]{4}"),
        head=re.compile(r"(?<![\U000e0020-\U000e007e])[\U000e0020-\U000e007e]{1,3}\Z"),
        run=re.compile("[\U000e0020-\U000e007e]+"),
        unit=re.compile("."),
        bits=8,
        rest=re.compile("\U000e007f?"),
        tail=re.compile("\U000e007f"),
        decode=_tags,
        shows=False,
    ),
    _Code(
        name="selectors",
        hint=re.compile(f"[{_SELECTORS}](?<![{_SELECTORS}].)"),
        start=re.compile(f"[{_SELECTORS}]{{4}}"),
        head=re.compile(rf"(?<![{_SELECTORS}])[{_SELECTORS}]{{1,3}}\Z"),
        run=re.compile(f"[{_SELECTORS}]+"),
        unit=re.compile("."),
        bits=8,
        rest=re.compile(""),
        tail=re.compile(""),
        decode=_selectors,
        shows=False,
    ),
)
_LONGEST_HEAD = 28


def runs(text: str, skip: int = 0, *, last: bool = True, limit: int = 1 << 20) -> tuple[list[Run], int]:
    """The encoded runs of a text that start at `skip` or later, and where the first starts that is not at its end.

    Without `last` the text may go on. A run of more than `limit` characters is looked at so far.
    """
    found: list[Run] = []
    unfinished = len(text)
    for code in _CODES if not text.isascii() else _CODES[:2]:
        at, done, going = skip, skip, False
        while not going and (match := code.hint.search(text, at)):
            at = match.start() + 1
            if code.start.match(text, match.start()):
                run = _read(code, text, match.start(), last=last, limit=limit)
                if run is None:
                    unfinished, going = min(unfinished, match.start()), True
                else:
                    at = done = max(at, run.end)
                    found += (run, *_lines(text, run)) if run.plain else ()
        at = max(done, len(text) - _LONGEST_HEAD)
        while not (last or going) and (match := code.head.search(text, at)):
            at = match.start() + 1
            if _read(code, text, match.start(), last=False, limit=limit) is None:
                unfinished, going = min(unfinished, match.start()), True
    return found, unfinished


def _read(code: _Code, text: str, start: int, *, last: bool, limit: int) -> Run | None:
    """The run that starts somewhere; one that says nothing if there is none, None if more of it may come."""
    size = min(_STEP, limit)
    while True:
        stop = min(len(text), start + size)
        match = code.run.match(text, start, stop)
        if match is None:
            # A head, of which not even one unit is there.
            return None if not last and code.rest.fullmatch(text, start) else _nothing(start)
        data = code.decode(match[0])
        plain, bad = _readable(data, shows=code.shows)
        if bad is not None:
            length = len(plain.encode())
            if length < _SHORTEST:
                return _nothing(start)
            return Run(start, _unit(code, match, length), plain, code.name, _unit(code, match, bad + 1))
        cut = stop < len(text) and code.rest.fullmatch(text, match.end(), stop)
        if not cut or size == limit:
            break
        size = min(4 * size, limit)
    end = match.end()
    if not last and not cut and code.rest.fullmatch(text, end):
        return None
    if len(data) < _SHORTEST:
        return _nothing(start)
    if cut:
        return Run(start, end, plain, code.name, start + limit + 1)
    rest = code.rest.match(text, end)
    if tail := code.tail.match(text, end):
        end = tail.end()
    return Run(start, end, plain, code.name, max(end, rest.end() if rest else end) + 1)


def _lines(text: str, run: Run) -> Iterator[Run]:
    """The lines of a run of base64 that has several, each of which may be a text of its own."""
    if run.step == "base64":
        for line in re.finditer(r"(?<!\\)[A-Za-z0-9+/_-]++=?=?", text[run.start : run.end]):
            if len(line[0]) < run.end - run.start:
                plain, _ = _readable(_base64(line[0].rstrip("=")), shows=True)
                yield Run(run.start + line.start(), run.start + line.end(), plain, run.step, run.settled)


def _nothing(start: int) -> Run:
    return Run(start, start, "", "", start)


def _unit(code: _Code, run: re.Match[str], count: int) -> int:
    """The end of the unit that completes so many bytes of a run."""
    units = code.unit.finditer(run[0])
    return run.start() + next(islice(units, -(-count * 8 // code.bits) - 1, None)).end()


def _readable(data: bytes, *, shows: bool) -> tuple[str, int | None]:
    """What can be read of bytes from their beginning, and the first byte that showed that the next cannot be."""
    try:
        text, bad = data.decode(), None
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
        cut = error.reason == "unexpected end of data"
        bad = None if cut else error.start if error.reason == "invalid start byte" else error.end
    if text.isprintable():
        return text, bad
    for index, char in enumerate(text):
        # Characters that show nothing are no end of a text, as long as it does not begin with them.
        control = index == 0 and shows and unicodedata.category(char) == "Cc" and char not in "\t\n\r"
        if control or unicodedata.category(char) in ("Cn", "Co"):
            return text[:index], len(text[: index + 1].encode()) - 1
    return text, bad
