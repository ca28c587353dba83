"""Whether a call says who is behind it."""

from collections.abc import Iterator

from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action, Finding


def check(exchange: Exchange, policy: Policy) -> Iterator[Finding]:
    """A finding where an end user is required, could be given and is not."""
    if policy.end_user_required and exchange.takes_end_user and exchange.end_user is None:
        yield Finding(
            check="end_user",
            action=Action.BLOCK,
            side="request",
            code="end_user_required",
            message="the call must say who it is for: set safety_identifier (or user) in the body",
            at="/safety_identifier",
        )
