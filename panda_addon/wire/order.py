"""What a request's price depends on, beside its text, its model and its cap."""

from collections.abc import Iterator, Mapping

from panda_addon.exchange import Order
from panda_addon.wire.shape import Shape
from panda_addon.wire.strictjson import Json

type _Members = dict[str, Json]

# Members that a model is shown as the JSON they are, or what is made of it: numbers and names of types count in them.
_DECLARED = ("tools", "functions", "response_format", "text")

# Items of which OpenAI keeps what they hold, if they have an id and do not hold it themselves.
_KEPT = frozenset(
    "code_interpreter_call file_search_call image_generation_call item_reference reasoning web_search_call".split()
)

# Tools that their caller, or nobody, works: from openai 3.54's types. All others are OpenAI's own, and add to the prompt
# what they find, and to the price what each call of them costs.
_CALLERS_OWN = frozenset(
    "apply_patch computer computer_use_preview custom function local_shell namespace tool_search".split()
)


def read_order(shape: Shape, members: _Members, pictures: Mapping[str, str]) -> Order | None:
    """What a request orders, with the URLs of its pictures by their pointers; None where nobody is billed for it."""
    if shape.free or not shape.model:
        return None
    # What is not answered in text has no tiers to choose from.
    tier = members.get("service_tier") if shape.caps else None
    tools = list(_tools(members))
    items = _list(members.get("input"))
    # A stored prompt may bring tools of its own.
    stored = "prompt" in shape.stored and members.get("prompt") is not None
    searches = members.get("web_search_options") is not None
    modalities = members.get("modalities")
    return Order(
        tier=tier if isinstance(tier, str) else None,
        messages=_messages(members),
        names=sum(_named(message) for message in _list(members.get("messages"))),
        token_ids=sum(_integers(members.get(name)) for name in shape.tokens),
        numbers=sum(_digits(members.get(name)) for name in ("messages", "input") if name not in shape.tokens),
        tools=len(tools),
        hosted=stored or searches or any(_hosted(tool) for tool in tools),
        sound=members.get("audio") is not None or (isinstance(modalities, list) and "audio" in modalities),
        text=bool(shape.caps or shape.tokens),
        opaque=sum(_opaque(item) for item in items),
        kept=any(map(_kept, items)),
        characters=sum(len(text) for name in shape.spoken if isinstance(text := members.get(name), str)),
        declared={
            **{f"/{name}": value for name in _DECLARED if (value := members.get(name)) is not None},
            **{f"/input/{at}/tools": tools for at, item in enumerate(items) if (tools := _own_tools(item))},
        },
        pictures=pictures,
    )


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _messages(members: _Members) -> int:
    """How many messages there are, and calls of tools in them; text on its own is one, and so are instructions."""
    said = members.get("messages", members.get("input"))
    above = isinstance(members.get("instructions"), str)
    if not isinstance(said, list):
        return above + isinstance(said, str)
    calls = (message.get("tool_calls") for message in said if isinstance(message, dict))
    return above + len(said) + sum(len(made) for made in calls if isinstance(made, list))


def _named(message: Json) -> bool:
    """Whether a message of a chat has the name of who says it."""
    return isinstance(message, dict) and isinstance(message.get("name"), str)


def _integers(value: Json) -> int:
    if isinstance(value, list):
        return sum(map(_integers, value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


def _digits(value: Json) -> int:
    """The length of all numbers: they are shown to the model, and are no text. Those of tools are counted with those."""
    found = 0
    below: list[Json] = [value]
    while below:
        one = below.pop()
        if isinstance(one, list):
            below += one
        elif isinstance(one, dict):
            below += (member for name, member in one.items() if name != "tools")
        elif isinstance(one, (int, float)) and not isinstance(one, bool):
            found += len(str(one))
    return found


def _kept(item: Json) -> bool:
    """Whether OpenAI fills in what an item holds: it goes by its id alone."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or _opaque(item):
        return False
    kind = item.get("type")
    return kind in _KEPT if isinstance(kind, str) and kind != "message" else item.get("content") is None


def _own_tools(item: Json) -> list[Json]:
    return _list(item.get("tools")) if isinstance(item, dict) else []


def _opaque(item: Json) -> int:
    """The length of what OpenAI alone can read in an item: it has no more tokens than that."""
    sealed = item.get("encrypted_content") if isinstance(item, dict) else None
    return len(sealed) if isinstance(sealed, str) else 0


def _tools(members: _Members) -> Iterator[Json]:
    """The tools of a request, also those that come as an item of its input, and those that a tool holds."""
    holders: list[Json] = [members, *_list(members.get("input"))]
    while holders:
        holder = holders.pop()
        tools = holder.get("tools") if isinstance(holder, dict) else None
        if isinstance(tools, list):
            yield from tools
            holders += tools


def _hosted(tool: Json) -> bool:
    if not isinstance(tool, dict):
        return False
    environment = tool.get("environment")
    if tool.get("type") == "shell" and isinstance(environment, dict) and environment.get("type") == "local":
        return False
    return tool.get("type") not in _CALLERS_OWN
