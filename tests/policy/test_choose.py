from ipaddress import ip_network

import pytest

from panda_addon.policy.choose import Caller, choose, fits
from panda_addon.policy.model import Match, Policy, Ruleset
from panda_addon.policy.narrow import narrowed


def networks(*names):
    """A match on client addresses."""
    return Match(clients=tuple(map(ip_network, names)))


@pytest.mark.parametrize(
    ("match", "caller", "expected"),
    [
        (Match(), Caller(), True),
        (networks("10.2.0.0/16"), Caller(ip="10.2.3.4"), True),
        (networks("10.2.0.0/16"), Caller(ip="10.3.0.1"), False),
        (networks("192.0.2.0/24", "10.2.0.0/16"), Caller(ip="10.2.3.4"), True),
        (networks("10.2.0.0/16"), Caller(ip="::ffff:10.2.3.4"), True),
        (networks("fe80::/10"), Caller(ip="fe80::1%eth0"), True),
        (networks("::/0"), Caller(ip="10.2.3.4"), False),
        (networks("0.0.0.0/0"), Caller(), False),
        (networks("0.0.0.0/0"), Caller(ip=""), False),
        (networks("0.0.0.0/0"), Caller(ip="/run/socket"), False),
        (Match(proxy_users=frozenset({"alice"})), Caller(proxy_user="alice"), True),
        (Match(proxy_users=frozenset({"alice"})), Caller(proxy_user="Alice"), False),
        (Match(proxy_users=frozenset({"alice"})), Caller(), False),
        (Match(keys=("sha256:0123456789ab",)), Caller(key="sha256:0123456789abcdef"), True),
        (Match(keys=("sha256:ffffffffffff", "sha256:0123456789ab")), Caller(key="sha256:0123456789abcdef"), True),
        (Match(keys=("sha256:0123456789ab",)), Caller(key="sha256:0123456789ac"), False),
        (Match(keys=("sha256:0123456789ab",)), Caller(), False),
        (Match(organizations=frozenset({"org-a"})), Caller(organization="org-a"), True),
        (Match(organizations=frozenset({"org-a"})), Caller(organization="org-b"), False),
        (Match(organizations=frozenset({"org-a"})), Caller(), False),
        (Match(projects=frozenset({"p"})), Caller(project="p"), True),
        (Match(projects=frozenset({"p"})), Caller(), False),
    ],
)
def test_each_part_of_a_match_asks_for_its_fact(match, caller, expected):
    """A fact that is not known fits no match that asks for it."""
    assert fits(match, caller) is expected


def test_all_parts_of_a_match_must_fit():
    """One fact that does not fit is enough to be someone else."""
    match = Match(proxy_users=frozenset({"alice"}), projects=frozenset({"p"}))
    assert fits(match, Caller(proxy_user="alice", project="p"))
    assert not fits(match, Caller(proxy_user="alice", project="q"))
    assert not fits(match, Caller(proxy_user="bob", project="p"))


def test_the_first_policy_that_fits_is_chosen():
    """Policies are tried in the order of the file; where none fits there is none."""
    first = Policy(name="first", match=Match(keys=("sha256:0123456789ab",)))
    second = Policy(name="second", match=Match(proxy_users=frozenset({"alice"})))
    rules = Ruleset(("a.example",), (first, second), "sha256:0")
    assert choose(rules, Caller(key="sha256:0123456789abcdef", proxy_user="alice")) is first
    assert choose(rules, Caller(proxy_user="alice")) is second
    assert choose(rules, Caller()) is None


def test_what_fits_by_a_claim_holds_beside_what_fits_without():
    """A claim chooses a policy within the one that its caller would get without it; where there is none, none at all."""
    claimed = Policy(name="claimed", match=Match(projects=frozenset({"p"})))
    other = Policy(name="other", match=Match(organizations=frozenset({"o"})))
    alice = Policy(name="alice", match=Match(proxy_users=frozenset({"alice"})))
    keyed = Policy(name="keyed", match=Match(keys=("sha256:0123456789ab",)))
    policies = (claimed, other, alice, keyed)
    rules = Ruleset(("a.example",), policies, "sha256:0", narrowed=narrowed(policies))
    assert choose(rules, Caller(project="p", proxy_user="alice")) is rules.narrowed["claimed", "alice"]
    assert choose(rules, Caller(project="p", organization="o", proxy_user="alice")).name == "claimed"
    assert choose(rules, Caller(organization="o", key="sha256:0123456789abcdef")) is rules.narrowed["other", "keyed"]
    assert choose(rules, Caller(project="p")) is None
    assert choose(rules, Caller(proxy_user="alice")) is alice
