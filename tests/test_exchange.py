import pytest

from panda_addon.exchange import Bill, Exchange, Span, Usage


@pytest.mark.parametrize(
    ("spans", "chars"),
    [
        ((), 0),
        ((Span("/a", "one"), Span("/b", "😀é")), 5),
        ((Span("/a", "one", key=True), Span("/a", "one")), 6),
    ],
)
def test_the_size_of_an_exchange_is_that_of_all_its_text(spans, chars):
    """Characters are code points, of values and of names."""
    assert Exchange(side="request", spans=spans).chars == chars


def test_a_later_event_has_the_last_word_on_a_bill():
    """What it says counts; where it says nothing, what was said before."""
    first = Bill(Usage(1), "m", "flex", "resp_1", (Bill(Usage(2)),), ("tools",), "alice")
    assert first.then(Bill()) == first
    assert Bill().then(first) == first
    later = Bill(Usage(3), "n", "default", "resp_2", (Bill(Usage(4)),), ("images",), "bob")
    assert first.then(later) == later
