"""What an answer says of its price: its `usage` object, under either of its two spellings, its model and service tier."""

from panda_addon.exchange import Bill, Usage
from panda_addon.wire.strictjson import Json


def read_bill(document: Json) -> Bill | None:
    """What an answer, or an event of one, says of its price; None if it says nothing of it."""
    if not isinstance(document, dict):
        return None
    usage, model, tier = read_usage(document), document.get("model"), document.get("service_tier")
    if usage is None and not isinstance(model, str) and not isinstance(tier, str):
        return None
    return Bill(usage, model if isinstance(model, str) else None, tier if isinstance(tier, str) else None)


def read_usage(document: Json) -> Usage | None:
    """The tokens an answer reports, or None if it reports none."""
    usage = document.get("usage") if isinstance(document, dict) else None
    if not isinstance(usage, dict):
        return None
    sent = _first(usage, "input_tokens", "prompt_tokens")
    answered = _first(usage, "output_tokens", "completion_tokens")
    if sent is None and answered is None:
        return None
    details_in = usage.get("input_tokens_details") or usage.get("prompt_tokens_details")
    details_out = usage.get("output_tokens_details") or usage.get("completion_tokens_details")
    return Usage(
        input_tokens=sent or 0,
        output_tokens=answered or 0,
        cached_tokens=_count(details_in, "cached_tokens") or 0,
        reasoning_tokens=_count(details_out, "reasoning_tokens") or 0,
    )


def _first(usage: Json, *names: str) -> int | None:
    return next((count for name in names if (count := _count(usage, name)) is not None), None)


def _count(details: Json, name: str) -> int | None:
    value = details.get(name) if isinstance(details, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
