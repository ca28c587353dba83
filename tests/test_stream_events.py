"""Every kind of event that the SDK knows: whatever text it can bring is redacted, wherever the SDK says there may be text."""

import json
import types
from typing import Annotated, Literal, Union, get_args, get_origin

import pytest
from openai.types import Completion, ImageEditStreamEvent, ImageGenStreamEvent
from openai.types.audio import TranscriptionStreamEvent
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent
from pydantic import BaseModel

from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.stream import Session
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action

RULES = Policy(
    name="p",
    redaction="####",
    response_phrases=Phrases((PhraseList("mild", Action.REDACT),), PhraseIndex([("darn", 0)])),
)

# What becomes of an event of each type: the members in which text is rewritten; none of them: it has no text. No type
# is dropped.
RESPONSES = {
    "error": "code message param",
    "response.audio.delta": "",
    "response.audio.done": "",
    "response.audio.transcript.delta": "delta",
    "response.audio.transcript.done": "",
    "response.code_interpreter_call.completed": "",
    "response.code_interpreter_call.in_progress": "",
    "response.code_interpreter_call.interpreting": "",
    "response.code_interpreter_call_code.delta": "delta",
    "response.code_interpreter_call_code.done": "code",
    "response.compaction.compacting": "",
    "response.completed": "response",
    "response.content_part.added": "part",
    "response.content_part.done": "part",
    "response.created": "response",
    "response.custom_tool_call_input.delta": "delta",
    "response.custom_tool_call_input.done": "input",
    "response.failed": "response",
    "response.file_search_call.completed": "",
    "response.file_search_call.in_progress": "",
    "response.file_search_call.searching": "",
    "response.function_call_arguments.delta": "delta",
    "response.function_call_arguments.done": "arguments",
    "response.image_generation_call.completed": "",
    "response.image_generation_call.generating": "",
    "response.image_generation_call.in_progress": "",
    "response.image_generation_call.partial_image": "",
    "response.in_progress": "response",
    "response.incomplete": "response",
    "response.mcp_call.completed": "",
    "response.mcp_call.failed": "",
    "response.mcp_call.in_progress": "",
    "response.mcp_call_arguments.delta": "delta",
    "response.mcp_call_arguments.done": "arguments",
    "response.mcp_list_tools.completed": "",
    "response.mcp_list_tools.failed": "",
    "response.mcp_list_tools.in_progress": "",
    "response.output_item.added": "item",
    "response.output_item.done": "item",
    "response.output_text.annotation.added": "annotation",
    "response.output_text.delta": "delta logprobs",
    "response.output_text.done": "logprobs text",
    "response.queued": "response",
    "response.reasoning_summary_part.added": "part",
    "response.reasoning_summary_part.done": "part",
    "response.reasoning_summary_text.delta": "delta",
    "response.reasoning_summary_text.done": "text",
    "response.reasoning_text.delta": "delta",
    "response.reasoning_text.done": "text",
    "response.refusal.delta": "delta",
    "response.refusal.done": "refusal",
    "response.shell_call_command.added": "command",
    "response.shell_call_command.delta": "delta",
    "response.shell_call_command.done": "command",
    "response.shell_call_output_content.delta": "delta",
    "response.shell_call_output_content.done": "output",
    "response.web_search_call.completed": "",
    "response.web_search_call.in_progress": "",
    "response.web_search_call.searching": "",
}
OTHERS = {
    "ChatCompletionChunk": "choices moderation",
    "Completion": "choices",
    "image_edit.completed": "",
    "image_edit.partial_image": "",
    "image_generation.completed": "",
    "image_generation.partial_image": "",
    "transcript.text.delta": "delta logprobs",
    "transcript.text.done": "languages logprobs text",
    "transcript.text.segment": "speaker text",
}

# Members that the SDK types as any string and that hold no text as long as they look like what they are. One that
# holds a sentence is redacted like any other.
EXEMPT = {
    "approval_request_id": "an id",
    "b64_json": "a picture",
    "background": "a choice",
    "call_id": "an id",
    "caller_id": "an id",
    "comparison_response_id": "an id",
    "container_id": "an id",
    "encrypted_content": "bytes that only OpenAI reads",
    "file_data": "bytes of a file",
    "file_id": "an id",
    "file_ids": "ids",
    "id": "an id",
    "item_id": "an id",
    "mode": "a choice",
    "model": "the name of a model",
    "obfuscation": "random characters that hide a delta's length",
    "output_format": "a choice",
    "partial_image_b64": "a picture",
    "previous_response_id": "an id",
    "prompt_cache_key": "the caller's own id",
    "quality": "a choice",
    "safety_identifier": "the caller's own id",
    "segment_id": "an id",
    "size": "a choice",
    "skill_id": "an id",
    "system_fingerprint": "an id",
    "tunnel_id": "an id",
    "type": "which error it is",
    "user": "the caller's own id, or the name that a shell's command runs under",
    "vector_store_ids": "ids",
}
# What stands for sound in one type of event is text in all others.
SOUND = {"response.audio.delta": "delta"}


def models_of(union):
    """The models of a union, by the type of their events."""
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in members(union)}


def members(kind):
    """The models that a type may be, through unions and what annotates them."""
    if get_origin(kind) is Annotated or get_origin(kind) in (Union, types.UnionType):
        return [model for member in get_args(kind) for model in members(member)]
    return [kind] if isinstance(kind, type) and issubclass(kind, BaseModel) else []


KNOWN = models_of(ResponseStreamEvent)
MORE = {
    "ChatCompletionChunk": ChatCompletionChunk,
    "Completion": Completion,
    **models_of(ImageGenStreamEvent),
    **models_of(ImageEditStreamEvent),
    **models_of(TranscriptionStreamEvent),
}


class Maker:
    """Makes values of a type, every union's member in one of them at least, with the same words in every string."""

    def __init__(self, words, exempt, json_in="arguments"):
        self.words = words
        self.json_in = json_in
        self.exempt = exempt
        self.strings = 0

    def string(self, name):
        """The value of a member."""
        if name in self.exempt:
            return "x1"
        self.strings += 1
        return f'["{self.words}"]' if name in ("arguments", self.json_in) else self.words

    def all(self, kind, name="", above=()):
        """The values of a type, as JSON has them; none where a model would be in itself."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self.all(get_args(kind)[0], name, above)
        if origin in (Union, types.UnionType):
            return [value for member in get_args(kind) for value in self.all(member, name, above)]
        if origin is Literal:
            return [get_args(kind)[0]]
        if origin is list:
            return [self.all(get_args(kind)[0], name, above)]
        if origin is dict:
            return [{self.string(""): value} for value in self.all(get_args(kind)[1], "", above)]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return [] if kind in above else self.model(kind, (*above, kind))
        return {
            str: lambda: [self.string(name)],
            object: lambda: [{self.string(""): [self.string("")]}],
            bool: lambda: [True],
            int: lambda: [0],
            float: lambda: [0.5],
            types.NoneType: list,
        }[kind]()

    def model(self, kind, above):
        """A model's members in one object, and what else each may be in an object that has empty lists."""
        fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        found = {name: self.all(field, name, above) for name, field in fields.items()}
        first = {name: values[0] for name, values in found.items() if values}
        lean = {name: [] if isinstance(value, list) else value for name, value in first.items()}
        return [first, *({**lean, name: value} for name, values in found.items() for value in values[1:])]


def rewritten(value, *, words, name=""):
    """What should come out: every string with a redaction, and no log probabilities."""
    if name == "logprobs" and isinstance(value, (list, dict)):
        return [] if isinstance(value, list) else None
    if isinstance(value, list):
        return [rewritten(item, words=words, name=name) for item in value]
    if isinstance(value, dict):
        return {new(key, words): rewritten(item, words=words, name=key) for key, item in value.items()}
    return new(value, words) if isinstance(value, str) else value


def new(text, words):
    """A string with a redaction in place of the phrase, if it holds the words."""
    return text.replace("darn", "####") if words in text else text


def through(value):
    """An event's JSON as it leaves."""
    session = Session(RULES, "responses")
    left = session.feed(b"data: " + json.dumps(value).encode() + b"\n\n") + session.close()
    return json.loads(left.removeprefix(b"data: "))


def samples(kind, model, words, exempt):
    """Events of a type."""
    made = Maker(words, {*exempt, SOUND.get(kind)} if exempt else (), "delta" if "_arguments." in kind else "arguments")
    return made.all(model), made.strings


def test_every_type_of_event_is_in_the_table():
    """A type that the SDK gains or loses is to be thought about."""
    assert sorted(KNOWN) == sorted(RESPONSES)
    assert sorted(MORE) == sorted(OTHERS)


@pytest.mark.parametrize(("kind", "members"), [*RESPONSES.items(), *OTHERS.items()])
def test_text_is_redacted_wherever_the_sdk_has_a_string(kind, members):
    """A phrase in any string but those that hold ids and choices comes out redacted, and the rest as it was."""
    values, strings = samples(kind, (KNOWN | MORE)[kind], "darn", EXEMPT)
    changed = set()
    for value in values:
        left = through(value)
        assert left == rewritten(value, words="darn")
        assert "darn" not in json.dumps(left)
        changed |= {name for name in value if value[name] != left[name]}
    assert sorted(changed) == members.split()
    assert bool(strings) == bool(members)


@pytest.mark.parametrize("kind", [*RESPONSES, *OTHERS])
def test_a_sentence_is_text_in_any_string(kind):
    """A phrase with words around it comes out redacted in ids, choices and blobs too."""
    values, _ = samples(kind, (KNOWN | MORE)[kind], "a darn b", ())
    for value in values:
        left = through(value)
        assert left == rewritten(value, words="a darn b")
        assert "darn" not in json.dumps(left)


def test_every_exemption_is_needed():
    """No member is exempt that the SDK does not have, or that is read as text anyway, but for blobs."""
    kept = set()

    def note(value, name):
        if isinstance(value, dict):
            for key, item in value.items():
                note(item, key)
        elif isinstance(value, list):
            for item in value:
                note(item, name)
        elif value == "darn":
            kept.add(name)

    for model in (KNOWN | MORE).values():
        for value in Maker("darn", ()).all(model):
            note(through(value), "")
    blobs = {"b64_json", "encrypted_content", "file_data", "partial_image_b64"}
    assert kept - {"delta"} == EXEMPT.keys() - blobs


@pytest.mark.parametrize("kind", ["response.completed", "response.output_item.done", "response.content_part.done"])
def test_samples_are_what_the_sdk_reads(kind):
    """The events that are made up here are events to the SDK's own models."""
    for value in samples(kind, KNOWN[kind], "darn", EXEMPT)[0][:1]:
        KNOWN[kind].model_validate(value, strict=True)
