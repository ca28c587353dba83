from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.report.figures import cells_wide, counted, cut, decimals, milliseconds, money, named, percent, plain
from tests.report.recording import HOSTILE


@given(st.text() | st.text(alphabet=st.sampled_from(HOSTILE)))
def test_nothing_is_left_that_a_terminal_obeys(text):
    """What is shown is one line of what can be printed, and what could be printed is as it was."""
    assert plain(text).isprintable()
    assert not text.isprintable() or plain(text) == text
    plain(text).encode()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(none)"), ("", "(none)"), (200, "200"), ("alice", "alice"), ("\x1b[2J", "\\x1b[2J"), ("a\u202eb", "a\\u202eb"),
        ("sha256:" + "ab" * 32, "sha256:abababababab…"), ("sha256:abab", "sha256:abab"), ("\ud800", "\\ud800"),
        ("(none)", '"(none)"'), (" ", '" "'), ("alice ", '"alice "'), (" alice", '" alice"'), ("a b", "a b"),
    ],
)  # fmt: skip
def test_a_name_can_be_read(value, shown):
    """A key's fingerprint is shortened, nothing is called nothing, what looks like nothing or like another is in quotes, and what is no letter is escaped."""
    assert named(value) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"), ("0.0003", "$0.0003"), ("0.000345", "$0.00035"), ("0.0099", "$0.0099"), ("0.05", "$0.05"), ("0.25", "$0.25"), ("1", "$1.00"),
        ("1234.56", "$1,234.56"), ("1234567.891", "$1,234,567.89"), ("-2.5", "-$2.50"), ("0.0000000001", "<$0.000000001"),
        ("0.995", "$1.00"),
    ],
)  # fmt: skip
def test_money_is_as_precise_as_it_is_large(amount, shown):
    """Cents of what is large, two digits that say something of what is small; never nothing where there is something."""
    assert money(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "places", "sign", "shown"),
    [
        ("0", 2, True, "$0.00"), ("1.5", 4, True, "+$1.5000"), ("-1.5", 2, True, "-$1.50"), ("0.001", 2, False, "<$0.01"),
        ("-0.001", 2, True, "-<$0.01"),
    ],
)  # fmt: skip
def test_money_in_a_column_has_as_many_digits_as_the_column(amount, places, sign, shown):
    """What rounds to nothing is said to be less than the least."""
    assert money(Decimal(amount), places, sign=sign) == shown


@pytest.mark.parametrize(
    ("amount", "most", "shown"),
    [
        ("0", 6, "$0"), ("0.000123", 6, "$0.000123"), ("0.25", 6, "$0.25"), ("0.1999999", 6, "$0.20"), ("4", 4, "$4.00"), ("4.1234567", 4, "$4.1235"),
        ("1064.351", 2, "$1,064.35"), ("0.004", 2, "<$0.01"), ("0.005", 2, "$0.01"), ("-0.004", 2, "-<$0.01"), ("-2.5", 4, "-$2.50"),
    ],
)  # fmt: skip
def test_money_in_a_sentence_has_the_digits_of_its_table(amount, most, shown):
    """But for zeros at the end, of which none is left behind the cents."""
    assert money(Decimal(amount), most=most) == shown


@given(st.decimals(0, 10**6, places=12), st.integers(2, 9))
def test_fewer_zeros_are_no_other_sum(amount, most):
    """With so many digits at most it is what it is with so many digits."""
    column, sentence = money(amount, most), money(amount, most=most)
    assert sentence == column or column == f"{sentence}{'0' * (len(column) - len(sentence))}" or not amount


@pytest.mark.parametrize(
    ("largest", "places"), [("0", 2), ("0.5", 6), ("0.0001", 6), ("0.0000999", 9), ("1", 4), ("-9", 4), ("10", 2)]
)
def test_a_columns_digits_follow_its_largest_sum(largest, places):
    """Columns of small sums have more digits."""
    assert decimals(Decimal(largest)) == places


@pytest.mark.parametrize(
    ("part", "of", "shown"),
    [
        (1, 0, "-"),
        (0, 5, "0 %"),
        (1, 3, "33 %"),
        (1, 500, "<1 %"),
        (-1, 500, "-<1 %"),
        (50, 1, "5,000 %"),
        (-1, 2, "-50 %"),
    ],
)
def test_a_share_is_in_percent(part, of, shown):
    """Something is never none."""
    assert percent(part, Decimal(of)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"), (0.0, "0.0 ms"), (1.23, "1.2 ms"), (812.4, "812 ms"), (999.6, "1.0 s"), (8124.0, "8.1 s"), (134_000, "2 m 14 s"),
        (119_600, "2 m 00 s"),
    ],
)  # fmt: skip
def test_a_latency_has_the_unit_that_suits_it(value, shown):
    """Milliseconds, seconds, minutes."""
    assert milliseconds(value) == shown


def test_a_number_has_its_noun():
    """One and many."""
    assert [counted(1, "call"), counted(2000, "call"), counted(2, "reply", "replies")] == [
        "1 call",
        "2,000 calls",
        "2 replies",
    ]


@given(st.text(alphabet=st.sampled_from("ab中é\u0301…")), st.integers(1, 12))
def test_a_cut_text_takes_no_more_than_its_room(text, size):
    """Wide letters count twice and marks not at all; what fits is whole."""
    found = cut(text, size)
    assert cells_wide(found) <= size
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))
