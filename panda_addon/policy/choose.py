"""Which policy applies to whom."""

from dataclasses import dataclass
from ipaddress import ip_address

from panda_addon.policy.model import Match, Policy, Ruleset


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call. Address and proxy user are proved, the key is shown; the rest is what the caller claims.

    `key` is the fingerprint of the API key, never the key.
    """

    ip: str | None = None
    proxy_user: str | None = None
    key: str | None = None
    organization: str | None = None
    project: str | None = None
    user_agent: str | None = None


def choose(ruleset: Ruleset, caller: Caller) -> Policy | None:
    """The first policy whose `match` fits, or None.

    One that fits by a claim is narrowed to what the first one grants that fits without; if there is none, neither is it.
    """
    first = next((policy for policy in ruleset.policies if fits(policy.match, caller)), None)
    if first is None or not first.match.claims:
        return first
    unclaimed = (policy for policy in ruleset.policies if not policy.match.claims and fits(policy.match, caller))
    ground = next(unclaimed, None)
    return None if ground is None else ruleset.narrowed[first.name, ground.name]


def fits(match: Match, caller: Caller) -> bool:
    """Whether everything that a match asks for is so."""
    return (
        (match.clients is None or _in_networks(match, caller.ip))
        and (match.proxy_users is None or caller.proxy_user in match.proxy_users)
        and (match.keys is None or (caller.key is not None and caller.key.startswith(match.keys)))
        and (match.organizations is None or caller.organization in match.organizations)
        and (match.projects is None or caller.project in match.projects)
    )


def _in_networks(match: Match, ip: str | None) -> bool:
    try:
        address = ip_address((ip or "").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in match.clients or ())
