import json

import pytest

from panda_addon.text.fold import FILLING, fold
from panda_addon.text.nested import Lens

# How a quote shows in a view.
QUOTE = "\uffff"


def viewed(*pieces):
    """The view of a text in pieces, the last of them the end."""
    lens = Lens()
    return "".join([*map(lens.feed, pieces), lens.feed("", last=True)])


def shown(text):
    """A view without its filling, and with plain quotes."""
    return viewed(text).replace(FILLING, "").replace(QUOTE, '"')


TEXTS = {
    "words": r'{"a": "one two", "b": [1.5, true, null]}',
    "short escapes": r'"\" \\ \/ \b\f\n\r\t"',
    "a code point": r'"\u0061\u00E9\uABCD"',
    "a pair": r'"x\ud83d\ude00y\uD83D\uDE00"',
    "half pairs": r'"\ud83d\ud83d\ude00 \ude00\ud83dx\ud83d\n\ud83d"',
    "a backslash before u": r'"\\u0061 \\\u0061"',
    "no escape": r'"\x \u12 \u \uZZZZ \ud83d\u12"',
    "a line break behind a backslash": '"\\\n\\u\n\\ud83d\n"',
    "escapes outside": r'\u0061 \" "\u0061" \ud83d\ude00',
    "an open literal": r'{"a": "one',
    "an escape at the end": '"one\\',
    "half an escape at the end": r'"one\u00',
    "half a pair at the end": r'"one\ud83d',
    "half a pair and half an escape": r'"one\ud83d\ud',
    "no JSON": "one 'two' three",
    "nothing": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_view_has_the_length_of_its_text(text):
    """Offsets into a view are offsets into the text: it is as long, and its quotes stand where the text's do."""
    view = viewed(text)
    assert len(view) == len(text)
    assert all(text[at] == '"' for at, char in enumerate(view) if char == QUOTE)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_cuts_make_no_difference(text):
    """Cut once anywhere, or between any two characters, the view is that of the whole text."""
    whole = viewed(text)
    for pieces in [list(text), *([text[:at], text[at:]] for at in range(len(text) + 1))]:
        assert viewed(*pieces) == whole, pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"d\u0061rn"', '"darn"'),
        (r'"\"\\\/\b\f\n\r\t"', '""\\/\b\f\n\r\t"'),
        (r'"\ud83d\ude00"', '"😀"'),
        (r'"\ud83d\ud83d\ude00"', '"\ud83d😀"'),
        (r'"\ude00\ud83d"', '"\ude00\ud83d"'),
        (r'"\\u0061"', r'"\u0061"'),
        (r'"\\\u0061"', '"\\a"'),
        (r'"\x\u12\u"', '"xu12u"'),
        ('"\\\n"', '"\n"'),
        (r"\u0061 \n", r"\u0061 \n"),
        (r'\"\u0061"\u0061', r'\"a"\u0061'),
        ('"one\\', '"one'),
        (r'"one\u00', '"oneu00'),
        (r'"one\ud83d', '"one\ud83d'),
    ],
)
def test_an_escape_is_the_character_it_stands_for(text, expected):
    """Inside a literal escapes are read, also such as JSON has not; outside of one nothing is an escape."""
    assert shown(text) == expected


def test_what_json_says_is_what_a_view_says():
    """The view of a literal says what JSON's own reader reads in it."""
    text = json.dumps('darn \u00e9 😀 "quoted" \\ \u2028 \x7f \x01 / tab\t\ud800')
    assert viewed(text).strip(QUOTE).replace(FILLING, "") == json.loads(text)


def test_filling_folds_to_nothing():
    """An escaped word folds to what the word folds to."""
    assert fold(viewed(r'"\u0044\u0061rn\u0301"')) == f"{QUOTE}darn{QUOTE}"


@pytest.mark.parametrize(
    ("pieces", "views"),
    [
        (['"one\\', 'n"'], [4, 3]),
        (['"one\\u', "0061"], [4, 6]),
        (['"one\\u006', '1"'], [4, 7]),
        (['"one\\ud83d', "x"], [4, 7]),
        (['"\\ud83d\\', "n"], [1, 8]),
        (['"\\ud83d\\ude0', "0"], [1, 12]),
        (['"\\ud83', "d", "\\ude00"], [1, 0, 12]),
        (['"\\ude00', "x"], [7, 1]),
        (['"\\u0061', "x"], [7, 1]),
        (['"one\\\\', "x"], [6, 1]),
        (["\\", "u0061"], [1, 5]),
        (['"one"', "\\"], [5, 1]),
    ],
)
def test_an_unfinished_escape_waits_and_nothing_else_does(pieces, views):
    """The view of a piece goes as far as no further text can change it."""
    lens = Lens()
    assert [len(lens.feed(piece)) for piece in pieces] == views


@pytest.mark.parametrize("rest", ["\\", "\\u", "\\u006", "\\ud83d", "\\ud83d\\", "\\ud83d\\ude0"])
def test_an_escape_that_nothing_follows_is_seen_at_the_end(rest):
    """What waited is viewed with the last piece, at its full length."""
    lens = Lens()
    assert lens.feed(f'"{rest}') == QUOTE
    assert len(lens.feed("", last=True)) == len(rest)


@pytest.mark.parametrize("forgotten", range(14))
def test_it_knows_what_is_inside_a_literal_whatever_it_has_forgotten(forgotten):
    """From the opening quote on a character is inside, from the closing one on it is not."""
    text = r'{"a\"": 1,"b"}'
    lens = Lens()
    for char in text:
        lens.feed(char)
    lens.forget(forgotten)
    assert "".join("x" if lens.inside(at) else "." for at in range(forgotten, 14)) == ".xxxx.....xx.."[forgotten:]


def test_what_was_forgotten_does_not_turn_inside_into_outside():
    """A literal whose opening quote is forgotten is still read as one, in the pieces that follow."""
    lens = Lens()
    lens.feed('"abc')
    lens.forget(3)
    assert lens.feed(r'\u0061"\n') == f"a{FILLING * 5}{QUOTE}\\n"
    assert [lens.inside(offset) for offset in (3, 9, 10, 11)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "start", "end", "pieces"),
    [
        ('{"a": "one two"}', 7, 14, ["one two"]),
        ('{"a": "1, 2"}', 7, 11, ["1, 2"]),
        ('{"a": 12}', 6, 8, ["12"]),
        ('{"a": true}', 6, 10, ["true"]),
        ("[1, -2.5,true ,\n3]", 1, 17, ["1", "-2.5", "true", "3"]),
        ("one two:three", 0, 13, ["one", "two", "three"]),
        ("[1][2]{3}", 1, 8, ["1", "2", "3"]),
        ("[ , ]", 0, 5, []),
    ],
)
def test_in_a_literal_all_is_replaced_and_elsewhere_words_and_numbers(text, start, end, pieces):
    """A stretch outside of literals keeps its blanks, brackets, commas and colons."""
    lens = Lens()
    lens.feed(text, last=True)
    found = lens.pieces(text[start:end], start, end)
    assert [text[first:last] for first, last in found] == pieces
    assert all(start <= first < last <= end for first, last in found)


@pytest.mark.parametrize(
    ("text", "offset", "redaction", "expected"),
    [
        ('"one"', 1, "****", "****"),
        ('"one"', 1, 'a"\\\n\u00e9', 'a\\"\\\\\\n\\u00e9'),
        ("[true]", 1, "****", "null"),
        ("[12]", 1, "****", "9"),
        ("[-12]", 1, "****", "-"),
        ("[$]", 1, "****", "null"),
        ('"one" two', 6, "****", "null"),
    ],
)
def test_what_takes_the_place_of_a_piece_is_json_there(text, offset, redaction, expected):
    """In a literal it is the redaction, escaped; elsewhere null for a word, and of a number its form."""
    lens = Lens()
    lens.feed(text, last=True)
    assert lens.replacement(text[offset], offset, redaction) == expected
