"""Which models may be named."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where the model is denied, or not among those allowed; a call that names none counts as not allowed."""
    rules = policy.models
    if not exchange.takes_model:
        return
    if exchange.model is None:
        if rules.allow is not None:
            yield _finding("the call names no model, and this policy allows only some")
    elif rules.deny.match(exchange.model) or (rules.allow is not None and not rules.allow.match(exchange.model)):
        yield _finding("this model is not allowed")


def _finding(message: str) -> Finding:
    return Finding(
        check="models", action=Action.BLOCK, side="request", code="model_not_allowed", message=message, at="/model"
    )
