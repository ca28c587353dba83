"""The policy file as it is written: what keys there are and what they may hold.

pydantic reports every mistake of a file at once, with the path to each; `tree` turns the paths into lines. These models
live only while a policy is loaded: `model` is what calls are judged by.
"""

import difflib
import re
from collections.abc import Sequence
from ipaddress import IPv6Network, ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from panda_addon.exchange import Side
from panda_addon.policy.errors import Problem
from panda_addon.policy.numbers import Money
from panda_addon.policy.prices import PricePart, UnknownPricePart
from panda_addon.policy.tree import Tree, TreePath, items, member
from panda_addon.text.explain import STEPS
from panda_addon.wire.route import ENDPOINTS, UNREAD

# Keys of the policy language that this version refuses because it would not act on them.
UNSERVED = frozenset("budgets log_text moderation rates reflection replies retries".split())

_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{12,64}")
_LABEL = re.compile(r"[a-z0-9*]([a-z0-9*-]*[a-z0-9*])?")


def _host(value: str) -> str:
    host = value.lower()
    labels = host.removeprefix("*.").split(".")
    if "*" in host.removeprefix("*.") or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("must be a host name, or '*.' and a host name")
    return host


def _version(value: int) -> int:
    if value != 1:
        raise ValueError(f"should be 1, not {value}")
    return value


def _network(value: str) -> str:
    network = ip_network(value)
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise ValueError("must be written as an IPv4 network")
    return value


def _fingerprint(value: str) -> str:
    if not _FINGERPRINT.fullmatch(value):
        raise ValueError("must be 'sha256:' and at least 12 of the hex digits that the audit log prints")
    return value


def _endpoint(value: str) -> str:
    known = {*ENDPOINTS, *UNREAD, *(name.split(".")[0] for name in ENDPOINTS)}
    if value not in known and not value.startswith(("audio.", "images.")):
        close = difflib.get_close_matches(value, known, 1)
        raise ValueError(f"no endpoint is called {value!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return value


def _step(value: str) -> str:
    if value not in STEPS:
        close = difflib.get_close_matches(value, STEPS, 1)
        raise ValueError(f"no folding step is called {value!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return value


def _printable(value: str) -> str:
    if not value.isprintable() or set(value) & set('"\\'):
        raise ValueError("must be printable and without quotes or backslashes, which could break JSON inside a text")
    return value


type Text = Annotated[str, Field(min_length=1)]
type Texts = Annotated[list[Text], Field(min_length=1)]
type Hosts = Annotated[list[Annotated[Text, AfterValidator(_host)]], Field(min_length=1)]
type Endpoint = Annotated[Text, AfterValidator(_endpoint)]
type Mark = Annotated[str, Field(max_length=64), AfterValidator(_printable)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class MatchPart(_Part):
    """Who a policy is for."""

    clients: Annotated[list[Annotated[Text, AfterValidator(_network)]], Field(min_length=1)] | None = None
    proxy_users: Texts | None = None
    keys: Annotated[list[Annotated[Text, AfterValidator(_fingerprint)]], Field(min_length=1)] | None = None
    organizations: Texts | None = None
    projects: Texts | None = None


class ModelsPart(_Part):
    """Which models may be named, as shell patterns."""

    allow: Texts | None = None
    deny: Texts | None = None


class EndpointsPart(_Part):
    """Which endpoints may be called; a family's name stands for all of it."""

    allow: Annotated[list[Endpoint], Field(min_length=1)] | None = None
    deny: Annotated[list[Endpoint], Field(min_length=1)] | None = None


class OutputTokensPart(_Part):
    """The cap on an answer's tokens, and what to do with a request that sets none."""

    max: Annotated[int, Field(ge=1)]
    missing: Literal["block", "set"] = "block"


class LimitsPart(_Part):
    """Sizes, and what a call may cost."""

    prompt_chars: Annotated[int, Field(ge=0)] | None = None
    prompt_tokens: Annotated[int, Field(ge=0)] | None = None
    output_tokens: OutputTokensPart | None = None
    request_cost_usd: Money | None = None


class PhrasesPart(_Part):
    """A phrase list at work."""

    name: Annotated[Text, Field(alias="list")]
    sides: Annotated[list[Side], Field(alias="in", min_length=1)] = ["request", "response"]
    action: Literal["audit", "redact", "block"]
    words: Texts | None = None
    without: Annotated[list[Annotated[Text, AfterValidator(_step)]], Field(min_length=1)] | None = None
    confidential: bool = False


class PolicyPart(_Part):
    """One policy."""

    name: Text
    mode: Literal["enforce", "audit"] = "enforce"
    match: MatchPart = MatchPart()
    models: ModelsPart = ModelsPart()
    endpoints: EndpointsPart = EndpointsPart()
    limits: LimitsPart = LimitsPart()
    end_user: Literal["required", "optional"] = "optional"
    phrases: list[PhrasesPart] = []
    redaction: Mark = "****"
    unknown_price: UnknownPricePart | None = None


class FilePart(_Part):
    """The file."""

    version: Annotated[int, AfterValidator(_version)]
    hosts: Hosts = ["api.openai.com", "*.api.openai.com"]
    on_error: Literal["block", "allow"] = "block"
    unknown_endpoint: Literal["block", "audit", "allow"] = "block"
    prices: list[PricePart] = []
    unknown_price: UnknownPricePart | None = None
    policies: Annotated[list[PolicyPart], Field(min_length=1)]


def validate(tree: Tree) -> FilePart | list[Problem]:
    """The file a tree holds, or everything that is wrong with it."""
    repeated = _repeated_names(tree)
    try:
        file = FilePart.model_validate(tree.value)
    except ValidationError as error:
        return [*(_problem(tree, details) for details in error.errors()), *repeated]
    return repeated or file


def _repeated_names(tree: Tree) -> list[Problem]:
    """What no single part can know, found in the bare tree so that no other mistake hides it."""
    names = [member(policy, "name") for policy in items(member(tree.value, "policies"))]
    return [
        tree.problem(("policies", index, "name"), "another policy has this name already")
        for index, name in enumerate(names)
        if isinstance(name, str) and name in names[:index]
    ]


def _problem(tree: Tree, details: ErrorDetails) -> Problem:
    path: TreePath = details["loc"]
    kind = details["type"]
    if kind == "extra_forbidden":
        return tree.problem(path, _unknown(path), at_key=True)
    if kind == "missing":
        return tree.problem(path, "this key is missing")
    message = "should be a mapping" if kind == "model_type" else details["msg"]
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    if kind.endswith("_type") or kind == "literal_error":
        message += f", not {_shown(details['input'])}"
    return tree.problem(path, message[:1].lower() + message[1:])


def _unknown(path: TreePath) -> str:
    name = str(path[-1])
    if name in UNSERVED:
        return "this version does not serve this key yet"
    close = difflib.get_close_matches(name, _keys(FilePart, path[:-1]), 1)
    return "unknown key" + (f"; did you mean {close[0]!r}?" if close else "")


def _keys(part: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that may stand at a path."""
    for step in path:
        if isinstance(step, str) and step in part.model_fields:
            part = _part_of(part.model_fields[step].annotation) or part
    return [field.alias or name for name, field in part.model_fields.items()]


def _part_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 a type annotation may be anything
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    named = getattr(annotation, "__value__", annotation)
    return next(filter(None, map(_part_of, getattr(named, "__args__", ()))), None)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    return f"{value!r}" if len(repr(value)) < 60 else "this"
