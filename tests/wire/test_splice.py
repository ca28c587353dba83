import pytest

from panda_addon.verdict import Edit, Put
from panda_addon.wire.splice import splice


@pytest.mark.parametrize(
    ("source", "edits", "result"),
    [
        ('{"a": "one two"}', [Edit("/a", 4, 7, "***")], '{"a": "one ***"}'),
        ('"one"', [Edit("", 0, 3, "")], '""'),
        ('["x","one"]', [Edit("/1", 0, 3, "two")], '["x","two"]'),
        ('{"a":{"b":[{"c":"one"}]}}', [Edit("/a/b/0/c", 1, 2, "*")], '{"a":{"b":[{"c":"o*e"}]}}'),
        ('{"a/b~c":"one"}', [Edit("/a~1b~0c", 0, 1, "*")], '{"a/b~c":"*ne"}'),
        (r'{"\u0061":"one"}', [Edit("/a", 0, 1, "*")], r'{"\u0061":"*ne"}'),
        ('{"":"one"}', [Edit("/", 0, 1, "*")], '{"":"*ne"}'),
        ('{"one":"one"}', [Edit("/one", 0, 3, "*", key=True)], '{"*":"one"}'),
        ('{"one":"one"}', [Edit("/one", 0, 3, "*")], '{"one":"*"}'),
        ('{"one":"one"}', [Edit("/one", 0, 1, "+", key=True), Edit("/one", 2, 3, "-")], '{"+ne":"on-"}'),
        (r'{"a":"\ud83d\ude00b"}', [Edit("/a", 1, 2, "*")], r'{"a":"\ud83d\ude00*"}'),
        (r'{"a":"\ud83d\ude00b"}', [Edit("/a", 0, 1, "*")], '{"a":"*b"}'),
        (r'{"a":"\ud83d\ud83d\ude00b"}', [Edit("/a", 1, 2, "*")], r'{"a":"\ud83d*b"}'),
        (r'{"a":"\ude00\ud83db"}', [Edit("/a", 2, 3, "*")], r'{"a":"\ude00\ud83d*"}'),
        (r'{"a":"\uD83Dx\uDE00b"}', [Edit("/a", 3, 4, "*")], r'{"a":"\uD83Dx\uDE00*"}'),
        (r'{"a":"\\u0041b"}', [Edit("/a", 1, 6, "*")], r'{"a":"\\*b"}'),
        (r'{"a":"\\\u0041b"}', [Edit("/a", 1, 2, "*")], r'{"a":"\\*b"}'),
        (r'{"a":"\"\/\n\\b"}', [Edit("/a", 4, 5, "*")], r'{"a":"\"\/\n\\*"}'),
        ('{"a":"😀é€b"}', [Edit("/a", 2, 3, "*")], '{"a":"😀é*b"}'),
        ('{"a":"one"}', [Edit("/a", 2, 3, '"\\😀')], r'{"a":"on\"\\\ud83d\ude00"}'),
        ('{"a":"one"}', [Edit("/a", 3, 3, "!"), Edit("/a", 0, 0, "!")], '{"a":"!one!"}'),
        ('{"a":"a b c d"}', [Edit("/a", n, n + 1, "**") for n in (6, 0, 4)], '{"a":"** b ** **"}'),
        ('{ "a" : 1.10 ,\n"b":"\\/one" }', [Edit("/b", 1, 4, "*")], '{ "a" : 1.10 ,\n"b":"\\/*" }'),
        ('{"a":"{[,:]}","b":"one"}', [Edit("/b", 0, 3, "*")], '{"a":"{[,:]}","b":"*"}'),
        ('[[],{},[[1],"one"]]', [Edit("/2/1", 0, 3, "*")], '[[],{},[[1],"*"]]'),
    ],
)
def test_an_edit_changes_its_characters_and_nothing_else(source, edits, result):
    """Offsets count the characters of the decoded text; all other bytes stay."""
    assert splice(source, edits) == result


@pytest.mark.parametrize(
    ("source", "puts", "result"),
    [
        ("{}", [Put("max", 5)], '{"max": 5}'),
        (" { } ", [Put("max", 5)], ' {"max": 5 } '),
        ('{"a":1}', [Put("max", 5)], '{"max": 5, "a":1}'),
        ('{"a":1}', [Put("max", 5), Put("min", 1)], '{"max": 5, "min": 1, "a":1}'),
        ('{"a":1,"max":null}', [Put("max", 5)], '{"a":1,"max":5}'),
        (r'{"\u006dax": {"b":[1,"c"]} }', [Put("max", 5)], r'{"\u006dax": 5 }'),
        ('{"a":{"max":1}}', [Put("max", 5)], '{"max": 5, "a":{"max":1}}'),
        ('{"max":"x"}', [Put("max", 5)], '{"max":5}'),
        ('{"a~b":1}', [Put("a~b", 5)], '{"a~b":5}'),
        ('{"o":{"a":1e400} }', [Put("b", 5, "o")], '{"o":{"b": 5, "a":1e400} }'),
        ('{"x":{"b":1},"o":{ }}', [Put("b", 5, "o")], '{"x":{"b":1},"o":{"b": 5 }}'),
        ('{"o":{"b":[1],"c":2}}', [Put("b", 5, "o")], '{"o":{"b":5,"c":2}}'),
        ('{"o":{}}', [Put("b", 5, "o"), Put("c", 6, "o"), Put("o2", 7)], '{"o2": 7, "o":{"b": 5, "c": 6}}'),
    ],
)
def test_a_put_writes_a_member_of_the_outermost_object(source, puts, result):
    """A member that is there is replaced, whatever stood there; one that is not goes to the head."""
    assert splice(source, (), puts) == result


def test_a_value_made_null_takes_the_edits_inside_it_along():
    """An edit within what becomes null is not written, and others are."""
    source = '{"a":"one","logprobs":{"token":["one"],"x":1},"b":"one"}'
    edits = [Edit("/a", 0, 3, "*"), Edit("/logprobs/token/0", 0, 3, "*"), Edit("/b", 0, 3, "*")]
    assert splice(source, edits, (), {"/logprobs": "null"}) == '{"a":"*","logprobs":null,"b":"*"}'


@pytest.mark.parametrize(
    "edit",
    [Edit("/b", 0, 1, "*"), Edit("/a/0", 0, 1, "*"), Edit("/n", 0, 1, "*"), Edit("/o", 0, 1, "*"), Edit("", 0, 1, "*")],
)
def test_an_edit_of_what_is_no_string_is_an_error(edit):
    """A pointer to nothing, to a number or to a container is a mistake of the caller's, never passed over."""
    with pytest.raises(ValueError, match="names no string"):
        splice('{"a":"one","n":1,"o":{}}', [edit])


def test_a_million_backslashes_and_ten_thousand_edits_are_written():
    """Hostile strings of the largest size are edited at the right places."""
    source = '{"a":"' + r"\\" * 1_000_000 + '"}'
    edits = [Edit("/a", 100 * n, 100 * n + 1, "*") for n in range(10_000)]
    assert splice(source, edits) == '{"a":"' + ("*" + r"\\" * 99) * 10_000 + '"}'


def test_a_source_that_is_not_whole_is_an_error():
    """Text that is no JSON document is the caller's fault, and is told instead of being half written."""
    with pytest.raises(ValueError, match="not a whole JSON document"):
        splice('{"a": [[1], "b": "darn"', [Edit("/b", 0, 4, "*")])


def test_what_leads_nowhere_is_skipped():
    """Containers beside an edit may hold anything, brackets in strings and escaped quotes included."""
    beside = '{"x\\"]": ["]", "\\\\", {"}": [[], {}]}], "y": "{[\\""}'
    source = f'{{"a": {beside}, "b": ["darn", {beside}]}}'
    assert splice(source, [Edit("/b/0", 0, 4, "*")]) == source.replace("darn", "*")
