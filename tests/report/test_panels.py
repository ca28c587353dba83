import re
from decimal import Decimal

import pytest

from panda_addon.report.detail import Detail
from panda_addon.report.fields import fields
from panda_addon.report.moments import Period
from panda_addon.report.panels import decisions, figures, findings, spenders, sums
from panda_addon.report.summary import Question, summarize
from tests.report.recording import NOON, read, record
from tests.report.test_summary import DAY, LAST_DAY, OLD


def told(*found, span=None, by="user"):
    """The report on some records, and its detail."""
    detail = Detail()
    question = Question(fields(by), (), span or Period())
    return summarize([read(each) for each in found], question, lambda _what: None, detail), detail


def words(panel):
    """What a panel says, in one line."""
    return " ".join(re.sub("<[^>]*>", " ", panel).split())


MANY = [
    record(cost=str(number), end_user=f"user-{number}", findings=[{"list": f"list-{number}"}])
    for number in range(1, 10)
]


def test_the_largest_are_shown_and_the_others_summed_up():
    """Six lines of each panel, and of the rest how many there are and what they come to."""
    report, detail = told(*MANY)
    said = words(spenders(report, detail, "user"))
    assert said.startswith("Top users calls · share user-9 $9.00 1 call · 20 % user-8 $8.00")
    assert said.endswith("user-4 $4.00 1 call · 9 % 3 others: $6.00")
    assert "3 others" in words(findings(detail))
    assert "4 more rows not shown, in the sum below" in words(sums(report, 5))
    assert words(sums(report, 5)).count("user-") == 5
    assert "not shown" not in sums(report, 0)


def test_the_hours_of_a_spike_are_in_the_table():
    """Of many hours those are shown that matter, each in its place."""
    report, _ = told(*(record(NOON + hour * 3600, cost="9" if hour in (4, 6) else "1") for hour in range(8)), by="hour")
    said = words(sums(report, 2))
    assert (
        "By hour 6 more rows not shown, in the sum below: shown are those that cost most, in the order of time." in said
    )
    assert re.findall(r"\dT\d\d", said) == ["0T16", "0T18"]


def test_those_of_unknown_cost_are_named_where_they_are_left_out():
    """In the panel of spenders and in the table, with how many calls it is; a name that is none of a tag's is escaped."""
    unpriced = [record(cost=None, end_user=name) for name in ("<b>", "eve", "eve")]
    report, detail = told(*MANY, *unpriced, record(cost="0", end_user="free"))
    said = words(spenders(report, detail, "user"))
    assert said.endswith("6 others: $6.00 Of unknown cost among them: eve (2 calls), &lt;b&gt; (1 call).")
    assert "8 more rows not shown, in the sum below. Of unknown cost among them: user=eve (2 calls), " in words(
        sums(report, 4)
    )
    nameless = [record(cost=None, end_user=f"u{place}") for place in range(7)]
    said = words(spenders(*told(*nameless, *[record(cost=None)] * 2), "user"))
    assert said.endswith("2 others: unknown Of unknown cost among them: u5 (1 call), u6 (1 call).")
    assert "Of unknown cost" not in words(sums(report, 0)) + words(spenders(*told(*unpriced), "user"))
    assert (
        words(spenders(*told(*unpriced, *[record(cost="0", end_user="free")] * 3), "user"))
        .split("share ")[1]
        .startswith("eve unknown 2 calls · 2 unpriced &lt;b&gt; unknown 1 call · 1 unpriced free $0 3 calls")
    )


def test_a_spender_says_what_changed_and_what_is_unknown():
    """What has no known cost but none is unknown; a bar is as long as its share of the largest."""
    report, detail = told(
        record(NOON, cost="2"), record(NOON - DAY, cost="0.5"), record(NOON, cost=None, end_user="bob"), record(NOON, cost="1", end_user="<b>"),
        span=LAST_DAY,
    )  # fmt: skip
    panel = spenders(report, detail, "user")
    assert words(panel).split("change ", 1)[1] == (
        "alice $2.00 1 call · 67 % · +$1.50 &lt;b&gt; $1.00 1 call · 33 % · +$1.00 bob unknown 1 call · change unknown · 1 unpriced"
    )
    assert re.findall(r"width:([0-9.]+)%", panel) == ["100.0", "50.0", "0.0"]


def test_what_was_not_known_before_is_no_sum_of_nothing():
    """In the panel of spenders, in the table, and in the figures behind the charts."""
    from panda_addon.report.detail import slots

    report, detail = told(
        record(NOON, cost="12.5"), record(NOON - DAY, cost=None), record(NOON, cost="3", end_user="bob"),
        record(NOON - DAY, cost="1", end_user="bob"), record(NOON - DAY, cost=None, end_user="bob"), OLD, span=LAST_DAY,
    )  # fmt: skip
    assert words(spenders(report, detail, "user")).split("change ", 1)[1] == (
        "alice $12.50 1 call · 81 % · change unknown · 1 unpriced before bob $3.00 1 call · 19 % · +$2.00 · 1 unpriced before"
    )
    assert words(sums(report, 0)) == (
        "By user user cost before change calls input output unpriced before p50 p95 "
        "alice $12.50 unknown unknown 1 30 70 1 812 ms 812 ms bob $3.00 $1.00 +$2.00 1 30 70 1 812 ms 812 ms "
        "All $15.50 $1.00 +$14.50 2 60 140 2 812 ms 812 ms"
    )
    report, detail = told(record(NOON, cost="2"), record(NOON - DAY, cost=None), OLD, span=LAST_DAY)
    assert "12 $2.00 unknown 1 812 ms" in words(figures(report, slots(detail, report)))


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("allow", "100 % passed on"),
        ("block", "100 % refused"),
        ("reply", "100 % answered here"),
        ("other", "other 1 100 %"),
    ],
)
def test_a_decision_is_explained(decision, said):
    """The word of the log, how often, and what it means; a word that is not known stands alone."""
    assert words(decisions(*told(record(decision=decision)))).endswith(said)


def test_refusals_say_what_for():
    """By their codes."""
    report, detail = told(*[record(decision="block", refusal={"code": "rate_limited"})] * 2)
    assert "Refused for: rate_limited 2" in words(decisions(report, detail))


def test_nothing_found_is_said():
    """So it is not taken for a panel that failed."""
    assert "Nothing was found." in words(findings(told(record())[1]))
    assert sums(told()[0], 0) == ""


def test_the_table_has_the_columns_that_say_something():
    """Those of a comparison with it, and none that is nothing everywhere."""
    report, _ = told(
        record(NOON, cost="2"), record(NOON - DAY, cost="0.5", decision="block"), span=LAST_DAY, by="user,status"
    )
    assert words(sums(report, 0)) == (
        "By user and status user status cost before change calls input output p50 p95 "
        "alice 200 $2.0000 $0.5000 +$1.5000 1 30 70 812 ms 812 ms All $2.0000 $0.5000 +$1.5000 1 30 70 812 ms 812 ms"
    )


def test_the_figures_of_the_charts_are_there_as_numbers():
    """A line for each stretch of time, with what was before only where it is compared."""
    from panda_addon.report.detail import slots

    report, detail = told(record(NOON, cost="2"), record(NOON + 3600, cost=None))
    assert words(figures(report, slots(detail, report))).endswith(
        "UTC spend calls p50 p95 2026-11-20 12 $2.00 1 812 ms 812 ms 2026-11-20 13 unknown 1 812 ms 812 ms"
    )
    report, detail = told(record(NOON, cost="2"), OLD, span=LAST_DAY)
    assert "UTC spend before calls" in words(figures(report, slots(detail, report)))


def test_spenders_are_summed_exactly():
    """What one of them spent, by how much that is more, and what the others did is rounded once, when it is shown."""
    most, odd = Decimal(10) ** 14, Decimal("0.0049999999999999999")
    calls = [(NOON, place, most * (9 - place)) for place in range(8)]
    calls += [(NOON - DAY, 0, most), *((at, place, odd) for at, place in ((NOON, 0), (NOON - DAY, 1), (NOON, 6)))]
    detail = Detail()
    found = summarize(
        [read(OLD), *(read(record(at, end_user=f"u{place}")) | {"cost_usd": cost} for at, place, cost in calls)],
        Question(("user",), (), LAST_DAY),
        lambda _what: None,
        detail,
    )
    said = words(spenders(found, detail, "user"))
    assert said.split("change ")[1].startswith(
        "u0 $900,000,000,000,000.00 2 calls · 20 % · +$800,000,000,000,000.00 "
        "u1 $800,000,000,000,000.00 1 call · 18 % · +$800,000,000,000,000.00 u2"
    )
    assert said.endswith("2 others: $500,000,000,000,000.00")
