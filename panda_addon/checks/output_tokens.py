"""How long an answer may be, in tokens."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange, OutputCap
from panda_addon.policy.model import OutputTokens, Policy
from panda_addon.verdict import Action, Finding, Put

# From here on a number is no size any more but its sender's text.
_LONG = 10**12


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where a cap is missing, no whole number, or above the limit for all answers together."""
    cap, limit = exchange.output_cap, policy.output_tokens
    if cap is None or limit is None:
        return
    if not cap.given:
        yield _missing(cap, limit)
    for name, value in cap.given:
        if not isinstance(value, int) or isinstance(value, bool):
            yield _finding(name, Action.BLOCK, f"{name} must be a whole number")
        elif value * cap.answers > limit.max:
            times = f" times {cap.answers} answers" if cap.answers > 1 else ""
            shown = value if value < _LONG else f"a number of {len(str(value))} digits"
            yield _finding(name, Action.BLOCK, f"{name} is {shown}{times}, the limit is {limit.max}")


def _missing(cap: OutputCap, limit: OutputTokens) -> Finding:
    name = cap.fields[0]
    value = limit.max // cap.answers
    if limit.set_missing and value > 0:
        return _finding(name, Action.SET, f"{name} was set to {value}", Put(name, value))
    return _finding(name, Action.BLOCK, f"the call must set {name} to at most {value}")


def _finding(name: str, action: Action, message: str, put: Put | None = None) -> Finding:
    return Finding(
        check="output_tokens",
        action=action,
        side="request",
        code="output_limit",
        message=message,
        at=f"/{name}",
        put=put,
    )
