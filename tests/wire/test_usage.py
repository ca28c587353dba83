import copy
import importlib
import inspect
import pkgutil
import typing

import openai.types
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.exchange import Bill, Usage
from panda_addon.wire.usage import read_bill, read_usage


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4)),
        ({"input_tokens": 3, "output_tokens": 4}, Usage(3, 4)),
        ({"prompt_tokens": 3, "total_tokens": 3}, Usage(3, 0)),
        ({"output_tokens": 4}, Usage(0, 4)),
        ({"input_tokens": 0, "output_tokens": 0}, Usage(0, 0)),
        (
            {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 8,
             "output_tokens_details": {"reasoning_tokens": 6}},
            Usage(9, 8, 5, 6),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens": 8,
             "completion_tokens_details": {"reasoning_tokens": 6}},
            Usage(9, 8, 5, 6),
        ),
        ({"input_tokens": 9, "input_tokens_details": None, "output_tokens_details": []}, Usage(9, 0)),
        ({"input_tokens": -1, "prompt_tokens": 2}, Usage(2, 0)),
        ({"input_tokens": 1, "output_tokens": 1 << 53}, Usage(1, 1 << 53)),
        ({"input_tokens": (1 << 53) + 1, "output_tokens": 1}, None),
        ({"prompt_tokens": 1000, "completion_tokens": 500.0}, None),
        ({"input_tokens": "7", "output_tokens": 5}, None),
        ({"prompt_tokens": 3, "completion_tokens": None}, Usage(3, 0)),
        ({"input_tokens": True, "output_tokens": 1.0}, None),
        ({"input_tokens": "3"}, None),
        ({"type": "duration", "seconds": 12}, Usage(seconds=12.0)),
        ({"type": "duration", "seconds": 12.5}, Usage(seconds=12.5)),
        ({"seconds": 0}, Usage()),
        ({"seconds": 3, "input_tokens": 4}, Usage(4)),
        ({"seconds": True}, None),
        ({"seconds": -1}, None),
        ({"seconds": 1e300}, None),
        ({"seconds": "3"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)  # fmt: skip
def test_what_was_taken_is_read_under_any_spelling(usage, expected):
    """Whole numbers under either of their names count, and seconds alone; anything else is as if it were not there."""
    assert read_usage({"usage": usage}) == expected


@pytest.mark.parametrize("document", [None, [], "usage", {}, {"use": 1}])
def test_a_document_without_usage_reports_none(document):
    """No usage object, no usage."""
    assert read_usage(document) is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
             "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 20, "audio_tokens": 30,
                                       "image_tokens": 15, "text_tokens": 55},
             "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 40, "text_tokens": 10,
                                           "accepted_prediction_tokens": 1, "rejected_prediction_tokens": 2}},
            Usage(100, 50, 10, 5, 20, input_audio_tokens=30, input_image_tokens=15, output_audio_tokens=40),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"image_tokens": 5, "text_tokens": 4}, "completion_tokens": 8},
            Usage(9, 8, input_image_tokens=5),
        ),
        (
            {"input_tokens": 100, "output_tokens": 50, "input_tokens_details": {
                "cached_tokens": 10, "cache_write_tokens": 60,
                "cache_write_tokens_details": {"ttl_30m_tokens": 20, "ttl_12h_tokens": 40}}},
            Usage(100, 50, 10, 0, 60, 40),
        ),
        (
            {"input_tokens": 100, "input_tokens_details": {"cache_write_tokens_details": {"ttl_30m_tokens": 20,
                                                                                          "ttl_12h_tokens": 40}}},
            Usage(100, cache_write_tokens=60, long_cache_write_tokens=40),
        ),
        (
            {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}, "output_tokens": 90,
             "output_tokens_details": {"image_tokens": 80, "text_tokens": 10}},
            Usage(50, 90, input_image_tokens=40, output_image_tokens=80),
        ),
        (
            {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}, "output_tokens": 90},
            Usage(50, 90, input_image_tokens=40, output_image_tokens=90),
        ),
        (
            {"type": "tokens", "input_tokens": 14, "input_token_details": {"text_tokens": 2, "audio_tokens": 12},
             "output_tokens": 45, "total_tokens": 59},
            Usage(14, 45, input_audio_tokens=12),
        ),
        (
            {"total_tokens": 253, "input_tokens": 132, "output_tokens": 121,
             "input_token_details": {"text_tokens": 60, "audio_tokens": 62, "image_tokens": 10, "cached_tokens": 64,
                                     "cached_tokens_details": {"text_tokens": 40, "audio_tokens": 20,
                                                               "image_tokens": 4}},
             "output_token_details": {"text_tokens": 30, "audio_tokens": 91}},
            Usage(132, 121, 64, 0, 0, 0, 62, 10, 20, 4, 91),
        ),
    ],
    ids=["chat", "chat with a picture", "cache writes", "cache writes in parts alone", "image", "image, old", "transcription", "realtime"],
)  # fmt: skip
def test_every_part_is_read(usage, expected):
    """The parts of each family's usage object go where they belong."""
    assert read_usage({"usage": usage}) == expected


SEARCHES = [
    {"type": "web_search_call", "action": {"type": "search", "query": "q"}},
    {"type": "web_search_call", "action": {"type": "open_page", "url": "u"}},
    {"type": "web_search_call", "action": {"type": "find_in_page", "url": "u", "pattern": "p"}},
    {"type": "web_search_call"},
    {"type": "file_search_call"},
    {"type": "message"},
    "x",
]


@pytest.mark.parametrize(
    ("more", "searches"),
    [
        ({"object": "response", "output": SEARCHES}, (2, 1)),
        ({"object": "response", "output": SEARCHES, "tool_usage": {"web_search": {"num_requests": 1}}}, (1, 1)),
        ({"object": "response", "output": SEARCHES, "tool_usage": {"web_search": {"num_requests": -1}}}, (2, 1)),
        ({"object": "response.compaction", "output": SEARCHES}, (0, 0)),
        ({"object": "response", "output": "x"}, (0, 0)),
        ({"output": SEARCHES}, (0, 0)),
    ],
)
def test_searches_that_are_billed_are_counted(more, searches):
    """A response's own count of its searches goes before its items; opening a page is no search."""
    usage = read_usage({"usage": {"input_tokens": 1}, **more})
    assert (usage.web_searches, usage.file_searches) == searches


USED = {"input_tokens": 1, "output_tokens": 2}
IMAGE_GEN = {
    "input_tokens": 50,
    "input_tokens_details": {"text_tokens": 30, "image_tokens": 20},
    "output_tokens": 90,
    "cached_tokens": 12,
    "cached_tokens_details": {"cached_text_tokens": 7, "cached_image_tokens": 5},
}
DRAWN = Usage(50, 90, 12, input_image_tokens=20, cached_image_tokens=5, output_image_tokens=90)
SVG = {"input_tokens": 5, "output_tokens": 6, "reasoning_tokens": 4, "total_tokens": 11, "model": "gpt-6-luna"}
WRITTEN = Bill(Usage(5, 6, reasoning_tokens=4), "gpt-6-luna")


CODE, PICTURE = {"type": "code_interpreter_call"}, {"type": "image_generation_call"}
# Of a response: what it holds, and what of that is billed without its saying so.
UNSAID = [
    ({"output": [CODE, CODE]}, ("containers",)),
    ({"output": [{"type": "shell_call", "environment": {"type": "container_reference"}}]}, ("containers",)),
    ({"output": [{"type": "shell_call", "environment": None}]}, ("containers",)),
    ({"output": [{"type": "shell_call"}], "tools": [{"type": "shell"}]}, ("containers",)),
    ({"output": [{"type": "shell_call"}], "tools": [{"type": "shell", "environment": {"type": "local"}}]}, ()),
    ({"output": [{"type": "shell_call", "environment": {"type": "container_auto"}}], "tools": [{"type": "shell", "environment": {"type": "local"}}]}, ("containers",)),
    ({"output": [{"type": "shell_call", "environment": {"type": "local"}}, {"type": "local_shell_call"}]}, ()),
    ({"output": [PICTURE]}, ("images",)),
    ({"output": [PICTURE], "tool_usage": {"image_gen": {"input_tokens": 0, "output_tokens": 0}}}, ()),
    ({"output": [{"type": "web_search_call"}], "tools": [{"type": "web_search"}, "x", {"type": 3}]}, ()),
    ({"tools": [{"type": "web_search_preview_2025_03_11"}]}, ("web_search_preview",)),
    ({"output": [PICTURE, CODE], "tools": [{"type": "web_search_preview"}]}, ("containers", "images", "web_search_preview")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "bill"),
    [
        ({"usage": USED, "model": "m", "service_tier": "flex"}, Bill(Usage(1, 2), "m", "flex")),
        ({"usage": None, "model": "m"}, Bill(None, "m")),
        ({"service_tier": "default", "model": 7}, Bill(None, None, "default")),
        (
            {"usage": USED, "model": "m", "id": "resp_1", "background": True, "status": "completed"},
            Bill(Usage(1, 2), "m", None, "resp_1"),
        ),
        ({"usage": USED, "id": "resp_1", "background": True, "status": "in_progress"}, None),
        ({"usage": USED, "model": "m", "id": "resp_1", "background": True}, Bill(None, "m", None, "resp_1")),
        (
            {"object": "batch", "id": "batch_1", "status": "validating", "usage": {"input_tokens": 0, "output_tokens": 0}},
            Bill(None, None, "batch", "batch_1"),
        ),
        ({"usage": USED, "id": "resp_1", "background": False}, Bill(Usage(1, 2))),
        ({"usage": USED, "background": "transparent", "id": "x"}, Bill(Usage(1, 2))),
        ({"object": "batch", "id": "batch_1", "status": "expired", "usage": USED, "model": "m"}, Bill(Usage(1, 2), "m", "batch", "batch_1", unsaid=("tools",))),
        (
            {"object": "batch", "id": "batch_1", "status": "expired", "usage": USED, "request_counts": {"total": 9, "completed": 7, "failed": 2}},
            Bill(Usage(1, 2, requests=7), None, "batch", "batch_1", unsaid=("tools",)),
        ),
        (
            {"object": "batch", "id": "batch_1", "status": "expired", "usage": USED, "request_counts": {"completed": 0}},
            Bill(Usage(1, 2), None, "batch", "batch_1", unsaid=("tools",)),
        ),
        ({"object": "batch", "id": "batch_1"}, Bill(None, None, "batch", "batch_1")),
        ({"object": "batch", "id": "batch_1", "status": "completed", "usage": USED, "endpoint": "/v1/embeddings"}, Bill(Usage(1, 2), None, "batch", "batch_1")),
        (
            {"usage": USED, "model": "m", "tool_usage": {"image_gen": IMAGE_GEN, "web_search": {"num_requests": 0}},
             "tools": [{"type": "web_search", "model": "w"}, {"type": "image_generation", "model": "gpt-image-2"}]},
            Bill(Usage(1, 2), "m", beside=(Bill(DRAWN, "gpt-image-2"),)),
        ),
        ({"tool_usage": {"image_gen": IMAGE_GEN}, "tools": "x"}, Bill(beside=(Bill(DRAWN, None),))),
        ({"tool_usage": {"image_gen": {"input_tokens": 0, "output_tokens": 0}}}, None),
        ({"usage": USED, "svg_usage": SVG}, Bill(Usage(1, 2), beside=(WRITTEN,))),
        (
            {"object": "response", "output": [{"type": "image_generation_call", "svg_usage": SVG},
                                              {"type": "image_generation_call", "svg_usage": None}]},
            Bill(beside=(WRITTEN,), unsaid=("images",)),
        ),
        *(({"object": "response", "model": "m", **more}, Bill(model="m", unsaid=unsaid)) for more, unsaid in UNSAID),
        ({"object": "response", "output": [CODE]}, Bill(unsaid=("containers",))),
        ({"object": "response.compaction", "model": "m", "output": [CODE]}, Bill(model="m")),
        (
            {"object": "response", "output": [CODE], "id": "x", "background": True, "status": "queued", "model": "m"},
            Bill(model="m", once="x"),
        ),
        ({"id": "x", "object": "list", "data": [{"object": "batch", "usage": USED}]}, None),
        ({}, None),
        ([], None),
        ("x", None),
    ],
)  # fmt: skip
def test_a_bill_says_who_is_billed_for_what(document, bill):
    """Model, tier, what can be asked for again, and what other models took stand beside the usage."""
    assert read_bill(document) == bill


@pytest.mark.parametrize(
    ("more", "end_user"),
    [
        ({"safety_identifier": "u1", "user": "u2"}, "u1"),
        ({"safety_identifier": None, "user": "u2"}, "u2"),
        ({"safety_identifier": "\u200b", "user": "u2"}, "u2"),
        ({"safety_identifier": 3, "user": ""}, None),
        ({}, None),
    ],
)
def test_a_response_from_the_background_says_for_whom_it_was_made(more, end_user):
    """Only there: any other comes with its request, and a batch is for nobody that it names."""
    made = {"id": "x", "object": "response", "model": "m", "status": "completed", "usage": USED, **more}
    assert read_bill({**made, "background": True}).end_user == end_user
    assert read_bill({**made, "background": True, "status": "queued"}).end_user == end_user
    assert read_bill(made).end_user is None
    assert read_bill({**made, "object": "batch"}).end_user is None


# The modules whose usage objects stand in no answer to a call: reports for administrators, and reports of evaluations.
REPORTS = ("openai.types.admin.", "openai.types.evals.")
# Numbers that follow from the others, or that no price depends on.
IGNORED = {
    "total_tokens",
    "text_tokens",
    "cached_text_tokens",
    "accepted_prediction_tokens",
    "rejected_prediction_tokens",
}


def usage_models():
    """Every usage object of the installed SDK that a call may be answered with."""
    found = {}
    for module in pkgutil.walk_packages(openai.types.__path__, "openai.types."):
        if module.name.startswith(REPORTS):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if inspect.isclass(value) and issubclass(value, pydantic.BaseModel) and "usage" in name.lower():
                found[f"{value.__module__}.{name}"] = value
    return found


def parts(annotation):
    """The models in a type, and whether a number is."""
    if inspect.isclass(annotation) and issubclass(annotation, pydantic.BaseModel):
        return [annotation], False
    inner = [parts(argument) for argument in typing.get_args(annotation)]
    return [model for models, _ in inner for model in models], annotation in (int, float) or any(n for _, n in inner)


# What is not a thousand, so that all parts may be parts at once and any change in them matters.
COUNTS = {"cached_tokens": 10_000, "cache_write_tokens": 2_000} | dict.fromkeys(
    ("input_tokens", "output_tokens", "prompt_tokens", "completion_tokens"), 100_000
)


def filled(model):
    """A usage object with all that it may have."""
    value = {}
    for name, field in model.model_fields.items():
        models, number = parts(field.annotation)
        if models:
            value[name] = filled(models[0])
        elif number:
            value[name] = COUNTS.get(name, 1_000)
    return value


def numbers(value, path=()):
    """The path to each number."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from numbers(member, (*path, name))
        else:
            yield (*path, name)


def document(name, value):
    """An answer with a usage object in its place."""
    kind = name.rpartition(".")[2]
    if kind.startswith("ToolUsageImageGen"):
        return {"tool_usage": {"image_gen": value}}
    if kind.startswith("ToolUsageWebSearch"):
        return {"usage": USED, "tool_usage": {"web_search": value}}
    if kind.startswith("ToolUsage"):
        return {"usage": USED, "tool_usage": value}
    return {"svg_usage": value} if kind.endswith("SvgUsage") else {"usage": value}


# Parts of usage objects, and objects that are named after usage and hold one: their wholes are in the list.
WHOLES = {
    name: model
    for name, model in usage_models().items()
    if not name.endswith("Details") and any(numbers(filled(model))) and "usage" not in model.model_fields
}


def changed(value, path, by):
    """The same with another number at a path."""
    other = copy.deepcopy(value)
    at = other
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] += by
    return other


@pytest.mark.parametrize("name", sorted(WHOLES))
def test_no_number_of_the_sdk_is_overlooked(name):
    """A number in a usage object of the installed SDK changes the bill, or is known not to matter."""
    value = filled(WHOLES[name])
    paths = list(numbers(value))
    bill = read_bill(document(name, value))
    unread = {
        path for path in paths if all(read_bill(document(name, changed(value, path, by))) == bill for by in (7, -7))
    }
    assert paths
    assert {path[-1] for path in unread} - IGNORED == set()


def test_the_usage_objects_of_the_sdk_are_found():
    """The families whose usage is read are among those that are gone through."""
    names = {name.rpartition(".")[2] for name in WHOLES}
    assert {"CompletionUsage", "ResponseUsage", "RealtimeResponseUsage", "BatchUsage", "SvgUsage", "ToolUsage"} <= names
    assert {name.split(".")[2] for name in WHOLES} >= {"audio", "images_response", "create_embedding_response", "live"}


NUMBER = st.one_of(st.integers(-2, 40), st.sampled_from([None, True, 1.5, "3", 1 << 60, [], {}]))
NAMES = sorted(
    {step for model in WHOLES.values() for path in numbers(filled(model)) for step in path}
    | {f"{side}_token{s}_details" for side in ("input", "output", "prompt", "completion") for s in ("", "s")}
)
USAGES = st.recursive(NUMBER, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=8), max_leaves=30)


@given(USAGES)
def test_parts_are_never_more_than_their_whole(usage):
    """Whatever an answer says, no part exceeds its whole and no two parts of one kind do together."""
    read = read_usage({"usage": usage, "object": "response"})
    if read is None:
        return
    assert 0 <= read.cached_tokens + read.cache_write_tokens <= read.input_tokens
    assert 0 <= read.long_cache_write_tokens <= read.cache_write_tokens
    assert 0 <= read.input_audio_tokens + read.input_image_tokens <= read.input_tokens
    assert 0 <= read.cached_audio_tokens + read.cached_image_tokens <= read.cached_tokens
    assert read.cached_audio_tokens <= read.input_audio_tokens
    assert read.cached_image_tokens <= read.input_image_tokens
    assert 0 <= read.output_audio_tokens + read.output_image_tokens <= read.output_tokens
    assert 0 <= read.reasoning_tokens <= read.output_tokens
