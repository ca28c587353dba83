import gzip
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panda_addon.report import follow as module
from panda_addon.report.files import MAX_LINE, LogError
from panda_addon.report.follow import Follower


@pytest.fixture
def path(tmp_path):
    """Where the log is."""
    return tmp_path / "log"


@pytest.fixture
def notices():
    """What was noticed."""
    return []


@pytest.fixture
def follower(path, notices):
    """Follows the log."""
    found = Follower(str(path), lambda what: notices.append(what.replace(str(path), "log")))
    yield found
    found.close()


def append(path, data):
    """Write at the end, as the proxy does."""
    with path.open("ab") as log:
        log.write(data)


def test_what_is_added_comes_once_it_is_whole(path, follower, notices):
    """A line is given when its newline has come, and never twice."""
    append(path, b"1\n2")
    assert list(follower.lines()) == [b"1"]
    assert follower.rest == b"2"
    append(path, b"2\n")
    assert list(follower.lines()) == [b"22"]
    assert list(follower.lines()) == []
    assert notices == []


def test_a_log_that_is_not_there_yet_is_waited_for(path, follower):
    """All of it is given when it appears."""
    assert not follower.open()
    assert follower.latest(10, lambda _line: True) == []
    assert list(follower.lines()) == []
    append(path, b"1\n")
    assert list(follower.lines()) == [b"1"]


def test_rotation_loses_nothing(path, follower, notices):
    """The old file is read to its end, the new one from its beginning."""
    append(path, b"1\n")
    assert list(follower.lines()) == [b"1"]
    append(path, b"2\n")
    path.rename(path.with_suffix(".1"))
    assert list(follower.lines()) == [b"2"]
    append(path.with_suffix(".1"), b"3\nto")
    append(path, b"4\n")
    assert list(follower.lines()) == [b"3", b"4"]
    assert notices == ["the last line of the old log is torn: skipped", "log is a new file: following it"]
    append(path, b"5\n")
    assert list(follower.lines()) == [b"5"]


def rotate(path, *, packed=False):
    """Move the log and all that were moved before it on by one, as logrotate does, each a second younger than the one before."""
    rotated = sorted(path.parent.glob("log.*"), key=lambda each: -int(each.name.split(".")[1]))
    for each in rotated:
        _, number, *packing = each.name.split(".")
        each.rename(path.with_name(".".join(["log", str(int(number) + 1), *packing])))
    first = path.with_suffix(".1")
    path.rename(first)
    os.utime(first, (10**9 + len(rotated), 10**9 + len(rotated)))
    if packed:
        times = first.stat()
        first.with_suffix(".1.gz").write_bytes(gzip.compress(first.read_bytes()))
        os.utime(first.with_suffix(".1.gz"), ns=(times.st_atime_ns, times.st_mtime_ns))
        first.unlink()


@pytest.mark.parametrize("packed", [False, True])
def test_rotation_more_than_once_loses_nothing(packed, path, follower, notices):
    """The files that came between two looks are read whole, in their order, each once; packed ones too."""
    append(path, b"1\n")
    assert list(follower.lines()) == [b"1"]
    append(path, b"2\n")
    rotate(path, packed=packed)
    for number in (b"3\n4\n", b"5\n"):
        append(path, number)
        rotate(path, packed=packed)
    append(path, b"6\n")
    assert list(follower.lines()) == [b"2", b"3", b"4", b"5", b"6"]
    rotate(path, packed=packed)
    append(path, b"7\n")
    assert list(follower.lines()) == [b"7"]
    assert notices == ["log is a new file: following it"] * 2


def test_what_was_rotated_before_is_not_shown(path, follower):
    """Only what came behind the file that is followed is news."""
    append(path, b"1\n")
    rotate(path)
    append(path, b"2\n")
    follower = Follower(str(path), pytest.fail)
    assert list(follower.lines()) == [b"2"]
    follower.close()


def test_a_log_that_was_moved_elsewhere_leaves_a_doubt(path, follower, notices):
    """Who moved it there may have moved another there since, and it is said."""
    append(path, b"1\n")
    list(follower.lines())
    path.unlink()
    append(path, b"2\n")
    assert list(follower.lines()) == [b"2"]
    assert notices == [
        "log is a new file: following it; the old one is not beside it, so records between the two may be missing"
    ]


def test_what_came_between_may_be_torn_or_unreadable(path, follower, notices, monkeypatch):
    """What can be read of it is; the rest is said."""
    append(path, b"1\n")
    list(follower.lines())
    rotate(path)
    for data in (b"2\nto", b"x" * (MAX_LINE + 1) + b"\n3\n", b"4\n"):
        append(path, data)
        rotate(path)
    real = module.pieces

    def read(source, *others):
        if source.path.endswith("log.1"):
            raise LogError("log.1 cannot be read: Permission denied")
        return real(source, *others)

    monkeypatch.setattr(module, "pieces", read)
    append(path, b"5\n")
    assert list(follower.lines()) == [b"2", b"x" * MAX_LINE, b"3", b"5"]
    assert notices == [
        "the last line of log.3 is torn: skipped",
        "log.1 cannot be read: Permission denied",
        "log is a new file: following it",
    ]


def test_a_log_that_goes_between_two_looks_is_waited_for(path, follower, monkeypatch):
    """Moved, and moved again before it could be opened: the next one is followed."""
    append(path, b"1\n")
    list(follower.lines())
    path.rename(path.with_suffix(".1"))
    append(path, b"2\n")
    with monkeypatch.context() as patch:
        patch.setattr(follower, "open", lambda: False)
        assert list(follower.lines()) == []
    assert list(follower.lines()) == [b"2"]


@pytest.mark.parametrize("data", [b"", b"3\n", b"3\n4\n5\n6\n7\n", b"0\n2\n", b"1\n3\n"])
def test_a_log_that_is_cut_is_followed_from_its_beginning(data, path, follower, notices):
    """Also if it has grown beyond where it was, or is as long as it was."""
    append(path, b"1\n2\n")
    list(follower.lines())
    path.write_bytes(data)
    assert list(follower.lines()) == data.split()
    assert notices == ["log was cut: following it from its beginning"]


def test_a_log_that_cannot_be_read_is_an_error(path, follower, monkeypatch):
    """It is there, so waiting would not help."""

    def denied(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module.os, "open", denied)
    with pytest.raises(PermissionError):
        follower.open()


def test_a_line_without_end_is_given_up(path, follower):
    """A part of it is given, once, and the next line is whole."""
    append(path, b"1\n" + b"x" * (MAX_LINE + (1 << 17)))
    first, part = follower.lines()
    assert first == b"1"
    assert MAX_LINE < len(part) < MAX_LINE + (1 << 17)
    append(path, b"xx\n2\n")
    assert list(follower.lines()) == [b"2"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.sampled_from([b"", b"1", b"22", b"x" * 60]), max_size=30),
    st.sampled_from([b"", b"torn", b"t" * 50]),
    st.integers(0, 8),
    st.sampled_from([1, 7, 64, 1 << 16]),
)
def test_the_last_lines_are_those_before_what_follows(path, lines, torn, count, block):
    """Read from the end, in blocks of any size, they are the last that are wanted; then comes what is added."""
    path.write_bytes(b"".join(line + b"\n" for line in lines) + torn)
    follower = Follower(str(path), pytest.fail)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        assert follower.open()
        wanted = [line for line in lines if line != b"22"]
        assert follower.latest(count, lambda line: line != b"22") == (wanted[-count:] if count else [])
        append(path, b"!\nnext\n")
        assert list(follower.lines()) == [torn + b"!", b"next"]
    follower.close()


def test_the_last_lines_of_a_huge_log_are_read_from_its_end(path, follower, monkeypatch):
    """No more is read than is needed for them."""
    path.write_bytes(b"%0200d\n" % 1 * 50_000)
    asked, real = [], os.pread

    def pread(fd, size, place):
        asked.append(size)
        return real(fd, size, place)

    monkeypatch.setattr(module.os, "pread", pread)
    follower.open()
    assert len(follower.latest(10, lambda _line: True)) == 10
    assert sum(asked) < 200_000


def test_a_log_of_one_endless_line_has_no_last_lines(path, follower):
    """What is no log is not read into memory."""
    path.write_bytes(b"x" * (MAX_LINE + (1 << 20)) + b"\n")
    follower.open()
    assert follower.latest(1, lambda _line: True) == []


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=50
)
@given(st.randoms(use_true_random=False))
def test_every_line_comes_once_and_in_order(path, chance: random.Random):
    """However writing, rotation and reading take turns, no line is lost or doubled."""
    for old in path.parent.iterdir():
        old.unlink()
    follower, rest = Follower(str(path), lambda _what: None), b""
    append(path, b"first\n")
    found, written = list(follower.lines()), [b"first"]
    for number in range(20):
        what = chance.choice(("write", "write", "part", "rotate", "read"))
        if what == "rotate" and path.exists() and not rest:
            rotate(path, packed=chance.random() < 0.3)
        elif what in ("write", "part"):
            line = b"%d" % number
            append(path, line if what == "part" else line + b"\n")
            rest += line
            if what == "write":
                written.append(rest)
                rest = b""
        else:
            found += follower.lines()
    # What was moved away is given when the next file is there.
    append(path, b"\n")
    found += follower.lines()
    follower.close()
    assert found == [*written, rest]
