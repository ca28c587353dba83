"""Which models may be named."""

import re
from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Names, Policy
from panda_addon.verdict import Action, Finding

_PLAIN = re.compile(r"[!-~]+")


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where the model is denied, or not among those allowed; a call that names none counts as not allowed."""
    rules = policy.models
    if not exchange.takes_model:
        return
    if exchange.model is None:
        if rules.select:
            yield _finding("the call names no model, and this policy allows only some")
    elif rules != Names() and not _PLAIN.fullmatch(exchange.model):
        # Some servers overlook what a pattern does not: a blank behind the name, a character that shows nothing.
        yield _finding("this model's name has characters that no model's name has")
    elif not rules.allows(exchange.model):
        yield _finding("this model is not allowed")


def _finding(message: str) -> Finding:
    return Finding(
        check="models", action=Action.BLOCK, side="request", code="model_not_allowed", message=message, at="/model"
    )
