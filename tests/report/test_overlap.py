import gzip
import io
import json
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panda_addon.report.files import LogError, Source
from panda_addon.report.overlap import Overlaps
from panda_addon.report.records import records
from tests.report.recording import NOON, line, record


def calls(start, end):
    """So many calls of one log."""
    return b"".join(line(record(NOON + number)) for number in range(start, end))


def told(*paths):
    """What is told of some logs, without their folder."""
    sources = [Source(str(path)) for path in paths]
    overlaps = Overlaps(sources)
    for _ in records(sources, pytest.fail, see=overlaps.see):
        pass
    return [what.replace(f"{paths[0].parent}/", "") for what in overlaps.told()]


def put(folder, name, data):
    """A log."""
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_log_and_its_packed_copy_are_named(tmp_path):
    """In one line, however much they have in common, with a call that both hold."""
    plain, packed = put(tmp_path, "a", calls(0, 9)), put(tmp_path, "b.gz", gzip.compress(calls(0, 9)))
    first = record(NOON)["id"]
    assert told(plain, packed) == [f"b.gz holds calls that a holds too, as {first}: what both hold is counted twice"]
    other = put(tmp_path, "c", calls(4, 20))
    fourth = record(NOON + 4)["id"]
    assert told(other, plain, packed) == [
        f"a holds calls that c holds too, as {fourth}: what both hold is counted twice",
        f"b.gz holds calls that c holds too, as {fourth}: what both hold is counted twice",
        f"b.gz holds calls that a holds too, as {first}: what both hold is counted twice",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.integers(0, 6), st.integers(1, 6), st.integers(0, 6), st.integers(1, 6))
def test_two_parts_of_a_log_overlap_if_they_share_a_call(tmp_path, one, size, other, length):
    """Wherever they begin and end, in either order."""
    parts = [put(tmp_path, "a", calls(one, one + size)), put(tmp_path, "b", calls(other, other + length))]
    shared = set(range(one, one + size)) & set(range(other, other + length))
    assert len(told(*parts)) == len(told(*reversed(parts))) == bool(shared)


def test_other_events_are_no_calls(tmp_path):
    """A log may begin with a reload, and tell of a call again when its answer was withheld."""
    reload = json.dumps({"event": "policy_reloaded", "id": "x"}).encode() + b"\n"
    withheld = json.dumps({"event": "answer_withheld", "id": record(NOON)["id"]}).encode() + b"\n"
    first = put(tmp_path, "a", reload + calls(0, 2))
    assert told(first, put(tmp_path, "b", reload + withheld + calls(2, 4))) == []
    assert len(told(first, put(tmp_path, "c", reload + calls(1, 4)))) == 1
    assert len(told(first, put(tmp_path, "c", calls(0, 2) * 2))) == 1
    assert told(put(tmp_path, "d", reload * 60), put(tmp_path, "e", reload * 60)) == []


def test_only_the_same_call_is_the_same(tmp_path):
    """An id that says nothing, or stands for several calls, is no reason to warn."""
    same = line({**record(NOON), "id": "1"}), line({**record(NOON + 1), "id": "1"})
    odd = line({**record(NOON), "id": {"a": 1}})
    assert told(put(tmp_path, "a", odd + same[0]), put(tmp_path, "b", odd + same[1])) == []


def test_a_pipe_is_read_but_once(tmp_path):
    """What comes by one is looked for the first calls of the others, and is not itself looked into beforehand."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert Overlaps([Source(str(path)), Source("-")])._firsts == {}


def test_standard_input_is_no_file_of_that_name(tmp_path, monkeypatch):
    """Nothing of it is read beforehand, though there is a file that is called `-`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-").write_bytes(line(record(NOON)))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line(record(NOON)))))
    assert Overlaps([Source("-")])._firsts == {}
    assert sys.stdin.buffer.tell() == 0


def test_a_log_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    """It is one when its beginning is looked for as well."""

    def refused(_source):
        raise LogError("a cannot be read: Permission denied")

    monkeypatch.setattr("panda_addon.report.files.opened", refused)
    with pytest.raises(LogError, match="Permission denied"):
        Overlaps([Source(str(put(tmp_path, "a", b"")))])
