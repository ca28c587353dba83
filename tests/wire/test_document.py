import json

import pytest

from panda_addon.exchange import Span
from panda_addon.verdict import Edit, Put
from panda_addon.wire.document import open_data, open_json, open_text
from panda_addon.wire.errors import WireError


def test_a_body_that_is_text_says_itself():
    """A plain text is one span at the empty pointer."""
    document = open_text("naïve words".encode(), None)
    assert document.texts().spans == [Span("", "naïve words")]


def test_an_empty_text_says_nothing():
    """No text, no span."""
    assert open_text(b"", "utf-8").texts().spans == []


@pytest.mark.parametrize(
    ("edits", "result"),
    [
        ([], "naïve words here"),
        ([Edit("", 0, 5, "*")], "* words here"),
        ([Edit("", 12, 16, "*"), Edit("", 0, 5, "**")], "** words *"),
        ([Edit("", 0, 16, "")], ""),
    ],
)
def test_edits_of_a_text_are_written_at_their_characters(edits, result):
    """In a text as in a string offsets count characters, in any order."""
    assert open_text("naïve words here".encode(), None).write(edits) == result.encode()


def test_a_json_body_is_written_with_edits_and_puts():
    """Edits and puts go into the bytes as they came."""
    document = open_json(b'{ "a":"one" , "n":1.0}', "utf-8")
    assert document.texts().spans[1:2] == [Span("/a", "one")]
    assert document.write([Edit("/a", 0, 3, "*")], [Put("max", 3)]) == b'{"max": 3,  "a":"*" , "n":1.0}'


def test_an_unreadable_body_is_an_error():
    """A charset that is not UTF-8 is refused for JSON and for text, broken JSON for JSON."""
    with pytest.raises(WireError):
        open_json(b"{}", "utf-16")
    with pytest.raises(WireError):
        open_text(b"{}", "utf-16")
    with pytest.raises(WireError):
        open_json(b"{", None)
    assert open_text(b"{", None).json is False


def test_log_probabilities_that_spell_an_edited_text_are_made_null():
    """Where a choice's text changes its logprobs go, and those of another choice stay."""
    choice = {"text": "a secret", "logprobs": {"tokens": ["a", "secret"], "top_logprobs": [{"secret": -1.0}]}}
    document = open_json(json.dumps({"choices": [choice, choice]}).encode(), None)
    edits = [
        Edit("/choices/0/text", 2, 8, "*"),
        Edit("/choices/0/logprobs/tokens/1", 0, 6, "*"),
        Edit("/choices/0/logprobs/top_logprobs/0/secret", 0, 6, "*", key=True),
    ]
    expected = {"choices": [{"text": "a *", "logprobs": None}, choice]}
    assert json.loads(document.write(edits)) == expected


@pytest.mark.parametrize("flag", [True, 2, None, "text"])
def test_a_request_for_log_probabilities_stays(flag):
    """`logprobs` that are no list of tokens are left alone."""
    body = {"logprobs": flag, "prompt": ["one", {"x~/y": "one"}]}
    document = open_json(json.dumps(body).encode(), None)
    written = json.loads(document.write([Edit("/prompt/0", 0, 3, "*"), Edit("/prompt/1/x~0~1y", 0, 3, "*")]))
    assert written == {"logprobs": flag, "prompt": ["*", {"x~/y": "*"}]}


@pytest.mark.parametrize("body", [b'{"darn":1,"Darn":2}', b'{"darn":1,"*":2}'])
def test_names_that_would_become_the_same_are_refused(body):
    """Redaction never writes an object with a repeated key, which two readers would read in two ways."""
    document = open_json(body, None)
    edits = [Edit(span.pointer, 0, 4, "*", key=True) for span in document.texts().spans if len(span.text) == 4]
    with pytest.raises(WireError) as caught:
        document.write(edits)
    assert caught.value.reason == "two names in the JSON would be the same after redaction"


def test_names_that_stay_apart_are_written():
    """Names that differ after redaction are redacted."""
    edits = [Edit("/my darn", 3, 7, "*", key=True), Edit("/your darn", 5, 9, "*", key=True)]
    assert open_json(b'{"my darn":1,"your darn":2}', None).write(edits) == b'{"my *":1,"your *":2}'


def test_an_edit_below_a_string_is_an_error():
    """A pointer that goes on where the document does not is a mistake of the caller's."""
    with pytest.raises(ValueError, match="names no string"):
        open_json(b'{"a": "one"}', None).write([Edit("/a/0", 0, 1, "*")])


def test_the_data_of_an_event_is_a_document():
    """Its texts are found, and it is written back byte for byte but for the edits."""
    document = open_data(' {"delta": "one two",\n"n":1.0}')
    assert document.texts().spans == [Span("/delta", "one two")]
    assert document.write([Edit("/delta", 4, 7, "*")]) == b' {"delta": "one *",\n"n":1.0}'


@pytest.mark.parametrize("source", ["", "{", "[DONE]", '{"a":1,"a":2}', '{"a":NaN}', "\ufeff{}", "[" * 200 + "]" * 200])
def test_data_that_two_readers_may_read_in_two_ways_is_an_error(source):
    """An event's JSON is as strict as a body's."""
    with pytest.raises(WireError):
        open_data(source)


@pytest.mark.parametrize(
    ("literals", "written"),
    [
        (None, {"a": "* two", "n": [1, {"x/y": 2}]}),
        ({}, {"a": "* two", "n": [1, {"x/y": 2}]}),
        ({"/n/0": "5"}, {"a": "* two", "n": [5, {"x/y": 2}]}),
        ({"/n/1/x~1y": "null", "/n/0": "[]"}, {"a": "* two", "n": [[], {"x/y": None}]}),
        ({"/n": '"x"'}, {"a": "* two", "n": "x"}),
        ({"/a": "1"}, {"a": 1, "n": [1, {"x/y": 2}]}),
        ({"/none": "1", "/n/7": "1"}, {"a": "* two", "n": [1, {"x/y": 2}]}),
    ],
)
def test_literals_take_the_place_of_what_stands_at_their_pointers(literals, written):
    """Other JSON is written along with the edits; what is replaced takes its edits along."""
    document = open_data('{"a": "one two", "n": [1, {"x/y": 2}]}')
    assert json.loads(document.write([Edit("/a", 0, 3, "*")], literals=literals)) == written


def test_literals_go_with_what_depends_on_an_edit():
    """A literal stands over what the edit would have written there, and beside the rest of it."""
    document = open_data('{"text": "a secret", "logprobs": [1], "annotations": [{"start_index": 8, "end_index": 8}]}')
    edits = [Edit("/text", 2, 8, "*")]
    written = json.loads(document.write(edits, [Put("n", 1)], {"/annotations/0/start_index": "0"}))
    assert written == {"n": 1, "text": "a *", "logprobs": [], "annotations": [{"start_index": 0, "end_index": 3}]}
