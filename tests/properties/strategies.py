"""Phrase lists, texts, cuts and streams, drawn at random; and what a text should become, by the judge of whole texts."""

import base64
import itertools
import json

from hypothesis import strategies as st

from panda_addon.exchange import Exchange, Span
from panda_addon.judge import judge
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action

ACTIONS = (Action.AUDIT, Action.REDACT, Action.BLOCK)

# Few letters, so that phrases meet; and every kind of trouble: cases, marks, enclosing marks, what shows nothing,
# families of emoji, ligatures, fractions, scripts without blanks, vowel signs, blanks of all kinds, noncharacters.
LETTERS = "aAbBcßéﬁ½ \t\n\u00a0_.,-'1\u0301\u20dd\u0345\u200b\u200d\u00ad\ufeff\ufe0f😀👨👩🏽中文カ\u3099ไ\u093f™²\u2800\u3164"
LETTERS += "\u3099㌀\ufffd\uffff\ufdd0\x00İ\u00b4\u0430I1l0@$!|<>/&%\\;=x\U000e0061\ufe01\ud800"
ALPHABETS = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=6, unique=True)
# Unicode that can be written as UTF-8, for what goes through bytes.
PLAIN = st.lists(st.sampled_from(LETTERS[:-1]), min_size=1, max_size=6, unique=True)
REDACTIONS = st.sampled_from(["****", "", "#", 'a "b"', "\\", "\\u0041", "😀", "\n", "{}", "null"])
# How a text of one's own is written otherwise, here and there.
DRESS = (
    str.upper,
    lambda word: f"_{word}_",
    lambda word: word.replace(" ", " \u200b\t"),
    lambda word: f"{word}\u0301",
    " ".join,
    "-".join,
    "\u200b".join,
    lambda word: word[::-1],
    lambda word: word.translate(str.maketrans("abAB", "@84ß")),
    lambda word: word.replace("a", "&#97;").replace("b", "&#x62;"),
    lambda word: word.replace("a", r"\u0061").replace("b", r"\\x62").replace("c", "%63").replace("é", "%C3%A9"),
    "</b>".join,
    lambda word: base64.b64encode(word.encode("utf-8", "replace")).decode(),
    lambda word: base64.urlsafe_b64encode(f"c {word}, x".encode("utf-8", "replace")).decode(),
    lambda word: word.encode("utf-8", "replace").hex(),
    lambda word: f"abc {word} ".encode("utf-8", "replace").hex(" "),
    lambda word: "".join(chr(0xE0000 + ord(char)) for char in word if " " <= char <= "~"),
    lambda word: "".join(
        chr(0xE0100 - 16 + byte) for byte in f"{word}, {word}".encode("utf-8", "replace") if byte > 15
    ),
)


def policy(*lists, **fields):
    """A policy with phrase lists for answers, each an action and its phrases."""
    rules = tuple(PhraseList(f"list {number}", action) for number, (action, *_) in enumerate(lists))
    index = PhraseIndex((word, number) for number, (_, *words) in enumerate(lists) for word in words)
    return Policy(name="p", response_phrases=Phrases(rules, index), **fields)


def whole(text, rules, *, nested=False):
    """The judge's verdict on a whole text, and the text it makes of it."""
    spans = (Span("/text", text, nested=nested),)
    verdict = judge(Exchange(side="response", spans=spans), rules)
    return verdict, applied(text, verdict.edits)


def applied(text, edits):
    """A text with edits made, the plain way."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def said(findings):
    """Findings, as far as they must be the same however a text was cut."""
    return sorted((one.at, one.start, one.end, one.rule, one.phrase, one.folded, one.action) for one in findings)


def cut(text, places):
    """A text or bytes cut at some places."""
    places = [0, *sorted(places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(places)]


def cuts(draw, text, most=12):
    """A text or bytes cut at random, empty pieces among the rest."""
    return cut(text, draw(st.lists(st.integers(0, len(text)), max_size=most)))


@st.composite
def searches(draw, actions=ACTIONS, alphabets=ALPHABETS, texts=1):
    """Lists of phrases, and texts that are partly made of them, of one small alphabet."""
    letters = st.sampled_from(draw(alphabets))
    words = st.lists(st.text(letters, min_size=1, max_size=5), min_size=1, max_size=3)
    lists = draw(st.lists(st.tuples(st.sampled_from(actions), words), min_size=1, max_size=4))
    phrases = [word for _, words in lists for word in words]
    dressed = st.builds(lambda word, way: way(word), st.sampled_from(phrases), st.sampled_from(DRESS))
    pieces = st.one_of(st.text(letters, max_size=4), st.sampled_from(phrases), dressed, st.just(" "))
    lists = [(action, *words) for action, words in lists]
    return lists, ["".join(draw(st.lists(pieces, max_size=8))) for _ in range(texts)]


@st.composite
def escaped(draw, value):
    """JSON that says a value, with its characters written in any of their ways."""
    if isinstance(value, str):
        return '"' + "".join(draw(st.sampled_from(_ways(char))) for char in value) + '"'
    blank = draw(st.sampled_from(["", "", " ", "\n"]))
    if isinstance(value, list):
        return "[" + f",{blank}".join(draw(escaped(item)) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{draw(escaped(name))}{blank}:{blank}{draw(escaped(item))}" for name, item in value.items())
        return "{" + f",{blank}".join(pairs) + "}"
    return draw(st.sampled_from([json.dumps(value), "-1.5e+3", "0.10", "12", "true", "null"]))


def _ways(char):
    """The ways in which JSON may write a character."""
    ways = [json.dumps(char)[1:-1]]
    if ord(char) <= 0xFFFF:
        ways.append(f"\\u{ord(char):04X}")
    if char >= " " and char not in '"\\':
        ways += [char, char]
    return ways


def documents(letters):
    """JSON values whose strings are made of some letters."""
    texts = st.text(letters, max_size=8)
    leaves = st.one_of(texts, st.none(), st.booleans(), st.integers(-12, 12))
    return st.recursive(
        leaves, lambda kids: st.lists(kids, max_size=3) | st.dictionaries(texts, kids, max_size=3), max_leaves=6
    )
