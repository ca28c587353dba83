import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.headline import cause, headline, missing
from panda_addon.report.moments import Period
from tests.report.recording import NAMES, NOON, record, report
from tests.report.test_summary import DAY, LAST_DAY, OLD


def test_a_spike_is_told_with_its_cause():
    """What was spent, how much more that is than before, and what explains most of it."""
    found = report(
        record(NOON, cost="41.2", end_user="bob"), record(NOON, cost="10", decision="block"), record(NOON, cost=None),
        record(NOON, cost="0", response__status=500), record(NOON - DAY, cost="1.56"), OLD, by="model,user", period=LAST_DAY,
    )  # fmt: skip
    assert headline(found) == [
        "2026-11-20 00:00 to 2026-11-21 00:00 UTC: $51.20 spent, 4 calls, 1 blocked, 1 error, 1 of unknown cost.",
        "Before, from 2026-11-19 00:00 to 2026-11-20 00:00: $1.56 spent, 1 call. Known change: +$49.64, +3,182 %.",
        "1 call of unknown cost more than before: what it cost is in no sum.",
        "Main cause: model=gpt-6-luna user=bob: +$41.20, 83 % of the known increase.",
    ]


FEWER = "of unknown cost fewer than before: what has a price only now may look like a rise."
KNOWN = [record(NOON, cost="3"), record(NOON - DAY, cost="1")]


def bobs(now, before):
    """Calls of bob's in the period and in the one before, by what they cost."""
    return [
        record(at, cost=cost, end_user="bob") for at, costs in ((NOON, now), (NOON - DAY, before)) for cost in costs
    ]


@pytest.mark.parametrize(
    ("calls", "lines"),
    [
        (bobs(["2.5"] * 5, [None] * 5),
         ["an unknown sum spent, 5 calls, 5 of unknown cost. Change: unknown.", f"5 calls {FEWER}"]),
        (bobs([None], ["2.5"]),
         ["$2.50 spent, 1 call. Change: unknown.", "1 call of unknown cost more than before: what it cost is in no sum."]),
        ([*bobs(["9"], [None]), record(NOON, cost="3")],
         ["an unknown sum spent, 1 call, 1 of unknown cost. Change: unknown.", f"1 call {FEWER}",
          "Most of it: user=bob: $9.00, 75 % of it all."]),
        ([*KNOWN, *bobs(["9", "1"], [None, None])],
         ["$1.00 spent, 3 calls, 2 of unknown cost. Known change: +$12.00, +1,200 %.", f"2 calls {FEWER}",
          "Main cause, if it is one: user=bob: $10.00, against an unknown sum for 2 calls before."]),
        ([*KNOWN, *bobs([None], ["9"])],
         ["$10.00 spent, 2 calls. Known change: -$7.00, -70 %.",
          "1 call of unknown cost more than before: what it cost is in no sum.",
          "Main cause, if it is one: user=bob: an unknown sum, against $9.00 for 1 call before."]),
        ([*KNOWN, *bobs(["9", None], ["1", None])],
         ["$2.00 spent, 3 calls, 1 of unknown cost. Known change: +$10.00, +500 %.",
          "Main cause: user=bob: +$8.00, 80 % of the known increase; what 1 of its calls now and 1 of its calls before cost is not known."]),
        ([*KNOWN, *bobs(["1", "8"], ["12", None])],
         ["$13.00 spent, 3 calls, 1 of unknown cost. Known change: -$1.00, -8 %.", f"1 call {FEWER}",
          ("Main cause: user=bob: -$3.00, more than the whole known decrease; other rows went the other way; "
           "what 1 of its calls before cost is not known.")]),
        ([*KNOWN, *bobs([None], [None])],
         ["$1.00 spent, 2 calls, 1 of unknown cost. Known change: +$2.00, +200 %.",
          "Main cause: user=alice: +$2.00, 100 % of the known increase."]),
        (bobs([None, "1"], [None, "1"]), ["$1.00 spent, 2 calls, 1 of unknown cost. No known change."]),
    ],
)  # fmt: skip
def test_a_change_is_no_more_than_what_is_known(calls, lines):
    """What is unknown on one side has neither risen nor fallen, and a cause that may be none is not told without saying so."""
    [first, *others] = headline(report(*calls, OLD, period=LAST_DAY))[1:]
    assert [first.removeprefix("Before, from 2026-11-19 00:00 to 2026-11-20 00:00: "), *others] == lines


LATER = {"cost": None, "usage": None, "price": {"source": "unknown", "reason": "background"}}


def test_what_is_billed_later_is_not_unknown():
    """A call in the background is told apart: its bill is in the record of its answer."""
    found = report(
        record(NOON), record(NOON, **LATER), record(NOON, **LATER), record(NOON - DAY, **LATER), OLD, period=LAST_DAY
    )
    assert headline(found)[:2] == [
        "2026-11-20 00:00 to 2026-11-21 00:00 UTC: $0.25 spent, 3 calls, 0 blocked, 2 in the background (billed when fetched).",
        "Before, from 2026-11-19 00:00 to 2026-11-20 00:00: $0 spent, 1 call, 1 in the background (billed when fetched). Change: +$0.25.",
    ]
    assert headline(report(record(cost=None), record(**LATER)))[0].endswith(
        ": an unknown sum spent, 2 calls, 0 blocked, 1 of unknown cost, 1 in the background (billed when fetched)."
    )


def test_what_cost_more_than_is_known_is_told():
    """How many calls of the period, and for what, the most frequent first; what else it may be is cut."""
    several = [
        record(price={"without": without}) for without in (["containers", "web_search", "containers"], ["web_search"])
    ]
    assert headline(report(record(), *several))[-1] == "2 calls cost more than shown (web_search, containers)."
    found = report(several[1], record(NOON - DAY, price={"without": ["images"]}), OLD, period=LAST_DAY)
    assert headline(found)[-1] == "1 call cost more than shown (web_search)."
    many = report(record(price={"without": ["\x1b[2J", *"abcdefg"]}))
    assert headline(many)[-1] == "1 call cost more than shown (\\x1b[2J, a, b, c, d, e, …)."


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        ({"a": "5", "b": "1"}, {"a": "1", "b": "4"}, "user=a: +$4.00, more than the whole increase; other rows went the other way."),
        ({"a": "1"}, {"a": "4", "b": "1"}, "user=a: -$3.00, 75 % of the decrease."),
        ({"a": "1"}, {}, "user=a: +$1.00, 100 % of the increase."),
    ],
)  # fmt: skip
def test_the_main_cause_is_what_went_furthest_the_same_way(now, before, sentence):
    """Of a decrease it is what fell most; a share of more than all is said in words."""
    calls = [record(NOON, cost=cost, end_user=user) for user, cost in now.items()]
    calls += [record(NOON - DAY, cost=cost, end_user=user) for user, cost in before.items()]
    assert cause(report(*calls, OLD, period=LAST_DAY)) == f"Main cause: {sentence}"


def test_without_a_period_before_the_largest_row_is_told():
    """The period is then the log's own."""
    found = report(record(cost="3"), record(NOON + 61, cost="1", end_user="bob"))
    assert headline(found) == [
        "2026-11-20 12:00 to 2026-11-20 12:01 UTC: $4.00 spent, 2 calls, 0 blocked.",
        "Most of it: user=alice: $3.00, 75 % of it all.",
    ]


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (report(), ["No calls."]),
        (report(period=LAST_DAY), ["No calls."]),
        (report(record()), ["2026-11-20 12:00 to 2026-11-20 12:00 UTC: $0.25 spent, 1 call, 0 blocked."]),
        (report(record(time=None, id=None)), ["In all: $0.25 spent, 1 call, 0 blocked."]),
        (report(record(cost="0"), record(end_user="b", cost="0"), period=Period(since="2026-11-20T10:00")),
         ["From 2026-11-20 10:00 UTC on: $0 spent, 2 calls, 0 blocked."]),
        (report(record(), record(NOON - DAY), OLD, period=LAST_DAY),
         ["2026-11-20 00:00 to 2026-11-21 00:00 UTC: $0.25 spent, 1 call, 0 blocked.",
          "Before, from 2026-11-19 00:00 to 2026-11-20 00:00: $0.25 spent, 1 call. No change."]),
    ],
)  # fmt: skip
def test_what_explains_nothing_is_not_said(found, lines):
    """One row is no cause, and nothing has none."""
    assert headline(found) == lines


@pytest.mark.parametrize(
    ("calls", "sentence"),
    [
        ([], ""),
        ([OLD], ""),
        ([record(NOON - 1.5 * DAY)], ""),
        ([record(NOON - 1.46 * DAY)], ""),
        ([record(NOON - DAY)], "The log begins at 2026-11-19 12:00, within the period before: it is compared with a part of it."),
        ([record(NOON)], "The log begins at 2026-11-20 12:00, so there is nothing before 2026-11-20 00:00 to compare with."),
        ([record(NOON - DAY / 2)], "The log begins at 2026-11-20 00:00, so there is nothing before 2026-11-20 00:00 to compare with."),
    ],
)  # fmt: skip
def test_what_is_missing_of_the_period_before_is_said(calls, sentence):
    """That the log begins within it, unless in its first twentieth, or after it."""
    assert missing(report(*calls, period=LAST_DAY)) == sentence
    assert missing(report(*calls)) == ""


def test_a_comparison_with_nothing_is_none():
    """No change and no cause is told where there was no log; of a part of the period before it is told that it is one."""
    calls = [record(NOON, cost="3"), record(NOON, cost="1", end_user="bob")]
    assert headline(report(*calls, period=LAST_DAY)) == [
        "2026-11-20 00:00 to 2026-11-21 00:00 UTC: $4.00 spent, 2 calls, 0 blocked.",
        "The log begins at 2026-11-20 12:00, so there is nothing before 2026-11-20 00:00 to compare with.",
        "Most of it: user=alice: $3.00, 75 % of it all.",
    ]
    assert headline(report(*calls, record(NOON - DAY, cost="2"), period=LAST_DAY))[1:] == [
        "Before, from 2026-11-19 00:00 to 2026-11-20 00:00: $2.00 spent, 1 call. Change: +$2.00, +100 %.",
        "The log begins at 2026-11-19 12:00, within the period before: it is compared with a part of it.",
        "Main cause: user=alice: +$1.00, 50 % of the increase.",
    ]


@given(st.lists(NAMES, min_size=2, max_size=3))
def test_no_name_breaks_a_line(names):
    """Whatever a caller is called, each sentence is a line that a terminal just shows."""
    found = report(*(record(NOON, end_user=name, cost=str(place)) for place, name in enumerate(names, 1)))
    assert all(line.isprintable() for line in headline(found))
