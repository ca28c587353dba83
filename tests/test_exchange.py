import pytest

from panda_addon.exchange import Exchange, Span


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
