import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.export import to_csv, to_json
from tests.report.recording import NAMES, NOON, hostile_records, record, report
from tests.report.test_summary import DAY, LAST_DAY, OLD

ROW = {
    "calls": 1, "input_tokens": 30, "cached_tokens": 5, "output_tokens": 70, "reasoning_tokens": 6,
    "cost_usd": Decimal("0.123456789012"), "unpriced": 0, "background": 0, "partial": 0, "counted": 0, "blocked": 0, "redacted": 0, "audited": 0, "errors": 0,
    "findings": 0, "latency_p50_ms": Decimal("812.4"), "latency_p95_ms": Decimal("812.4"),
}  # fmt: skip


def exported(report):
    """The JSON of a report, money as it is written."""
    return json.loads("".join(to_json(report)), parse_float=Decimal)


def test_json_is_a_list_of_rows():
    """Each has the fields it is grouped by and the columns, in their order; money has all its digits."""
    found = exported(report(record(cost="0.123456789012"), by="user,status"))
    assert found == [{"user": "alice", "status": 200, **ROW}]
    assert list(found[0]) == ["user", "status", *ROW]


def test_json_of_a_comparison_has_four_columns_more():
    """What is only before is a row too."""
    found = exported(
        report(record(NOON, cost="0.123456789012"), record(NOON - DAY, cost="0.1", end_user=None), period=LAST_DAY)
    )
    before = {
        "unpriced_before": 0,
        "calls_before": 0,
        "cost_usd_before": 0,
        "cost_usd_change": Decimal("0.123456789012"),
    }
    assert found[0] == {"user": "alice", **ROW, **before}
    assert found[1]["user"] is None
    assert found[1]["latency_p50_ms"] is None
    after = {
        "calls": 0,
        "cost_usd": 0,
        "calls_before": 1,
        "cost_usd_before": Decimal("0.1"),
        "cost_usd_change": Decimal("-0.1"),
    }
    assert {name: found[1][name] for name in after} == after


def test_a_comparison_with_nothing_is_empty():
    """Its columns are there, and say nothing of a period of which the log has nothing."""
    found = report(record(NOON), period=LAST_DAY)
    before = dict.fromkeys(("calls_before", "cost_usd_before", "cost_usd_change", "unpriced_before"))
    [row] = exported(found)
    assert row == row | before
    assert "".join(to_csv(found)).splitlines()[1].endswith(",812.4,812.4,,,,")


@pytest.mark.parametrize(("now", "before"), [(None, "2.5"), ("2.5", None), (None, None)])
def test_what_is_not_known_is_counted_beside_the_sum(now, before):
    """Sums add up over rows; and what is unknown on one side has not changed by the other."""
    [row] = exported(report(record(NOON, cost=now), record(NOON - DAY, cost=before), OLD, period=LAST_DAY))
    assert {name: row[name] for name in row if "cost" in name or "unpriced" in name} == {
        "cost_usd": Decimal(now or 0), "unpriced": now is None, "cost_usd_before": Decimal(before or 0),
        "unpriced_before": before is None, "cost_usd_change": None,
    }  # fmt: skip


def test_what_is_known_in_part_is_counted():
    """The sum and the change are of the calls that have a cost, beside how many have none."""
    calls = [record(NOON - DAY, cost="1"), record(NOON - DAY, cost=None), record(NOON - DAY, cost=None)]
    [row] = exported(report(record(NOON, cost="2.5"), *calls, OLD, period=LAST_DAY))
    assert (row["cost_usd_before"], row["cost_usd_change"], row["unpriced_before"]) == (1, Decimal("1.5"), 2)


def test_nothing_is_an_empty_list_and_a_line_of_names():
    """A report without rows is still one."""
    assert exported(report()) == []
    assert "".join(to_csv(report())) == ",".join(("user", *ROW)) + "\r\n"


def test_csv_has_the_columns_of_json():
    """The same names and the same figures."""
    found = report(record(cost="0.123456789012"), record(cost=None, end_user="bob"), by="user,status", period=LAST_DAY)
    rows = list(csv.DictReader(io.StringIO("".join(to_csv(found)))))
    for row, other in zip(rows, exported(found), strict=True):
        assert list(row) == list(other)
        assert row == {name: "" if value is None else str(value) for name, value in other.items()}


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), (" =1", "' =1"), ("\t=1", "\\t=1"),
        ("\uff1d1", "'\uff1d1"), ("a=1", "a=1"), ('a,"b"', 'a,"b"'), ("\x1b[2J", "\\x1b[2J"), (None, ""),
    ],
)  # fmt: skip
def test_what_a_caller_chose_becomes_no_formula(name, cell):
    """A spreadsheet takes it for text, and a terminal shows it."""
    [_, row] = csv.reader(io.StringIO("".join(to_csv(report(record(end_user=name))))))
    assert row[0] == cell


def test_a_sum_below_nothing_is_a_number():
    """A change is Panda's own figure and no formula."""
    text = "".join(to_csv(report(record(NOON - DAY, cost="2"), period=LAST_DAY)))
    assert text.splitlines()[1].endswith(",1,2.0,-2.0,0")


@given(st.lists(NAMES, max_size=4))
def test_json_keeps_every_name_as_it_is(names):
    """Another program gets what the log has; an empty name is none."""
    found = exported(report(*(record(end_user=name) for name in names)))
    assert sorted((row["user"] or "") for row in found) == sorted({name or "" for name in names})


@given(st.lists(hostile_records(), max_size=3))
def test_any_record_can_be_exported(records):
    """Whatever a log holds, the two are well formed."""
    found = report(*records, by="user,model,status,decision")
    assert len(exported(found)) == len(found.rows)
    text = "".join(to_csv(found))
    assert len(list(csv.reader(io.StringIO(text)))) == len(found.rows) + 1
    assert all(char.isprintable() for line in text.split("\r\n") for char in line)
