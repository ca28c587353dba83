import re

import pytest

from panda_addon.checks.endpoints import check
from panda_addon.exchange import Exchange
from panda_addon.policy.model import Globs, Names, Policy
from panda_addon.verdict import Action


def names(*allowed, deny=""):
    """Rules that allow some names, or all, and may deny one."""
    allow = Globs(tuple(re.compile(name) for name in allowed)) if allowed else None
    return Names(allow, Globs((re.compile(deny),)))


@pytest.mark.parametrize(
    ("rules", "endpoint", "message"),
    [
        (Names(), "responses", None),
        (names("responses"), "responses", None),
        (names("responses"), "models", "the endpoint models is not allowed"),
        (names("responses"), None, "the endpoint unknown is not allowed"),
        (names(deny="models"), "responses", None),
        (names(deny="models"), "models", "the endpoint models is not allowed"),
        (names("models", deny="models"), "models", "the endpoint models is not allowed"),
    ],
)
def test_an_endpoint_must_be_allowed_and_not_denied(rules, endpoint, message):
    """A deny list wins over an allow list; without either every endpoint passes."""
    findings = list(check(Exchange(side="request", endpoint=endpoint), Policy(name="p", endpoints=rules)))
    assert [finding.message for finding in findings] == ([message] if message else [])
    assert all((found.action, found.code) == (Action.BLOCK, "endpoint_not_allowed") for found in findings)


@pytest.mark.parametrize(("choice", "actions"), [("block", [Action.BLOCK]), ("audit", [Action.AUDIT]), ("allow", [])])
def test_an_unknown_endpoint_is_treated_as_the_policy_says(choice, actions):
    """What this version does not know is refused, noted or let through."""
    exchange = Exchange(side="request", endpoint=None, known=False)
    findings = list(check(exchange, Policy(name="p", unknown_endpoint=choice)))
    assert [finding.action for finding in findings] == actions


def test_an_unknown_endpoint_that_is_denied_is_refused_all_the_same():
    """Letting unknown endpoints through does not let a denied one through."""
    exchange = Exchange(side="request", endpoint="files", known=False)
    (finding,) = check(exchange, Policy(name="p", unknown_endpoint="allow", endpoints=names(deny="files")))
    assert finding.action is Action.BLOCK


def test_an_answer_is_not_judged_by_its_endpoint():
    """The endpoint was judged with the request."""
    exchange = Exchange(side="response", endpoint="models", known=False)
    assert list(check(exchange, Policy(name="p", endpoints=names(deny="models")))) == []
