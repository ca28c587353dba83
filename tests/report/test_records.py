import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panda_addon.report.export import cells
from panda_addon.report.fields import fields
from panda_addon.report.files import MAX_LINE, locate
from panda_addon.report.records import parsed, records
from panda_addon.report.summary import Question, summarize
from tests.report.recording import NOON, PACKERS, line, record


def found(tmp_path, data):
    """The records in a file, and the warnings."""
    path = tmp_path / "log"
    path.write_bytes(data)
    warnings = []
    read = list(records(locate([str(path)], warnings.append), warnings.append))
    return read, [what.replace(str(path), "log") for what in warnings]


def test_numbers_with_a_point_stay_exact():
    """Money is read as it is written."""
    assert parsed(b'{"cost_usd": 0.1234567890123456789012345}\n') == {
        "cost_usd": Decimal("0.1234567890123456789012345")
    }


@pytest.mark.parametrize(
    "text",
    [
        b"\n", b"[]\n", b"1\n", b"{\n", b'{"a": \xff}\n', b"[" * 100_000 + b"\n", b'{"a": 1e99999999999999999999}\n',
        b'{"a": ' + b"9" * 5000 + b"}\n", b'{"a": "' + b"x" * MAX_LINE + b'"}\n',
    ],
    ids=["empty", "list", "number", "torn", "bytes", "deep", "exponent", "digits", "long"],
)  # fmt: skip
def test_a_line_that_is_no_object_holds_no_record(text):
    """Nothing that may stand in a line is an error."""
    assert parsed(text) is None


def test_a_torn_last_line_is_skipped(tmp_path):
    """A last line without its end is what a process that was killed leaves."""
    read, warnings = found(tmp_path, b'{"a": 1}\n{"a": 2}\n{"a"')
    assert read == [{"a": 1}, {"a": 2}]
    assert warnings == ["log:3: the last line is torn: skipped"]


def test_a_last_line_that_is_whole_counts(tmp_path):
    """A line that lacks nothing but its newline is a record."""
    assert found(tmp_path, b'{"a": 1}\n{"a": 2}') == ([{"a": 1}, {"a": 2}], [])


def test_bad_lines_are_counted_and_the_first_is_named(tmp_path):
    """What is no record is skipped, with one warning a log; an empty line is nothing."""
    assert found(tmp_path, b'{"a": 1}\n\n{"a\n{"a": 2}\n') == (
        [{"a": 1}, {"a": 2}],
        ["log:3: holds no record: skipped"],
    )
    data = b'{"a": 1}\n' + b"x" * (MAX_LINE + 9) + b"\nno\n"
    assert found(tmp_path, data)[1] == ["log:2: 2 lines hold no record, the first of them here: skipped"]


def test_a_log_that_is_one_endless_line_is_no_torn_line(tmp_path):
    """What is no log at all is said to hold no record."""
    assert found(tmp_path, b"x" * (MAX_LINE + 1))[1] == ["log:1: holds no record: skipped"]


RECORDS = st.lists(
    st.builds(
        record,
        st.integers(0, 10_000).map(lambda second: NOON + second),
        cost=st.sampled_from([None, "0.1", "0.2", "0.000123", "7"]),
        end_user=st.sampled_from(["alice", "bob"]),
        decision=st.sampled_from(["allow", "block"]),
    ),
    max_size=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)
@given(RECORDS, st.data())
def test_how_a_log_is_split_and_packed_does_not_matter(tmp_path, log, data):
    """Any split over files, in any packing and any order, adds up to what the whole does."""
    whole = tmp_path / "whole"
    whole.write_bytes(b"".join(map(line, log)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=4)))
    parts = []
    for number, (start, end) in enumerate(itertools.pairwise([0, *cuts, len(log)])):
        packer = PACKERS[data.draw(st.sampled_from(sorted(PACKERS)))]
        parts.append(tmp_path / str(number))
        parts[-1].write_bytes(packer(b"".join(map(line, log[start:end]))))

    def rows(paths):
        question = Question(fields("user,decision"))
        report = summarize(
            records(locate([str(path) for path in paths], pytest.fail), pytest.fail), question, pytest.fail
        )
        return [cells(report, row) for row in (*report.rows, report.total) if row.key], report.total.now.cost

    assert rows(data.draw(st.permutations(parts))) == rows([whole])
    assert rows([whole])[1] == sum((Decimal(json.dumps(each["cost_usd"] or 0)) for each in log), Decimal(0))
