import math

import pytest

from panda_addon.policy import tree as module
from panda_addon.policy.tree import dotted, items, member, read_tree


def told(text):
    """The problems of a document, as `line:column: path: message`."""
    return [str(problem).removeprefix("f:") for problem in read_tree(text, "f").problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("~", None),
        ("a: {b: [1, -2, 0x10, 1.5, true, no, null, x]}", {"a": {"b": [1, -2, 16, 1.5, True, False, None, "x"]}}),
        ("{1: a, true: b, ~: c}", {"1": "a", "true": "b", "~": "c"}),
        ("a: 2026-01-02", {"a": "2026-01-02"}),
        ("a: '1'\nb: !!str 1", {"a": "1", "b": "1"}),
        ("a: .inf", {"a": math.inf}),
        ("a: =\nb: <<", {"a": "=", "b": "<<"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 9223372036854775807", {"a": 2**63 - 1}),
    ],
)
def test_a_document_becomes_plain_values(text, value):
    """Scalars have YAML's own types, keys are words as they are written, anchors unfold."""
    tree = read_tree(text, "f")
    assert (tree.value, tree.problems) == (value, [])


def test_every_value_and_key_has_its_place():
    """Lines and columns are those of the value, or of the name, counted from 1."""
    tree = read_tree("# head\na:\n  - b: 1\n    ünïcode: {c: 'x'}\n", "f")
    assert tree.values == {
        (): (2, 1),
        ("a",): (3, 3),
        ("a", 0): (3, 5),
        ("a", 0, "b"): (3, 8),
        ("a", 0, "ünïcode"): (4, 14),
        ("a", 0, "ünïcode", "c"): (4, 18),
    }
    assert tree.keys == {
        ("a",): (2, 1),
        ("a", 0, "b"): (3, 5),
        ("a", 0, "ünïcode"): (4, 5),
        ("a", 0, "ünïcode", "c"): (4, 15),
    }


@pytest.mark.parametrize(
    ("path", "at_key", "line"),
    [
        (("a", 0, "b"), False, "f:2:8: a[0].b: x"),
        (("a", 0, "b"), True, "f:2:5: a[0].b: x"),
        (("a", 0, "c", "d"), False, "f:2:5: a[0].c.d: x"),
        (("a", 0, "c"), True, "f:1:1: a[0].c: x"),
        (("z",), False, "f:1:1: z: x"),
        ((), True, "f:1:1: x"),
    ],
)
def test_a_problem_stands_at_its_place_or_the_nearest_above(path, at_key, line):
    """A problem with what is missing points at what holds it."""
    assert str(read_tree("a:\n  - b: 1\n", "f").problem(path, "x", at_key=at_key)) == line


def test_an_empty_tree_has_a_place_too():
    """A problem in a file without any value stands at its start."""
    assert str(read_tree("", "f").problem(("a",), "x")) == "f:1:1: a: x"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3\n", ["3:1: a: this key stands here twice, first on line 1"]),
        ("a: {b: 1, 'b': 2}", ["1:11: a.b: this key stands here twice, first on line 1"]),
        ("a:\n  ? [x]\n  : 1\n", ["2:5: a: a key must be a word"]),
        ("a: 1\n? {x: 1}\n: 1\n", ["2:3: a key must be a word"]),
        ("a: b: c", ["1:5: mapping values are not allowed here"]),
        ("a: [1,\nb: 2", ["2:5: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'"]),
        ("a: *x", ["1:4: found undefined alias 'x'"]),
        ("a\n---\nb", ["2:1: expected a single document in the stream, but found another document"]),
        ("a: \0", ["1:4: YAML allows no character U+0000"]),
        ("a: 1\nb: x\x07\n", ["2:5: YAML allows no character U+0007"]),
        ("%YAML 1." + "1" * 5000 + "\n--- a", ["1:9: a number out of range"]),
        ('a: "\\UFFFFFFFF"', ["1:7: a number out of range"]),
        ("a: 0x_", ["1:4: a: not a valid int"]),
        ("a: !!int ''", ["1:4: a: not a valid int"]),
        ("a: !!int x", ["1:4: a: not a valid int"]),
        ("a: !!bool maybe", ["1:4: a: not a valid bool"]),
        ("a: !!float ''", ["1:4: a: not a valid float"]),
        ("a: " + "1:" * 400 + "1.5", ["1:4: a: not a valid float"]),
        ("a: " + "1" * 5000, ["1:4: a: not a valid int"]),
        ("a: 9223372036854775808", ["1:4: a: not a valid int"]),
        ("a: 0x" + "f" * 5000, ["1:4: a: not a valid int"]),
        ("a: !foo x", ["1:4: a: unknown tag !foo"]),
        ("a: !foo:int 3", ["1:4: a: unknown tag !foo:int"]),
        ("a: !foo {b: 1}", ["1:4: a: unknown tag !foo"]),
        ("a: !foo [b]", ["1:4: a: unknown tag !foo"]),
        ("!foo a: 1", ["1:1: a: unknown tag !foo"]),
        ("a: !!python/name:os.system x", ["1:4: a: unknown tag tag:yaml.org,2002:python/name:os.system"]),
        ("a: !!binary aGk=", ["1:4: a: unknown tag tag:yaml.org,2002:binary"]),
        ('a: "x\\ud800"', ["1:4: a: half of a surrogate pair is no character"]),
        ('a:\n  "\\udc00": 1', ["2:3: a: half of a surrogate pair is no character"]),
        ("&a [*a]", ["1:1: [0]: an anchor holds itself"]),
        ("a: &x {b: [*x]}", ["1:4: a.b[0]: an anchor holds itself"]),
        ("a: &x {b: *x}\nc: !no 1", ["1:4: a.b: an anchor holds itself", "2:4: c: unknown tag !no"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_yaml_forbids_or_hides_is_told_at_its_place(text, problems):
    """Each mistake stands at the key or value at fault, and those that can be told together are."""
    assert told(text) == problems


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_a_file_nested_too_deeply_is_refused(opening):
    """Depth ends in a problem that points into the file, not in an exception."""
    tree = read_tree("\n" + opening * 1500, "f")
    [problem] = tree.problems
    assert (tree.value, problem.message, problem.line) == (None, "nested too deeply", 2)
    assert problem.column > 100


def test_anchors_nested_too_deeply_are_refused():
    """Depth that only anchors make is a problem as well."""
    depth = "[" * 30, "]" * 30
    lines = ["- &a0 [x]", *(f"- &a{number} {depth[0]}*a{number - 1}{depth[1]}" for number in range(1, 60))]
    assert told("\n".join(lines)) == ["1:1: nested too deeply by anchors"]


def test_what_anchors_unfold_to_is_bounded(monkeypatch):
    """A small file that stands for very many values is given up, with one problem."""
    monkeypatch.setattr(module, "_MAX_NODES", 1000)
    lines = ["a0: &a0 [x, x]", *(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]" for number in range(1, 40))]
    tree = read_tree("\n".join(lines), "f")
    assert [problem.message for problem in tree.problems] == ["the file unfolds to too many values"]
    assert tree.value is None


@pytest.mark.parametrize(
    ("path", "name"), [((), ""), (("a",), "a"), (("a", 0, "b"), "a[0].b"), ((0, 1, "a"), "[0][1].a")]
)
def test_paths_are_written_with_dots_and_brackets(path, name):
    """A path is written as people write it."""
    assert dotted(path) == name


def test_parts_of_values_of_any_kind_can_be_asked_for():
    """Only lists have items and only mappings have members; anything else has none, without an error."""
    assert [items(value) for value in ([1], {"a": 1}, "ab", None)] == [[1], [], [], []]
    assert [member(value, "a") for value in ({"a": 1}, {"b": 1}, [1], "a", None)] == [1, None, None, None, None]
