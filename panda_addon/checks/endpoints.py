"""Which endpoints may be called, and what happens to a path nobody here knows."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where the endpoint is denied, not among those allowed, or unknown."""
    if exchange.side == "response":
        return
    name = exchange.endpoint or "unknown"
    if not policy.endpoints.allows(name):
        yield _finding(Action.BLOCK, f"the endpoint {name} is not allowed")
    elif not exchange.known and policy.unknown_endpoint != "allow":
        action = Action.BLOCK if policy.unknown_endpoint == "block" else Action.AUDIT
        yield _finding(action, "this path or method is not one that the proxy knows how to read")


def _finding(action: Action, message: str) -> Finding:
    return Finding(check="endpoints", action=action, side="request", code="endpoint_not_allowed", message=message)
