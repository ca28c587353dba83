import errno
import json
import os
import subprocess
import sys

import pytest

from panda_addon.audit import log as module
from panda_addon.audit.log import AuditLog


@pytest.fixture
def path(tmp_path):
    """Where a log is written."""
    return tmp_path / "audit.jsonl"


@pytest.fixture
def log(path):
    """A log, closed at the end of the test."""
    log = AuditLog(str(path))
    yield log
    log.close()


def numbers(path):
    """The numbers of the records in a log file; every line must be whole."""
    return [json.loads(line)["n"] for line in path.read_text().splitlines()]


def write(log, *values):
    """Write numbered records, and say which of them were not kept back."""
    return [log.write("exchange", {"n": value}) for value in values]


def limit(monkeypatch, room):
    """Let `os.write` take no more than `room` bytes in all, as a disk that fills up does; the room can be changed."""
    left = [room]
    real = os.write

    def full(fd, data):
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(fd, bytes(data[: left[0]]))
        left[0] -= written
        return written

    monkeypatch.setattr(module.os, "write", full)
    return left


def test_a_record_is_a_line_of_json(log, path):
    """Schema and event come first, then the members in their order; the file is its owner's alone."""
    assert log.write("exchange", {"time": "t", "id": "x", "nested": {"a": [1, None]}, "text": "é\n\ud800"})
    assert path.read_bytes().isascii()
    assert path.read_text().count("\n") == 1
    record = json.loads(path.read_text())
    assert list(record.items()) == [
        ("schema", 1),
        ("event", "exchange"),
        ("time", "t"),
        ("id", "x"),
        ("nested", {"a": [1, None]}),
        ("text", "é\n\ud800"),
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_log_is_appended_to(path):
    """What a log holds already stays, and each record is in the file when `write` returns."""
    path.write_text('{"n": 0}\n')
    first, second = AuditLog(str(path)), AuditLog(str(path))
    assert write(first, 1) == [True]
    assert numbers(path) == [0, 1]
    write(second, 2)
    write(first, 3)
    first.close()
    second.close()
    assert numbers(path) == [0, 1, 2, 3]


def test_a_log_that_cannot_be_opened_is_an_error(tmp_path):
    """A log in a folder that is not there, or that is a folder, is refused at once."""
    with pytest.raises(FileNotFoundError):
        AuditLog(str(tmp_path / "none" / "log"))
    with pytest.raises(IsADirectoryError):
        AuditLog(str(tmp_path))


def test_a_home_folder_may_be_written_as_such(tmp_path, monkeypatch):
    """A path may start with `~`, and stays the same open file from record to record."""
    monkeypatch.setenv("HOME", str(tmp_path))
    log = AuditLog("~/log")
    fd = log._fd
    write(log, 1, 2)
    assert log._fd == fd
    log.close()
    assert numbers(tmp_path / "log") == [1, 2]


def test_standard_output_is_a_log_too():
    """`-` writes the lines to standard output, and closing it leaves that open."""
    program = (
        "from panda_addon.audit.log import AuditLog; log = AuditLog('-'); log.write('a', {}); "
        "log.close(); log.write('b', {}); print(log.waiting)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == '{"schema": 1, "event": "a"}\n{"schema": 1, "event": "b"}\nFalse\n'


def test_a_standard_output_that_cannot_be_written_is_no_log():
    """It is told at the start, and not by the first call."""
    program = "import os; os.close(1); os.open(os.devnull, os.O_RDONLY); from panda_addon.audit.log import AuditLog; AuditLog('-')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert "OSError: [Errno 9] standard output is closed" in done.stderr


def test_a_full_disk_costs_no_record(log, path):
    """What cannot be written waits, and goes first and in order when writing works again."""
    write(log, 1)
    log.path = "/dev/full"
    assert write(log, 2, 3) == [False, False]
    assert log.waiting
    assert not log.flush()
    log.path = str(path)
    assert write(log, 4) == [True]
    assert not log.waiting
    assert numbers(path) == [1, 2, 3, 4]


@pytest.mark.parametrize("room", [0, 1, 30, 49, 50, 51, 75])
def test_a_torn_line_is_completed(log, path, monkeypatch, room):
    """A disk that fills up inside a record gets the rest of just that record when there is room again."""
    left = limit(monkeypatch, room)
    assert not all(write(log, *range(10, 30)))
    left[0] = 10**6
    assert write(log, 30) == [True]
    assert numbers(path) == list(range(10, 31))


def test_a_disk_that_gives_a_few_bytes_at_a_time_gets_every_record_in_order(log, path, monkeypatch):
    """However small the pieces are in which records get out, none is lost, doubled or out of order."""
    left = limit(monkeypatch, 0)
    for value in range(20):
        write(log, value)
        left[0] = 7
        log.flush()
    left[0] = 10**6
    assert log.flush()
    assert numbers(path) == list(range(20))


def test_the_backlog_is_bounded_and_the_lost_are_counted(log, path, monkeypatch):
    """Beyond its room the backlog takes no more; how many were lost is written behind those that were kept."""
    monkeypatch.setattr(module, "MAX_BACKLOG", 200)
    left = limit(monkeypatch, 0)
    assert not any(write(log, *range(10, 30)))
    assert len(log._backlog) <= 200
    left[0] = 10**6
    assert write(log, 30, 31) == [True, True]
    *kept, lost, _, last = [json.loads(line) for line in path.read_text().splitlines()]
    assert [record["n"] for record in kept] == list(range(10, 10 + len(kept)))
    assert lost == {"schema": 1, "event": "records_lost", "count": 20 - len(kept)}
    assert 0 < len(kept) < 20
    assert last["n"] == 31


def test_a_record_that_is_lost_is_not_called_written(log, monkeypatch):
    """Even if writing works again at that very moment, a record that found no room counts as kept back."""
    monkeypatch.setattr(module, "MAX_BACKLOG", 60)
    left = limit(monkeypatch, 0)
    write(log, 1)
    real = log.append

    def append(line):
        real(line)
        left[0] = 10**6

    monkeypatch.setattr(log._log._logger, "record", append)
    assert write(log, 2) == [False]
    assert not log.waiting


def test_records_lost_while_the_loss_is_told_are_told_as_well(log, path, monkeypatch):
    """Every lost record is counted once, also where writing fails again and again."""
    monkeypatch.setattr(module, "MAX_BACKLOG", 120)
    left = limit(monkeypatch, 0)
    for value in range(10, 60):
        write(log, value)
        left[0] = 40 if value % 10 == 0 else 0
    left[0] = 10**6
    assert log.flush()
    records = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [record["n"] for record in records if record["event"] == "exchange"]
    assert kept == sorted(set(kept))
    assert len(kept) + sum(record.get("count", 0) for record in records) == 50


def test_one_record_larger_than_the_backlog_is_kept(log, path, monkeypatch):
    """A record alone is never too large to wait."""
    monkeypatch.setattr(module, "MAX_BACKLOG", 10)
    left = limit(monkeypatch, 0)
    write(log, 1)
    left[0] = 10**6
    assert log.flush()
    assert numbers(path) == [1]


@pytest.mark.parametrize("move", [True, False])
def test_a_rotated_log_is_followed(log, path, tmp_path, move):
    """When the file is moved away or removed the next record goes to a new one at the path."""
    write(log, 1)
    if move:
        path.rename(tmp_path / "old")
    else:
        path.unlink()
    write(log, 2, 3)
    assert numbers(path) == [2, 3]
    assert not move or numbers(tmp_path / "old") == [1]


def test_a_replaced_log_is_followed(log, path, tmp_path):
    """When another file stands at the path it is the log from then on."""
    write(log, 1)
    (tmp_path / "new").write_text('{"n": 0}\n')
    (tmp_path / "new").rename(path)
    before = log._fd
    write(log, 2)
    assert numbers(path) == [0, 2]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(before)


def test_a_torn_line_is_completed_before_a_rotated_log_is_followed(log, path, tmp_path, monkeypatch):
    """The rest of a line goes where its beginning is, and what comes after it to the new file."""
    left = limit(monkeypatch, 20)
    write(log, 1, 2)
    path.rename(tmp_path / "old")
    left[0] = 10**6
    assert log.flush()
    write(log, 3)
    assert (numbers(tmp_path / "old"), numbers(path)) == ([1, 2], [3])


def test_a_log_whose_folder_is_gone_waits_for_it(tmp_path):
    """While there is no place for the file records wait; nothing goes to the file that was removed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = AuditLog(str(folder / "log"))
    (folder / "log").unlink()
    folder.rmdir()
    assert write(log, 1, 2) == [False, False]
    folder.mkdir()
    assert write(log, 3) == [True]
    log.close()
    assert numbers(folder / "log") == [1, 2, 3]


@pytest.mark.parametrize(("before", "whole"), [('{"n": 0}\n{"n', [0]), ("torn", [])])
def test_what_a_killed_process_left_does_not_swallow_a_record(path, before, whole):
    """A file that ends within a line gets that line ended, so that only the torn record is lost."""
    path.write_text(before)
    log = AuditLog(str(path))
    write(log, 1, 2)
    log.close()
    *_, torn, first, second = path.read_text().splitlines()
    assert torn == before.splitlines()[-1]
    assert [json.loads(first)["n"], json.loads(second)["n"]] == [1, 2]
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()[: len(whole)]] == whole


@pytest.mark.parametrize("before", ["", '{"n": 0}\n'])
def test_a_whole_log_gets_no_empty_line(path, before):
    """A file that ends with a line is left as it is until there is a record."""
    path.write_text(before)
    log = AuditLog(str(path))
    log.close()
    assert path.read_text() == before


def test_a_closed_log_takes_late_records(log, path):
    """A call that outlives its log is recorded all the same, and no other file is touched by it."""
    write(log, 1)
    log.close()
    with path.with_name("other").open("w") as other:
        assert write(log, 2) == [True]
        other.write("mine")
    assert path.with_name("other").read_text() == "mine"
    log.close()
    log.close()
    assert numbers(path) == [1, 2]


def test_a_log_closed_within_a_line_goes_on_there(log, path, monkeypatch):
    """What could not be written before closing is still written with the next late record."""
    left = limit(monkeypatch, 20)
    write(log, 1)
    log.close()
    left[0] = 10**6
    assert write(log, 2) == [True]
    assert numbers(path) == [1, 2]
