# ruff: noqa: RUF001 characters that look alike are what this is about
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.text.alphabet import LETTERS
from panda_addon.text.explain import explain
from panda_addon.text.fold import in_word, is_mark, is_unspaced, neutral
from panda_addon.text.forms import forms, symbols
from panda_addon.text.phrases import PhraseIndex

# Few letters, so that phrases meet; and every kind of trouble: astral, combining, enclosing, zero-width, unspaced
# scripts, vowel signs, characters that fold to several, blanks of different kinds, digits for letters, look-alikes. No
# symbols, escapes or signs, which are read in ways of their own; nothing that text in base64 begins with.
LETTERS_AND_ALL = "ghGHgß\u0133é \t\u00a0_.-'0lI1o\u0301\u20dd\u200b\u200d\ufeff\u0345𝐠中文カ²\u3164\u3099㌀ไ\u093f\u0941\u03bd\u041d\ud800"
ALPHABETS = st.lists(st.sampled_from(LETTERS_AND_ALL), min_size=1, max_size=5, unique=True)


@st.composite
def searches(draw):
    """Phrases and a text of one small alphabet, the text partly made of the phrases."""
    letters = st.sampled_from(draw(ALPHABETS))
    phrases = draw(st.lists(st.text(letters, max_size=4), max_size=6))
    spaced = [" ".join(phrase) for phrase in phrases]
    pieces = st.one_of(st.text(letters, max_size=4), st.sampled_from(phrases + spaced) if phrases else st.just(""))
    return phrases, "".join(draw(st.lists(pieces, max_size=6)))


def has_letters(phrase):
    """Whether a phrase is compared by its letters alone."""
    return not symbols(phrase) and any(form.letters for form in forms(phrase))


def naive(phrases, text):
    """Every stretch that begins with a letter and reads as a phrase, by trying all stretches of the text."""
    for phrase in filter(has_letters, phrases):
        for form in forms(phrase):
            for start in range(len(text)):
                for end in range(start + 1, len(text) + 1):
                    whole = LETTERS.spell(text[start]).strip() and (end == len(text) or not is_mark(text[end]))
                    if not whole or not LETTERS.spell(unmarked(text[start:end])[-1]).strip():
                        continue
                    reading = explain(form, text[start:end], text[start:end], LETTERS)
                    if reading and parted(text, start, end, thin=reading.thin):
                        yield start, end, form


def unmarked(stretch):
    """A stretch without the marks at its end."""
    while len(stretch) > 1 and is_mark(stretch[-1]):
        stretch = stretch[:-1]
    return stretch


def parted(text, start, end, *, thin):
    """Whether a stretch is not a part of a longer word, seen from its first and its last letter."""
    return free(text[start], text[:start][::-1], thin=thin) and free(
        unmarked(text[start:end])[-1], text[end:], thin=thin
    )


def free(letter, beside, *, thin):
    """Whether a word may end at a letter, with this beside it."""
    shown = next((char for char in beside if LETTERS.spell(char)), " ")
    skipped = beside.partition(shown)[0]
    if thin and any(not is_mark(char) for char in skipped):
        return True
    word = in_word(letter)
    return LETTERS.spell(shown) == " " or is_unspaced(letter) or is_unspaced(shown) or in_word(shown) != word


@settings(max_examples=300, deadline=None)
@given(searches())
def test_the_index_finds_what_naive_search_finds(search):
    """The index finds each whole-word occurrence once, and no other."""
    phrases, text = search
    text = neutral(text)
    hits = PhraseIndex((phrase, 0) for phrase in phrases if has_letters(phrase)).find(text)
    places = [(hit.start, hit.end, tuple(sorted(forms(hit.entry.phrase), key=repr))) for hit in hits]
    wanted = {(start, end, ways) for start, end, ways in found_by_all(phrases, text)}
    assert len(places) == len(set(places))
    assert set(places) == wanted


def found_by_all(phrases, text):
    """What naive search finds, by the forms of the phrase."""
    for phrase in phrases:
        for start, end, _ in naive([phrase], text):
            yield start, end, tuple(sorted(forms(phrase), key=repr))


@settings(max_examples=100, deadline=None)
@given(searches())
def test_every_owner_of_a_phrase_is_told(search):
    """Phrases that are compared by the same letters are one entry, which names all the lists that hold one of them."""
    phrases, text = search
    index = PhraseIndex((phrase, owner) for owner, phrase in enumerate(phrases))
    for hit in index.find(neutral(text)):
        ways = tuple(forms(hit.entry.phrase))
        owners = [n for n, phrase in enumerate(phrases) if tuple(forms(phrase)) == ways]
        assert sorted(hit.entry.owners) == owners
