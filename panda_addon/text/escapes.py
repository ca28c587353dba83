r"""Escapes in text: what it says once HTML, JSON and URL escapes and tags are undone, beside how it is written.

A view has the length of the text it is of, so that offsets into one are offsets into the other: an escape is the
character it stands for, followed by filling. A tag that stands within a line is nothing, any other a blank. Escapes of
escapes (`&amp;#105;`, `%2569`, `\\u0069`) are undone at once.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html.entities import html5

from panda_addon.text.fold import FILLING, THIN, neutral

_HEX = "[0-9a-fA-F]"
# JSON in text is undone before, and leaves filling.
_FILLED = "\ufdd0{0,16}"
_PERCENT = f"%{_FILLED}(?:25){{0,4}}"
_BACKSLASH = "\\\\[\\\\\ufdd0]{0,15}"
_AMPERSAND = f"&{_FILLED}(?:amp;){{0,4}}"
_MORE = rf"{_PERCENT}[89abAB]{_HEX}"
_ESCAPE = rf"""
    {_AMPERSAND}(?:\#(?:0{{0,16}}[0-9]{{1,7}}(?![0-9])|[xX]0{{0,16}}{_HEX}{{1,6}}(?!{_HEX}));?|[A-Za-z][A-Za-z0-9]{{1,31}};)
    |(?:{_BACKSLASH}(?:u[dD][89abAB]{_HEX}{{2}}{_BACKSLASH}u[dD][c-fC-F]{_HEX}{{2}}|u{_HEX}{{4}}|U{_HEX}{{8}}
        |u\{{{_HEX}{{1,6}}\}}|x{_HEX}{{2}}|[nrt]))
    |(?:{_PERCENT}(?:[0-7]{_HEX}|[cCdD]{_HEX}{_MORE}|[eE]{_HEX}(?:{_MORE}){{2}}|[fF][0-7](?:{_MORE}){{3}}))
    """
# What more text may turn into one of those, as every beginning of it may; and how long that may be.
_OPEN = rf"""
    {_AMPERSAND}(?:\#(?:[0-9]{{0,23}}|[xX]{_HEX}{{0,22}})|[A-Za-z][A-Za-z0-9]{{0,31}})?
    |{_BACKSLASH}(?:u[dD][89abAB]{_HEX}{{2}}(?:{_BACKSLASH}(?:u(?:[dD](?:[c-fC-F]{_HEX}?)?)?)?)?|u{_HEX}{{0,3}}|U{_HEX}{{0,7}}
        |u\{{{_HEX}{{0,6}}|x{_HEX}?)?
    |{_PERCENT}(?:(?:[cCdD]{_HEX}|[eE]{_HEX}(?:{_MORE})?|[fF][0-7](?:{_MORE}){{0,2}})(?:{_PERCENT}[289abAB]?)?|{_HEX})?
    """
_TAG = r"<[/!?]?[A-Za-z-][^<>\uffff]{0,256}>"
_OPEN_TAG = r"<(?:[/!?]?(?:[A-Za-z-][^<>\uffff]{0,256})?)?"


@dataclass(frozen=True, slots=True)
class _Syntax:
    """What is undone: whole tokens, and the beginnings of one, anywhere and at the end of a text."""

    token: re.Pattern[str]
    begun: re.Pattern[str]
    unfinished: re.Pattern[str]


def _syntax(*, tags: bool) -> _Syntax:
    token = f"{_ESCAPE}|{_TAG}" if tags else _ESCAPE
    begun = f"(?:{_OPEN}|{_OPEN_TAG})" if tags else f"(?:{_OPEN})"
    return _Syntax(*(re.compile(pattern, re.VERBOSE) for pattern in (token, begun, rf"{begun}\Z")))


_ALL, _BUT_TAGS = _syntax(tags=True), _syntax(tags=False)
_TAIL = 320

# Elements that stand within a line. What such a tag stands in goes on behind it; any other tag separates.
_INLINE = frozenset(
    """a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong sub sup
    tt u var wbr""".split()
)
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_STEPS = {"&": "entity", "\\": "escape", "%": "percent", "<": "tag"}
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}
_HEX_OR_NOT = re.compile(r"[xX]?[0-9a-fA-F]+")


@dataclass(frozen=True)
class View:
    """What a text says, as far as that is certain.

    From `unfinished` on more text may turn what is there into an escape, into a letter if `letter` says so; it is the
    text's length where nothing is open.
    """

    text: str
    written: str
    unfinished: int
    letter: bool
    syntax: _Syntax

    @cached_property
    def tokens(self) -> list[tuple[int, int]]:
        """The half-open offsets of what was undone."""
        return [
            found.span() for found in self.syntax.token.finditer(self.written, 0, self.unfinished) if _filled(found[0])
        ]

    def known(self, at: int) -> int:
        """The offset behind the character of the whole text with which it was known how one at `at` is to be read.

        That is past the text's length if it is not known yet.
        """
        text = self.written
        upto = max(at + 1, self.token(at)[1])
        while upto <= len(text):
            begun = self.syntax.unfinished.search(text, max(0, at - _TAIL, upto - _TAIL), upto)
            if begun is None or begun.start() > at:
                break
            further = self.syntax.begun.match(text, begun.start())
            upto = max(upto, further.end() if further else 0) + 1
        return upto

    def token(self, at: int) -> tuple[int, int]:
        """The escape or tag that a character is part of; a token of no length there if it is part of none."""
        number = bisect_right(self.tokens, (at, len(self.text))) - 1
        if number >= 0 and self.tokens[number][1] > at:
            return self.tokens[number]
        return at, at


def view(text: str, *, last: bool = True, tags: bool = True) -> View | None:
    """The view of a text, None if it is nothing but the text itself; without `last` it may go on.

    Without `tags` these are left as they are, for there may be escapes in them.
    """
    if not ("&" in text or "\\" in text or "%" in text or "<" in text):
        return None
    syntax = _ALL if tags else _BUT_TAGS
    open_at = None if last else syntax.unfinished.search(text, max(0, len(text) - _TAIL))
    end = open_at.start() if open_at else len(text)
    said = syntax.token.sub(lambda token: _filled(token[0]) or token[0], text[:end])
    if open_at is None and said == text:
        return None
    return View(said, text, end, open_at is not None and text[end] != "<", syntax)


def step(char: str) -> str:
    """The name of the step that undoes an escape which begins with a character."""
    return _STEPS[char]


@lru_cache(maxsize=4096)
def _filled(token: str) -> str:
    """What a token says, filled up to its length; nothing if it is none after all."""
    said = _SAID[token[0]](token)
    return said + FILLING * (len(token) - len(said)) if said else ""


def _tag(written: str) -> str:
    name = _NAME.match(written)
    inline = name is None or name[1].lower() in _INLINE
    return THIN * len(written) if inline else " "


def _percent(written: str) -> str:
    data = bytes.fromhex("".join(part[-2:] for part in written.split("%")[1:]))
    try:
        return neutral(data.decode())
    except UnicodeDecodeError:
        return ""


def _escaped(token: str) -> str:
    written = token.lstrip(f"\\{FILLING}")
    if written in _SHORT:
        return _SHORT[written]
    digits = [found[0].lstrip("xX") for found in _HEX_OR_NOT.finditer(written.replace("u", " ").replace("U", " "))]
    if len(digits) == 2:
        units = b"".join(int(digit, 16).to_bytes(2, "little") for digit in digits)
        return units.decode("utf-16-le", "replace")
    return _char(int(digits[0], 16))


def _entity(written: str) -> str:
    name = written.lstrip(f"&{FILLING}").rstrip(";").rpartition(";")[2]
    if name.startswith("#"):
        digits = name[1:]
        return _char(int(digits[1:], 16) if digits[0] in "xX" else int(digits))
    said = html5.get(f"{name};", "")
    return said if len(said) < len(written) else ""


def _char(point: int) -> str:
    return neutral(chr(point)) if point <= 0x10FFFF else ""


_SAID = {"&": _entity, "\\": _escaped, "%": _percent, "<": _tag}
