# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text.fold import FILLING, THIN
from panda_addon.text.forms import Form, form, forms, is_sign, signs, signs_end, symbols


@pytest.mark.parametrize(
    ("text", "closed", "going_on"),
    [
        # without a sign
        ("", None, None),
        ("plain text, 100 & more", None, None),
        # within a word and before one
        ("f@ck", "f4ck", "f4ck"),
        ("sh!t $o a|l b+h", "sh1t 5o a1l b7h", "sh1t 5o a1l b7h"),
        ("€nd £ot ¢an", None, None),
        ("!a", "1a", "1a"),
        ("1!1", "111", "111"),
        ("é!é", "é1é", "é1é"),
        ("!中", "1中", "1中"),
        # behind a word: those that are no punctuation
        ("a@ b", "a4 b", "a4 b"),
        ("a$$ k@", "a55 k4", "a55 k4"),
        ("a! b", None, None),
        ("a| b+ c", None, None),
        # several in a row stand or fall together
        ("a!!b", "a11b", "a11b"),
        ("@!b", "41b", "41b"),
        ("|+!@$x", "17145x", "17145x"),
        ("a@! b", "a4! b", "a4! b"),
        # at most eight of them
        ("a@@@@@@@@", "a44444444", "a44444444"),
        ("a@@@@@@@@@ b", "a44444444@ b", "a44444444@ b"),
        ("@@@@@@@@@@b", "4444444444b", "4444444444b"),
        # behind an escape that was undone, not behind what shows nothing
        (f"a{FILLING}@ b", f"a{FILLING}4 b", f"a{FILLING}4 b"),
        (f"a{THIN}@ b", None, None),
        ("a\u0301@ b", None, None),
        ("a!\u200bb", None, None),
        # two bars or two plus signs are an operator
        ("a||b", None, None),
        ("a++b", None, None),
        ("x@||b", None, None),
        ("a|+b", "a17b", "a17b"),
        ("a||b|c", "a||b1c", "a||b1c"),
        ("a||", None, None),
        ("a@||", "a4||", None),
        # alone
        ("@ $ !", None, "@ $ 1"),
        ("_@_", None, None),
        ("-!-", None, None),
        # at the end, where a letter may follow
        ("a!", None, "a1"),
        ("a@", "a4", "a4"),
        ("a@!", "a4!", "a41"),
        ("@", None, "4"),
        ("x !!", None, "x 11"),
        ("_|+", None, "_17"),
        ("f@ck !", "f4ck !", "f4ck 1"),
        ("a! ", None, None),
    ],
)
def test_signs_are_read_as_the_digits_that_stand_for_the_same(text, closed, going_on):
    """A sign counts beside a letter or digit, one that is punctuation only before one; the length stays."""
    assert (signs(text), signs(text, going_on=True)) == (closed, going_on)
    assert len(signs(text) or text) == len(text)


@pytest.mark.parametrize(
    ("text", "at", "end"),
    [
        ("a@@b", 1, 3),
        ("a@@b", 2, 3),
        ("a@@b", 0, 0),
        ("a@@b", 3, 3),
        ("@$!|+€x", 0, 5),
        ("@", 1, 1),
        ("", 0, 0),
        ("@ @", 0, 1),
    ],
)
def test_signs_end_where_something_else_stands(text, at, end):
    """What tells how signs are to be read is the character behind all of them."""
    assert signs_end(text, at) == end


@pytest.mark.parametrize(
    ("phrase", "kept"),
    [
        ("darn it", ""),
        ("don't e-mail so-called “x” co., p.m.", ""),
        ("f@ck $o sh!t", ""),
        ("a_b", ""),
        ("c++", "+"),
        ("c#", "#"),
        ("a**hole", "*"),
        ("what?", "?"),
        ("shit!", "!"),
        ("and/or & so", "/&"),
        ("½ cup", "\u2044"),
        ("💩 head", "💩"),
        ("x\u200b \u0301 y", ""),
        # without a letter all that shows counts
        ("😀", "😀"),
        ("👍🏽", "👍🏽"),
        ("...", "."),
        ("'", "'"),
        ("- -", "-"),
        ("*'", "*"),
        ("", ""),
        ("\u200b ", ""),
    ],
)
def test_symbols_that_are_no_punctuation_belong_to_a_phrase(phrase, kept):
    """Marks that texts may leave out are left out, blanks too; other symbols are what makes the phrase."""
    assert symbols(phrase) == frozenset(kept)


@pytest.mark.parametrize(
    ("phrase", "letters", "breaks"),
    [
        ("darn", "darn", "...."),
        ("  DÄRN\tit ", "darnit", ".... ."),
        ("don't", "dont", "...-"),
        ("don’t", "dont", "...-"),
        ("'tis", "tis", "..."),
        ("e-mail", "email", ".-..."),
        ("a.\u200bb", "ab", ".-"),
        ("a\u200bb\u0301", "ab", ".."),
        ("a - b", "ab", ". "),
        ("a- b", "ab", ". "),
        ("a -b", "ab", ". "),
        ("a_b", "ab", ".-"),
        ("c++", "c++", "..."),
        ("c ++", "c++", ". ."),
        ("a**hole now", "a**holenow", "....... .."),
        ("a*'b", "a*b", "..-"),
        ("f@ck $o", "f4ck5o", ".... ."),
        ("¢ent", "cent", "...."),
        ("$$", "$$", ".."),
        ("ß it", "ssit", ".. ."),
        ("Ⅷ ﬁ", "viiifi", ".... ."),
        ("-ﬁ-ﬁ", "fifi", "..-."),
        ("中文 字", "中文字", ".. "),
        ("\uffff x\uffffy", "xy", ".."),
        ("1-800 ok", "1800ok", ".-.. ."),
        ("'", "'", "."),
        ("", "", "."),
    ],
)
def test_a_phrase_is_its_letters_and_what_stands_between(phrase, letters, breaks):
    """A word may end between two letters, or there is a mark that texts leave out, or nothing; the widest counts."""
    found = form(phrase)
    assert (found.letters, found.breaks, found.step) == (letters, breaks, "")


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        # where it is written as it is compared there is nothing more to tell
        ("darn it", ""),
        ("DARN it", ""),
        ("don't", ""),
        # each character in small, as often as it has letters
        ("Därn it", "därnit"),
        ("ßx", "ßßx"),
        ("ⅧX", "ⅷⅷⅷⅷx"),
        ("ДА", "да"),
        ("d\u0301arn", ""),
        ("İ", "İ"),
        # signs as the digits they are read as
        ("f@ck", ""),
        ("½é", "½½½é"),
        ("a**holé", "a**holé"),
    ],
)
def test_a_form_tells_how_its_phrase_is_written(phrase, written):
    """Of letters that the phrase writes otherwise it is told how, so that a text that does so too is no disguise."""
    assert form(phrase).written == written
    assert len(form(phrase).written) in (0, len(form(phrase).letters))


@pytest.mark.parametrize("char", "@$!|+")
def test_signs_are_known(char):
    """Each of them is one, alone and not only in a row."""
    assert is_sign(char)
    assert signs_end(char, 0) == 1
    assert signs(f"x{char}x") != f"x{char}x"


@pytest.mark.parametrize("char", "4s*#%&?.l €£¢")
def test_other_symbols_are_no_signs(char):
    """Letters, digits and other symbols stand for themselves."""
    assert not is_sign(char)
    assert signs(f"x{char}x") is None


@pytest.mark.parametrize(
    ("letters", "key"), [("illegal", "iiiegai"), ("f4ck5o", "fackso"), ("1800", "iboo"), ("c++", "c++"), ("中", "中")]
)
def test_the_key_of_a_form_is_what_an_index_looks_for(letters, key):
    """Letters and digits that may stand for each other are the same in it."""
    assert Form(letters, "." * len(letters)).key == key


def written(form):
    """A form as it is read: what stands between its letters and they themselves, and by which step."""
    between = ("" if one == "." else one for one in form.breaks)
    return "".join(mark + char for mark, char in zip(between, form.letters, strict=True)), form.step


@pytest.mark.parametrize(
    ("phrase", "others"),
    [
        # two words: from six letters on
        ("a bcde", []),
        ("ab cdef", [("no pqrs", "rot13"), ("fedc ba", "reversed"), ("ba fedc", "reversed")]),
        ("darn it", [("qnea vg", "rot13"), ("ti nrad", "reversed"), ("nrad ti", "reversed")]),
        (
            "ill ask him",
            [("vyy nfx uvz", "rot13"), ("mih ksa lli", "reversed"), ("lli ksa mih", "reversed")],
        ),
        # one word: from eight on, however many marks are in it
        ("abcdefg", []),
        ("abc-d'efg", []),
        ("abcdefgh", [("nopqrstu", "rot13"), ("hgfedcba", "reversed")]),
        ("ab-cdefgh", [("no-pqrstu", "rot13"), ("hgfedc-ba", "reversed")]),
        # marks go where they belong
        (
            "don't-go now",
            [("qba-g-tb abj", "rot13"), ("won og-t-nod", "reversed"), ("og-t-nod won", "reversed")],
        ),
        ("übeltäter", [("horygngre", "rot13"), ("retatlebu", "reversed")]),
        # only where all of it are ASCII letters
        ("abcdefg1", []),
        ("f@cking hell", []),
        ("ждждждждж", []),
        ("中文 中文中文中文", []),
        ("abcd efgh++", []),
        ("", []),
    ],
)
def test_long_phrases_are_looked_for_turned_round_and_shifted(phrase, others):
    """A phrase of letters alone is also looked for in rot13, reversed, and with each word reversed."""
    first, *rest = forms(phrase)
    assert first == form(phrase)
    assert [written(one) for one in rest] == others


@pytest.mark.parametrize(
    ("phrase", "letters"),
    [
        ("день", ["дehb"]),
        ("ab", ["ab"]),
        ("ΝΥ", ["ny", "vu", "nu"]),
        ("баба", ["6a6a", "baba", "ba6a"]),
        # composed with a mark it is one of them too
        ("ή x", ["n x", "h x"]),
    ],
)
def test_letters_whose_cases_look_different_have_forms_of_their_own(phrase, letters):
    """Of such a phrase there are forms of its small letters, its capitals and both beside the one that was written."""
    assert list(dict.fromkeys(written(one)[0] for one in forms(phrase))) == letters
