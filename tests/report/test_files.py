import gzip
import io
import os
import sys
import threading

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from panda_addon.report.files import MAX_LINE, LogError, Source, lines, locate, opened, packing, pieces
from tests.packing import noise
from tests.report.recording import PACKERS

TEXT = b'{"a": 1}\n' * 3000


def content(path, warnings=None, progress=lambda _size: None):
    """What a file holds, unpacked."""
    warn = pytest.fail if warnings is None else warnings.append
    return b"".join(pieces(Source(str(path)), warn, progress))


@pytest.mark.parametrize("packer", PACKERS)
def test_what_packs_a_file_is_told_by_its_first_bytes(packer, tmp_path):
    """A file of any packing is unpacked, whatever its name says, also in several parts one behind the other."""
    path = tmp_path / "log.zip"
    path.write_bytes(PACKERS[packer](TEXT))
    assert content(path) == TEXT
    path.write_bytes(PACKERS[packer](TEXT) + PACKERS[packer](b"more\n"))
    assert content(path) == TEXT + b"more\n"


@pytest.mark.parametrize("packer", sorted(set(PACKERS) - {"plain"}))
def test_zeros_behind_a_packed_file_are_none_of_it(packer, tmp_path):
    """Some tools fill the last block with zeros."""
    path = tmp_path / "log"
    path.write_bytes(PACKERS[packer](TEXT) + bytes(10_000))
    assert content(path) == TEXT


@pytest.mark.parametrize("packer", sorted(set(PACKERS) - {"plain"}))
def test_a_packed_file_that_is_cut_off_is_read_as_far_as_it_goes(packer, tmp_path):
    """What can be unpacked is given, with a warning."""
    path = tmp_path / "log"
    data = noise(1 << 20)
    path.write_bytes(PACKERS[packer](data)[:-500])
    warnings = []
    found = content(path, warnings)
    assert data.startswith(found)
    assert warnings == [f"{path} is cut off: read as far as it goes"]
    if packer in ("gzip", "zstd"):
        assert len(found) > len(data) - (1 << 18)


@pytest.mark.parametrize("packer", sorted(set(PACKERS) - {"plain"}))
def test_a_packed_file_that_is_damaged_is_read_as_far_as_it_goes(packer, tmp_path):
    """What stands before the damage is given, with a warning; so is what stands before something else."""
    path = tmp_path / "log"
    path.write_bytes(PACKERS[packer](TEXT) + b"something else")
    warnings = []
    assert content(path, warnings) == TEXT
    assert warnings == [f"{path} is damaged: read as far as it goes"]


def test_a_frame_to_be_skipped_may_come_first(tmp_path):
    """Some tools put one before the frames of a zstd file."""
    path = tmp_path / "log"
    path.write_bytes(b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(TEXT))
    assert content(path) == TEXT


@pytest.mark.parametrize("head", [b"", b"{", b"{}\n", b"B", b"\x1f", b"\x50\x2a", b"BZ"])
def test_other_beginnings_are_plain_text(head):
    """What begins in no known way is taken as it is."""
    assert packing(head) is None


def test_a_file_is_read_once(tmp_path):
    """The same file by another name, or twice, is read once, with a warning; so is standard input."""
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"12345")
    link.hardlink_to(path)
    warnings = []
    assert locate([str(path), "-", str(link), "-"], warnings.append) == [Source(str(path), 5), Source("-")]
    assert warnings == [f"{link} is the same file as {path}: read once", "- is the same file as -: read once"]


def test_what_cannot_be_read_is_said_before_anything_is(tmp_path):
    """A file that is missing, a folder and a name that can be none are errors that name them."""
    with pytest.raises(LogError, match=r"none cannot be read: No such file or directory"):
        locate([str(tmp_path / "none")], pytest.fail)
    with pytest.raises(LogError, match="is a folder"):
        locate([str(tmp_path)], pytest.fail)
    with pytest.raises(LogError, match=r"cannot be read: .*null"):
        locate(["a\0b"], pytest.fail)
    with pytest.raises(LogError, match="cannot be read: No such file"):
        opened(Source(str(tmp_path / "none")))


def test_an_error_while_reading_names_the_file(tmp_path, monkeypatch):
    """A disk that fails is an error, not the end of the log."""

    class Failing(io.BytesIO):
        def read(self, _size):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("panda_addon.report.files.opened", lambda _source: Failing())
    with pytest.raises(LogError, match="log cannot be read: Input/output error"):
        content("log")


def test_a_pipe_is_read_however_it_comes(monkeypatch):
    """Standard input may bring a packed log a byte at a time."""
    reading, writing = os.pipe()
    data = gzip.compress(b"abc\n")

    def write():
        for place in range(len(data)):
            os.write(writing, data[place : place + 1])
        os.close(writing)

    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        thread = threading.Thread(target=write)
        thread.start()
        assert content("-") == b"abc\n"
        thread.join()


def test_the_first_bytes_may_come_one_by_one(monkeypatch):
    """What packs a file is told when there are enough of them."""

    class Dripping(io.BytesIO):
        def read(self, _size):
            return super().read(1)

    monkeypatch.setattr("panda_addon.report.files.opened", lambda _source: Dripping(gzip.compress(TEXT)))
    assert content("log") == TEXT


def test_progress_is_told_in_bytes_of_the_file(tmp_path):
    """Whoever asks is told how much was read, which for a packed file is what it takes on the disk."""
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(TEXT))
    told = []
    content(path, None, told.append)
    assert sum(told) == path.stat().st_size


@example([b"\na\r\nb", b"c\n\rd\n"])
@given(st.lists(st.binary(max_size=6) | st.sampled_from([b"\n", b"\r\n", b"a\r", b"\n\n"])))
def test_lines_are_the_same_however_a_text_is_cut(parts):
    """The pieces in which a text comes do not show in its lines, which end at newlines alone."""
    text = b"".join(parts)
    found = list(lines(iter(parts)))
    assert b"".join(found) == text
    assert all(line.endswith(b"\n") for line in found[:-1])
    assert all(line.count(b"\n") <= 1 and line for line in found)


def test_a_line_without_end_does_not_take_all_memory():
    """Of a line longer than any record's a part is given, and the next line is whole."""
    part = b"x" * (1 << 20)
    found = list(lines(iter([b"a\n", *[part] * 6, b"\nb\n"])))
    assert found == [b"a\n", b"x" * MAX_LINE, b"b\n"]
