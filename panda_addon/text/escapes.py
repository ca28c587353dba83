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
_AMPERSAND = f"&{_FILLED}(?:amp;?){{0,4}}"
# These names need no semicolon.
_BARE = "|".join(sorted((name for name in html5 if not name.endswith(";")), key=len, reverse=True))
_MORE = rf"{_PERCENT}[89abAB]{_HEX}"
_ESCAPE = rf"""
    {_AMPERSAND}(?:\#(?:0{{0,16}}[0-9]{{1,7}}(?![0-9])|[xX]0{{0,16}}{_HEX}{{1,6}}(?!{_HEX}));?|[A-Za-z][A-Za-z0-9]{{1,31}};|{_BARE})
    |(?:{_BACKSLASH}(?:u[dD][89abAB]{_HEX}{{2}}{_BACKSLASH}u[dD][c-fC-F]{_HEX}{{2}}|u{_HEX}{{4}}|U{_HEX}{{8}}
        |u\{{{_HEX}{{1,6}}\}}|x{_HEX}{{2}}|[nrt]))
    |(?<!\\)\\{_FILLED}\r?{_FILLED}\n
    |(?:{_PERCENT}(?:[0-7]{_HEX}|[cCdD]{_HEX}{_MORE}|[eE]{_HEX}(?:{_MORE}){{2}}|[fF][0-7](?:{_MORE}){{3}}))
    """
# What more text may turn into one of those, as every beginning of it may; and how long that may be.
_OPEN = rf"""
    {_AMPERSAND}(?:\#(?:[0-9]{{0,23}}|[xX]{_HEX}{{0,22}})|[A-Za-z][A-Za-z0-9]{{0,31}})?
    |{_BACKSLASH}(?:u[dD][89abAB]{_HEX}{{2}}(?:{_BACKSLASH}(?:u(?:[dD](?:[c-fC-F]{_HEX}?)?)?)?)?|u{_HEX}{{0,3}}|U{_HEX}{{0,7}}
        |u\{{{_HEX}{{0,6}}|x{_HEX}?)?
    |(?<!\\)\\{_FILLED}\r{_FILLED}
    |{_PERCENT}(?:(?:[cCdD]{_HEX}|[eE]{_HEX}(?:{_MORE})?|[fF][0-7](?:{_MORE}){{0,2}})(?:{_PERCENT}[289abAB]?)?|{_HEX})?
    """
# What is in quotes may be the end of a tag elsewhere, and a comment ends with two hyphens. What has a beginning of
# another tag in it is none: so what is behind the beginning of one is read in another way, if not in this.
_PLAINLY = r"(?![^<>\uffff]{257})(?:[^<>\"'\uffff]|\"[^\"<>\uffff]*+\"|'[^'<>\uffff]*+')*+"
_QUOTED = r"(?:\"[^\"<\uffff]{0,128}+\"|'[^'<\uffff]{0,128}+')"
_COMMENT = r"!--(?!-?>)(?:(?!-->)[^<\uffff]){0,256}+"
_TAG = rf"<(?:{_COMMENT}-->|[/!?]?[A-Za-z-](?:{_PLAINLY}(?:{_QUOTED}{_PLAINLY}){{0,2}}>|[^<>\uffff]{{0,256}}>))"
_OPEN_ATTRIBUTES = rf"""{_PLAINLY}(?:(?:{_QUOTED}{_PLAINLY}){{0,1}}(?:\"[^\"<\uffff]{{0,128}}|'[^'<\uffff]{{0,128}})
    |(?:{_QUOTED}{_PLAINLY}){{2}}(?:\"[^\"<>\uffff]{{0,128}}|'[^'<>\uffff]{{0,128}})
    |(?:{_QUOTED}{_PLAINLY}){{1,2}})"""
_OPEN_TAG = rf"<(?:{_COMMENT}-{{0,2}}|[/!?]?(?:[A-Za-z-](?:{_OPEN_ATTRIBUTES}|[^<>\uffff]{{0,256}}))?)?"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


_BEGUN, _UNFINISHED, _TAG_BEGUN = _compiled(_OPEN), _compiled(rf"(?:{_OPEN})\Z"), _compiled(_OPEN_TAG)
_ALL, _BUT_TAGS = _compiled(f"{_ESCAPE}|{_TAG}"), _compiled(_ESCAPE)
_LONGEST, _LONGEST_TAG = 320, 1200

# Elements that stand within a line. What such a tag stands in goes on behind it; any other tag separates.
_INLINE = frozenset(
    """a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong sub sup
    tt u var wbr""".split()
)
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_STEPS = {"&": "entity", "\\": "escape", "%": "percent", "<": "tag"}
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}
_BARE_NAME = re.compile(_BARE)
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
    tags: bool

    @cached_property
    def tokens(self) -> list[tuple[int, int]]:
        """The half-open offsets of what was undone."""
        found = (_ALL if self.tags else _BUT_TAGS).finditer(self.written, 0, self.unfinished)
        return [(one.start(), one.start() + length) for one in found if (length := _undone(one[0])[1])]

    def known(self, at: int) -> int:
        """The offset behind the character of the whole text with which it was known how one at `at` is to be read.

        That is past the text's length if it is not known yet.
        """
        text = self.written
        upto = max(at + 1, self.token(at)[1])
        while upto <= len(text):
            begun = _open(text, upto, tags=self.tags)
            if begun > at:
                break
            further = (_TAG_BEGUN if text[begun] == "<" else _BEGUN).match(text, begun)
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
    end = len(text) if last else _open(text, len(text), tags=tags)
    said = (_ALL if tags else _BUT_TAGS).sub(lambda token: _undone(token[0])[0], text[:end])
    if said == text:
        return None
    return View(said, text, end, letter=end < len(text) and text[end] != "<", tags=tags)


def _open(text: str, upto: int, *, tags: bool) -> int:
    """Where the first escape or tag begins of which a text has the beginning, up to somewhere; there if there is none."""
    escape = _UNFINISHED.search(text, max(0, upto - _LONGEST), upto)
    tag = text.rfind("<", max(0, upto - _LONGEST_TAG), upto) if tags else -1
    return min(escape.start() if escape else upto, tag if tag >= 0 and _TAG_BEGUN.fullmatch(text, tag, upto) else upto)


def step(char: str) -> str:
    """The name of the step that undoes an escape which begins with a character."""
    return _STEPS[char]


@lru_cache(maxsize=4096)
def _undone(token: str) -> tuple[str, int]:
    """What a token says, filled up to its length, and how much of it was undone: nothing if it is none after all."""
    said, length = _SAID[token[0]](token)
    return (said + FILLING * (length - len(said)) + token[length:], length) if said else (token, 0)


def _tag(written: str) -> tuple[str, int]:
    name = _NAME.match(written)
    inline = name is None or name[1].lower() in _INLINE
    return THIN * len(written) if inline else " ", len(written)


def _percent(written: str) -> tuple[str, int]:
    data = bytes.fromhex("".join(part[-2:] for part in written.split("%")[1:]))
    try:
        return neutral(data.decode()), len(written)
    except UnicodeDecodeError:
        return "", 0


def _escaped(token: str) -> tuple[str, int]:
    written = token.lstrip(f"\\{FILLING}")
    if written.endswith("\n"):
        # The line goes on.
        return THIN * len(token), len(token)
    if written in _SHORT:
        return _SHORT[written], len(token)
    digits = [found[0].lstrip("xX") for found in _HEX_OR_NOT.finditer(written.replace("u", " ").replace("U", " "))]
    if len(digits) == 2:
        units = b"".join(int(digit, 16).to_bytes(2, "little") for digit in digits)
        return units.decode("utf-16-le", "replace"), len(token)
    return _char(int(digits[0], 16)), len(token)


def _entity(written: str) -> tuple[str, int]:
    name = whole = written.lstrip(f"&{FILLING}")
    while name not in html5 and name.startswith("amp"):
        name = name[3:].removeprefix(";")
    if name.startswith("#"):
        digits = name[1:].rstrip(";")
        return _char(int(digits[1:], 16) if digits[0] in "xX" else int(digits)), len(written)
    if name in html5:
        said = html5[name]
        return said if len(said) < len(written) else "", len(written)
    # What has a longer name than any may begin with one.
    bare = _BARE_NAME.match(whole)
    return (html5[bare[0]], len(written) - len(whole) + bare.end()) if bare else ("", 0)


def _char(point: int) -> str:
    return neutral(chr(point)) if point <= 0x10FFFF else ""


_SAID = {"&": _entity, "\\": _escaped, "%": _percent, "<": _tag}
