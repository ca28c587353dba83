import importlib
import inspect
import pkgutil

import openai.types
import pydantic
import pytest

from panda_addon.wire.names import NAMES, escape, public, unescape

FAMILIES = (
    "chat",
    "responses",
    "audio",
    "batch",
    "shared",
    "embedding",
    "create_embedding",
    "completion",
    "moderation",
    "image",
    "model",
)


def sdk_names():
    """The name of every member of every model and parameter of the SDK's families."""
    for module in pkgutil.walk_packages(openai.types.__path__, "openai.types."):
        family = module.name.split(".")[2]
        if not family.startswith(FAMILIES) or family.startswith("chatkit"):
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(found) and issubclass(found, pydantic.BaseModel):
                yield from (field.alias or name for name, field in found.model_fields.items())
            elif inspect.isclass(found) and hasattr(found, "__total__"):
                yield from found.__annotations__


def test_every_name_of_the_sdk_is_known():
    """A member that the installed SDK has and the list lacks would be taken for a caller's text."""
    names = set(sdk_names())
    assert {"messages", "safety_identifier", "reasoning", "voice"} <= names
    assert sorted(names - NAMES) == []


@pytest.mark.parametrize("name", ["additionalProperties", "$ref", "enum", "reasoning_content"])
def test_the_words_of_json_schema_are_known(name):
    """Tools and answer formats are written in names that are nobody's text."""
    assert name in NAMES


@pytest.mark.parametrize("name", ["", "secret project", "Messages", "custom_field", "0"])
def test_a_name_of_the_senders_own_is_not_known(name):
    """What the API does not name, in just this spelling, is the sender's."""
    assert name not in NAMES


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("", ""),
        ("/messages/0/content", "/messages/0/content"),
        ("/metadata/secret project", "/metadata/*"),
        ("/metadata/a~1b/0", "/metadata/*/0"),
        ("/categories/hate~1threatening", "/categories/hate~1threatening"),
        ("/", "/*"),
        ("/input/1234567/text", "/input/1234567/text"),
        ("/metadata/4111111111111111", "/metadata/*"),
        ("/metadata/٣", "/metadata/*"),
        ("/metadata/²", "/metadata/*"),
        ("/metadata/1\n", "/metadata/*"),
    ],
)
def test_a_pointer_for_the_log_names_nothing_of_the_senders(pointer, shown):
    """Only the API's own names and short indexes are shown."""
    assert public(pointer) == shown


@pytest.mark.parametrize(("name", "part"), [("a", "a"), ("a/b", "a~1b"), ("~1", "~01"), ("~/", "~0~1"), ("", "")])
def test_names_are_escaped_in_pointers_and_back(name, part):
    """A name becomes a part of an RFC 6901 pointer and again itself."""
    assert escape(name) == part
    assert unescape(part) == name
