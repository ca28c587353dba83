import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_addon.policy.errors import Problem
from panda_addon.policy.lists import MAX_EXPANSION, expand, read_line, read_list
from panda_addon.text.combine import Combination


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


@pytest.mark.parametrize(
    ("line", "combination"),
    [
        ("within 9 words: a & b", Combination("within 9 words: a & b", 9, (("a",), ("b",)))),
        (
            "within 12 words: {a,b} c & {d,{e,f}} & g",
            Combination("within 12 words: {a,b} c & {d,{e,f}} & g", 12, (("a c", "b c"), ("d", "e", "f"), ("g",))),
        ),
        ("within 1 word: a & b", Combination("within 1 word: a & b", 1, (("a",), ("b",)))),
        ("Within 200 WORDS : a & b", Combination("Within 200 WORDS : a & b", 200, (("a",), ("b",)))),
        (" within  9\twords:a  &\u3000b ", Combination("within 9 words:a & b", 9, (("a",), ("b",)))),
        ("within 007 words: a & b", Combination("within 007 words: a & b", 7, (("a",), ("b",)))),
        ("within 9 words: a&b & b", Combination("within 9 words: a&b & b", 9, (("a&b",), ("b",)))),
        ("within 9 words: {a,a} & b: c", Combination("within 9 words: {a,a} & b: c", 9, (("a",), ("b: c",)))),
        (
            "within 9 words: 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8",
            Combination("within 9 words: 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8", 9, tuple((digit,) for digit in "12345678")),
        ),
    ],
)
def test_a_line_may_be_a_combination(line, combination):
    """Terms that stand within a number of words are one, written as their list writes it but for its blanks."""
    assert read_line(line) == [combination]


@pytest.mark.parametrize(
    ("line", "phrases"),
    [
        ("a & b", ["a & b"]),
        ("within reason", ["within reason"]),
        ("within 5 words", ["within 5 words"]),
        ("within 5 steps: a & b", ["within 5 steps: a & b"]),
        ("not within 5 words: a & b", ["not within 5 words: a & b"]),
        ("{within,in} 5 words: a", ["within 5 words: a", "in 5 words: a"]),
    ],
)
def test_what_only_looks_like_one_is_a_phrase(line, phrases):
    """A line is a combination only if it is of that form."""
    assert read_line(line) == phrases


TERMS = "a combination has 2 to 8 terms, with ' & ' between them"
WRITTEN = "a combination is written `within 9 words: {a,b} & c`"
WORDS = "the terms of a combination stand within 1 to 200 words"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("within 9 words: a", TERMS),
        ("within 9 words: a&b", TERMS),
        ("within 9 words: a &", "a phrase without any character that shows"),
        ("within 9 words: & a", "a phrase without any character that shows"),
        ("within 9 words: a & b &", "a phrase without any character that shows"),
        ("within 9 words a & b", WRITTEN),
        ("within five words: a & b", WRITTEN),
        ("within -5 words: a & b", WRITTEN),
        ("within 9 words: 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9", TERMS),
        ("within 0 words: a & b", WORDS),
        ("within 201 words: a & b", WORDS),
        (f"within {'9' * 5000} words: a & b", WORDS),
        ("within 9 words:", "a phrase without any character that shows"),
        ("within 9 words: a & {,b}", "a phrase without any character that shows"),
        ("within 9 words: a & \u200b", "a phrase without any character that shows"),
        ("within 9 words: a & {b", "an opening brace without a closing one"),
        ("within 9 words: a} & b", "a closing brace without an opening one"),
        (f"within 9 words: a & {'{a,b}' * 14}", f"this stands for more than {MAX_EXPANSION} phrases"),
    ],
    ids=lambda value: value[:40],
)
def test_a_combination_that_is_none_is_refused(line, message):
    """One with too few terms or too many, too near or too far, or with a broken pattern is an error that says so."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_line(line)


def test_a_list_may_hold_both():
    """Phrases and combinations stand in a list in any order, and what is wrong with one is told at its line."""
    phrases, problems = read_list("darn\n  within 3 words: a & {b,c}\n within 3 words: a\nheck", "f")
    assert phrases == ["darn", Combination("within 3 words: a & {b,c}", 3, (("a",), ("b", "c"))), "heck"]
    assert problems == [Problem("f", 3, 2, "", TERMS)]
