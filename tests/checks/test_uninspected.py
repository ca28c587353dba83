import pytest

from panda_addon.checks.uninspected import check
from panda_addon.exchange import Exchange, Uninspected
from panda_addon.policy.model import PhraseList, Phrases, Policy
from panda_addon.text.phrases import PhraseIndex
from panda_addon.verdict import Action


@pytest.mark.parametrize(
    ("on_error", "action", "found"),
    [
        ("block", Action.BLOCK, True),
        ("block", Action.REDACT, True),
        ("block", Action.AUDIT, False),
        ("allow", Action.BLOCK, False),
    ],
)
@pytest.mark.parametrize("side", ["request", "response"])
def test_unreadable_text_is_refused_where_reading_it_could_have_mattered(side, on_error, action, found):
    """Token ids pass a policy that would only note what they say, or that lets through what it cannot judge."""
    lists = Phrases((PhraseList("l", action),), PhraseIndex([("word", 0)]))
    policy = Policy(name="p", on_error=on_error, **{f"{side}_phrases": lists})
    parts = (Uninspected("/input/0", "tokens", text=True), Uninspected("/input/1", "image"))
    findings = list(check(Exchange(side=side, uninspected=parts), policy))
    message = "text given as tokens cannot be read; send it as text"
    shown = [(one.action, one.code, one.side, one.at, one.message) for one in findings]
    assert shown == [(Action.BLOCK, "not_inspectable", side, "/input/0", message)] * found


def test_a_policy_without_phrases_on_this_side_lets_unreadable_text_pass():
    """Lists for the other side of a call do not matter."""
    lists = Phrases((PhraseList("l", Action.BLOCK),), PhraseIndex([("word", 0)]))
    exchange = Exchange(side="request", uninspected=(Uninspected("", "tokens", text=True),))
    assert list(check(exchange, Policy(name="p", response_phrases=lists))) == []
