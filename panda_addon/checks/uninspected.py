"""Text that is there and cannot be read: refused where reading it could have mattered."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding for each unreadable text, if a rule could have acted on it and the policy refuses what it cannot judge."""
    if policy.on_error == "allow" or not policy.acts_on_text(exchange.side):
        return
    for part in exchange.uninspected:
        if part.text:
            yield Finding(
                check="uninspected",
                action=Action.BLOCK,
                side=exchange.side,
                code="not_inspectable",
                message=f"text given as {part.reason} cannot be read; send it as text",
                at=part.at,
            )
