import re

from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.text.fold import fold, origins, steps
from panda_addon.text.phrases import PhraseIndex
from panda_addon.text.spans import merge

TROUBLE = (
    "aAbßéÉﬁ½㌀İ \t\n\u00a0\u3000\u00b4\x00\x7f\u0301\u0345\u20dd\u200b\ufeff\ufe0f\U000e0041😀𝐚中カ\u3099\uac00\ud800"
)
TEXTS = st.text(
    st.one_of(st.sampled_from(TROUBLE), st.characters(exclude_categories=()), st.characters(max_codepoint=127))
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_every_folded_character_has_its_origin(text):
    """There is an origin for each folded character, in order, and folding the origin alone gives that character."""
    folded, origin = fold(text), origins(text)
    assert len(origin) == len(folded)
    assert origin == sorted(origin)
    assert all(char in fold(text[index]) for char, index in zip(folded, origin, strict=True))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_folding_looks_at_no_neighbour(left, right):
    """Text folds in pieces as it does in one, up to a run of blanks across the seam."""
    assert fold(left + right) == re.sub(" +", " ", fold(left) + fold(right))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_folding_is_idempotent(text):
    """What is folded stays as it is, and no folding step claims to have changed it."""
    folded = fold(text)
    assert fold(folded) == folded
    assert steps(folded) == ()


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_a_step_is_named_when_folding_changes_something(left, right):
    """`steps` is empty for text that folding leaves alone, and only for that."""
    assert (steps(left + right) == ()) == (fold(left + right) == left + right)


# Each folds to at most one character, or to letters only: a match never takes in half of such a character's meaning.
WRITTEN = "aAbBßéﬁ -\u00a0\t\u0301\u20dd\u200b\ufeff😀𝐚中文"


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
        redacted += text[last:start] + "*"
        last = end
    redacted += text[last:]
    assert list(index.find(redacted)) == []
    assert redacted.split("*") == [*kept, text[last:]]
