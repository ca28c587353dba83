"""What a request's price depends on, beside its text, its model and its cap."""

from collections.abc import Iterator

from panda_addon.exchange import Order
from panda_addon.wire.shape import Shape
from panda_addon.wire.strictjson import Json

type _Members = dict[str, Json]

# Tools that their caller, or nobody, works: from openai 3.54's types. All others are OpenAI's own, and add to the prompt
# what they find, and to the price what each call of them costs.
_CALLERS_OWN = frozenset(
    "apply_patch computer computer_use_preview custom function local_shell namespace tool_search".split()
)


def read_order(shape: Shape, members: _Members) -> Order | None:
    """What a request orders; None where nobody is billed for it."""
    if shape.free or not shape.model:
        return None
    tier = members.get("service_tier")
    return Order(
        tier=tier if isinstance(tier, str) else None,
        messages=_messages(members),
        token_ids=sum(_integers(members.get(name)) for name in shape.tokens),
        tools=sum(1 for _ in _tools(members)),
        hosted=bool(members.get("web_search_options")) or any(_hosted(tool) for tool in _tools(members)),
        text=bool(shape.caps or shape.tokens),
    )


def _messages(members: _Members) -> int:
    """How many messages there are; text on its own is one, and so are instructions."""
    said = members.get("messages", members.get("input"))
    above = isinstance(members.get("instructions"), str)
    return above + (len(said) if isinstance(said, list) else isinstance(said, str))


def _integers(value: Json) -> int:
    if isinstance(value, list):
        return sum(map(_integers, value))
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


def _tools(members: _Members) -> Iterator[Json]:
    """The tools of a request, also those that come as an item of its input."""
    items = members.get("input")
    for holder in (members, *(items if isinstance(items, list) else ())):
        tools = holder.get("tools") if isinstance(holder, dict) else None
        yield from tools if isinstance(tools, list) else ()


def _hosted(tool: Json) -> bool:
    return isinstance(tool, dict) and tool.get("type") not in _CALLERS_OWN
