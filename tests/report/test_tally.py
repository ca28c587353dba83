from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.tally import COUNTS, Measured, Sums, cost
from tests.report.recording import hostile_records, read, record


def counts(**changes):
    """What one record counts, of the names that are not nothing."""
    return {name: count for name, count in zip(COUNTS, Measured(read(record(**changes))).counts, strict=True) if count}


TOKENS = {"calls": 1, "input_tokens": 30, "cached_tokens": 5, "output_tokens": 70, "reasoning_tokens": 6}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, TOKENS),
        ({"usage": None}, {"calls": 1}),
        ({"source": "estimated"}, {**TOKENS, "counted": 1}),
        ({"source": "counted", "cost": None}, {**TOKENS, "counted": 1, "unpriced": 1}),
        ({"cost": None, "usage": None, "price": {"source": "unknown", "reason": "background"}}, {"calls": 1, "background": 1}),
        ({"cost": None, "usage": None, "price": {"source": "unknown", "reason": "model"}}, {"calls": 1, "unpriced": 1}),
        ({"price": {"source": "fallback", "reason": "background"}}, TOKENS),
        ({"price": {"without": ["containers", "web_search"]}}, {**TOKENS, "partial": 1}),
        ({"price": {"without": ["tools"]}, "cost": "0"}, {**TOKENS, "partial": 1}),
        ({"price": {"without": ["tools"]}, "cost": None}, {**TOKENS, "unpriced": 1}),
        ({"price": {"without": []}}, TOKENS),
        ({"price": {"without": "tools"}}, TOKENS),
        ({"price": {"without": [1, None, {}]}}, TOKENS),
        ({"decision": "block", "response__status": 400}, {**TOKENS, "blocked": 1}),
        ({"decision": "redact"}, {**TOKENS, "redacted": 1}),
        ({"decision": "audit"}, {**TOKENS, "audited": 1}),
        ({"decision": "error", "response__status": 200}, {**TOKENS, "errors": 1}),
        ({"response__status": 429}, {**TOKENS, "errors": 1}),
        ({"response__ended": "upstream_error"}, {**TOKENS, "errors": 1}),
        ({"response__ended": "client_gone"}, TOKENS),
        ({"findings": [{}, {}]}, {**TOKENS, "findings": 2}),
        ({"findings": [{}], "findings_total": 300}, {**TOKENS, "findings": 300}),
        ({"usage": None, "latency_ms": 7, "findings": "x", "response": []}, {"calls": 1}),
        ({"usage__input_tokens": -1, "usage__output_tokens": True, "usage__cached_tokens": 10**300},
         {"calls": 1, "reasoning_tokens": 6}),
    ],
)  # fmt: skip
def test_what_a_record_counts(changes, found):
    """Each column counts what it says, and nothing that makes no sense."""
    assert counts(**changes) == found


@pytest.mark.parametrize(
    ("written", "dollars"),
    [
        (b"0", "0"), (b"0.0", "0.0"), (b"3", "3"), (b"0.000123", "0.000123"), (b"1e-7", "1E-7"), (b"null", None),
        (b"-1", None), (b"-0.5", None), (b"true", None), (b'"0.1"', None), (b"NaN", None), (b"1e400", None),
        (b"1" + b"0" * 30, None), (b"1e-400", None),
    ],
)  # fmt: skip
def test_a_cost_is_exact_or_unknown(written, dollars):
    """What is no sum of money is not nothing but unknown."""
    from panda_addon.report.records import parsed

    found = cost(parsed(b'{"cost_usd": ' + written + b"}"))
    assert found == (None if dollars is None else Decimal(dollars))


@given(st.lists(st.decimals(0, 10**9, places=15), max_size=40))
def test_money_is_summed_exactly(amounts):
    """Not a billionth is lost, in whatever order."""
    sums = Sums()
    for amount in amounts:
        call = Measured({"cost_usd": amount})
        sums.add(call)
    assert sums.cost == sum(int(amount.scaleb(15)) for amount in amounts) * Decimal("1e-15")


@given(hostile_records())
def test_anything_can_be_counted(found):
    """Whatever a record says, its counts are counts and its cost is none or a sum of money."""
    call = Measured(read(found))
    assert all(count >= 0 for count in call.counts)
    assert call.cost is None or call.cost >= 0
