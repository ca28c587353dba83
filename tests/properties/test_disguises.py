"""Phrases nobody thought of, disguised in ways that the table has one at a time, in texts that have nothing else."""

import base64
import unicodedata
from dataclasses import dataclass
from itertools import accumulate

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panda_addon.checks.watch import Terms, Watch
from panda_addon.exchange import Exchange, Span
from panda_addon.judge import judge
from panda_addon.policy.model import Policy
from panda_addon.text.confusables import CONFUSABLES
from panda_addon.text.spans import merge
from panda_addon.verdict import Action
from tests.properties.strategies import cuts, policy, whole

LATIN = "abcdefghijklmnopqrstuvwxyz"
SCRIPTS = (
    LATIN,
    LATIN,
    "aeinorstéüñçø",
    "абвгдежзиклмнопрстуфхцчшщэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "कखगघचछजझटठडढणतथदधनपफबभमयरलवशसह",
    "가나다라마바사아자차카타파하",
)
# Neither letters of those scripts nor what imitates them, digits and signs that stand for some, nor what opens a tag.
AROUND = st.text("中文あカไทย😀👍🏽.,;:?()[]{}\"'…—·*~`#=^ \t\n\u3000\u200b\ufeff\u0301", max_size=12)

MARKS = "\u0301\u0308\u0323\u0336\u0489\u20dd\ufe20"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u200e\u202e\ufe0f\u115f\U000e0061\x08"
SEPARATORS = (
    "  ",
    "\n",
    "\t",
    "\u00a0",
    "\u3164",
    "-",
    ".",
    "_",
    " - ",
    "**",
    "` `",
    ")(",
    " / ",
    "…",
    "\n> ",
    "😀",
    "—",
)
SPACES = (" ", ".", "-", "_", "\n", "* *", " · ", "\u3000", "/", "~~")
CUTS = ("-", ".", "_", "*", "**", "..", "|_")
TAGS = ("<b>", "</b>", "<i class='x'>", "<!-- -->", "<wbr/>")
LEET = {"o": "0", "i": "1", "l": "1", "z": "2", "e": "3", "a": "4", "s": "5", "g": "6", "t": "7", "b": "8"}
ALIKE = {
    letter: [chr(point) for point, shown in CONFUSABLES.items() if shown in (letter, letter.upper())]
    for letter in LATIN
}


@dataclass
class Cells:
    """A phrase letter by letter: what is written for each, and between it and the next."""

    letters: list[str]
    gaps: list[str]

    @property
    def breaks(self) -> list[int]:
        """The gaps between words, as long as nothing has been done to them."""
        return [at for at, gap in enumerate(self.gaps) if gap == " "]

    @property
    def text(self) -> str:
        """What is written."""
        return "".join(letter + gap for letter, gap in zip(self.letters, [*self.gaps, ""], strict=True))

    def words(self) -> list[range]:
        """The numbers of the letters of each word."""
        ends = [*self.breaks, len(self.letters) - 1]
        return [range(start, end + 1) for start, end in zip([0, *(end + 1 for end in self.breaks)], ends, strict=True)]


def cells(phrase: str) -> Cells:
    """The cells of words with one blank between them."""
    letters, gaps = [], []
    for char in phrase:
        if char == " ":
            gaps[-1] = " "
        else:
            letters.append(char)
            gaps.append("")
    return Cells(letters, gaps[:-1])


def some(draw, count: int) -> list[int]:
    """Some of so many things, at least one."""
    return draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))


def turn(_draw, one: Cells) -> Cells:
    """The last letter first."""
    return Cells(one.letters[::-1], one.gaps[::-1])


def turn_words(_draw, one: Cells) -> Cells:
    """The last letter of each word first."""
    return cells(" ".join(word[::-1] for word in one.text.split(" ")))


def rot13(_draw, one: Cells) -> Cells:
    """Letters moved by half the alphabet."""
    return Cells([LATIN[(LATIN.index(letter) + 13) % 26] for letter in one.letters], one.gaps)


def capitals(draw, one: Cells) -> Cells:
    """Some letters in the other case; all of them where the cases of one letter look like different ones."""
    numbers = some(draw, len(one.letters)) if one.text.isascii() else range(len(one.letters))
    return changed(one, {at: one.letters[at].upper() for at in numbers})


def changed(one: Cells, letters: dict[int, str]) -> Cells:
    """Some letters written otherwise."""
    return Cells([letters.get(at, letter) for at, letter in enumerate(one.letters)], one.gaps)


def shaped(first: int):
    """Small Latin letters in another shape, of which `first` is the a."""

    def shape(_draw, one: Cells) -> Cells:
        return Cells([chr(first + LATIN.index(char)) if char in LATIN else char for char in one.letters], one.gaps)

    return shape


def alike(draw, one: Cells) -> Cells:
    """Letters of other scripts that look the same."""
    numbers = [at for at in some(draw, len(one.letters)) if ALIKE.get(one.letters[at])]
    return changed(one, {at: draw(st.sampled_from(ALIKE[one.letters[at]])) for at in numbers})


def digits(draw, one: Cells) -> Cells:
    """Digits for letters, of which each word keeps one; one word alone most, where with more it would be a hexadecimal number."""
    letters = {}
    for word in one.words():
        numbers = [at for at in some(draw, len(word)) if one.letters[word[at]] in LEET]
        numeric = all(one.letters[at].lower() in "abcdef" for at in word if at not in numbers)
        numbers = numbers[: (len(word) - 1) // 2 if numeric and len(one.words()) == 1 else len(word) - 1]
        letters |= {word[at]: LEET[one.letters[word[at]]] for at in numbers}
    return changed(one, letters)


def marks(draw, one: Cells) -> Cells:
    """Marks on some letters."""
    heap = st.text(MARKS, min_size=1, max_size=3)
    return changed(one, {at: one.letters[at] + draw(heap) for at in some(draw, len(one.letters))})


def unseen(draw, one: Cells) -> Cells:
    """Characters that do not show between some letters."""
    found = {at: one.gaps[at] + draw(st.text(UNSEEN, min_size=1, max_size=4)) for at in some(draw, len(one.gaps))}
    return Cells(one.letters, [found.get(at, gap) for at, gap in enumerate(one.gaps)])


def separated(draw, one: Cells) -> Cells:
    """Something else than a blank between words."""
    return Cells(one.letters, [draw(st.sampled_from(SEPARATORS)) if gap == " " else gap for gap in one.gaps])


def spaced(draw, one: Cells) -> Cells:
    """Every letter apart."""
    between = draw(st.sampled_from(SPACES))
    return Cells(one.letters, [between * 2 if gap == " " else between for gap in one.gaps])


def joined(_draw, one: Cells) -> Cells:
    """Words run together."""
    return Cells(one.letters, ["" for _ in one.gaps])


def split(draw, one: Cells) -> Cells:
    """Words cut by characters that show."""
    inside = [at for at, gap in enumerate(one.gaps) if not gap]
    numbers = [inside[at] for at in some(draw, len(inside))]
    between = draw(st.sampled_from(CUTS))
    return Cells(one.letters, [between if at in numbers else gap for at, gap in enumerate(one.gaps)])


def tagged(draw, one: Cells) -> Cells:
    """Tags between some letters."""
    found = {at: one.gaps[at] + draw(st.sampled_from(TAGS)) for at in some(draw, len(one.gaps))}
    return Cells(one.letters, [found.get(at, gap) for at, gap in enumerate(one.gaps)])


def escaped(*ways):
    """Some characters, or all of them, written as escapes."""

    def escape(draw, text: str) -> str:
        way = draw(st.sampled_from(ways))
        numbers = draw(st.just(range(len(text))) | st.just(some(draw, len(text))))
        return "".join(way(char) if at in numbers else char for at, char in enumerate(text))

    return escape


def utf16(char: str) -> str:
    """A character as JSON escapes it."""
    units = char.encode("utf-16-be")
    return "".join(rf"\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


entities = escaped(
    lambda char: f"&#{ord(char)};", lambda char: f"&#x{ord(char):04X};", lambda char: f"&amp;#{ord(char)};"
)
backslashes = escaped(utf16, lambda char: rf"\U{ord(char):08x}", lambda char: rf"\u{{{ord(char):x}}}")
percents = escaped(lambda char: "".join(f"%{byte:02x}" for byte in char.encode()))


def base64ed(draw, text: str) -> str:
    """Base64 of either alphabet, with and without padding."""
    encode = draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
    return encode(text.encode()).decode().rstrip(draw(st.sampled_from(["", "="])))


def hexed(draw, text: str) -> str:
    """Hexadecimal."""
    return text.encode().hex(*draw(st.sampled_from([(), (" ",), (":",)])))


def tag_characters(_draw, text: str) -> str:
    """Characters that do not show."""
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def selectors(_draw, text: str) -> str:
    """Bytes as variation selectors."""
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 - 16 + byte) for byte in text.encode())


# One of each row at most, in this order.
LAYERS = (
    (turn, turn_words, rot13),
    (capitals,),
    (shaped(0xFF41), shaped(0x1D41A), shaped(0x1D68A), shaped(0x24D0)),
    (alike,),
    (digits,),
    (marks,),
    (spaced, joined, split, separated),
    (unseen, tagged),
    (entities, backslashes, percents),
    (base64ed, hexed, tag_characters, selectors),
)
TURNED, SHAPES, CUT, LAST = LAYERS[0], LAYERS[2], (spaced, joined, split), LAYERS[-2:]


def fits(way, phrase: str, chosen: list) -> bool:
    """Whether a way is one of those by which a phrase is found, on top of others."""
    letters = phrase.replace(" ", "")
    if way in TURNED:
        long = len(letters) >= (6 if " " in phrase else 8)
        return long and letters.isascii() and (way is not turn_words or " " in phrase)
    if way in (*CUT, digits) and any(one in TURNED for one in chosen):
        return False
    # What is encoded in a few characters would be in disguise by chance.
    if way in (base64ed, hexed) and len(letters) < 12 and not set(chosen) <= set(TURNED):
        return False
    # A tag of which a part is an escape is none.
    if way in LAST[0] and tagged in chosen:
        return False
    if way in (joined, separated) and " " not in phrase:
        return False
    return way is not joined or len(letters) >= 10


@st.composite
def disguises(draw):
    """A phrase and a text that reads as it."""
    letters = st.text(draw(st.sampled_from(SCRIPTS)), min_size=4, max_size=8)
    phrase = " ".join(draw(st.lists(letters, min_size=1, max_size=3)))
    one, chosen = cells(phrase), []
    rows = sorted(draw(st.lists(st.integers(0, len(LAYERS) - 1), min_size=1, max_size=3, unique=True)))
    text = None
    for row in rows:
        way = draw(st.sampled_from(LAYERS[row]))
        if not fits(way, phrase, chosen):
            continue
        if LAYERS[row] in LAST:
            text = one.text if text is None else text
            if way is not tag_characters or (text.isascii() and text.isprintable()):
                text = way(draw, text)
        else:
            one = way(draw, one)
        chosen.append(way)
    return phrase, one.text if text is None else text


def found(phrase, pieces):
    """What is found in a text that comes in pieces."""
    rules = policy((Action.REDACT, phrase))
    watch = Watch("/x", Terms(rules.response_phrases, "****", enforce=True, counts=[0]), nested=False)
    for piece in pieces:
        watch.feed(piece)
    watch.feed("", last=True)
    return [(one.start, one.end) for one in watch.findings]


@st.composite
def hidden(draw):
    """A phrase, what it is disguised as, the text before and behind, and all of that in pieces."""
    phrase, disguised = draw(disguises())
    before = draw(AROUND) + draw(st.sampled_from(" \n"))
    behind = draw(st.sampled_from((" ", "\n", "& ", "< ", "% ", "\\ "))) + draw(AROUND)
    return phrase, disguised, before, behind, cuts(draw, before + disguised + behind)


@settings(max_examples=500, deadline=None)
@given(hidden())
def test_a_disguised_phrase_is_found_and_replaced_to_the_letter(case):
    """Whatever a phrase is disguised as, all of that and nothing else is redacted, however the text is cut."""
    phrase, disguised, before, behind, pieces = case
    verdict, left = whole(before + disguised + behind, policy((Action.REDACT, phrase)))
    place = (len(before), len(before) + len(disguised))
    assert [(one.start, one.end) for one in verdict.findings] == [place]
    assert left == before + "****" + behind
    assert found(phrase, pieces) == [place]


@settings(max_examples=300, deadline=None)
@given(hidden())
def test_a_disguised_phrase_is_found_across_texts_of_one_voice(case):
    """As parts of one message, wherever they are cut, each part loses what it has of the disguise and nothing else."""
    phrase, disguised, before, _behind, pieces = case
    pieces = [piece for piece in pieces if piece]
    spans = tuple(Span(f"/{number}", piece, voice="user") for number, piece in enumerate(pieces))
    rules = Policy(name="p", request_phrases=policy((Action.REDACT, phrase)).response_phrases)
    starts = dict(zip((span.pointer for span in spans), accumulate(map(len, pieces), initial=0), strict=False))
    findings = judge(Exchange(side="request", spans=spans), rules).findings
    places = merge((starts[one.at] + one.start, starts[one.at] + one.end) for one in findings)
    assert places == [(len(before), len(before) + len(disguised))]


def plainly(text: str) -> str:
    """The letters of a text by the standard library alone, of which i and l are the same."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in folded if char.isalpha()).replace("l", "i")


def contains(text: str, phrase: str) -> bool:
    """Whether a phrase's letters are anywhere among those of a text, as they are, turned round or moved."""
    letters, words = plainly(text), phrase.split(" ")
    ways = ["".join(words), "".join(words)[::-1], "".join(word[::-1] for word in words)]
    moved = "".join(chr((ord(char) - 97 + 13) % 26 + 97) if "a" <= char <= "z" else char for char in ways[0])
    return any(plainly(way) in letters for way in (*ways, moved))


@st.composite
def near(draw):
    """A phrase, and a text of its letters and of pieces of it, cut as words or as anything else."""
    letters = st.sampled_from(draw(st.lists(st.sampled_from(LATIN + "éßſＡ𝐛ⓒ"), min_size=2, max_size=6, unique=True)))
    words = st.text(letters, min_size=4, max_size=8).map(lambda word: plainly(word) or "word")
    phrase = " ".join(draw(st.lists(words, min_size=1, max_size=3)))
    at = draw(st.integers(0, len(phrase) - 1))
    pieces = st.sampled_from([phrase[:at], phrase[at + 1 :], phrase[:at] + phrase[at + 1 :], phrase[at:] + phrase[:at]])
    between = st.text(" -._*\n'\"()\u200b\u0301中😀,:", max_size=2)
    return phrase, "".join(
        draw(st.lists(st.one_of(pieces, st.text(letters, max_size=6), between), min_size=1, max_size=8))
    )


@settings(max_examples=500, deadline=None)
@given(near())
def test_a_text_that_does_not_say_a_phrase_stays_as_it_is(case):
    """Where the letters of a phrase are not there in a row, by the plainest reading there is, nothing is found."""
    phrase, text = case
    assume(not contains(text, phrase))
    verdict, left = whole(text, policy((Action.REDACT, phrase)))
    assert verdict.findings == ()
    assert left == text
    assert found(phrase, text) == []
