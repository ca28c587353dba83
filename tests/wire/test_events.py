import pytest

from panda_addon.exchange import Uninspected, Usage
from panda_addon.wire.errors import WireError
from panda_addon.wire.events import annotations, place, read


def fragments(value):
    """The pieces of texts that an event brings: where each stands, the place of its text, and what it says."""
    return [(piece.pointer, piece.place, piece.text) for piece in read(value).fragments]


def spans(value):
    """Where an event has texts on their own."""
    return [span.pointer for span in read(value).spans]


def chunk(*choices, **members):
    """A chunk of a chat completion."""
    return {"id": "c", "object": "chat.completion.chunk", "choices": list(choices), **members}


def typed(kind, **members):
    """An event that says what it is."""
    return {"type": kind, **members}


@pytest.mark.parametrize(
    ("choice", "pointer", "where"),
    [
        ({"index": 0, "delta": {"content": "x"}}, "/choices/0/delta/content", "/choices/0/message/content"),
        ({"index": 3, "delta": {"content": "x"}}, "/choices/0/delta/content", "/choices/3/message/content"),
        ({"delta": {"refusal": "x"}}, "/choices/0/delta/refusal", "/choices/0/message/refusal"),
        ({"index": 2, "text": "x"}, "/choices/0/text", "/choices/2/text"),
        (
            {"index": 1, "delta": {"tool_calls": [{"index": 4, "function": {"arguments": "x"}}]}},
            "/choices/0/delta/tool_calls/0/function/arguments",
            "/choices/1/message/tool_calls/4/function/arguments",
        ),
        (
            {"index": 1, "delta": {"tool_calls": [{"function": {"arguments": "x"}}]}},
            "/choices/0/delta/tool_calls/0/function/arguments",
            "/choices/1/message/tool_calls/0/function/arguments",
        ),
        (
            {"index": 1, "delta": {"function_call": {"arguments": "x"}}},
            "/choices/0/delta/function_call/arguments",
            "/choices/1/message/function_call/arguments",
        ),
        (
            {"delta": {"audio": {"transcript": "x"}}},
            "/choices/0/delta/audio/transcript",
            "/choices/0/message/audio/transcript",
        ),
        ({"delta": {"content": ["x"]}}, "/choices/0/delta/content/0", "/choices/0/message/content/0"),
        ({"delta": {"novel thing": "x"}}, "/choices/0/delta/novel thing", "/choices/0/message/novel thing"),
        ({"index": -1, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": True, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": "7", "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": 1.0, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": None, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": 1 << 32, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": (1 << 32) - 1, "text": "x"}, "/choices/0/text", "/choices/4294967295/text"),
    ],
)  # fmt: skip
def test_a_delta_of_a_choice_has_the_place_of_the_message(choice, pointer, where):
    """Positions in a chunk's lists are those of the answer only where no sensible `index` says otherwise."""
    assert fragments(chunk(choice)) == [(pointer, where, "x")]
    assert place(chunk(choice), pointer) == where


def test_two_choices_with_odd_indexes_are_two_texts():
    """Where the indexes say nothing the positions do."""
    choices = [{"index": "a", "delta": {"content": "x"}}, {"delta": {"content": "y"}}]
    assert [place for _, place, _ in fragments(chunk(*choices))] == [f"/choices/{n}/message/content" for n in (0, 1)]


def test_a_name_with_a_slash_in_it_does_not_hide_the_indexes_below():
    """A pointer's escapes are read on the way to the place."""
    value = chunk({"index": 0, "delta": {"a/b": [{"index": 5, "text": "x"}]}})
    assert [where for _, where, _ in fragments(value)] == ["/choices/0/message/a~1b/5/text"]


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        (chunk({"index": 0, "message": {"content": "x"}}), ["/choices/0/message/content"]),
        (chunk({"delta": {"annotations": [{"title": "a b"}]}}), ["/choices/0/delta/annotations/0/title"]),
        (chunk({"logprobs": {"content": [{"token": "x"}]}}), ["/choices/0/logprobs/content/0/token"]),
        (chunk({"delta": "x"}), ["/choices/0/delta"]),
        (chunk("x"), ["/choices/0"]),
        (chunk(["x"]), ["/choices/0/0"]),
        (chunk(title="a b"), ["/title"]),
        (chunk({"delta": {"a b": 1}}), ["/choices/0/delta/a b"]),
        (chunk(obfuscation="a b"), ["/obfuscation"]),
        (chunk(obfuscation="a" * 257), ["/obfuscation"]),
        (chunk({"obfuscation": "abc"}), ["/choices/0/obfuscation"]),
        (chunk(obfuscation="aB3-_/+"), []),
        ({"choices": {"0": {"text": "x"}}}, ["/choices/0", "/choices/0/text"]),
        ({"title": "a b", "object": "x y"}, ["/title", "/object"]),
        ({"type": 1, "delta": "x"}, ["/delta"]),
        (["a b", {"delta": "x"}], ["/0", "/1/delta"]),
        ("a b", [""]),
        (None, []),
        (1, []),
    ],
)
def test_what_no_event_goes_on_with_is_a_text_on_its_own(value, pointers):
    """Names, annotations, log probabilities and anything of an unknown shape are no pieces of a text."""
    assert [
        pointer for pointer in spans(value) if pointer not in ("/id", "/object") or "choices" not in value
    ] == pointers
    assert fragments(value) == []


def test_a_chunk_that_is_typed_too_is_read_as_a_chunk():
    """Choices say more than a type does."""
    value = chunk({"index": 1, "text": "x"}, type="response.output_text.delta", delta="y z")
    assert [where for _, where, _ in fragments(value)] == ["/choices/1/text"]
    assert "/delta" in spans(value)


@pytest.mark.parametrize(
    ("choices", "closes"),
    [
        ([], ()),
        ([{"index": 0, "finish_reason": None}], ()),
        ([{"index": 0}], ()),
        ([{"index": 2, "finish_reason": "stop"}], ("/choices/2",)),
        ([{"finish_reason": "stop"}, {"index": 5, "finish_reason": "length"}], ("/choices/0", "/choices/5")),
        (["x", {"finish_reason": "stop"}], ("/choices/1",)),
    ],
)
def test_a_finished_choice_closes_its_texts(choices, closes):
    """What has a reason to be finished is, by the index it has in the answer."""
    assert read(chunk(*choices)).closes == closes


INDEXES = {
    "output_index": 1,
    "content_index": 2,
    "summary_index": 3,
    "command_index": 4,
    "annotation_index": 5,
    "item_id": "msg_1",
}
STEMS = {
    "response.audio.transcript": "/audio/transcript",
    "response.code_interpreter_call_code": "/output/1/code",
    "response.custom_tool_call_input": "/output/1/input",
    "response.function_call_arguments": "/output/1/arguments",
    "response.mcp_call_arguments": "/output/1/arguments",
    "response.output_text": "/output/1/content/2/text",
    "response.reasoning_summary_text": "/output/1/summary/3/text",
    "response.reasoning_text": "/output/1/content/2/text",
    "response.refusal": "/output/1/content/2/refusal",
    "response.shell_call_command": "/output/1/action/commands/4",
    "response.shell_call_output_content": "/output/1/output/4",
    "transcript.text": "/text",
}


@pytest.mark.parametrize(("stem", "where"), STEMS.items(), ids=STEMS)
def test_a_delta_has_the_place_that_its_text_has_in_the_answer(stem, where):
    """The type's stem and the indexes tell it, for each type that is known."""
    assert fragments(typed(f"{stem}.delta", delta="x", **INDEXES)) == [("/delta", where, "x")]


@pytest.mark.parametrize(
    ("kind", "members", "pointer", "where"),
    [
        ("response.output_text.done", {"text": "x"}, "/text", "/output/1/content/2/text"),
        ("response.refusal.done", {"refusal": "x"}, "/refusal", "/output/1/content/2/refusal"),
        ("response.function_call_arguments.done", {"arguments": "x"}, "/arguments", "/output/1/arguments"),
        ("response.custom_tool_call_input.done", {"input": "x"}, "/input", "/output/1/input"),
        ("response.code_interpreter_call_code.done", {"code": "x"}, "/code", "/output/1/code"),
        ("response.shell_call_command.done", {"command": "x"}, "/command", "/output/1/action/commands/4"),
        ("response.content_part.done", {"part": {"text": "x"}}, "/part/text", "/output/1/content/2/text"),
        ("response.reasoning_summary_part.done", {"part": {"text": "x"}}, "/part/text", "/output/1/summary/3/text"),
        ("response.output_item.done", {"item": {"arguments": "x"}}, "/item/arguments", "/output/1/arguments"),
        (
            "response.output_text.annotation.added",
            {"annotation": {"title": "x y"}},
            "/annotation/title",
            "/output/1/content/2/annotations/5/title",
        ),
        ("response.completed", {"response": {"output": [{"x": "y"}]}}, "/response/output/0/x", "/output/0/x"),
        ("response.completed", {"response": "x"}, "/response", ""),
        ("transcript.text.done", {"text": "x"}, "/text", "/text"),
        ("response.output_text.delta", {"logprobs": []}, "/logprobs/0/token", "/logprobs/0/token"),
        ("error", {"message": "x"}, "/message", "/message"),
        ("delta", {"delta": "x"}, "/delta", "/delta"),
    ],
)
def test_what_repeats_a_text_has_its_place(kind, members, pointer, where):
    """The event that sums up a text, a part, an item or all of the answer names the same places as the deltas."""
    assert place(typed(kind, **members, **INDEXES), pointer) == where


@pytest.mark.parametrize("value", [None, 1, "x", ["x"], {}, {"choices": {}}, {"type": 5}, {"type": None}])
def test_a_pointer_into_anything_else_is_the_place(value):
    """Where no shape is known what stands there stands there."""
    assert place(value, "/choices/0/text") == "/choices/0/text"


@pytest.mark.parametrize(
    ("value", "pointer"), [(chunk(), ""), (chunk(), "/choices"), (chunk(), "/title"), ({"choices": []}, "/delta/0")]
)
def test_what_is_beside_the_choices_keeps_its_pointer(value, pointer):
    """Only below the choices are there places of the answer."""
    assert place(value, pointer) == pointer


@pytest.mark.parametrize("kind", ["response.output_text.done", "x.done", "error"])
def test_an_event_as_a_whole_has_a_place(kind):
    """A finding about all of an event has no pointer, which is no error."""
    assert place(typed(kind), "") == ""


@pytest.mark.parametrize("index", [None, -1, True, "0", 1.5, 1 << 32, [0], {}])
def test_an_index_that_is_none_is_written_as_a_dash(index):
    """No other text has such a place, and no number is made up."""
    value = typed("response.output_text.delta", delta="x", output_index=index, content_index=0)
    assert fragments(value) == [("/delta", "/output/-/content/0/text", "x")]


def test_an_index_that_is_missing_is_written_as_a_dash():
    """A delta that says nothing of where it belongs still belongs to one text."""
    assert fragments(typed("response.function_call_arguments.delta", delta="x")) == [
        ("/delta", "/output/-/arguments", "x")
    ]


@pytest.mark.parametrize(
    "other", [{"item_id": "b"}, {"item_id": "a/-"}, {"item_id": "a~1"}, {"x_index": 1}, {"item_id": 5}]
)
def test_an_unknown_delta_has_a_place_by_its_name_and_whatever_it_says_of_itself(other):
    """Types that are not known keep their texts apart by item and by index, and go on with the same one."""
    kind = "response.novel_text.delta"
    one = {"x_index": 0, "item_id": "a"}
    ((_, first, _),) = fragments(typed(kind, delta="x", **one))
    ((_, again, _),) = fragments(typed(kind, delta="y", sequence_number=9, **one))
    ((_, apart, _),) = fragments(typed(kind, delta="x", **one | other))
    ((_, named, _),) = fragments(typed("response.new_text.delta", delta="x", **one))
    assert first == again
    assert len({first, apart, named}) == 3
    assert read(typed("response.novel_text.done", **one)).closes == (first,)


def test_an_id_that_is_too_long_is_refused():
    """What names a text is kept for as long as the stream lasts, so it has a bound."""
    value = typed("novel.delta", delta="x", item_id="a" * 256)
    assert fragments(value)[0][1].endswith("a" * 256)
    with pytest.raises(WireError, match="an id in the stream is too long"):
        read(value | {"item_id": "a" * 257})


def test_an_id_as_long_as_it_likes_is_fine_where_indexes_name_the_text():
    """What is not asked for is not measured."""
    value = typed("response.output_text.delta", delta="x", output_index=0, content_index=0, item_id="a" * 300)
    assert fragments(value) == [("/delta", "/output/0/content/0/text", "x")]


@pytest.mark.parametrize(
    ("kind", "members", "pointers"),
    [
        ("novel.delta", {"delta": "x"}, ["/delta"]),
        ("novel.delta", {"delta": {"text": "x", "more": ["y z"]}}, ["/delta/text", "/delta/more/0"]),
        ("novel.delta", {"deltas": "x", "text": "y z"}, []),
        ("novel.done", {"delta": "x"}, []),
        ("response.output_item.added", {"item": {"arguments": "x"}}, ["/item/arguments"]),
        ("response.output_item.added", {"item": {"content": [{"text": "x"}]}}, ["/item/content/0/text"]),
        ("response.output_item.added", {"item": {"name": "x y", "title": "a b"}}, []),
        ("response.content_part.added", {"part": {"refusal": "x"}}, ["/part/refusal"]),
        ("response.content_part.done", {"part": {"text": "x"}}, []),
        ("response.output_text.annotation.added", {"annotation": {"text": "x"}}, []),
        ("response.shell_call_command.added", {"command": "x"}, ["/command"]),
        ("response.shell_call_command.done", {"command": "x"}, []),
        ("novel.added", {"command": "x"}, []),
        ("response.created", {"response": {"instructions": "x"}}, []),
    ],
)
def test_deltas_grow_and_so_does_what_is_added(kind, members, pointers):
    """A delta is a piece whatever its type; what an `added` event begins is one if deltas go on with it."""
    assert [pointer for pointer, _, _ in fragments(typed(kind, **members))] == pointers


def test_what_an_item_begins_its_deltas_go_on_with():
    """The first piece of a text may stand in the event that adds its item."""
    item = {"type": "function_call", "arguments": "x"}
    ((_, first, _),) = fragments(typed("response.output_item.added", output_index=1, item=item))
    ((_, then, _),) = fragments(typed("response.function_call_arguments.delta", output_index=1, delta="y"))
    assert first == then


def test_a_name_in_a_delta_is_no_piece():
    """A name comes whole."""
    value = typed("novel.delta", delta={"my name": "x"})
    assert [(span.pointer, span.key) for span in read(value).spans] == [("/delta/my name", True)]
    assert [pointer for pointer, _, _ in fragments(value)] == ["/delta/my name"]


@pytest.mark.parametrize(
    ("kind", "closes"),
    [
        ("error", ("",)),
        ("response.completed", ("",)),
        ("response.failed", ("",)),
        ("response.incomplete", ("",)),
        ("response.cancelled", ("",)),
        ("transcript.text.done", ("",)),
        ("response.output_text.done", ("/output/1/content/2/text",)),
        ("response.content_part.done", ("/output/1/content/2",)),
        ("response.output_item.done", ("/output/1",)),
        ("response.created", ()),
        ("response.output_text.delta", ()),
    ],
)
def test_an_event_closes_what_it_says_is_done(kind, closes):
    """The final events close everything, a `done` event its text, part or item, and others nothing."""
    assert read(typed(kind, **INDEXES)).closes == closes


@pytest.mark.parametrize(
    ("value", "audio", "pieces"),
    [
        (typed("response.audio.delta", delta="UklGRg=="), ["/delta"], []),
        (typed("speech.audio.delta", audio="UklGRg=="), ["/audio"], []),
        (typed("response.audio.delta", delta="not sound"), [], ["/delta"]),
        (typed("speech.audio.delta", audio="not sound"), [], []),
        (typed("response.audio.transcript.delta", delta="UklGRg=="), [], ["/delta"]),
    ],
)
def test_sound_is_noted_and_is_no_text(value, audio, pieces):
    """Base64 in an event that brings sound is not read, however short; anything else there is."""
    reading = read(value)
    assert reading.uninspected == [Uninspected(pointer, "audio") for pointer in audio]
    assert [pointer for pointer, _, _ in fragments(value)] == pieces
    assert len(reading.spans) == (value["type"] == "speech.audio.delta" and not audio)


@pytest.mark.parametrize(
    "value",
    [
        [{"b64_json": "a" * 40}],
        {"b64_json": "a" * 40},
        chunk(b64_json="a" * 40),
        typed("image_generation.partial_image", b64_json="a" * 40),
    ],
)
def test_what_cannot_be_read_is_noted_in_events_of_any_shape(value):
    """A picture in an event is named with its place."""
    (part,) = read(value).uninspected
    assert (part.at.rpartition("/")[2], part.reason) == ("b64_json", "image")


@pytest.mark.parametrize(
    ("padding", "pointers"), [("aB3-_/+", []), ("", []), ("a b", ["/obfuscation"]), ("a" * 257, ["/obfuscation"])]
)
def test_padding_is_no_text_and_a_sentence_there_is(padding, pointers):
    """Random characters that hide a delta's length are passed over only where they look the part."""
    assert spans(typed("response.output_text.delta", delta="x", obfuscation=padding)) == pointers


@pytest.mark.parametrize(
    ("value", "usage"),
    [
        (chunk(usage={"prompt_tokens": 3, "completion_tokens": 4}), Usage(3, 4)),
        (chunk(usage=None), None),
        (typed("transcript.text.done", usage={"input_tokens": 3, "output_tokens": 4}), Usage(3, 4)),
        (typed("response.completed", response={"usage": {"input_tokens": 3, "output_tokens": 4}}), Usage(3, 4)),
        (typed("response.completed", response="x"), None),
        ({"usage": {"input_tokens": 3, "output_tokens": 4}}, Usage(3, 4)),
        ([{"usage": {"input_tokens": 3, "output_tokens": 4}}], None),
    ],
)
def test_the_tokens_an_event_reports_are_read(value, usage):
    """They stand in the event or in the response that it holds."""
    assert read(value).usage == usage


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (
            typed("response.output_text.annotation.added", annotation={"a": 1}, **INDEXES),
            [("/output/1/content/2/text", "/annotation", {"a": 1})],
        ),
        (typed("response.output_text.annotation.added"), [("/output/-/content/-/text", "/annotation", None)]),
        (typed("response.output_text.delta", annotation={"a": 1}), []),
        (
            chunk({"text": "x"}, "x", {"delta": "x"}, {"index": 7, "delta": {"annotations": [1]}}),
            [("/choices/7/message/content", "/choices/3/delta/annotations", [1])],
        ),
        (chunk({"delta": {}}), [("/choices/0/message/content", "/choices/0/delta/annotations", None)]),
        ({"choices": "x"}, []),
        ({}, []),
        (["x"], []),
        (None, []),
    ],
)
def test_annotations_come_with_the_place_of_their_text(value, found):
    """An event may bring annotations for a text that came before it."""
    assert list(annotations(value)) == found


@pytest.mark.parametrize(
    ("members", "where"),
    [({"id": "seg/1"}, "/segments/seg~11/text"), ({}, "/segments/-/text"), ({"id": 5}, "/segments/-/text")],
)
def test_a_segment_is_a_text_of_its_own(members, where):
    """A segment of a transcript repeats a part of it, at a place by its own id."""
    value = typed("transcript.text.segment", text="x", **members)
    assert (spans(value)[-1:], fragments(value), place(value, "/text")) == (["/text"], [], where)


@pytest.mark.parametrize(
    ("pointer", "where"),
    [
        ("/choices/0", "/choices/3"),
        ("/choices/0/delta", "/choices/3/message"),
        ("/choices/0/text/1", "/choices/3/text/1"),
    ],
)
def test_a_choice_and_its_delta_have_places_themselves(pointer, where):
    """A pointer that ends early, or goes on where the event does not, is translated as far as it goes."""
    assert place(chunk({"index": 3, "delta": "x", "text": "y"}), pointer) == where
