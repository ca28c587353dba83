"""How long a prompt may be, in characters of all its text."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where a request holds more text than the limit."""
    limit = policy.prompt_chars
    if limit is not None and exchange.side == "request" and exchange.chars > limit:
        yield Finding(
            check="prompt_chars",
            action=Action.BLOCK,
            side="request",
            code="prompt_too_long",
            message=f"the request has {exchange.chars} characters of text, the limit is {limit}",
        )
