# ruff: noqa: RUF001 characters that look alike are what this is about
import pytest

from panda_addon.text import explain as explain_module
from panda_addon.text.alphabet import LETTERS, Alphabet
from panda_addon.text.explain import MAX_GAP, STEPS, Reading, explain, step
from panda_addon.text.fold import FILLING, SEAM, THIN
from panda_addon.text.forms import Form, form, forms, symbols

ALPHABET = Alphabet(frozenset("+*"))


def read(phrase, text, said=None):
    """The steps by which a text reads as a phrase as it is written; None if it does not."""
    alphabet = ALPHABET if symbols(phrase) else LETTERS
    reading = explain(form(phrase), text if said is None else said, text, alphabet)
    return reading and " ".join(reading.steps)


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        ("darn", "darn", ""),
        ("darn", "Darn", "case"),
        ("darn", "därn", "marks"),
        ("darn", "da\u0308rn", "marks"),
        ("darn", "darn\u20dd", "marks"),
        ("darn", "ÄRN", None),
        # a phrase that is itself written so
        ("därn", "därn", ""),
        ("därn", "DÄRN", "case"),
        ("därn", "darn", "marks"),
        ("дарн", "ДАРН", "case"),
        ("€nd", "€nd", ""),
        ("€nd", "end", "confusable"),
        ("𝐱", "X", "case"),
        ("𝐱", "x", "form"),
        ("İx", "İx", ""),
        ("İx", "ix", "marks"),
        ("ﬁne", "ﬁne", ""),
        ("ﬁne", "FINE", "case"),
        ("ﬁne", "fine", ""),
        ("straße", "straße", ""),
        ("straße", "strasse", ""),
        ("c++", "C++", "case"),
        ("darn", "ｄarn", "form"),
        ("darn", "𝐝arn", "form"),
        ("darn", "dаrn", "confusable"),
        ("darn", "DАRN", "case confusable"),
        ("cent", "¢ent", "confusable"),
        ("darn", "d\u200barn", "ignorable"),
        ("darn", "d\x00a\u200b\u0301rn", "ignorable marks"),
        ("straße", "STRASSE", "case"),
        ("strasse", "straße", "case"),
        ("strassen", "straße", None),
        ("stras", "straße", None),
        ("fine", "ﬁne", "case"),
        ("中文", "中文", ""),
        # another text, or more or less of it
        ("darn", "barn", None),
        ("darn", "дarn", None),
        ("a55", "aѕѕ", None),
        ("darn", "dar", None),
        ("darn", "darns", None),
        ("darn", "", None),
    ],
)
def test_letters_are_those_of_the_phrase_in_any_dress(phrase, text, steps):
    """Every letter is the phrase's own, and every way in which it is written otherwise has a name."""
    assert read(phrase, text) == steps


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        # digits
        ("darn", "d4rn", "leet"),
        ("leet", "l33t", "leet"),
        ("oil", "0il", "leet"),
        ("kill", "k1ll", "leet"),
        ("kill", "kil1", "leet"),
        ("zebras", "2e8ra5", "leet"),
        ("get", "6et", "leet"),
        ("get", "9et", "leet"),
        # not two in a word of three letters
        ("get", "9e7", None),
        ("ass", "a5s", "leet"),
        ("ass", "a55", None),
        ("leet", "l337", "leet"),
        ("ass it", "a55 it", None),
        ("it ass", "it a55", None),
        ("it ass", "1t as5", "leet"),
        ("o-ass", "o-a55", None),
        ("pass it", "pa55 it", "leet"),
        ("get", "7et", None),
        ("a55", "a55", ""),
        ("a55", "ass", None),
        ("a1", "ai", None),
        # every word with one has a letter of its own
        ("leet", "1337", None),
        ("to", "70", None),
        ("to it", "t0 1t", "leet"),
        ("to it", "t0 17", None),
        ("to it", "70 it", None),
        ("to-it", "70-it", None),
        ("to it", "to it", ""),
        ("100 to", "100 t0", "leet"),
        ("5 abcd", "s abcd", None),
        # letters that look alike
        ("kill", "kiII", "case confusable"),
        ("KILL", "kiII", "case confusable"),
        ("kill", "kIll", "case"),
        ("kill", "KILL", "case"),
        ("kill", "KIII", None),
        ("kill", "kill", ""),
        ("kill", "kllI", None),
        ("kill", "klll", None),
        ("fall", "FAII", None),
        ("ill", "Ill", "case"),
        ("ill", "lll", "confusable"),
        ("ill", "IlI", "case confusable"),
        ("it is", "lt ls", "confusable"),
        ("kit", "klt", None),
        ("lid", "Iid", "case confusable"),
        ("lid", "iid", None),
        ("a-i", "a-l", "confusable"),
        # those of other alphabets anywhere
        ("kill", "kІll", "confusable"),
        ("kill", "kӏll", "confusable"),
        ("fail", "faӏӏ", "confusable"),
        ("fall", "faӏl", "confusable"),
        ("list", "ӏist", "confusable"),
        ("kit", "kӏt", "confusable"),
        ("lid", "ιid", "confusable"),
        # a letter that looks like it stands neither for itself nor as a digit
        ("il 1", "l1 1", None),
        ("ill", "l11", None),
    ],
)
def test_digits_and_letters_that_look_alike_stand_for_letters(phrase, text, steps):
    """A digit stands for its letters where others make the word; a letter for another only where it looks like it."""
    assert read(phrase, text) == steps


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        # what a phrase has between its words
        ("darn it", "darn it", ""),
        ("darn it", "darn\u00a0it", "space"),
        ("darn it", "darn\nit", "space"),
        ("darn it", "darn  it", "space"),
        ("darn it", "darn \u200b it", "ignorable space"),
        ("darn it", "darn\u3164it", "space"),
        ("darn it", "darn-it", "separator"),
        ("darn it", "darn, it", "separator"),
        ("darn it", "darn/\u2026\n it", "separator"),
        ("darn it", "darn_\u200b_it", "ignorable separator"),
        ("darn it", "darn\u200bit", "ignorable"),
        ("darn it", "darn\u0301\u200bit", "ignorable marks"),
        ("darn it", f"darn{'.' * 16}it", "separator"),
        ("darn it", f"darn{'.' * MAX_GAP}it", "separator"),
        ("darn it", f"darn{'.-' * 8}it", "separator"),
        ("darn it", f"darn{'.-' * 8}.it", None),
        ("darn it", f"darn{' ' * MAX_GAP}it", "space"),
        ("darn it", f"darn{' ' * MAX_GAP} it", None),
        ("darn it", f"darn{' .' * 16}it", "separator"),
        ("darn it", f"darn{chr(0x200B) * 4096}it", "ignorable"),
        ("darn it", f"darn{chr(0x200B) * 4097}it", None),
        ("darn", f"darn{chr(0x301) * MAX_GAP}", "marks"),
        ("darn", f"darn{chr(0x301) * MAX_GAP}\u0301", None),
        ("darn it", "darn. it. ", "separator"),
        # nothing at all, or marks alone: only if it is long
        ("darn it", "darnit", None),
        ("darn it", "darn\u0301it", None),
        ("darn it on", "darniton", None),
        ("dar nit ontos", "darnit ontos", "joined"),
        ("darn it onn", "darnitonn", None),
        ("darn it onno", "darnitonno", "joined"),
        ("project borealis", "ProjectBorealis", "case joined"),
        ("project borealis", "project\u0301borealis", "joined marks"),
        # a mark that texts leave out, and others in its place
        ("don't", "dont", ""),
        ("don't", "don't", ""),
        ("don't", "don’t", ""),
        ("don't", "don-t", ""),
        ("don't", "don\u200bt", "ignorable"),
        ("don't", "don t", "separator"),
        ("don't", "don' t", "separator"),
        ("don't", "don--t", "separator"),
        ("e-mail", "email", ""),
    ],
)
def test_words_may_be_parted_by_anything(phrase, text, steps):
    """Between words there may be any separators that are not too many, or nothing that shows; nothing if it is long."""
    assert read(phrase, text) == steps


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        # every letter apart: from four letters on
        ("abc", "a b c", None),
        ("abc", "a.b.c", None),
        ("abc", "a\u200bb\u200bc", "ignorable"),
        ("darn", "d a r n", "spaced"),
        ("darn", "d.a.r.n", "spaced"),
        ("darn", "d'a'r'n", "spaced"),
        ("darn", "d...a...r...n", "spaced"),
        ("darn", "d\na\nr\nn", "spaced"),
        ("darn", f"d{'.' * 16}a r n", "spaced"),
        ("darn", f"d{'.' * 17}a r n", None),
        ("darn it", "d a r n i t", "spaced"),
        ("darn it", "d a r n   i t", "space spaced"),
        ("darn it", "d-a-r-n-i-t", "separator spaced"),
        ("don't", "d o n t", "separator spaced"),
        ("darn", "d 4 r n", "leet spaced"),
        # some of them: by two characters at most, neither blanks nor apostrophes
        ("abc", "a.bc", None),
        ("darn", "da.rn", "split"),
        ("darn", "d--arn", "split"),
        ("darn", "d*a*rn", "split"),
        ("darn", "d..a..rn", "split"),
        ("darn", r"d\\arn", "split"),
        ("darn", "d-\u200b-arn", "ignorable split"),
        ("darn", "d---arn", None),
        ("darn", "da rn", None),
        ("darn", "da. rn", None),
        ("darn", "da'rn", None),
        ("darn", "da’rn", None),
        ("darn", "da'-rn", None),
        ("darn", "d.ar'n", None),
        # all of them the same
        ("darn", "d.a-rn", None),
        ("darn", "d-a--rn", None),
        ("darn", "d.-arn", "split"),
        ("darn", "d.-a-.rn", None),
        # as words are cut, and not as code is
        ("darn", "d#arn", None),
        ("darn", "d:arn", None),
        ("darn", "d,arn", None),
        ("darn", "d(arn", None),
        ("darn it", "da.rn it", "split"),
        ("darn it", "dar nit", None),
        ("darn it", "d.a.r.n.it", "separator split"),
        # any, if it is long
        ("borealise", "bore alise", None),
        ("borealised", "bore alised", "split"),
        ("borealised", "bor'ealis...ed", "split"),
        ("borealised", f"borealis{'.' * 16}ed", "split"),
        ("borealised", f"borealis{'.' * 17}ed", None),
        ("project borealis", "pro ject borealis", "split"),
        ("project borealis", "pro jectborealis", "joined split"),
        # scripts without blanks
        ("中文", "中 文", "spaced"),
        ("中文字", "中文 字", "spaced"),
        ("中文 字", "中文字", ""),
        ("中文 字", "中文，字", "separator"),
        ("中文字", "中....文字", "spaced"),
        ("中 ab cd", "中ab cd", None),
        # symbols of the phrase
        ("c++", "c++", ""),
        ("c++", "C＋＋", "case form"),
        ("c++", "c+ +", None),
        ("a**hole", "A**hole", "case"),
        ("a**hole", "a* *hole", None),
        ("a**hole", "a*.*hole", "split"),
        ("a**hole", "a * * h o l e", "spaced"),
    ],
)
def test_words_may_be_cut(phrase, text, steps):
    """A word may be spaced out or cut, but not so that ordinary text says what nobody wrote."""
    assert read(phrase, text) == steps


@pytest.mark.parametrize(
    ("phrase", "text", "said", "steps"),
    [
        # signs that are read as digits
        ("ass", "a$s", "a5s", "leet"),
        ("ass", "a$$", "a55", "leet"),
        ("ass", "@$$", "455", None),
        ("f@ck", "f@ck", "f4ck", ""),
        ("darn", "d<a¢>arn", f"d{THIN * 4}arn", "tag"),
        # escapes, followed by filling
        ("darn", "&#100;arn", f"d{FILLING * 5}arn", "entity"),
        ("darn", r"\x64arn", f"d{FILLING * 3}arn", "escape"),
        ("darn", "%64arn", f"d{FILLING * 2}arn", "percent"),
        ("darn", "d<b>arn", f"d{THIN * 3}arn", "tag"),
        ("darn it", "darn<p>it", f"darn {FILLING * 2}it", "tag"),
        ("darn it", "darn<b>it", f"darn{THIN * 3}it", "tag"),
        ("darn", "d<p>arn", f"d {FILLING * 2}arn", None),
        ("darn it", r"darn\nit", f"darn\n{FILLING}it", "escape space"),
        ("darn", r"%64\x41rn", f"d{FILLING * 2}A{FILLING * 3}rn", "case escape percent"),
        ("ass", "&#36;ass", f"${FILLING * 4}ass", "entity"),
        # filling that was there before, of JSON in text, and what parts neighbours
        ("darn", f"d{FILLING}arn", f"d{FILLING}arn", "escape"),
        ("darn", f"d{SEAM}arn", f"d{SEAM}arn", "parts"),
        ("darn it", f"darn{SEAM}it", f"darn{SEAM}it", "parts"),
        # a tag as long as they get is no wider than a gap may be
        ("darn", f"d<{'b' * 258}>arn", f"d{THIN * 260}arn", "tag"),
    ],
)
def test_what_is_said_is_read_and_what_is_written_named(phrase, text, said, steps):
    """Escapes and signs are read as what they say; each is named by how it is written."""
    assert read(phrase, text, said) == steps


@pytest.mark.parametrize(
    ("phrase", "text", "thin"),
    [
        ("darn", "d\u200barn", False),
        ("darn it", "darn it", False),
        ("darn it", "darn\u200bit", True),
        ("darn it", "darn\u200b it", False),
        ("darn it", "darn-\u200bit", False),
        ("darn it", f"darn{THIN}it", True),
        ("darn it so", "darn\u200bit so", True),
        ("darn it so", "darn it\u200bso", True),
        ("project borealis", "project\u0301borealis", False),
        ("project borealis", "projectborealis", False),
        ("don't", "don\u200bt", False),
    ],
)
def test_it_is_told_whether_words_are_parted_by_nothing_that_shows(phrase, text, thin):
    """Where words are, what surrounds the phrase may be parted from it so as well."""
    assert explain(form(phrase), text, text, LETTERS).thin is thin


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        ("project borealis", "cebwrpg obernyvf", "rot13"),
        ("project borealis", "CEBWRPG - OBERNYVF", "case rot13 separator"),
        ("project borealis", "silaerob tcejorp", "reversed"),
        ("project borealis", "tcejorp\u200bsilaerob", "ignorable reversed"),
        ("project borealis", "silаerob  tcejorp", "confusable reversed space"),
        # not in two ways at once
        ("project borealis", "cebwrpg ober nyvf", None),
        ("project borealis", "c e b w r p g o b e r n y v f", None),
        ("project borealis", "cebwrpgobernyvf", None),
        ("project borealis", "s1laerob tcejorp", None),
        ("project borealis", "silaer.ob tcejorp", None),
    ],
)
def test_what_is_turned_round_or_shifted_is_so_as_it_stands(phrase, text, steps):
    """Such a form may be written in other letters, but not be cut, spaced, run together or in digits besides."""
    _, *others = forms(phrase)
    readings = [reading for one in others if (reading := explain(one, text, text, LETTERS))]
    assert [" ".join(reading.steps) for reading in readings] == ([steps] if steps else [])


def test_a_reading_has_the_steps_in_order_each_once():
    """Steps are sorted, so that records compare."""
    assert explain(form("darn it"), "D\u200b4R\u200bN  1T", "D\u200b4R\u200bN  1T", LETTERS) == Reading(
        ("case", "ignorable", "leet", "space")
    )


def test_a_form_of_another_length_is_not_read():
    """Letters that are missing or left over are no reading."""
    assert explain(Form("ab", "..", "rot13"), "abc", "abc", LETTERS) is None
    assert explain(Form("abc", "...", "rot13"), "ab", "ab", LETTERS) is None


@pytest.mark.parametrize(
    ("char", "name"),
    [
        *[("a", ""), ("1", ""), ("-", ""), ("中", ""), ("😀", ""), (" ", "")],
        *[("A", "case"), ("ẞ", "case"), ("Д", "case"), ("Ǆ", "form")],
        *[("é", "marks"), ("É", "marks"), ("\u0301", "marks"), ("\u20dd", "marks"), ("ำ", "form")],
        *[("ａ", "form"), ("²", "form"), ("ⓐ", "form"), ("…", "form"), ("한", "marks")],
        *[("а", "confusable"), ("ø", "confusable"), ("€", "confusable"), ("ı", "confusable"), ("ﬁ", "case")],
        *[("\u200b", "ignorable"), ("\x00", "ignorable"), ("\ufe0f", "ignorable"), ("\ufdd2", "ignorable")],
        *[("\t", "space"), ("\u00a0", "space"), ("\u3164", "space")],
        *[(FILLING, "escape"), (SEAM, "parts")],
    ],
)
def test_each_character_is_changed_by_one_step(char, name):
    """The step is the one that does most; a character that is its own folded form has none."""
    assert step(char) == name


def test_every_name_of_a_step_is_one_that_lists_may_do_without():
    """There is no finding by a step that a policy could not name."""
    assert {step(chr(point)) for point in range(0x30000)} - {""} <= STEPS


@pytest.mark.parametrize(
    ("phrase", "text", "steps"),
    [
        ("2g1c", "261c", None),
        ("beef", "b33f", None),
        ("beef", "be3f", "leet"),
        ("beefs", "b33f5", None),
        ("beers", "b33rs", "leet"),
        ("dead beef", "d34d b33f", "leet"),
        # which says so itself
        ("4c11", "4c11", ""),
        ("4c11", "4C11", "case"),
    ],
)
def test_a_hexadecimal_number_is_no_word(phrase, text, steps):
    """One word of which half are digits, and the rest is in hexadecimal numbers as well, is in no disguise."""
    assert read(phrase, text) == steps


def test_what_a_caller_sends_is_not_kept_for_long():
    """What a long stretch reads as is worked out anew, for there may be thousands, of thousands of characters each."""
    before = explain_module._read_before.cache_info().currsize
    for count in range(200, 210):
        assert read("darn it", f"darn{' ' * count}it") == "space"
    assert explain_module._read_before.cache_info().currsize == before
