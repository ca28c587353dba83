"""How many tokens a request may hold: decided from exact bounds, and by counting only where those do not decide."""

import json
from collections.abc import Iterator

from panda_addon.exchange import Exchange, Span
from panda_addon.meter.models import encoding_for
from panda_addon.meter.tokens import bounds, count
from panda_addon.meter.vocabulary import TokenizerError
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding

# What a caller attaches to what is stored of a call, to find it again (openai 3.54's types say so): it leaves with the
# request, and no model reads it.
_KEPT_BESIDE = "/metadata"


def prompt_tokens(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where the text of a request, and prompts given as token ids, are more tokens than the limit."""
    limit = policy.prompt_tokens
    if limit is None or exchange.side == "response":
        return
    order = exchange.order
    if exceeds(exchange, limit - (order.token_ids + order.numbers if order else 0)):
        yield Finding(
            check="prompt_tokens",
            action=Action.BLOCK,
            side="request",
            code="prompt_too_long",
            message=f"the request has more tokens of text than {limit}, which is the limit",
        )


def exceeds(exchange: Exchange, room: int) -> bool:
    """Whether the texts of a request have more tokens than there is room for; also if there is no telling."""
    said = list(texts(exchange))
    least, most = bounds(said)
    if least > room or most <= room:
        return least > room
    try:
        return count(said, encoding_for(exchange.model), room) > room
    except TokenizerError:
        # There may be as many as there are bytes.
        return True


def size(exchange: Exchange) -> int:
    """The most tokens that the texts of a request may have."""
    return bounds(texts(exchange))[1]


def shown(exchange: Exchange) -> Iterator[Span]:
    """What a model is shown of a request. Of a body that is not known all is taken to be."""
    for span in exchange.spans:
        beside = span.pointer == _KEPT_BESIDE or span.pointer.startswith(f"{_KEPT_BESIDE}/")
        if not span.fixed and not (exchange.known and beside):
            yield span


def texts(exchange: Exchange) -> Iterator[str]:
    """All that a model is shown of a request as text; of tools and formats their JSON, in which numbers count too."""
    declared = exchange.order.declared if exchange.order else {}
    above = tuple(f"{pointer}/" for pointer in declared)
    for span in shown(exchange):
        if not span.pointer.startswith(above):
            yield span.text
    for value in declared.values():
        yield json.dumps(value, ensure_ascii=False)
