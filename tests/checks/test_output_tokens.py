import pytest

from panda_addon.checks.output_tokens import check
from panda_addon.exchange import Exchange, OutputCap
from panda_addon.policy.model import OutputTokens, Policy
from panda_addon.verdict import Action, Put

FIELDS = ("max_completion_tokens", "max_tokens")


def findings(cap, limit):
    """What the check finds for a cap under a limit."""
    return list(check(Exchange(side="request", output_cap=cap), Policy(name="p", output_tokens=limit)))


@pytest.mark.parametrize(
    ("given", "answers", "message"),
    [
        ([("max_tokens", 100)], 1, None),
        ([("max_tokens", 101)], 1, "max_tokens is 101, the limit is 100"),
        ([("max_tokens", 50)], 2, None),
        ([("max_tokens", 51)], 2, "max_tokens is 51 times 2 answers, the limit is 100"),
        ([("max_tokens", 0)], 2, None),
        ([("max_tokens", "50")], 1, "max_tokens must be a whole number"),
        ([("max_tokens", 50.0)], 1, "max_tokens must be a whole number"),
        ([("max_tokens", True)], 1, "max_tokens must be a whole number"),
        ([("max_tokens", [1])], 1, "max_tokens must be a whole number"),
        ([("max_completion_tokens", 10), ("max_tokens", 999)], 1, "max_tokens is 999, the limit is 100"),
        ([("max_tokens", 4_111_111_111_111_111)], 1, "max_tokens is a number of 16 digits, the limit is 100"),
        ([("max_tokens", 10**4000)], 2, "max_tokens is a number of 4001 digits times 2 answers, the limit is 100"),
    ],
)
@pytest.mark.parametrize("set_missing", [True, False])
def test_a_cap_above_the_limit_is_refused(given, answers, message, set_missing):
    """A cap holds for all answers together, and is a whole number; every one that is given must keep to the limit."""
    found = findings(OutputCap(FIELDS, tuple(given), answers), OutputTokens(100, set_missing))
    shown = [(one.action, one.code, one.at, one.message, one.put) for one in found]
    assert shown == ([(Action.BLOCK, "output_limit", f"/{given[-1][0]}", message, None)] if message else [])


@pytest.mark.parametrize(
    ("answers", "set_missing", "action", "put", "message"),
    [
        (1, True, Action.SET, Put("max_completion_tokens", 100), "max_completion_tokens was set to 100"),
        (3, True, Action.SET, Put("max_completion_tokens", 33), "max_completion_tokens was set to 33"),
        (101, True, Action.BLOCK, None, "the call must set max_completion_tokens to at most 0"),
        (1, False, Action.BLOCK, None, "the call must set max_completion_tokens to at most 100"),
        (3, False, Action.BLOCK, None, "the call must set max_completion_tokens to at most 33"),
    ],
)
def test_a_missing_cap_is_set_or_refused(answers, set_missing, action, put, message):
    """What is written in leaves each answer its share; where there is none to leave the call is refused."""
    (found,) = findings(OutputCap(FIELDS, (), answers), OutputTokens(100, set_missing))
    assert (found.action, found.put, found.at, found.message) == (action, put, "/max_completion_tokens", message)


@pytest.mark.parametrize(
    ("cap", "limit"), [(None, OutputTokens(1, set_missing=False)), (OutputCap(FIELDS, (("max_tokens", 9),)), None)]
)
def test_without_a_cap_or_a_limit_there_is_nothing_to_find(cap, limit):
    """Endpoints that take no cap and policies without a limit are left alone."""
    assert findings(cap, limit) == []
