# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text.fold import fold
from panda_addon.text.phrases import Entry, Hit, PhraseIndex, in_word


def found(phrases, text):
    """The stretches of a text in which phrases were found, folded, in the order in which they were."""
    return [fold(text[hit.start : hit.end]) for hit in PhraseIndex((phrase, 0) for phrase in phrases).find(text)]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("darn", "darn"),
        ("darn", "well, darn!"),
        ("darn", "(darn)"),
        ("Darn", "DARN"),
        ("darn it", "darn\n\t it"),
        ("  darn   it ", "darn it"),
        ("c++", "c++"),
        ("c++", "i like c++!"),
        ("don't", "DON'T"),
        ("darn", "_darn_"),
        ("darn", "so __darn__, yes"),
        ("darn", "darn™ darning"),
        ("darn", "darn²"),
        ("darn", "ªdarn"),
        ("darn it", "darn\u3164it"),
        ("darn it", "darn\u2800 it"),
        ("fi", "ﬁ"),
        ("😀", "a😀b"),
        ("\ud800", "x \ud800 y"),
        ("中文", "我說中文嗎"),
        ("アホ", "このアホめ"),
        ("ไทย", "ภาษาไทยง่าย"),
        ("राम", "राम है"),
        ("𠀀", "𠀀𠀁"),
    ],
)
def test_whole_words_are_found(phrase, text):
    """A phrase is found between word boundaries, and anywhere in a script that has none."""
    assert found([phrase], text) == [fold(phrase).strip()]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("darn", "darning"),
        ("darn", "yarndarn"),
        ("darn", "darn_it"),
        ("darn", "_x_darn"),
        ("darn", "darn１"),
        ("f", "ﬁ"),
        ("i", "ﬁ"),
        ("darn", "darn1"),
        ("darn", "ädarn"),
        ("darn", "darnб"),
        ("darn it", "darnit"),
        ("राम", "रामा"),  # a spacing vowel sign
        ("राम", "रामू"),  # one that takes no space
        ("𝐝", "𝐝𝐝"),
    ],
)
def test_parts_of_words_are_not(phrase, text):
    """A phrase inside a longer word is another word."""
    assert found([phrase], text) == []


def test_all_occurrences_are_found():
    """Nested and overlapping occurrences are all there, ordered by their end."""
    assert found(["a b", "b", "b c", "a b c"], "a b c") == ["a b", "b", "a b c", "b c"]


def test_a_hit_says_where_and_whose():
    """A hit carries offsets into the folded text, the phrase as first written, and every list that holds it."""
    index = PhraseIndex([("Darn", 2), ("DARN", 0), ("darn", 2)])
    assert list(index.find("oh darn")) == [Hit(3, 7, Entry("Darn", (2, 0)))]
    assert len(index) == 1


@pytest.mark.parametrize("phrases", [[], [""], [" \u200b\u0301 "]])
def test_an_index_of_nothing_finds_nothing(phrases):
    """An empty index is no error, and a phrase that shows nothing matches nothing."""
    index = PhraseIndex((phrase, 0) for phrase in phrases)
    assert (len(index), list(index.find("anything at all"))) == (0, [])


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        *[
            ("a", True),
            ("1", True),
            ("_", False),
            (" ", False),
            ("é", True),
            ("中", False),
            ("𠀀", False),
            ("™", False),
        ],
        *[("²", False), ("½", False), ("Ⅷ", True), ("१", True), ("ू", True), ("ा", True), ("ａ", True), ("ⓐ", False)],
    ],
)
def test_what_belongs_to_a_word(char, expected):
    """Letters, digits and vowel signs of a script that writes spaces, as they are written, make words."""
    assert in_word(char) is expected
