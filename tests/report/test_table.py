import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.fields import FIELDS
from panda_addon.report.figures import cells_wide
from panda_addon.report.summary import Question, summarize
from panda_addon.report.table import table
from tests.report.recording import NOON, hostile_records, read, record, report
from tests.report.test_summary import DAY, LAST_DAY, OLD


def test_a_report_is_a_headline_and_a_table():
    """Columns that say nothing are left out, numbers stand right, and the sums stand below."""
    found = report(
        record(cost="12.5", usage=(1_234_567, 0, 10, 0)), record(cost="0.5", end_user=None, decision="block"),
        record(cost=None, end_user="carol", usage=None), by="user,key",
    )  # fmt: skip
    assert list(table(found)) == [
        "2026-11-20 12:00 to 2026-11-20 12:00 UTC: $13.00 spent, 3 calls, 1 blocked, 1 of unknown cost.",
        "Most of it: user=alice key=sha256:abababababab…: $12.50, 96 % of it all.",
        "",
        "user    key                   calls      input  cached  output     cost  share  unpriced  blocked  p50 ms  p95 ms",
        "──────  ────────────────────  ─────  ─────────  ──────  ──────  ───────  ─────  ────────  ───────  ──────  ──────",
        "alice   sha256:abababababab…      1  1,234,567       0      10   $12.50   96 %         0        0     812     812",
        "(none)  sha256:abababababab…      1         30       5      70    $0.50    4 %         0        1     812     812",
        "carol   sha256:abababababab…      1          0       0       0  unknown      -         1        0     812     812",
        "──────  ────────────────────  ─────  ─────────  ──────  ──────  ───────  ─────  ────────  ───────  ──────  ──────",
        "total                             3  1,234,597       5      80   $13.00  100 %         1        1     812     812",
    ]


@given(
    st.lists(st.tuples(st.booleans(), st.decimals("0.000001", 9, places=6)), min_size=1, max_size=4),
    st.sampled_from([1, Decimal("0.001"), 30]),
)
def test_a_sum_has_the_same_digits_above_its_table_and_in_it(calls, scale):
    """Of the same sum none reads otherwise, but for zeros at the end."""
    found = report(
        *(record(NOON - before * DAY, cost=str(cost * scale), end_user="bob") for before, cost in calls),
        OLD,
        period=LAST_DAY,
    )
    lines = list(table(found, width=300))
    told, shown = (
        [(sign, Decimal(sum_.replace(",", ""))) for sign, sum_ in re.findall(r"([+-]?<?)\$([\d,]+(?:\.\d+)?)", text)]
        for text in (" ".join(lines[:2]), lines[-1])
    )
    assert told == shown[: len(told)]
    assert len(told) > 1


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("background", {"cost": None, "price": {"source": "unknown", "reason": "background"}}),
        ("partial", {"price": {"without": ["containers"]}}),
    ],
)
def test_what_a_sum_lacks_has_its_column(name, changes):
    """Only where there is any."""
    assert name not in "".join(table(report(record())))
    lines = list(table(report(record(), record(**changes), record(**changes))))
    [heads, _, row] = lines[lines.index("") + 1 :][:3]
    assert row[: heads.index(name) + len(name)].split()[-1] == "2"


def test_a_comparison_has_its_columns():
    """What it was before and how much it changed stand beside what it is."""
    found = report(record(NOON, cost="250"), record(NOON - DAY, cost="100.255"), OLD, period=LAST_DAY)
    lines = list(table(found))
    assert [line.split()[6:9] for line in (lines[4], lines[6])] == [
        ["cost", "before", "change"],
        ["$250.00", "$100.26", "+$149.75"],
    ]


def test_what_was_not_known_before_is_no_sum_of_nothing():
    """Neither what it was nor how much it changed; of what is known in part it is counted how many calls are not in it."""
    calls = [(NOON, "bob", "12.5"), (NOON - DAY, "bob", None), (NOON, "eve", None), (NOON - DAY, "eve", "2")]
    calls += [(NOON, "alice", "3"), (NOON - DAY, "alice", "1"), (NOON - DAY, "alice", None)]
    found = report(*(record(at, end_user=user, cost=cost) for at, user, cost in calls), OLD, period=LAST_DAY)
    lines = list(table(found, width=200))
    [heads, _, *rows, _, total] = lines[lines.index("") + 1 :]
    assert heads.split("reasoning ")[1].split() == "cost before change unpriced unpriced before p50 ms p95 ms".split()
    assert [row.split()[:1] + row.split()[6:11] for row in (*rows, total)] == [
        ["bob", "$12.50", "unknown", "unknown", "0", "1"],
        ["alice", "$3.00", "$1.00", "+$2.00", "0", "1"],
        ["eve", "unknown", "$2.00", "unknown", "1", "0"],
        ["total", "$15.50", "$3.00", "+$12.50", "1", "2"],
    ]
    assert "unpriced before" not in "".join(table(report(*(record(cost=cost) for cost in ("1", None)))))


@pytest.mark.parametrize(("now", "before", "most"), [("9", "1", "rose"), ("1", "9", "fell")])
def test_what_a_cut_is_by_may_not_all_be_known(now, before, most):
    """Where rows stand in the order of time it is said by what they were chosen."""
    calls = [record(NOON + hour, cost=cost) for hour in (0, 3600) for cost in (now, None)]
    found = report(
        *calls, record(NOON - DAY, cost=before), record(NOON - DAY, cost=before), OLD, by="hour", period=LAST_DAY
    )
    assert list(table(found, top=1, width=200))[-4].endswith(
        f"; shown are those that {most} most, as far as is known, in the order of time"
    )


def test_a_long_table_says_what_it_leaves_out():
    """With a number of rows the others are one line, and the sums are still of all."""
    found = report(*(record(cost=str(cost), end_user=f"u{cost}") for cost in range(1, 8)))
    lines = list(table(found, top=5))
    assert lines[-3] == "… and 2 more rows with $3.00, 11 %"
    assert lines[-1].split()[:2] == ["total", "7"]
    assert sum(line.startswith("u") for line in lines[4:]) == 5


@pytest.mark.parametrize(
    ("now", "before", "span", "most"),
    [
        ([1, 1, 1, 5, 1, 7, 1], [], None, "cost"),
        ([9, 9, 9, 9, 9, 9, 9], [9, 9, 9, 8, 9, 1, 9], LAST_DAY, "rose"),
        ([9, 9, 9, 2, 9, 1, 9], [9, 9, 9, 8, 9, 9, 9], LAST_DAY, "fell"),
    ],
)
def test_a_long_table_by_time_shows_what_matters(now, before, span, most):
    """Those that any other table would begin with are shown, each in its place, and the line of the others says so."""
    calls = [record(NOON + hour * 3600, cost=str(cost)) for hour, cost in enumerate(now)]
    calls += [record(NOON + hour * 3600 - DAY, cost=str(cost)) for hour, cost in enumerate(before)]
    lines = list(table(report(*calls, by="hour", period=span), top=2, width=200))
    assert [line.split()[0] for line in lines if "Z " in line[:18]] == ["2026-11-20T15:00Z", "2026-11-20T17:00Z"]
    assert lines[-3].startswith("… and 5 more rows with $")
    assert lines[-3].endswith(f"%; shown are those that {most} most, in the order of time")


def test_a_long_table_names_those_of_unknown_cost_that_it_leaves_out():
    """They stand behind all of known cost, though they may have spent the most: those with the most tokens come first."""
    priced = [record(cost="1", end_user="a"), record(cost="1", end_user="b")]
    unpriced = [record(cost=None, end_user=f"u{tokens}", usage=(tokens, 0, 1, 0)) for tokens in (10, 5000, 40, 700, 3)]
    lines = list(table(report(*priced, *unpriced, unpriced[0], record(cost="0", end_user="z")), top=1))
    assert lines[-4:-2] == [
        "… and 7 more rows with $1.00, 50 %, 6 of unknown cost",
        "Of unknown cost among them: user=u5000 (1 call), user=u700 (1 call), user=u40 (1 call) and 2 others.",
    ]
    assert list(table(report(*priced, unpriced[0], unpriced[0]), top=2))[-4:-2] == [
        "… and 1 more row with 2 calls of unknown cost",
        "Of unknown cost among them: user=u10 (2 calls).",
    ]
    assert list(table(report(*priced, *unpriced), top=2))[-4] == "… and 5 more rows with 5 calls of unknown cost"
    assert all("Of unknown" not in line for line in table(report(*priced, *unpriced)))
    assert max(map(len, table(report(*priced, *unpriced), top=1, width=60))) <= 60


def test_nothing_has_no_table():
    """A log without calls is said to have none."""
    assert list(table(report())) == ["No calls."]


def test_long_names_are_cut_to_make_room():
    """What does not fit is cut, the longest name first, and marked."""
    found = report(record(end_user="u" * 60, organization="o" * 200), by="user,organization")
    assert list(table(found, width=60))[-3] == f"{'u' * 19}…  {'o' * 19}…      1  $0.250000"
    assert list(table(found, width=30))[-3] == f"{'u' * 7}…  {'o' * 8}…  $0.250000"
    assert list(table(found, width=20))[-3] == f"{'u' * 7}…  {'o' * 7}…  $0.250000"


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (120, "user model calls input cached output reasoning cost before change p50 ms p95 ms"),
        (80, "user model calls input cached output cost before change"),
        (60, "user model calls cost before change"),
        (50, "user model calls cost change"),
        (40, "user model cost change"),
        (30, "user model cost change"),
    ],
)
def test_a_narrow_terminal_gets_the_columns_that_say_most(width, columns):
    """Who, how much, and how much more, down to some thirty columns; then what was before goes, then how many calls."""
    found = report(
        record(cost="9", request__model="gpt-6-astra"), record(NOON - DAY, cost="1", request__model="gpt-6-astra"),
        record(cost="2", end_user="bob"), by="user,model", period=LAST_DAY,
    )  # fmt: skip
    lines = list(table(found, width=width, top=1))
    assert [" ".join(line.split()) for line in lines if line.startswith("user ")] == [columns]
    assert max(map(cells_wide, lines)) <= max(width, 36)


@given(
    st.lists(hostile_records(), max_size=4),
    st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=3, unique=True),
    st.integers(90, 140),
)
def test_a_table_fits_and_nothing_in_it_is_obeyed(records, by, width):
    """Whatever a log holds, each line fits its room and is made of what a terminal just shows."""
    for line in table(report(*records, by=",".join(by)), width=width):
        assert line.isprintable()
        assert cells_wide(line) <= width


def test_what_a_table_leaves_out_is_summed_exactly():
    """It is rounded once, when it is shown."""
    costs = ["200000000000000", "100000000000000", "0.0049999999999999999"]
    calls = [read(record(end_user=str(place))) | {"cost_usd": Decimal(cost)} for place, cost in enumerate(costs)]
    found = summarize(calls, Question(("user",)), lambda _what: None)
    assert list(table(found, top=1))[-3] == "… and 2 more rows with $100,000,000,000,000.00, 33 %"
