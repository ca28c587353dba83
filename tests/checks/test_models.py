import re

import pytest

from panda_addon.checks.models import check
from panda_addon.exchange import Exchange
from panda_addon.policy.model import Globs, Names, Policy
from panda_addon.verdict import Action

ONLY_SIX = Names(Globs((re.compile("gpt-6.*"),)))
NO_PRO = Names(None, Globs((re.compile(".*-pro"),)))
BOTH = Names(Globs((re.compile("gpt-6.*"),)), Globs((re.compile(".*-pro"),)))
NAMES_NONE = "the call names no model, and this policy allows only some"
NO_NAME = "this model's name has characters that no model's name has"
NOT_ALLOWED = "this model is not allowed"


@pytest.mark.parametrize(
    ("rules", "model", "message"),
    [
        (Names(), "anything", None),
        (Names(), None, None),
        (ONLY_SIX, "gpt-6-luna", None),
        (ONLY_SIX, "gpt-5", NOT_ALLOWED),
        (ONLY_SIX, None, NAMES_NONE),
        (NO_PRO, "gpt-6", None),
        (NO_PRO, "gpt-6-pro", NOT_ALLOWED),
        (NO_PRO, None, None),
        (BOTH, "gpt-6", None),
        (BOTH, "gpt-6-pro", NOT_ALLOWED),
        (Names(), "gpt-6-pro ", None),
        (NO_PRO, "gpt-6-pro ", NO_NAME),
        (NO_PRO, "gpt-6-pro\n", NO_NAME),
        (BOTH, "gpt-6-pr\u200bo", NO_NAME),
        (BOTH, "", NO_NAME),
    ],
)
def test_a_model_must_be_allowed_and_not_denied(rules, model, message):
    """A deny list wins; a call that names no model is not among those allowed. The name is not repeated."""
    exchange = Exchange(side="request", takes_model=True, model=model)
    findings = list(check(exchange, Policy(name="p", models=rules)))
    shown = [(found.action, found.code, found.at, found.message) for found in findings]
    assert shown == ([(Action.BLOCK, "model_not_allowed", "/model", message)] if message else [])


def test_a_call_that_takes_no_model_is_not_asked_for_one():
    """Listing models needs no model."""
    assert list(check(Exchange(side="request"), Policy(name="p", models=ONLY_SIX))) == []
