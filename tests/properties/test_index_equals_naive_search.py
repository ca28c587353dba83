from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.text.fold import fold, original_end, origins
from panda_addon.text.phrases import PhraseIndex, in_word

# Few letters, so that phrases meet; and every kind of trouble: astral, combining, enclosing, zero-width, unspaced
# scripts, vowel signs, characters that fold to several, blanks of different kinds, half a surrogate pair.
LETTERS = "aAbßéﬁ \t\u00a0_-1\u0301\u20dd\u200b\u200d\ufeff\u0345😀𝐚中文カ™²\u3164\u3099㌀ไ\u093f\u0941\ud800"
ALPHABETS = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5, unique=True)


@st.composite
def searches(draw):
    """Phrases and a text of one small alphabet, the text partly made of the phrases."""
    letters = st.sampled_from(draw(ALPHABETS))
    phrases = draw(st.lists(st.text(letters, max_size=4), max_size=6))
    pieces = st.one_of(st.text(letters, max_size=4), st.sampled_from(phrases) if phrases else st.just(""))
    return phrases, "".join(draw(st.lists(pieces, max_size=8)))


def naive(phrases, text):
    """Every place of every phrase, by trying all stretches of the text as it is written."""
    folded, origin = fold(text), [*origins(text), len(text)]
    for key in {fold(phrase).strip(" ") for phrase in phrases} - {""}:
        for start in range(len(folded) - len(key) + 1):
            end = start + len(key)
            if folded[start:end] == key and begins(text, folded, origin, start) and ends(text, folded, origin, end):
                yield origin[start], original_end(text, origin[end - 1]), key


def begins(text, folded, origin, start):
    """Whether a word may begin at a folded character."""
    if not in_word(folded[start]) or start == 0:
        return True
    if origin[start - 1] == origin[start]:
        return not in_word(folded[start - 1])
    before = [at for at in range(start) if folded[at] != "_"]
    joined = before and "_" * (start - before[-1] - 1) == folded[before[-1] + 1 : start]
    return not (joined and in_word(text[origin[before[-1]]]))


def ends(text, folded, origin, end):
    """Whether a word may end before a folded character."""
    if not in_word(folded[end - 1]) or end == len(folded):
        return True
    if origin[end - 1] == origin[end]:
        return not in_word(folded[end])
    behind = [at for at in range(end, len(folded)) if folded[at] != "_"]
    return not (behind and in_word(text[origin[behind[0]]]))


@settings(max_examples=200, deadline=None)
@given(searches())
def test_the_index_finds_what_naive_search_finds(search):
    """The index finds each whole-word occurrence once, no other, and in the order of their ends."""
    phrases, text = search
    hits = list(PhraseIndex((phrase, 0) for phrase in phrases).find(text))
    assert sorted((hit.start, hit.end, fold(hit.entry.phrase).strip(" ")) for hit in hits) == sorted(
        naive(phrases, text)
    )
    assert [hit.end for hit in hits] == sorted(hit.end for hit in hits)


@settings(max_examples=100, deadline=None)
@given(searches())
def test_every_owner_of_a_phrase_is_told(search):
    """Phrases that fold to the same are one entry, which names all the lists that hold one of them."""
    phrases, text = search
    index = PhraseIndex((phrase, owner) for owner, phrase in enumerate(phrases))
    for hit in index.find(text):
        key = fold(hit.entry.phrase).strip(" ")
        assert hit.entry.owners == tuple(n for n, phrase in enumerate(phrases) if fold(phrase).strip(" ") == key)
