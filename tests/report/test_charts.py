import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.charts import latency, legend, spend
from panda_addon.report.detail import Slot
from panda_addon.report.style import STYLE
from panda_addon.report.summary import Row
from panda_addon.report.tally import Measured
from tests.report.recording import read, record

DAYS = [f"2026-11-{day:02}" for day in range(1, 31)]


def slot(name, *costs, before=(), latency_ms=812.4):
    """A slot with calls that cost so much."""
    row = Row((name,))
    for sums, amounts in ((row.now, costs), (row.before, before)):
        for cost in amounts:
            sums.add(Measured(read(record(cost=cost, latency_ms={"total": latency_ms}))))
    return Slot(name, row)


def drawn(chart):
    """A chart as a tree: that it is one shows that it is well formed."""
    return ET.fromstring(f"<div>{chart}</div>")


def rects(chart, kind):
    """The bars of a kind, as left edge, top, width and height."""
    return [
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in drawn(chart).iter("rect")
        if rect.get("class") == kind
    ]


def test_a_bar_is_as_high_as_what_was_spent():
    """All bars stand on the base, those of before are wider and behind, and nothing has no bar."""
    chart = spend(
        [slot("2026-11-01", "100", before=["50"]), slot("2026-11-02", "25"), slot("2026-11-03")], compared=True
    )
    (left, top, width, high), (_, _, _, quarter) = rects(chart, "now")
    assert (top + high, high / quarter) == (100, 4)
    [(left_before, _, width_before, high_before)] = rects(chart, "was")
    assert high_before * 2 == high
    assert left_before < left
    assert left_before + width_before > left + width
    assert len(rects(chart, "hit")) == 3


def test_a_bar_says_what_it_stands_for():
    """Each slot has its figures as a title, and the whole drawing a name and a description."""
    tree = drawn(spend([slot("2026-11-01", "100", before=["50"]), slot("2026-11-02T13", "0.0003")], compared=True))
    titles = [title.text for title in tree.iter("title")]
    assert titles == [
        "Spend over time",
        "Sun 1 Nov 2026: $100.00, 1 call; before: $50.00, 1 call",
        "Mon 2 Nov 2026, 13:00 UTC: $0.0003, 1 call; before: $0, 0 calls",
    ]
    tree_unknown = drawn(spend([slot("2026-11-01", None, before=[None])], compared=True))
    assert [title.text for title in tree_unknown.iter("title")][
        1
    ] == "Sun 1 Nov 2026: unknown, 1 call; before: unknown, 1 call"
    [said] = tree_unknown.iter("desc")
    assert said.text == "What each stretch of time cost, and behind it what it cost in the period before."
    [svg] = tree.iter("svg")
    assert svg.get("role") == "img"
    ids = {element.get("id") for element in tree.iter() if element.get("id")}
    assert set(svg.get("aria-labelledby").split()) == ids
    [said] = tree.iter("desc")
    assert said.text.endswith("The most was $100.00 at Sun 1 Nov 2026.")


def test_without_a_comparison_nothing_is_said_of_before():
    """Neither a bar nor a word."""
    chart = spend([slot("2026-11", "1", before=["5"])], compared=False)
    assert rects(chart, "was") == []
    assert "before" not in chart
    assert "Nov 2026: $1.00, 1 call" in chart


@given(
    st.lists(st.integers(0, 10**9).map(lambda billionths: f"{billionths}e-6"), min_size=1, max_size=12).filter(
        lambda costs: any(float(cost) for cost in costs)
    )
)
def test_every_bar_is_inside(costs):
    """Whatever was spent, the axis ends at or above it and has at most six labels, all of them different."""
    chart = spend([slot(DAYS[place], cost) for place, cost in enumerate(costs)], compared=False)
    assert all(-0.01 <= top <= 100 for _, top, _, _ in rects(chart, "now"))
    labels = re.findall(r'class="y"[^>]*>([^<]*)<', chart)
    assert 2 <= len(labels) <= 6
    assert len(set(labels)) == len(labels)


def test_what_is_very_little_is_still_to_be_seen():
    """A bar of something is never nothing."""
    [_, (_, _, _, high)] = rects(spend([slot("2026-11-01", "1000"), slot("2026-11-02", "0.01")], compared=False), "now")
    assert high > 0.5


def test_lines_break_where_nothing_was():
    """A slot without calls has no latency, and one alone is a dot."""
    times = [
        slot("2026-11-01", "1"),
        slot("2026-11-02"),
        slot("2026-11-03", "1"),
        slot("2026-11-04", "1", latency_ms=5000),
    ]
    chart = latency(times)
    dot, line = (path for path in drawn(chart).iter("path") if path.get("class").startswith("mid"))
    assert (dot.get("class"), line.get("class")) == ("mid dot", "mid")
    assert dot.get("d").removeprefix("M").split("L") == ["5.0 86.46"] * 2
    assert [title.text for title in drawn(chart).iter("title")][1:3] == [
        "Sun 1 Nov 2026: p50 812 ms, p95 812 ms",
        "Mon 2 Nov 2026: no calls",
    ]


def test_what_is_the_same_is_still_two():
    """What nineteen of twenty took is drawn above what half took, as dashes or as the smaller of two dots that can be seen."""
    for times, kinds in ((1, ["mid dot", "high dot"]), (2, ["mid", "high"])):
        chart = latency([slot(name, "1") for name in DAYS[:times]])
        assert [path.get("class") for path in drawn(chart).iter("path") if "grid" not in path.get("class")] == kinds
    widths = {kind: int(size) for kind, size in re.findall(r"\.(mid|high)\.dot { stroke-width: (\d+);", STYLE)}
    assert widths["mid"] > widths["high"] + 4 > 8
    assert re.search(r"\.high\.dot {[^}]*stroke-dasharray: none;", STYLE)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["2026-11"], ["Nov 2026"]),
        (DAYS[:3], ["Nov 1", "Nov 2", "Nov 3"]),
        (DAYS, ["Nov 1", "Nov 6", "Nov 11", "Nov 16", "Nov 21", "Nov 26"]),
        ([f"2026-11-{day:02}T{hour:02}" for day in (1, 2) for hour in range(24)], ["Nov 1", "12:00", "Nov 2", "12:00"]),
        ([f"2026-11-{day:02}T{hour:02}" for day in (1, 2, 3, 4) for hour in range(24)], ["Nov 1", "Nov 2", "Nov 3", "Nov 4"]),
    ],
)  # fmt: skip
def test_some_slots_are_named_below(names, labels):
    """As many as there is room for, hours at round times."""
    chart = spend([slot(name, "1") for name in names], compared=False)
    below = chart[chart.index('<div class="x"') :]
    assert re.findall(r">([^<>]+)</span>", below) == labels


def test_a_legend_draws_what_it_names():
    """A bar for bars, a line for lines."""
    tree = drawn(legend(("now", "this <period>"), ("high", "p95")))
    assert [span.find("svg")[0].tag for span in tree.iter("span")] == ["rect", "path"]
    assert [span.find("svg").tail for span in tree.iter("span")] == ["this <period>", "p95"]
