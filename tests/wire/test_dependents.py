import json

import pytest

from panda_addon.verdict import Edit
from panda_addon.wire.dependents import dependents, shifted


def cited(start, end):
    """A citation in an answer of the responses endpoint."""
    return {"type": "url_citation", "start_index": start, "end_index": end, "url": "https://a.example", "title": "a"}


# Two stretches: the characters 10 to 20 become 4, the characters 30 to 32 become 8.
MOVES = [(10, 20, 4), (30, 32, 8)]


@pytest.mark.parametrize(
    ("offset", "start", "end"),
    [
        (0, 0, 0),
        (9, 9, 9),
        (10, 10, 10),  # at the first edge
        (11, 10, 14),  # inside
        (19, 10, 14),
        (20, 14, 14),  # at the second edge
        (21, 15, 15),
        (30, 24, 24),
        (31, 24, 32),
        (32, 32, 32),
        (33, 33, 33),
        (100, 100, 100),
        (-1, -1, -1),
    ],
)
def test_an_offset_moves_with_its_text(offset, start, end):
    """One before an edit stays, one behind goes along, one inside goes to the edge that keeps the redaction in."""
    written = shifted([{"start_index": offset, "end_index": offset, "index": offset}], "/a", MOVES)
    assert written == {"/a/0/start_index": str(start), "/a/0/end_index": str(end), "/a/0/index": str(start)}


@pytest.mark.parametrize(
    ("moves", "start", "end"),
    [
        ([(4, 8, 0)], "4", "6"),
        ([(0, 4, 1)], "1", "7"),
        ([(5, 6, 4)], "4", "13"),
        ([(0, 20, 4)], "0", "4"),
        ([(0, 6, 1), (7, 20, 1)], "0", "3"),
        ([(4, 10, 2)], "4", "6"),
        ([(10, 12, 5)], "4", "10"),
    ],
)
def test_a_citation_covers_what_became_of_its_words(moves, start, end):
    """A stretch that begins or ends within a citation, or holds it, widens it by the whole redaction."""
    found = shifted([{"start_index": 4, "end_index": 10}], "/a", moves)
    assert found == {"/a/0/start_index": start, "/a/0/end_index": end}


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (None, {}),
        ("text", {}),
        (12, {}),
        ([], {}),
        ([None, 12, "x"], {}),
        ([{"start_index": None, "end_index": "12", "index": True}], {}),
        ([{"start_index": 12.0}], {}),
        ({"end_index": 40}, {"/a/end_index": "40"}),
        ([{"url_citation": {"start_index": 12}}], {"/a/0/url_citation/start_index": "10"}),
        ([{"a/b~c": [{"index": 12}]}], {"/a/0/a~1b~0c/0/index": "10"}),
        ([[{"index": 12}], {"page": 12}], {"/a/0/0/index": "10"}),
    ],
)
def test_offsets_are_found_wherever_they_stand_in_an_annotation(annotations, expected):
    """Whole numbers by the names of offsets are, at any depth; nothing else is touched."""
    assert shifted(annotations, "/a", MOVES) == expected


def test_where_nothing_moved_nothing_is_written():
    """Without an edit there is nothing to say of any offset."""
    assert shifted([cited(4, 10)], "/a", []) == {}


def test_citations_of_a_chat_message_move_with_its_content():
    """In a chat completion annotations stand beside the content, each with its citation inside."""
    message = {"content": "a secret thing", "annotations": [{"type": "url_citation", "url_citation": cited(2, 14)}]}
    value = {"choices": [{"message": {"content": "b", "annotations": [cited(0, 1)]}}, {"message": message}]}
    at = "/choices/1/message"
    assert dependents(value, [Edit(f"{at}/content", 2, 8, "****")]) == {
        f"{at}/annotations/0/url_citation/start_index": "2",
        f"{at}/annotations/0/url_citation/end_index": "12",
    }


def test_citations_of_a_response_move_with_the_text_they_stand_beside():
    """In a response annotations belong to one part of the content, and those of another part stay."""
    part = {"type": "output_text", "text": "a secret thing", "annotations": [cited(9, 14)]}
    content = [part | {"annotations": [cited(9, 14), {"type": "file_path", "index": 3}]}, part]
    at = "/output/0/content/0"
    assert dependents({"output": [{"content": content}]}, [Edit(f"{at}/text", 2, 8, "*")]) == {
        f"{at}/annotations/0/start_index": "4",
        f"{at}/annotations/0/end_index": "9",
        f"{at}/annotations/1/index": "2",
    }


def test_edits_of_one_text_are_taken_together_in_any_order():
    """Several edits move what is behind all of them by their sum."""
    value = {"text": "one two three", "annotations": [cited(8, 13)]}
    edits = [Edit("/text", 4, 7, "*"), Edit("/text", 0, 3, "**")]
    assert dependents(value, edits) == {"/annotations/0/start_index": "5", "/annotations/0/end_index": "10"}


@pytest.mark.parametrize(
    "edit",
    [
        Edit("/annotations/0/title", 0, 1, "****"),
        Edit("/annotations/0/title", 0, 1, "****", key=True),
        Edit("/text", 0, 1, "****", key=True),
        Edit("/more/text", 0, 1, "****"),
    ],
)
def test_an_edit_elsewhere_moves_no_offset(edit):
    """Names, the annotations' own texts and texts further below are not what offsets count."""
    value = {"text": "one", "annotations": [cited(1, 2)], "more": {"text": "one"}}
    assert dependents(value, [edit]) == {}


def test_an_edit_in_a_part_of_the_content_moves_no_offset_beside_the_content():
    """Offsets count a text that stands beside them as a whole."""
    value = {"content": [{"text": "a secret"}], "annotations": [cited(2, 8)]}
    assert dependents(value, [Edit("/content/0/text", 2, 8, "*")]) == {}


@pytest.mark.parametrize("name", ["refusal", "reasoning_content", "role"])
def test_an_edit_beside_the_text_moves_no_offset(name):
    """In a chat message offsets count the content, whatever other text stands beside it."""
    value = {"content": "a secret", name: "secret", "annotations": [cited(2, 8)]}
    assert dependents(value, [Edit(f"/{name}", 0, 6, "*")]) == {}


@pytest.mark.parametrize(
    ("logprobs", "written"),
    [
        ({"content": [{"token": "a"}]}, {"/a/0/logprobs": "null"}),
        ({}, {"/a/0/logprobs": "null"}),
        ([{"token": "a"}], {"/a/0/logprobs": "[]"}),
        ([], {"/a/0/logprobs": "[]"}),
        (None, {}),
        (True, {}),
        (3, {}),
        ("text", {}),
    ],
)
@pytest.mark.parametrize("pointer", ["/a/0/text", "/a/0/message/content"])
def test_log_probabilities_go_with_what_they_spell(logprobs, written, pointer):
    """They go wherever they stand on the way to the text, as null or as a list of none; those beside it stay."""
    choice = {"logprobs": logprobs, "text": "a", "message": {"content": "a"}}
    assert dependents({"a": [choice, choice]}, [Edit(pointer, 0, 1, "*")]) == written


def test_log_probabilities_go_with_an_edit_of_their_own():
    """A token that is edited is a reason as good as the text."""
    value = {"text": "a", "logprobs": {"content": [{"token": "a"}]}}
    assert dependents(value, [Edit("/logprobs/content/0/token", 0, 1, "*")]) == {"/logprobs": "null"}


def test_log_probabilities_go_with_a_name_that_is_edited_beside_them():
    """A name is written again as the text is, and moves no offset."""
    value = {"text": "a", "my name": 1, "logprobs": [], "annotations": [cited(0, 1)]}
    assert dependents(value, [Edit("/my name", 0, 2, "*", key=True)]) == {"/logprobs": "[]"}


def test_log_probabilities_go_at_every_level_above_the_text():
    """Each object on the way may have some of its own."""
    value = {"logprobs": {}, "a": [{"logprobs": [], "delta": {"logprobs": {}, "content": "x"}}]}
    assert dependents(value, [Edit("/a/0/delta/content", 0, 1, "*")]) == {
        "/logprobs": "null",
        "/a/0/logprobs": "[]",
        "/a/0/delta/logprobs": "null",
    }


def test_a_name_with_a_slash_is_found_by_its_pointer():
    """The parts of a pointer are read, and written again as they were."""
    value = {"a/b": {"text": "one", "annotations": [cited(3, 5)], "logprobs": []}}
    assert dependents(value, [Edit("/a~1b/text", 0, 2, "")]) == {
        "/a~1b/logprobs": "[]",
        "/a~1b/annotations/0/start_index": "1",
        "/a~1b/annotations/0/end_index": "3",
    }


@pytest.mark.parametrize("value", ["one", ["one"], {"text": "one"}])
def test_a_text_without_dependents_has_none(value):
    """A string alone, in a list or in an object leads to nothing else."""
    pointer = {str: "", list: "/0", dict: "/text"}[type(value)]
    assert dependents(value, [Edit(pointer, 0, 1, "*")]) == {}
    assert dependents(value, []) == {}


def test_what_is_written_is_json():
    """Each literal can take the place of what it is for."""
    value = {"text": "one", "logprobs": [], "annotations": [cited(1, 3)]}
    written = dependents(value, [Edit("/text", 0, 3, "*")])
    assert [json.loads(text) for text in written.values()] == [[], 0, 1]
