from datetime import UTC, datetime

import pytest

from panda_addon.exchange import Bill, Usage
from panda_addon.meter.fees import left_out
from panda_addon.meter.prices import total
from panda_addon.policy.model import Policy
from panda_addon.wire.usage import read_bill

SEARCHED = Usage(10, 10, web_searches=1)
PREVIEW = ("web_search_preview",)


@pytest.mark.parametrize(
    ("bill", "fees"),
    [
        (Bill(Usage(1, 1), "gpt-6-luna"), ()),
        (Bill(SEARCHED, "gpt-6-luna"), ()),
        (Bill(SEARCHED, "gpt-6-luna", unsaid=PREVIEW), ()),
        (Bill(SEARCHED, "o3-deep-research", unsaid=PREVIEW), ()),
        (Bill(SEARCHED, "gpt-4o"), ()),
        (Bill(SEARCHED, "gpt-4o-2024-08-06", unsaid=PREVIEW), ("web_search",)),
        (Bill(Usage(1, 1), "gpt-4o", unsaid=PREVIEW), ()),
        (Bill(SEARCHED, "gpt-4.1-mini-2025-04-14"), ("web_search",)),
        (Bill(SEARCHED, "gpt-4o-mini"), ("web_search",)),
        (Bill(SEARCHED, "ft:gpt-4o-mini:org::id"), ("web_search",)),
        (Bill(Usage(1, 1), "gpt-4o-mini"), ()),
        (Bill(Usage(1, 1), "gpt-4o-search-preview-2025-03-11"), ("web_search",)),
        (Bill(Usage(1, 1), "gpt-4o-mini-search-preview"), ("web_search",)),
        (Bill(Usage(1, 1), "gpt-5-search-api"), ("web_search",)),
        (Bill(Usage(1, 1), "gpt-5-search-api-2025-10-14"), ("web_search",)),
        (Bill(None, None), ()),
        (Bill(SEARCHED, "gpt-4o", unsaid=("images", *PREVIEW, "containers")), ("containers", "images", "web_search")),
        (Bill(Usage(1, 1), "gpt-6-luna", "batch", "batch_1", unsaid=("tools",)), ("tools",)),
    ],
)
def test_fees_that_an_answer_does_not_tell_are_named(bill, fees):
    """Containers, pictures, searches at a price of their own; and all that was done in a batch."""
    assert left_out(bill, None) == fees


def test_the_model_that_was_asked_for_counts_where_the_answer_names_none():
    """An answer need not repeat it."""
    assert left_out(Bill(Usage(1, 1)), "gpt-5-search-api") == ("web_search",)
    assert left_out(Bill(Usage(1, 1), "gpt-5"), "gpt-5-search-api") == ()


def test_a_price_says_what_it_is_without_and_is_the_same():
    """Nothing is added for a fee that is not known, and nothing taken away."""
    response = {"object": "response", "model": "gpt-6-luna", "usage": {"input_tokens": 1000, "output_tokens": 10}}
    held = {**response, "output": [{"type": "code_interpreter_call"}]}
    plain, told = (
        total(
            Policy(name="p"),
            read_bill(document),
            model=None,
            tier=None,
            host="api.openai.com",
            at=datetime(2026, 11, 27, tzinfo=UTC),
        )
        for document in (response, held)
    )
    assert (plain.without, told.without) == ((), ("containers",))
    assert plain.usd == told.usd
