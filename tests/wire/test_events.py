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
        ({"delta": "x"}, "/choices/0/delta", "/choices/0/message"),
        ({"index": 1.0, "text": "x"}, "/choices/0/text", "/choices/1/text"),
        ({"index": None, "text": "x"}, "/choices/0/text", "/choices/0/text"),
        ({"index": (1 << 32) - 1, "text": "x"}, "/choices/0/text", "/choices/4294967295/text"),
    ],
)  # fmt: skip
def test_a_delta_of_a_choice_has_the_place_of_the_message(choice, pointer, where):
    """Positions in a chunk's lists are those of the answer only where no `index` says otherwise."""
    assert fragments(chunk(choice)) == [(pointer, where, "x")]
    assert place(chunk(choice), pointer) == where


# What may stand for an index and is none, so that two clients may take it for two.
NO_INDEXES = [True, False, -1, 1.5, "0", "", 1 << 32, 10**400, float("inf"), float("nan"), [0], {}]


@pytest.mark.parametrize("index", NO_INDEXES, ids=str)
@pytest.mark.parametrize(
    "item", [{"text": "x"}, {"delta": {"content": "x"}}, {"finish_reason": "stop"}, {"delta": {}}], ids=str
)
def test_a_choice_whose_index_is_none_is_refused(index, item):
    """Nobody can tell which text such a piece belongs to, or which one is finished."""
    value = chunk({"index": index, **item})
    with pytest.raises(WireError, match="an index in the stream is none"):
        _ = read(value), list(annotations(value))


@pytest.mark.parametrize(
    "value",
    [
        chunk({"index": 0, "delta": {"tool_calls": [{"index": "0", "function": {"arguments": "x"}}]}}),
        typed("novel.delta", delta=[{"index": -1, "text": "x"}]),
        typed("response.output_item.added", output_index=0, item={"content": [{"index": 0.5, "text": "x"}]}),
        {"object": "thread.message.delta", "id": "m", "delta": {"content": [{"index": True, "text": {"value": "x"}}]}},
    ],
)
def test_an_index_on_the_way_to_a_piece_that_is_none_is_refused(value):
    """Every list on the way is asked for its indexes, whatever the event."""
    with pytest.raises(WireError, match="an index in the stream is none"):
        read(value)


def test_an_index_that_nobody_asks_for_may_be_anything():
    """What no text continues at has no need of one."""
    value = chunk({"index": "x", "message": {"content": "a b"}})
    assert "/choices/0/message/content" in spans(value)
    assert fragments(value) == []


def test_two_choices_without_indexes_are_two_texts():
    """Where no index says anything the positions do."""
    choices = [{"index": None, "delta": {"content": "x"}}, {"delta": {"content": "y"}}]
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
        (chunk("x"), ["/choices/0"]),
        (chunk(["x"]), ["/choices/0/0"]),
        (chunk(title="a b"), ["/title"]),
        (chunk({"finish_reason": "a b"}), ["/choices/0/finish_reason"]),
        (chunk({"delta": {"a b": 1}}), ["/choices/0/delta/a b"]),
        (chunk(obfuscation="a b"), ["/obfuscation"]),
        (chunk(obfuscation="a" * 257), ["/obfuscation"]),
        (chunk({"obfuscation": "abc"}), ["/choices/0/obfuscation"]),
        (chunk(obfuscation="aB3-_/+"), []),
        ({"choices": {"0": {"content": "x"}}}, ["/choices/0", "/choices/0/content"]),
        ({"choices": "a b"}, ["/choices"]),
        ({"title": "a b", "object": "x y"}, ["/title", "/object"]),
        ({"type": 1, "text": "x"}, ["/text"]),
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


def test_a_chunk_that_is_typed_too_is_read_as_both():
    """Which members an event has makes no difference to what each of them is."""
    value = chunk({"index": 1, "text": "x", "finish_reason": "stop"}, type="response.output_text.delta", delta="y z")
    assert fragments(value) == [
        ("/choices/0/text", "/choices/1/text", "x"),
        ("/delta", "/output/-/content/-/text", "y z"),
    ]
    assert "/delta" not in spans(value)
    assert read(value).closes == ("/choices/1",)
    assert read(value | {"type": "response.output_text.done"}).closes == ("/output/-/content/-/text", "/choices/1")


def test_choices_under_a_name_are_read_like_those_in_a_list():
    """What is called `delta` or `text` below `choices` is a piece whatever holds it."""
    value = {"choices": {"0": {"index": 3, "delta": {"content": "x"}, "text": "y"}}}
    assert fragments(value) == [
        ("/choices/0/delta/content", "/choices/0/message/content", "x"),
        ("/choices/0/text", "/choices/0/text", "y"),
    ]


@pytest.mark.parametrize(
    ("members", "name", "where"),
    [
        ({"delta": "x"}, "", "/-/delta"),
        ({"delta": "x", "id": "m"}, "", "/m/delta"),
        ({"chunk": "x", "type": "novel.delta", "item_id": "m"}, "", "/novel/m/chunk"),
        ({"delta": "x"}, "novel.delta", "/novel/-"),
        ({"delta": "x", "type": None}, "novel.delta", "/novel/-"),
        ({"delta": "x", "type": 1}, "novel.delta", "/novel/-"),
        ({"delta": "x", "type": ""}, "novel.delta", "/novel/-"),
        ({"delta": "x", "type": "other.delta"}, "novel.delta", "/other/-"),
        ({"delta": "x", "object": "thread.message.delta", "id": "m"}, "novel.delta", "/thread.message/m"),
        ({"delta": "x", "object": 1, "id": "m"}, "novel.delta", "/novel/m"),
        ({"delta": "x", "object": "thread.message.delta", "type": "other.delta"}, "novel.delta", "/other/-"),
        ({"text": "x", "object": "thread.message.delta"}, "novel.delta", "/novel/-"),
        ({"delta": "x", "output_index": 1}, "response.function_call_arguments.delta", "/output/1/arguments"),
    ],
)
def test_an_event_without_a_type_is_named_by_what_else_names_it(members, name, where):
    """The type comes first, then the kind of object where there is a delta, and then the event field."""
    (piece,) = read(members, name).fragments
    assert (piece.place, piece.text) == (where, "x")


def test_an_event_field_closes_what_it_says_is_done():
    """Where there is no type the field says that, too."""
    assert read({"item_id": "i"}, "novel.done").closes == ("/novel/i",)
    assert read({}, "response.completed").closes == ("",)
    assert read({"type": "novel.created"}, "response.completed").closes == ()


def test_the_delta_of_a_message_of_a_thread_goes_on_by_message_and_part():
    """It names itself by its `object`, and its parts by their `index`."""
    content = [{"index": 2, "type": "text", "text": {"value": "x"}}]
    value = {"object": "thread.message.delta", "id": "msg_1", "delta": {"content": content}}
    where = "/thread.message/msg_1/content/2/text/value"
    assert fragments(value) == [("/delta/content/0/text/value", where, "x")]


@pytest.mark.parametrize(
    ("choices", "closes"),
    [
        ([], ()),
        ([{"index": 0, "finish_reason": None}], ()),
        ([{"index": 0}], ()),
        ([{"index": 0, "finish_reason": ""}], ()),
        ([{"index": 1.0, "finish_reason": "stop"}], ("/choices/1",)),
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
        ("response.output_item.done", {"item": {"content": [{"index": 3}]}}, "/item/content/0", "/output/1/content/3"),
        ("response.output_item.done", {"item": {"content": [1]}}, "/item/content/0/text", "/output/1/content/0/text"),
        ("error", {"message": "x"}, "/message", "/message"),
        ("delta", {"delta": "x"}, "/delta", "/delta"),
    ],
)
def test_what_repeats_a_text_has_its_place(kind, members, pointer, where):
    """The event that sums up a text, a part, an item or all of the answer names the same places as the deltas."""
    assert place(typed(kind, **members, **INDEXES), pointer) == where


@pytest.mark.parametrize(
    "value", [None, 1, "x", ["x"], {}, {"choices": {"0": {"index": 7}}}, {"type": 5}, {"type": None}]
)
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


@pytest.mark.parametrize("index", NO_INDEXES, ids=str)
@pytest.mark.parametrize(
    "value",
    [
        typed("response.output_text.delta", delta="x", content_index=0),
        typed("response.output_text.done", content_index=0),
        typed("novel.delta", delta="x"),
        typed("novel.done"),
    ],
    ids=str,
)
def test_an_event_whose_index_is_none_is_refused(index, value):
    """Nobody can tell which text it goes on with, or closes."""
    with pytest.raises(WireError, match="an index in the stream is none"):
        read(value | {"output_index": index})


@pytest.mark.parametrize(
    ("index", "part"), [(None, "-"), (0, "0"), (1.0, "1"), (-0.0, "0"), ((1 << 32) - 1, "4294967295")]
)
def test_a_whole_number_is_an_index_and_null_is_written_as_a_dash(index, part):
    """A number is the same in whichever way it is written, and no number is made up."""
    value = typed("response.output_text.delta", delta="x", output_index=index, content_index=0)
    assert fragments(value) == [("/delta", f"/output/{part}/content/0/text", "x")]


def test_an_index_that_is_missing_is_written_as_a_dash():
    """A delta that says nothing of where it belongs still belongs to one text."""
    assert fragments(typed("response.function_call_arguments.delta", delta="x")) == [
        ("/delta", "/output/-/arguments", "x")
    ]


@pytest.mark.parametrize(
    "other", [{"item_id": "b"}, {"item_id": "a/-"}, {"item_id": "a~1"}, {"x_index": 1}, {"item_id": 5}, {"y_index": 0}]
)
def test_an_unknown_delta_has_a_place_by_its_name_and_whatever_it_says_of_itself(other):
    """Types that are not known keep their texts apart by item and by index, and go on with the same one."""
    kind = "response.novel_text.delta"
    one = {"x_index": 0, "item_id": "a"}
    (_, first, _), *_ = fragments(typed(kind, delta="x", **one))
    (_, again, _), *_ = fragments(typed(kind, delta="y", sequence_number=9, **one))
    (_, apart, _), *_ = fragments(typed(kind, delta="x", **one | other))
    (_, named, _), *_ = fragments(typed("response.new_text.delta", delta="x", **one))
    assert first == again
    assert len({first, apart, named}) == 3
    assert read(typed("response.novel_text.done", **one)).closes == (first,)


@pytest.mark.parametrize(
    "value",
    [
        lambda length: typed("novel.delta", delta="x", item_id="a" * (length - len("/novel//item_id"))),
        lambda length: typed("novel.delta", delta={"a" * (length - len("/novel/-/")): "x"}),
        lambda length: typed("transcript.text.segment", **{"a" * (length - len("/segments/")): "x"}),
        lambda length: chunk({"delta": {"a" * (length - len("/choices/0/message/")): "x"}}),
    ],
    ids=["an id", "a member of a delta", "a member", "a member of a choice's delta"],
)
def test_a_place_that_is_too_long_is_refused(value):
    """What names a text is kept for as long as the stream lasts, so it has a bound."""
    assert max(len(where) for _, where, _ in fragments(value(1024))) == 1024
    with pytest.raises(WireError, match="a name in the stream is too long"):
        read(value(1025))


def test_an_id_as_long_as_it_likes_is_fine_where_indexes_name_the_text():
    """What is not asked for is not measured."""
    value = typed("response.output_text.delta", delta="x", output_index=0, content_index=0, item_id="a" * 3000)
    assert fragments(value)[0] == ("/delta", "/output/0/content/0/text", "x")


def test_an_id_that_looks_like_no_id_is_a_piece_itself():
    """What might be a sentence is read, under whichever name; in a delta it may come in pieces."""
    value = typed("novel.delta", delta="x", item_id="a b")
    assert [(pointer, text) for pointer, _, text in fragments(value)] == [("/delta", "x"), ("/item_id", "a b")]


def test_a_text_on_its_own_may_have_a_name_of_any_length():
    """Nothing goes on with it, so nothing keeps its place."""
    assert "/" + "a" * 3000 in spans({"a" * 3000: "x"})


@pytest.mark.parametrize(
    ("kind", "members", "pointers"),
    [
        ("novel.delta", {"delta": "x"}, ["/delta"]),
        ("novel.delta", {"delta": {"text": "x", "more": ["y z"]}}, ["/delta/text", "/delta/more/0"]),
        ("novel.delta", {"deltas": "x", "text": "y z"}, ["/deltas", "/text"]),
        ("novel.delta", {"logprobs": [{"token": "x"}], "obfuscation": "a b"}, []),
        ("delta", {"text": "x"}, ["/text"]),
        ("novel.deltas", {"text": "x"}, []),
        ("novel.done", {"delta": "x", "text": "y"}, ["/delta"]),
        ("novel.done", {"delta": {"logprobs": ["x"], "obfuscation": "y"}}, ["/delta/logprobs/0", "/delta/obfuscation"]),
        ("response.output_item.added", {"item": {"arguments": "x"}}, ["/item/arguments"]),
        ("response.output_item.added", {"item": {"content": [{"text": "x"}]}}, ["/item/content/0/text"]),
        ("response.output_item.added", {"item": {"name": "x y", "title": "a b"}}, []),
        ("response.content_part.added", {"part": {"refusal": "x"}}, ["/part/refusal"]),
        ("response.content_part.done", {"part": {"text": "x"}}, []),
        ("response.output_text.annotation.added", {"annotation": {"text": "x"}}, []),
        ("response.shell_call_command.added", {"command": "x"}, ["/command"]),
        ("response.shell_call_command.done", {"command": "x"}, []),
        ("novel.added", {"command": "x", "text": "y", "part": "z"}, ["/command", "/text"]),
        ("novel.added", {"item": {"command": "x"}}, []),
        ("response.output_text.annotation.added", {"annotation": {"delta": "x"}}, []),
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
        ("response.output_text.completed", ("/output/1/content/2/text",)),
        ("novel.completed", ("/novel/5/4/2/1/3/msg_1",)),
        ("novel/~.done", ("/novel~1~0/5/4/2/1/3/msg_1",)),
        ("done", ()),
        ("completed", ()),
        (".done", ()),
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
        (typed("speech.audio.delta", audio="not sound"), [], ["/audio"]),
        ({"object": "response.audio.delta", "delta": "UklGRg=="}, ["/delta"], []),
        (typed("response.audio.transcript.delta", delta="UklGRg=="), [], ["/delta"]),
    ],
)
def test_sound_is_noted_and_is_no_text(value, audio, pieces):
    """Base64 in an event that brings sound is not read, however short; anything else there is."""
    reading = read(value)
    assert reading.uninspected == [Uninspected(pointer, "audio") for pointer in audio]
    assert [pointer for pointer, _, _ in fragments(value)] == pieces
    assert reading.spans == []


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
    bill = read(value).bill
    assert (bill and bill.usage) == usage


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


@pytest.mark.parametrize("members", [{"id": "seg_1"}, {"id": "seg_2"}, {}, {"id": 5}])
def test_a_segment_goes_on_where_the_last_one_ended(members):
    """Whichever segment it is, its text is a piece of the one text of all of them."""
    value = typed("transcript.text.segment", text="x", **members)
    assert (spans(value), fragments(value)) == ([], [("/text", "/segments/text", "x")])
    assert place(value, "/text") == "/segments/text"
    assert read(value).closes == ()


def test_what_else_a_segment_says_goes_on_apart_from_its_text():
    """The speakers of all segments are a text, and not the one that they speak."""
    value = typed("transcript.text.segment", id="s", speaker="a b", text="x")
    assert [where for _, where, _ in fragments(value)] == ["/segments/speaker", "/segments/text"]


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
