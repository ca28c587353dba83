import os

import pytest

from panda_addon.report.rotated import beside, between


def put(folder, name, changed=0, text=b""):
    """A file of some age, in seconds."""
    path = folder / name
    path.write_bytes(text)
    os.utime(path, (changed, changed))
    return path


@pytest.mark.parametrize(
    ("name", "is_rotated"),
    [
        ("log.1", True), ("log.23", True), ("log-20261128", True), ("log.2026-11-28", True), ("log-2026-11-28T13:00", True),
        ("log.1.gz", True), ("log-20261128.zst", True), ("log.2.xz", True), ("log.3.bz2", True),
        ("log", False), ("log.1.zip", False), ("log.old", False), ("log~", False), ("logs.1", False), ("log1", False),
        ("other.1", False), ("a-log.1", False), ("log.swp", False), (".log.1", False),
    ],
)  # fmt: skip
def test_a_rotated_file_is_told_by_its_name(name, is_rotated, tmp_path):
    """The log's own name, and a number or a date behind it; another log's files are none of it."""
    put(tmp_path, name)
    assert [file.path for file in beside(str(tmp_path / "log"))] == [str(tmp_path / name)] * is_rotated


def test_a_log_in_the_folder_one_is_in_has_no_path(tmp_path, monkeypatch):
    """Its name alone is enough."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "log.1")
    assert len(beside("log")) == 1


def test_what_is_being_packed_is_one_file(tmp_path):
    """The packed one counts when the plain one is gone."""
    plain = put(tmp_path, "log.1")
    packed = put(tmp_path, "log.1.gz")
    assert [file.path for file in beside(str(tmp_path / "log"))] == [str(plain)]
    plain.unlink()
    assert [file.path for file in beside(str(tmp_path / "log"))] == [str(packed)]


def test_a_folder_that_cannot_be_read_has_no_files(tmp_path):
    """Nor has one that is gone, or a file that cannot be looked at."""
    (tmp_path / "log.1").symlink_to(tmp_path / "nowhere")
    assert beside(str(tmp_path / "log")) == frozenset()
    assert beside(str(tmp_path / "none" / "log")) == frozenset()


def test_a_file_is_the_same_by_another_name(tmp_path):
    """The next rotation renames them all."""
    path = put(tmp_path, "log.1", 5, b"x")
    before = beside(str(tmp_path / "log"))
    path.rename(tmp_path / "log.2")
    assert beside(str(tmp_path / "log")) == before


def names(files):
    """What is behind the log's name."""
    return [file.path.rpartition("log")[2] for file in files]


def asked(folder, old, *known):
    """What came between, the log being the newest file."""
    new = put(folder, "log", 100)
    files = beside(str(new))
    fresh = frozenset(file for file in files if names([file])[0] not in known)
    found, sure = between(fresh, old, new.stat())
    return names(found), sure


def test_what_came_between_is_in_the_order_of_time(tmp_path):
    """From the file behind the old one, which is there by another name, to that before the new one."""
    old = put(tmp_path, "log.4", 10).stat()
    for name, changed in (("log.3", 20), ("log.2.gz", 30), ("log.1", 30.5), ("log.5", 9)):
        put(tmp_path, name, changed)
    assert asked(tmp_path, old) == ([".3", ".2.gz", ".1"], True)
    assert asked(tmp_path, old, ".3") == ([".2.gz", ".1"], True)


def test_one_rotation_leaves_nothing_between(tmp_path):
    """Neither the old file itself, nor it packed, nor what was there before it."""
    path = put(tmp_path, "log.1", 10)
    old = path.stat()
    put(tmp_path, "log.2", 9)
    put(tmp_path, "log.3.gz", 8)
    assert asked(tmp_path, old) == ([], True)
    path.unlink()
    put(tmp_path, "log.1.gz", 10)
    assert asked(tmp_path, old) == ([], True)


def test_an_old_file_that_is_nowhere_leaves_a_doubt(tmp_path):
    """Others may be where it is; what is there is given."""
    path = put(tmp_path, "elsewhere", 10)
    assert asked(tmp_path, path.stat()) == ([], False)
    put(tmp_path, "log.1", 20)
    assert asked(tmp_path, path.stat()) == ([".1"], False)


def test_the_new_file_may_have_been_moved_already(tmp_path):
    """It is followed, and not in between."""
    old = put(tmp_path, "log.2", 10).stat()
    new = put(tmp_path, "log.1", 20)
    found, sure = between(beside(str(tmp_path / "log")), old, new.stat())
    assert (found, sure) == ([], True)
