# ruff: noqa: RUF001 characters that look alike are what this is about
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.text.alphabet import LETTERS, Alphabet
from panda_addon.text.explain import step
from panda_addon.text.fold import classes, fold, neutral, shows
from panda_addon.text.phrases import PhraseIndex
from panda_addon.text.spans import merge

TROUBLE = (
    "aAbßéÉﬁ½㌀İ \t\n\u00a0\u3000\u00b4\x00\x7f\u0301\u0345\u20dd\u200b\ufeff\ufe0f\U000e0041😀𝐚中カ\u3099\uac00\ud800"
    "0123456789lI+*@а€\u3164\u2800\ufdd0\ufdd1\uffff"
)
TEXTS = st.text(
    st.one_of(st.sampled_from(TROUBLE), st.characters(exclude_categories=()), st.characters(max_codepoint=127))
)
ALPHABETS = st.sampled_from([LETTERS, Alphabet(frozenset("+*😀⁄"))])


@settings(max_examples=200, deadline=None)
@given(ALPHABETS, TEXTS)
def test_every_letter_has_its_origin(alphabet, text):
    """There is an origin for each letter, in order, and the letters of the origin alone have that letter."""
    letters, origin = alphabet.letters(text), [*alphabet.origins(text)]
    assert len(origin) == len(letters)
    assert origin == sorted(origin)
    assert all(letter in alphabet.letters(text[index]) for letter, index in zip(letters, origin, strict=True))
    assert {index for index, char in enumerate(text) if alphabet.letters(char)} == set(origin)


@settings(max_examples=200, deadline=None)
@given(ALPHABETS, TEXTS, TEXTS)
def test_folding_looks_at_no_neighbour(alphabet, left, right):
    """Text folds in pieces as it does in one."""
    assert fold(left + right) == fold(left) + fold(right)
    assert alphabet.letters(left + right) == alphabet.letters(left) + alphabet.letters(right)
    assert [*alphabet.origins(left + right)] == [
        *alphabet.origins(left),
        *(len(left) + at for at in alphabet.origins(right)),
    ]


@settings(max_examples=200, deadline=None)
@given(ALPHABETS, TEXTS)
def test_letters_are_what_a_text_is_spelled_with(alphabet, text):
    """The letters are those that each character is spelled with, of which some are the same."""
    assert alphabet.letters(text) == classes("".join(map(alphabet.spell, text)).replace(" ", ""))
    assert alphabet.letters(fold(text)) == alphabet.letters(text)
    assert alphabet.letters(alphabet.letters(text)) == alphabet.letters(text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_folding_is_idempotent(text):
    """What is folded stays as it is, and no folding step claims to have changed it."""
    folded = fold(neutral(text))
    assert fold(folded) == folded
    assert {step(char) for char in folded} <= {""}
    assert shows(folded) == shows(neutral(text))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_step_is_named_when_folding_changes_something(text):
    """Each character has a step if folding changes it, and only then."""
    text = neutral(text)
    assert [step(char) != "" for char in text] == [fold(char) != char for char in text]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_is_neutral_is_so_for_good(text):
    """A neutral text has its length and folds to what can be seen of it."""
    assert len(neutral(text)) == len(text)
    assert neutral(neutral(text)) == neutral(text)
    assert fold(neutral(text)) == fold(text.replace("\uffff", ""))


# Each folds to at most one character, or to letters only: a match never takes in half of such a character's meaning.
WRITTEN = "aAbBßéﬁ -\u00a0\t\u0301\u20dd\u200b\ufeff😀𝐚中文4@.'l1"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("ab😀中 "), min_size=1, max_size=3), min_size=1, max_size=3),
    st.text(st.sampled_from(WRITTEN), max_size=20),
)
def test_redacting_what_was_found_removes_it(phrases, text):
    """Cutting the found places out of the original removes every occurrence and nothing else."""
    index = PhraseIndex((phrase, 0) for phrase in phrases)
    places = merge((hit.start, hit.end) for hit in index.find(text))
    kept, redacted, last = [], "", 0
    for start, end in places:
        kept.append(text[last:start])
        redacted += text[last:start] + "****"
        last = end
    redacted += text[last:]
    assert index.find(redacted) == []
    assert redacted.split("****") == [*kept, text[last:]]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=600), st.integers(0, 3))
def test_one_by_one_or_all_at_once(text, times):
    """The way back of one letter is the same that all of them have, and what stands before a character is counted."""
    text *= times * times * times
    origins = LETTERS.origins(text)
    every = [*origins]
    assert [origins[at] for at in range(len(origins))] == every
    assert all(origins.before(at) == sum(one < at for one in every) for at in {0, len(text) // 2, len(text)})
