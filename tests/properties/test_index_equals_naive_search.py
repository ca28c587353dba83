from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.text.fold import fold
from panda_addon.text.phrases import PhraseIndex, joined

# Few letters, so that phrases meet; and every kind of trouble: astral, combining, enclosing, zero-width, unspaced
# scripts, vowel signs, characters that fold to several, blanks of different kinds, half a surrogate pair.
LETTERS = "aAbßéﬁ \t\u00a0_-1\u0301\u20dd\u200b\u200d\ufeff\u0345😀𝐚中文カ\u3099㌀ไ\u093f\u0941\ud800"
ALPHABETS = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5, unique=True)


@st.composite
def searches(draw):
    """Phrases and a text of one small alphabet, the text partly made of the phrases."""
    letters = st.sampled_from(draw(ALPHABETS))
    phrases = draw(st.lists(st.text(letters, max_size=4), max_size=6))
    pieces = st.one_of(st.text(letters, max_size=4), st.sampled_from(phrases) if phrases else st.just(""))
    return phrases, "".join(draw(st.lists(pieces, max_size=8)))


def naive(phrases, folded):
    """Every place of every phrase, by trying all of them."""
    for key in {fold(phrase).strip(" ") for phrase in phrases} - {""}:
        for start in range(len(folded) - len(key) + 1):
            end = start + len(key)
            begins = start == 0 or not joined(folded[start - 1], folded[start])
            ends = end == len(folded) or not joined(folded[end - 1], folded[end])
            if folded[start:end] == key and begins and ends:
                yield start, end, key


@settings(max_examples=200, deadline=None)
@given(searches())
def test_the_index_finds_what_naive_search_finds(search):
    """The index finds each whole-word occurrence once, no other, and in the order of their ends."""
    phrases, text = search
    folded = fold(text)
    hits = list(PhraseIndex((phrase, 0) for phrase in phrases).find(folded))
    assert sorted((hit.start, hit.end, fold(hit.entry.phrase).strip(" ")) for hit in hits) == sorted(
        naive(phrases, folded)
    )
    assert [hit.end for hit in hits] == sorted(hit.end for hit in hits)


@settings(max_examples=100, deadline=None)
@given(searches())
def test_every_owner_of_a_phrase_is_told(search):
    """Phrases that fold to the same are one entry, which names all the lists that hold one of them."""
    phrases, text = search
    index = PhraseIndex((phrase, owner) for owner, phrase in enumerate(phrases))
    for hit in index.find(fold(text)):
        key = fold(hit.entry.phrase).strip(" ")
        assert hit.entry.owners == tuple(n for n, phrase in enumerate(phrases) if fold(phrase).strip(" ") == key)
