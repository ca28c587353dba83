# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text.fold import fold
from panda_addon.text.phrases import Entry, Hit, PhraseIndex, Sighting, in_word


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


def scanned(phrases, text, skip=0):
    """What a scan of a text that may go on finds: start, end and where it is settled; and what is undecided."""
    sightings, undecided = PhraseIndex((phrase, 0) for phrase in phrases).scan(text, skip)
    return [(one.hit.start, one.hit.end, one.settled) for one in sightings], undecided


@pytest.mark.parametrize(
    ("phrases", "text", "sightings", "undecided"),
    [
        (["darn"], "", [], 0),
        (["darn"], "hello", [], 5),
        (["darn"], "a darn b", [(2, 6, 7)], 8),
        (["darn"], "darn", [(0, 4, None)], 0),
        (["darn"], "darn.", [(0, 4, 5)], 5),
        (["darn"], "darn_", [(0, 4, None)], 0),
        (["darn"], "darn_.", [(0, 4, 6)], 6),
        (["darn"], "darn__.", [(0, 4, 7)], 7),
        (["darn"], "darn__. .", [(0, 4, 7)], 9),
        (["darn"], "darn\u200b", [(0, 4, None)], 0),
        (["darn"], "darn\u200b.", [(0, 4, 6)], 6),
        (["darn"], "darn\u0301", [(0, 5, None)], 0),
        (["darn"], "darn\u0301.", [(0, 5, 6)], 6),
        (["darn"], "darning", [], 7),
        (["darn"], "undarn", [], 6),
        (["darn"], "darn1 darn", [(6, 10, None)], 6),
        (["c++"], "c++", [(0, 3, None)], 0),
        (["c++"], "c++x", [(0, 3, 4)], 4),
        (["c++"], "c++\u0301x", [(0, 4, 5)], 5),
        (["中"], "中文", [(0, 1, 2)], 2),
        (["1"], "½.", [(0, 1, 2)], 2),
        (["1"], "½", [(0, 1, None)], 0),
        (["fi"], "ﬁx", [], 2),
        (["f"], "ﬁ", [], 1),
        (["a b", "b c"], "x a b", [(2, 5, None)], 2),
        (["a b c", "b"], "a b", [(2, 3, None)], 0),
        (["a b c", "b"], "a b ", [(2, 3, 4)], 0),
        (["a b c", "b"], "a b d", [(2, 3, 4)], 5),
    ],
)
def test_a_scan_tells_what_is_settled_and_what_is_not(phrases, text, sightings, undecided):
    """A sighting is settled by the character after which nothing changes it; what may begin a phrase is undecided."""
    assert scanned(phrases, text) == (sightings, undecided)


@pytest.mark.parametrize(
    ("text", "undecided"),
    [
        ("a d", 2),
        ("a dar", 2),
        ("a da\u0301", 2),
        ("a darn\t", 2),
        ("a darn  i", 2),
        ("a darn ix", 9),
        ("xd", 2),
        ("x d d", 4),
        ("x_d", 3),
        ("x\x00d", 3),
        ("\u00e9d", 2),
        ("中d", 1),
        ("__d", 2),
        ("™d", 1),
        ("darn darn", 5),
        ("x" * 1000 + " darn", 1001),
    ],
)
def test_the_first_place_where_a_phrase_may_yet_begin_is_undecided(text, undecided):
    """That is only where a word may start: in the middle of one no phrase begins."""
    assert scanned(["darn it"], text) == ([], undecided)


@pytest.mark.parametrize(
    ("text", "skip", "sightings", "undecided"),
    [
        ("a b", 0, [(0, 1, 2), (2, 3, None)], 2),
        ("a b", 1, [(2, 3, None)], 2),
        ("a", 1, [], 1),
        ("_a.", 1, [(1, 2, 3)], 3),
        ("x_a.", 2, [], 4),
        ("a.", 1, [], 2),
    ],
)
def test_what_is_there_as_context_is_not_found(text, skip, sightings, undecided):
    """What starts in the context is neither told nor waited for, and yet it bounds the words behind it."""
    assert scanned(["a", "b"], text, skip) == (sightings, undecided)


def test_a_sighting_has_the_hit_that_a_search_finds():
    """Without a context all of the text is searched."""
    index = PhraseIndex([("a", 3), ("A", 4)])
    assert index.scan("A.") == ([Sighting(Hit(0, 1, Entry("a", (3, 4))), 2)], 2)
    assert [one.hit for one in index.scan("A.")[0]] == list(index.find("A."))


def test_an_index_of_nothing_waits_for_nothing():
    """An empty index scans to the end and is zero characters long."""
    assert (scanned([], "anything"), PhraseIndex(()).longest) == (([], 8), 0)


@pytest.mark.parametrize(
    ("phrases", "longest"), [(["a"], 1), (["a", "darn it"], 7), (["  da\u0301rn \n it "], 7), (["ﬁ"], 2), (["½"], 3)]
)
def test_the_longest_phrase_is_measured_as_it_is_compared(phrases, longest):
    """What counts is the folded form, without blanks around it."""
    assert PhraseIndex((phrase, 0) for phrase in phrases).longest == longest


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ({1}, [("darn", (1,)), ("heck", (1,))]),
        ({2}, [("darn", (2,))]),
        ({0, 2}, [("blast", (0,)), ("darn", (2,))]),
        ({3}, []),
        (set(), []),
    ],
)
def test_an_index_of_some_owners_has_their_phrases_alone(owners, expected):
    """A phrase that others hold too stays, without them."""
    index = PhraseIndex([("darn", 1), ("DARN", 2), ("heck", 1), ("blast", 0)]).only(owners)
    assert sorted((hit.entry.phrase, hit.entry.owners) for hit in index.find("darn heck blast")) == expected
    assert len(index) == len(expected)


@pytest.mark.parametrize("owners", [{0, 1}, {0, 1, 2}])
def test_an_index_of_all_owners_is_the_same(owners):
    """Where nothing would be left out no other index is built."""
    index = PhraseIndex([("darn", 0), ("heck", 1)])
    assert index.only(owners) is index
