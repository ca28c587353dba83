import pytest

from panda_addon.checks.end_user import check
from panda_addon.exchange import Exchange
from panda_addon.policy.model import Policy
from panda_addon.verdict import Action


@pytest.mark.parametrize(
    ("required", "takes", "end_user", "found"),
    [
        (True, True, None, True),
        (True, True, "u-1", False),
        (True, False, None, False),
        (False, True, None, False),
    ],
)
def test_an_end_user_is_asked_for_where_one_can_be_given(required, takes, end_user, found):
    """A call without an end user is refused if the policy requires one and the endpoint takes one."""
    exchange = Exchange(side="request", takes_end_user=takes, end_user=end_user)
    findings = list(check(exchange, Policy(name="p", end_user_required=required)))
    shown = [(finding.action, finding.code, finding.at) for finding in findings]
    assert shown == [(Action.BLOCK, "end_user_required", "/safety_identifier")] * found
