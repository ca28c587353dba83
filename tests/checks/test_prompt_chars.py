import pytest

from panda_addon.checks.prompt_chars import check
from panda_addon.exchange import Exchange, Span
from panda_addon.policy.model import Policy


@pytest.mark.parametrize(
    ("side", "limit", "message"),
    [
        ("request", 10, None),
        ("request", 9, "the request has 10 characters of text, the limit is 9"),
        ("request", 0, "the request has 10 characters of text, the limit is 0"),
        ("request", None, None),
        ("response", 0, None),
    ],
)
def test_a_request_with_more_text_than_the_limit_is_refused(side, limit, message):
    """All spans of a request count together; answers are not measured."""
    exchange = Exchange(side=side, spans=(Span("/a", "12345"), Span("/b", "12345")))
    findings = list(check(exchange, Policy(name="p", prompt_chars=limit)))
    assert [(found.code, found.message) for found in findings] == ([("prompt_too_long", message)] if message else [])
