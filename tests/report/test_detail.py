from datetime import UTC, datetime

import pytest
from hypothesis import given

from panda_addon.report.detail import Detail, slots
from panda_addon.report.fields import fields
from panda_addon.report.moments import Period, period
from panda_addon.report.summary import Question, summarize
from tests.report.recording import NOON, dollars, hostile_records, read, record
from tests.report.test_summary import DAY, LAST_DAY

HOUR = 3600.0
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def told(*found, span=None):
    """The report on some records, and its detail."""
    detail = Detail()
    question = Question(fields("user"), (), span or Period())
    return summarize([read(each) for each in found], question, lambda _what: None, detail), detail


def test_who_spent_what_is_kept_beside_the_rows():
    """By user, model and key, now and before, whatever the report groups by."""
    _, detail = told(
        record(NOON, cost="2"), record(NOON, cost="1"), record(NOON - DAY, cost="0.5"), record(NOON, cost=None, end_user=None),
        span=LAST_DAY,
    )  # fmt: skip
    alice = detail.spenders["user"]["alice"]
    assert (alice.calls, alice.cost, alice.before, alice.unpriced) == (2, dollars("3"), dollars("0.5"), 0)
    nobody = detail.spenders["user"][None]
    assert (nobody.calls, nobody.cost, nobody.unpriced) == (1, dollars(), 1)
    assert [list(detail.spenders[name]) for name in ("model", "key")] == [["gpt-6-luna"], ["sha256:" + "ab" * 32]]


def test_what_was_decided_and_found_is_counted():
    """Of the period alone: decisions, refusals, findings, what was not read, what has no price, what was not reported."""
    calls = [
        record(decision="block", refusal={"code": "budget_exceeded"}, usage=None, cost="0"),
        record(
            findings=[
                {"check": "phrases", "list": "adult"},
                {"check": "reflection"},
                {"check": "phrases", "list": "adult"},
            ]
        ),
        record(uninspected=[{"reason": "image"}, {"reason": "image"}, {"reason": "file"}], source="counted"),
        record(cost=None, price={"source": "unknown", "reason": "model"}),
        record(cost=None, price={"source": "unknown", "reason": "seconds"}),
        record(price={"source": "fallback", "model": None, "tier": "default"}),
        record(cost=None),
        record(cost=None, price={"source": "unknown", "reason": "background"}),
        record(NOON - DAY, decision="error", cost=None),
    ]
    _, detail = told(*calls, span=LAST_DAY)
    assert detail.decisions == {"allow": 7, "block": 1}
    assert detail.refusals == {"budget_exceeded": 1}
    assert detail.findings == {"adult": 2, "reflection": 1}
    assert detail.unread == {"image": 1, "file": 1}
    reasons = ("no price for this model", "seconds", "no reason recorded")
    assert detail.unpriced == {f"gpt-6-luna: {reason}": 1 for reason in reasons}
    assert detail.fallback == {"gpt-6-luna": 1}
    assert detail.sources == {"counted": 1}


@pytest.mark.parametrize(
    ("times", "span", "names"),
    [
        ([], None, []),
        ([NOON], None, ["2026-11-20T12"]),
        ([NOON, NOON + 2 * HOUR], None, ["2026-11-20T12", "2026-11-20T13", "2026-11-20T14"]),
        ([NOON, NOON + 5 * DAY], None, [f"2026-11-{day}" for day in range(20, 26)]),
        ([NOON, NOON + 125 * DAY], None, ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03"]),
        ([NOON], (NOW.replace(day=18), None), [f"2026-11-{day}T{hour:02}" for day in (18, 19, 20) for hour in range(24)][:61]),
        ([NOON], (NOW.replace(day=20, hour=9), NOW.replace(day=20, hour=13)), [f"2026-11-20T{hour:02}" for hour in (9, 10, 11, 12)]),
        ([NOON], (NOW.replace(day=14), NOW), [f"2026-11-{day}" for day in range(14, 22)]),
        ([NOON], (NOW.replace(year=2020), NOW.replace(year=2040)), ["2026-11-20T12"]),
        ([NOON - DAY], (NOW.replace(day=20, hour=11), NOW.replace(day=21, hour=11)),
         [f"2026-11-20T{hour}" for hour in range(11, 24)] + [f"2026-11-21T{hour:02}" for hour in range(11)]),
    ],
)  # fmt: skip
def test_time_is_cut_by_its_length(times, span, names):
    """Hours of a few days, days of a few months, else months; empty ones are there, and no years of nothing."""
    report, detail = told(*map(record, times), span=span and period(*span, NOW))
    assert [slot.name for slot in slots(detail, report)] == names


def test_what_stands_in_a_slot_is_all_of_it():
    """Every call is in the slot of its time, one of the period before in that of its place, also in sums by the month."""
    report, detail = told(record(NOON, cost="2"), record(NOON - DAY + HOUR, cost="1"), span=LAST_DAY)
    found = {
        slot.name[11:]: (slot.row.now.cost, slot.row.before.cost) for slot in slots(detail, report) if slot.row.change
    }
    assert found == {"12": (2, 0), "13": (0, 1)}
    report, detail = told(*(record(NOON + day * DAY, cost="0.1") for day in range(130)))
    assert [slot.row.now["calls"] for slot in slots(detail, report)] == [11, 31, 31, 28, 29]
    assert sum(slot.row.now.cost for slot in slots(detail, report)) == report.total.now.cost == dollars("13.0")


def test_hours_are_forgotten_when_they_are_too_many():
    """A long log takes no more memory for them."""
    _, detail = told(*(record(NOON + hour * HOUR) for hour in range(97)))
    assert len(detail.hours) == 97
    _, detail = told(*(record(NOON + hour * HOUR) for hour in range(98)))
    assert detail.hours is None


def test_a_call_without_a_time_is_in_no_slot():
    """It is in all the other sums."""
    report, detail = told(record(time=None, id=None))
    assert slots(detail, report) == []
    assert detail.spenders["user"]["alice"].calls == 1


@given(hostile_records())
def test_any_record_can_be_looked_at(found):
    """Whatever a log holds, there is detail of it."""
    report, detail = told(found)
    assert detail.decisions.total() == report.total.now["calls"]
