import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.policy.errors import Problem
from panda_addon.policy.lists import MAX_EXPANSION, expand, read_list


@pytest.mark.parametrize(
    ("pattern", "phrases"),
    [
        ("darn", ["darn"]),
        ("{a,b}", ["a", "b"]),
        ("{a,b,} c", ["a c", "b c", "c"]),
        ("a {b,} c", ["a b c", "a c"]),
        ("{a,b} {c,d}", ["a c", "a d", "b c", "b d"]),
        ("{a,{b,c}d}e", ["ae", "bde", "cde"]),
        ("{{a}}", ["a"]),
        ("x{a, b }y", ["xay", "x b y"]),
        ("{a,A,a}", ["a", "A"]),
        ("a{}b", ["ab"]),
        ("{a}", ["a"]),
        ("a, b", ["a, b"]),
        ("  a \t b\u3000c ", ["a b c"]),
        ("# a", ["# a"]),
    ],
)
def test_braces_stand_for_alternatives(pattern, phrases):
    """A pattern stands for every choice of its alternatives, each once; outside of braces a comma is a comma."""
    assert expand(pattern) == phrases


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{a", "an opening brace without a closing one"),
        ("{a,{b}", "an opening brace without a closing one"),
        ("{", "an opening brace without a closing one"),
        ("a}", "a closing brace without an opening one"),
        ("{a}}", "a closing brace without an opening one"),
        ("{a}, b}", "a closing brace without an opening one"),
        ("{}", "a phrase without any character that shows"),
        ("{a,}", "a phrase without any character that shows"),
        ("\u200b\u0301", "a phrase without any character that shows"),
        ("", "a phrase without any character that shows"),
        ("{" * 100_000, "braces nested too deeply"),
        ("{a,b}" * 14, f"this stands for more than {MAX_EXPANSION} phrases"),
        ("{a,b}" * 5000, f"this stands for more than {MAX_EXPANSION} phrases"),
        ("{" + "{a,b}" * 14 + "}", f"this stands for more than {MAX_EXPANSION} phrases"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_pattern_is_refused(pattern, message):
    """A pattern that is broken, empty, endless or too large is an error that says so."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        expand(pattern)


def test_the_limit_itself_is_allowed():
    """A pattern may stand for as many phrases as the limit says, and not for one more."""
    hundred = "{" + ",".join(map(str, range(100))) + "}"
    assert len(expand(f"{hundred}-{hundred}")) == MAX_EXPANSION
    with pytest.raises(ValueError, match="more than"):
        expand(f"{{x,{hundred}-{hundred}}}")


TREES = st.recursive(
    st.sampled_from(["a", "b", "c d", ""]),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.tuples(inner, inner),
    max_leaves=6,
)


def written(tree):
    """A tree of choices (lists) and sequences (tuples) as a pattern."""
    if isinstance(tree, str):
        return tree
    return "".join(map(written, tree)) if isinstance(tree, tuple) else "{" + ",".join(map(written, tree)) + "}"


def meant(tree):
    """The texts that such a tree stands for."""
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, tuple):
        return [left + right for left in meant(tree[0]) for right in meant(tree[1])]
    return [text for choice in tree for text in meant(choice)]


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_expansion_says_what_the_braces_mean(tree):
    """Braces nested and joined in any way expand to what they were written for."""
    assert expand("x" + written(tree)) == list(dict.fromkeys(" ".join(f"x{text}".split()) for text in meant(tree)))


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("{},a ")))
def test_any_text_is_expanded_or_refused(pattern):
    """Whatever stands on a line, it becomes phrases that show something, or a ValueError."""
    try:
        phrases = expand(pattern)
    except ValueError:
        return
    assert phrases
    assert all(phrase.strip() and not set("{}") & set(phrase) for phrase in phrases)


def test_a_list_is_a_phrase_a_line():
    """Comments and empty lines hold no phrases; a `#` inside a line is part of it; line ends may be of any kind."""
    text = "# comment\n\n  darn  \r\n\t# indented\rc# code\n{a,b} c\n \x0c \nd\x0be"
    assert read_list(text, "f") == (["darn", "c# code", "a c", "b c", "d e"], [])


def test_every_broken_line_of_a_list_is_told():
    """All mistakes are found, each at its line and the first character of its pattern, and the rest is still read."""
    phrases, problems = read_list("{a\nb\n\x0c\n  c}\n{,}\n", "f")
    assert phrases == ["b"]
    assert problems == [
        Problem("f", 1, 1, "", "an opening brace without a closing one"),
        Problem("f", 4, 3, "", "a closing brace without an opening one"),
        Problem("f", 5, 1, "", "a phrase without any character that shows"),
    ]
