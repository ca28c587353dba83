"""Whatever way a text is carried, it is read or refused."""

import pytest

from panda_addon import heads
from panda_addon.wire.errors import WireError
from panda_addon.wire.read import read_answer, read_request
from panda_addon.wire.route import find
from tests.transport import PATH, PHRASE, ROWS


def head(row):
    """The head of a row's request."""
    return heads.head(heads.fields((name.encode(), value.encode()) for name, value in row.headers))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_carries_a_phrase_is_read_or_refused(row):
    """The phrase is in a text of the request as it stands, or the request is none."""
    target = find(row.method, PATH)
    assert target.known
    if row.outcome == "refused":
        with pytest.raises(WireError):
            read_request(target, row.method, head(row), row.body)
    else:
        exchange, _ = read_request(target, row.method, head(row), row.body)
        assert any(PHRASE in span.text for span in exchange.spans)
        assert exchange.uninspected == ()


def test_the_table_has_each_row_once_and_both_outcomes():
    """Rows have names of their own, and neither outcome is rare."""
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert min(sum(row.outcome == outcome for row in ROWS) for outcome in ("read", "refused")) > 40


@pytest.mark.parametrize("row", [row for row in ROWS if row.body], ids=lambda row: row.name)
def test_an_answer_that_carries_a_phrase_is_read_or_refused(row):
    """Answers are read more freely, as text if need be; but what says nothing that can be read is an error too."""
    try:
        exchange, document = read_answer(find("POST", PATH), head(row), row.body)
    except WireError:
        assert row.outcome == "refused"
        return
    if exchange.uninspected:
        assert [part.reason for part in exchange.uninspected] == ["image"]
        return
    texts = [span.text for span in exchange.spans]
    if row.outcome == "read" or PHRASE.encode() in row.body:
        assert any(PHRASE in text for text in texts)
    else:
        assert document.source == row.body.decode()
