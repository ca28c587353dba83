from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.audit import record as audit
from panda_addon.report.fields import where
from panda_addon.report.headline import cause
from panda_addon.report.moments import Period, period
from panda_addon.report.summary import SCHEMA, Question, summarize
from tests.report.recording import NOON, dollars, read, record, report

DAY = 86400.0
LAST_DAY = period(
    datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
)
# A call that shows that the log has all of the period before.
OLD = record(NOON - 2 * DAY)


def shown(found):
    """The rows of a report: key, calls and cost now and before."""
    return [(*row.key, row.now["calls"], row.now.cost, row.before["calls"], row.before.cost) for row in found.rows]


def test_the_schema_is_the_one_that_is_written():
    """A report knows the records that this version writes."""
    assert SCHEMA == audit.SCHEMA


def test_rows_come_by_cost():
    """Without a period before, what cost most comes first; what cost the same by calls and name."""
    found = report(
        record(cost="0.1", end_user="a"), record(cost="0.2", end_user="b"), record(cost="0.2", end_user="a"),
        record(cost="0.3", end_user=None), record(cost="0.3", end_user="c"), record(cost=None, end_user="d"),
    )  # fmt: skip
    nothing = (0, dollars())
    assert shown(found) == [
        ("a", 2, dollars("0.3"), *nothing),
        (None, 1, dollars("0.3"), *nothing),
        ("c", 1, dollars("0.3"), *nothing),
        ("b", 1, dollars("0.2"), *nothing),
        ("d", 1, dollars(), *nothing),
    ]
    assert found.total.now.cost == dollars("1.1")
    assert not found.compared


def test_of_what_cost_nothing_what_may_have_cost_something_comes_first():
    """Whose cost is not known stands behind all that is known to have cost anything, and before what was free."""
    found = report(
        record(cost="0", end_user="free"), record(cost="0", end_user="free"), record(cost="0.1", end_user="paid"),
        record(cost=None, end_user="unknown"),
    )  # fmt: skip
    assert [row.key for row in found.rows] == [("paid",), ("unknown",), ("free",)]


def test_an_empty_name_is_no_name():
    """What a record leaves out and what it leaves empty are one row; a caller who is called like none is another."""
    found = report(
        record(cost="1", end_user=None), record(cost="2", end_user=""), record(cost="1", end_user="(none)"),
    )  # fmt: skip
    nothing = (0, dollars())
    assert shown(found) == [(None, 2, dollars("3"), *nothing), ("(none)", 1, dollars("1"), *nothing)]


def test_a_spike_shows_its_cause_first():
    """With a period before, what rose most comes first, and what is no more is still shown."""
    found = report(
        record(NOON, cost="5", end_user="steady"), record(NOON - DAY, cost="5", end_user="steady"),
        record(NOON, cost="3", end_user="new"), record(NOON - DAY, cost="1", end_user="gone"),
        record(NOON, cost="2", end_user="more"), record(NOON - DAY, cost="0.5", end_user="more"),
        record(NOON - 2 * DAY, cost="100", end_user="old"), record(NOON + DAY, cost="100", end_user="late"),
        period=LAST_DAY,
    )  # fmt: skip
    assert shown(found) == [
        ("new", 1, dollars("3"), 0, dollars()),
        ("more", 1, dollars("2"), 1, dollars("0.5")),
        ("steady", 1, dollars("5"), 1, dollars("5")),
        ("gone", 0, dollars(), 1, dollars("1")),
    ]
    assert [row.change for row in found.rows] == [dollars(change) for change in ("3", "1.5", "0", "-1")]
    assert (found.total.now.cost, found.total.before.cost, found.total.change) == (
        dollars("10"),
        dollars("6.5"),
        dollars("3.5"),
    )


def test_a_fall_shows_its_cause_first():
    """Where the sum fell, what fell most comes first, and what rose all the same last."""
    found = report(
        record(NOON, cost="1", end_user="bob"), record(NOON - DAY, cost="4", end_user="bob"),
        record(NOON, cost="2", end_user="steady"), record(NOON - DAY, cost="2", end_user="steady"),
        record(NOON, cost="1", end_user="more"), record(NOON, cost=None, end_user="unknown"),
        record(NOON - DAY, cost="0.5", end_user="gone"), period=LAST_DAY,
    )  # fmt: skip
    assert [row.key[0] for row in found.rows] == ["bob", "gone", "steady", "unknown", "more"]
    assert [row.change for row in found.rows] == [dollars(change) for change in ("-3", "-0.5", "0", "0", "1")]


def test_where_there_was_no_log_there_is_no_comparison():
    """Of a log that begins in the period itself, what cost most comes first; a quiet period before is one of nothing."""
    calls = [record(cost="1", end_user="a"), record(cost="5", end_user="b"), record(cost="3", end_user="c")]
    found = report(*calls, period=LAST_DAY)
    assert not found.compared
    assert [row.key for row in found.rows] == [("b",), ("c",), ("a",)]
    assert report(*calls, OLD, period=LAST_DAY).compared
    assert report(*calls, OLD, where=[where("user=b")], period=LAST_DAY).compared
    assert not report(period=LAST_DAY).compared


def test_rows_by_time_stand_in_its_order():
    """Grouped by hour, each hour is beside the one of the period before that is in its place; then what rose most."""
    found = report(
        record(NOON + 3600, cost="1"), record(NOON, cost="2"), record(NOON - DAY, cost="4"),
        record(NOON, cost="3", end_user="bob"), by="hour,user", period=LAST_DAY,
    )  # fmt: skip
    assert shown(found) == [
        ("2026-11-20T12:00Z", "bob", 1, dollars("3"), 0, dollars()),
        ("2026-11-20T12:00Z", "alice", 1, dollars("2"), 1, dollars("4")),
        ("2026-11-20T13:00Z", "alice", 1, dollars("1"), 0, dollars()),
    ]


@given(
    st.lists(st.tuples(st.integers(-30, 40), st.sampled_from("ab"), st.integers(0, 9)), max_size=12),
    st.sampled_from(["hour", "user,hour", "hour,user", "day,user", "user"]), st.sampled_from([Period(), LAST_DAY]), st.integers(0, 8),
)  # fmt: skip
def test_a_cut_keeps_what_matters(calls, by, span, top):
    """None that is left out weighs more than one that is kept, none is lost, and both stand in the order of all."""
    found = report(
        *(record(NOON + hour * 3600, cost=str(cost), end_user=user) for hour, user, cost in calls), by=by, period=span
    )
    kept, rest = found.cut(top)
    assert len(kept) == min(top or len(found.rows), len(found.rows))
    assert sorted(map(found.rows.index, [*kept, *rest])) == list(range(len(found.rows)))
    for part in (kept, rest):
        assert part == [row for row in found.rows if row in part]
    falls = found.total.change < 0
    size = [
        [(-row.change if falls else row.change) if found.compared else row.now.cost for row in part]
        for part in (kept, rest)
    ]
    assert not rest or min(size[0]) >= max(size[1])
    assert found.timed is (by != "user")


def test_conditions_hold_for_both_periods():
    """What is left out now is left out before."""
    calls = [record(NOON - DAY * before, end_user=user) for before in (0, 1) for user in ("alice", "bob")]
    found = report(*calls, period=LAST_DAY, where=[where("user=bob"), where("day=2026-11-20")])
    assert shown(found) == [("bob", 1, dollars("0.25"), 1, dollars("0.25"))]


def test_a_failed_record_is_counted_by_its_id():
    """A call of which nothing could be recorded but its id and its failure is a call all the same."""
    bare = {name: record(NOON)[name] for name in ("schema", "event", "id")} | {"decision": "error"}
    found = report(bare, by="decision", period=LAST_DAY)
    assert shown(found) == [("error", 1, dollars(), 0, dollars())]
    assert found.total.now["unpriced"] == 1


@pytest.mark.parametrize(
    ("records", "span", "warnings"),
    [
        ([{"schema": 1, "event": "policy_reloaded"}], Period(), []),
        ([{"schema": 1, "event": "records_lost", "count": 3}, {"schema": 1, "event": "records_lost", "count": 2000}], Period(),
         ["the log says that 2,003 records were lost: in no figure here"]),
        ([{"schema": 1, "event": "records_lost", "count": 1}], Period(), ["the log says that 1 record was lost: in no figure here"]),
        ([{"a": 1}], Period(), ["1 line is JSON but no record of Panda's: skipped"]),
        ([{"a": 1}, {"event": 5}], Period(), ["2 lines are JSON but no records of Panda's: skipped"]),
        ([record(schema=2)], Period(), ["1 record is not of schema 1, the one this version knows: read as if of it"]),
        ([record(schema=2)] * 2, Period(), ["2 records are not of schema 1, the one this version knows: read as if of it"]),
        ([record(time=None, id=None)], Period(), ["1 record does not say when: counted"]),
        ([record(time=None, id=None)], Period(until="2027"), ["1 record does not say when: left out"]),
        ([record()], Period(since="2026"), ["--since is still to come, so there is no period before it to compare with"]),
        ([record()], LAST_DAY, []),
    ],
)  # fmt: skip
def test_what_a_log_lacks_is_said(records, span, warnings):
    """Nothing that makes a figure wrong or smaller goes unsaid; other events are nothing to worry about."""
    said = []
    report(*records, period=span, warn=said.append)
    assert said == warnings


def test_the_log_is_as_long_as_it_is():
    """The first and the last call are those of the whole log, in whatever order they come."""
    found = report(record(NOON), record(NOON + 60), record(NOON - DAY), period=Period(since="2026-11-20"))
    assert (found.first, found.last) == ("2026-11-19T12:00:00.000000Z", "2026-11-20T12:01:00.000000Z")


def test_a_change_keeps_all_its_digits():
    """Of two rows the one that rose more comes first, however little more that is."""
    most, least = Decimal(10**14), Decimal("0.00000000000001")
    calls = [
        (NOON, "b", most),
        (NOON, "b", least),
        (NOON, "a", most),
        *((NOON - DAY, user, Decimal(0)) for user in "ab"),
    ]
    found = summarize(
        [read(OLD), *(read(record(at, end_user=user)) | {"cost_usd": cost} for at, user, cost in calls)],
        Question(("user",), (), LAST_DAY),
        lambda _what: None,
    )
    assert [(row.key, row.change) for row in found.rows] == [
        (("b",), Decimal("100000000000000.00000000000001")),
        (("a",), most),
    ]
    assert found.total.change == Decimal("200000000000000.00000000000001")
    assert cause(found).startswith("Main cause: user=b: ")
