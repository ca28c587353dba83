# ruff: noqa: RUF001 characters that look alike are what this is about
import base64

import pytest

from panda_addon.text.combine import Combination
from panda_addon.text.fold import fold
from panda_addon.text.phrases import Entry, Hit, PhraseIndex, Scan, Sighting


def found(phrases, text):
    """The stretches of a text in which phrases were found, folded, in the order in which they were."""
    return [
        " ".join(fold(text[hit.start : hit.end]).split())
        for hit in PhraseIndex((phrase, 0) for phrase in phrases).find(text)
    ]


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
        ("darn", "x_darn_it"),
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
    assert found([phrase], text) == [" ".join(fold(phrase).split())]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("darn", "darning"),
        ("darn", "yarndarn"),
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


def scanned(phrases, text, skip=0):
    """What a scan of a text that may go on finds: start, end and where it is settled; and what is undecided."""
    scan = PhraseIndex((phrase, 0) for phrase in phrases).scan(text, skip)
    return [(one.hit.start, one.hit.end, one.settled) for one in scan.sightings], scan.undecided


# No word of these begins with a character that base64 or hexadecimal digits of text may begin with.
@pytest.mark.parametrize(
    ("phrases", "text", "sightings", "undecided"),
    [
        (["gosh"], "", [], 0),
        (["gosh"], "hello", [], 5),
        (["gosh"], "m gosh n", [(2, 6, 7)], 8),
        (["gosh"], "gosh", [(0, 4, None)], 0),
        (["gosh"], "gosh.", [(0, 4, 5)], 5),
        (["gosh"], "gosh_", [(0, 4, 5)], 5),
        (["gosh"], "gosh\u200b", [(0, 4, None)], 0),
        (["gosh"], "gosh\u200b.", [(0, 4, 6)], 6),
        (["gosh"], "gosh\u0301", [(0, 5, None)], 0),
        (["gosh"], "gosh\u0301.", [(0, 5, 6)], 6),
        (["gosh"], "goshing", [], 7),
        (["gosh"], "ungosh", [], 6),
        (["gosh"], "gosh1 gosh", [(6, 10, None)], 6),
        (["gosh"], "gosh!", [(0, 4, 5)], 5),
        (["gosh"], "gosh! ", [(0, 4, 5)], 6),
        (["gosh"], "g0sh!", [(0, 4, 5)], 5),
        (["gosh"], "gos#!", [], 0),
        (["gosh"], "g@sh", [], 4),
        (["gosh"], "gosh&", [(0, 4, 5)], 0),
        (["gosh"], "gosh& ", [(0, 4, 5)], 6),
        (["gosh"], "gos&#10", [], 0),
        (["gosh"], "gos&#104;", [(0, 9, None)], 0),
        (["gosh"], "gos&#104;.", [(0, 9, 10)], 10),
        (["gosh"], "gos\\x68\\", [(0, 7, None)], 0),
        (["gosh"], "gos\\x68\\m", [(0, 7, 9)], 9),
        (["gosh"], "gos%68<b", [(0, 6, 7)], 0),
        (["gosh"], "gos%68<b>.", [(0, 6, 7)], 10),
        (["gosh"], "gos%68<b>m", [(0, 6, 7)], 10),
        (["gosh"], "g<b>osh<b>.", [(0, 7, 11)], 11),
        (["gosh"], "g<b>osh<b>m", [], 11),
        (["gosh"], "gos%68<b m", [(0, 6, 7)], 0),
        (["gosh"], "m<k", [], 3),
        (["gosh"], "m&n", [], 1),
        (["g++"], "g++", [(0, 3, None)], 0),
        (["g++"], "g++m", [(0, 3, 4)], 4),
        (["g++"], "g++\u0301m", [(0, 4, 5)], 5),
        (["中"], "中文", [(0, 1, 2)], 2),
        (["fi"], "ﬁm", [], 2),
        (["f"], "ﬁ", [], 1),
        (["m n", "n o"], "k m n", [(2, 5, None)], 2),
        (["m n o", "n"], "m n", [(2, 3, None)], 0),
        (["m n o", "n"], "m n ", [(2, 3, 4)], 0),
        (["m n o", "n"], "m n k", [(2, 3, 4)], 5),
        (["gosh"], "Z29zaA", [], 0),
        (["gosh"], "Z29zaA==", [], 0),
        (["gosh"], "Z29zaA== ", [(0, 8, 9)], 9),
        (["gosh"], "Z29zaA\n", [], 0),
        (["gosh"], "Z29zaA\n.", [(0, 6, 8)], 8),
        (["gosh"], "m Z29zaA\u00a0", [(2, 8, 9)], 9),
        (["gosh"], "676f7368 ", [], 0),
        (["gosh"], "676f7368 m", [(0, 8, 10)], 10),
        (["gosh"], "676f7368ff ", [(0, 8, 10)], 11),
    ],
)
def test_a_scan_tells_what_is_settled_and_what_is_not(phrases, text, sightings, undecided):
    """A sighting is settled by the character after which nothing changes it; what may begin a phrase is undecided."""
    assert scanned(phrases, text) == (sightings, undecided)


@pytest.mark.parametrize(
    ("text", "undecided"),
    [
        ("m k", 3),
        ("m g", 2),
        ("m gos", 2),
        ("m go\u0301", 2),
        ("m gosh\t", 2),
        ("m gosh  i", 2),
        ("m gosh ix", 9),
        ("kg", 2),
        ("k g g", 4),
        ("k_g", 2),
        ("k\x00g", 2),
        ("\u00e9g", 2),
        ("中g", 1),
        ("__g", 2),
        ("™g", 1),
        ("g-o-s", 0),
        ("g0s", 0),
        ("gosh gosh", 5),
        ("m" * 1000 + " gosh", 1001),
        ("gosh" + " " * 300, 0),
        ("gosh" + " " * 4098, 4102),
    ],
)
def test_the_first_place_where_a_phrase_may_yet_begin_is_undecided(text, undecided):
    """That is only where a word may start, in the middle of one no phrase begins, and no further back than a gap."""
    assert scanned(["gosh it"], text) == ([], undecided)


@pytest.mark.parametrize(
    ("text", "skip", "sightings", "undecided"),
    [
        ("m n", 0, [(0, 1, 2), (2, 3, None)], 2),
        ("m n", 1, [(2, 3, None)], 2),
        ("m", 1, [], 1),
        ("_m.", 1, [(1, 2, 3)], 3),
        ("k\u200bm.", 2, [], 4),
        ("m.", 1, [], 2),
    ],
)
def test_what_is_there_as_context_is_not_found(text, skip, sightings, undecided):
    """What starts in the context is neither told nor waited for, and yet it bounds the words behind it."""
    assert scanned(["m", "n"], text, skip) == (sightings, undecided)


def test_a_sighting_has_the_hit_that_a_search_finds():
    """Without a context all of the text is searched."""
    index = PhraseIndex([("a", 3), ("A", 4)])
    assert index.scan("A.") == Scan([Sighting(Hit(0, 1, Entry("a", (3, 4)), ("case",)), 2)], 2, 1)
    assert [one.hit for one in index.scan("A.").sightings] == index.find("A.")


def test_an_index_of_nothing_waits_for_nothing():
    """An empty index scans to the end and is zero characters long."""
    assert (scanned([], "anything"), PhraseIndex(()).longest) == (([], 8), 0)


@pytest.mark.parametrize(
    ("phrases", "longest"), [(["a"], 1), (["a", "darn it"], 6), (["  da\u0301rn \n it "], 6), (["ﬁ"], 2), (["½"], 3)]
)
def test_the_longest_phrase_is_measured_as_it_is_compared(phrases, longest):
    """What counts are its letters, and symbols that matter."""
    assert PhraseIndex((phrase, 0) for phrase in phrases).longest == longest


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ({1}, [("darn", (1,)), ("heck", (1,))]),
        ({2}, [("DARN", (2,))]),
        ({0, 2}, [("DARN", (2,)), ("blast", (0,))]),
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


WITHIN = Combination("within 4 words: {m,n} & {o,p q} & r", 4, (("m", "n"), ("o", "p q"), ("r",)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m o r", [(4, 5)]),
        ("r, n: p q", [(6, 9)]),
        ("m o s", []),
        ("m o r o m", [(4, 5)]),
        ("m o r o m r", [(4, 5), (10, 11)]),
        ("m " + "k" * 22 + " r o", []),
        ("m " + "k" * 21 + " r o", [(26, 27)]),
        ("m k k k k k k k k k k k k k o r", [(30, 31)]),
        ("m m m o o r", [(10, 11)]),
        ("x0A bSBvIHI= x0A", [(4, 12)]),
    ],
)
def test_a_combination_stands_where_its_last_term_does(text, expected):
    """Terms stand in any order within so many words, of six letters each, and what completed one is used up."""
    hits = PhraseIndex([(WITHIN, 3)]).find(text)
    assert [(hit.start, hit.end) for hit in hits] == expected
    assert all(hit.entry == Entry(WITHIN.text, (3,), combined=True) for hit in hits)


def test_a_term_that_is_a_phrase_too_is_both():
    """One list has a word as a phrase, another as a term."""
    index = PhraseIndex([("m", 0), (WITHIN, 1), (WITHIN, 2)])
    assert [(hit.entry.phrase, hit.entry.owners) for hit in index.find("o r m")] == [("m", (0,)), (WITHIN.text, (1, 2))]
    assert (index.combines, PhraseIndex([("m", 0)]).combines) == (True, False)


@pytest.mark.parametrize(
    ("layers", "found"), [(0, ["darn it"]), (1, ["darn it"]), (2, ["darn it"]), (3, ["darn it"]), (4, [])]
)
def test_what_is_encoded_in_what_is_encoded_is_found_so_deep(layers, found):
    """Three layers of encoding are undone, and the finding is the outermost run."""
    text = "darn it"
    for _ in range(layers):
        text = base64.b64encode(text.encode()).decode()
    hits = PhraseIndex([("darn it", 0)]).find(text)
    assert [hit.entry.phrase for hit in hits] == found
    assert all((hit.start, hit.end) == (0, len(text)) for hit in hits)
    assert all(hit.steps == (("base64",) if layers else ()) for hit in hits)


def test_of_several_ways_to_one_phrase_the_plainest_is_told():
    """Found as it is written and by undoing what is none of it, it took no step."""
    (hit,) = PhraseIndex([("darn", 0)]).find("a&amp; darn, b@d <b>")
    assert hit.steps == ()


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("wog", "d082ff", False),
        ("jism", "#3b8cc1dc", False),
        ("darn", "6461726e", True),
        ("darn", "4441524E", True),
        ("darn", "6434726e", False),
        ("darn it on", base64.b64encode(b"d4rn it on").decode(), False),
        ("darn it on", base64.b64encode(b"d4rn it on me").decode(), True),
        ("wog", "774f675c720a", False),
        ("wog", "774f-675c-720a-9f00", False),
        ("darn", base64.b64encode(b"darn").decode(), True),
        ("darn", base64.b64encode(b"dArn").decode(), False),
    ],
)
def test_a_short_run_is_read_as_it_stands(phrase, text, found):
    """In what is as short as an identifier or a colour a word counts if it is in no further disguise."""
    assert bool(PhraseIndex([(phrase, 0)]).find(text)) is found


@pytest.mark.parametrize("text", ["d\u00c1rn now, d4rn", "d4rn now, d\u00c1rn"])
def test_every_way_to_read_a_run_is_told(text):
    """A run in which a phrase stands in two disguises has it by each, for a list may go without one."""
    hits = PhraseIndex([("darn", 0)]).find(base64.b64encode(text.encode()).decode())
    assert {hit.steps for hit in hits} == {("base64", "marks"), ("base64", "leet")}


@pytest.mark.parametrize("words", [("reveal", "prompt"), ("xray", "zebra")])
def test_a_combination_in_a_run_is_told_once(words):
    """Its terms stand in the text around as well, and complete nothing there that is not told."""
    combined = Combination(f"within 9 words: {words[0]} & {words[1]}", 9, tuple((word,) for word in words))
    hits = PhraseIndex([(combined, 0)]).find(base64.b64encode(f"say {words[0]} the {words[1]}".encode()).decode())
    assert [hit.steps for hit in hits] == [("base64",)]


def test_a_short_run_says_nothing_in_a_disguise():
    """Nor where the phrase has marks that what is encoded has not."""
    index = PhraseIndex([("dárn", 0)])
    assert index.find(base64.b64encode(b"darn").decode()) == []
    assert len(index.find(base64.b64encode(b"oh darn it all, say I").decode())) == 1
