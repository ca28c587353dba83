import os
from pathlib import Path

import pytest

from panda_addon import source as module
from panda_addon.policy.errors import PolicyError
from panda_addon.policy.model import Ruleset
from panda_addon.source import PolicySource, read_policy, shipped

RULE = "version: 1\npolicies: [{name: a, phrases: [{list: mine, action: block}]}]\n"


def policy(name):
    """A policy file of one policy."""
    return f"version: 1\npolicies: [{{name: {name}}}]\n"


@pytest.fixture
def path(tmp_path):
    """A good policy file."""
    file = tmp_path / "p.yaml"
    file.write_text(policy("a"))
    return file


@pytest.fixture
def listed(tmp_path, path):
    """A policy file that uses a list, and the list's file."""
    file = tmp_path / "phrases" / "mine.txt"
    file.parent.mkdir()
    file.write_text("darn\n")
    path.write_text(RULE)
    return file


def names(source):
    """The policies in force."""
    return [found.name for found in source.ruleset.policies]


def finds(source, text):
    """Whether the first policy's phrases find something."""
    return bool(list(source.ruleset.policies[0].request_phrases.index.find(text)))


def test_the_shipped_policies_are_good():
    """Every policy that comes with the package can be loaded, and each shipped list can be used by its name."""
    files = sorted(shipped().glob("*.yaml"))
    assert shipped() / "default.yaml" in files
    for file in files:
        assert read_policy(file).policies[-1].match.clients is None


@pytest.mark.parametrize("name", ["adult", "profanity", "prompt-injection"])
def test_a_shipped_list_is_found_by_its_name(path, name):
    """A policy anywhere may use a list that comes with the package."""
    path.write_text(RULE.replace("mine", name))
    assert len(read_policy(path).policies[0].request_phrases.index) > 10


def test_an_installed_package_has_its_policies_inside(tmp_path, monkeypatch):
    """The folder inside the package comes before the one beside it."""
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "package")
    assert shipped() == tmp_path / "policies"
    (tmp_path / "package" / "policies").mkdir(parents=True)
    assert shipped() == tmp_path / "package" / "policies"


def test_a_source_needs_a_good_policy_to_start(tmp_path, path):
    """There is no last good policy at the start, so a bad one is an error."""
    with pytest.raises(PolicyError, match="cannot be read"):
        PolicySource(tmp_path / "none.yaml")
    path.write_text("version: 2\n")
    with pytest.raises(PolicyError, match="should be 1"):
        PolicySource(path)


def test_nothing_is_said_of_files_that_stay_as_they_are(path):
    """Without a change there is nothing new."""
    source = PolicySource(path)
    assert [source.poll(), source.poll()] == [None, None]


@pytest.mark.parametrize("replace", [True, False])
def test_a_changed_policy_is_taken_over_once(tmp_path, path, replace):
    """A file written anew, or another one moved into its place, is loaded at the next poll and at that alone."""
    source = PolicySource(path)
    if replace:
        (tmp_path / "new").write_text(policy("b"))
        (tmp_path / "new").rename(path)
    else:
        path.write_text(policy("bb"))
    fresh = source.poll()
    assert isinstance(fresh, Ruleset)
    assert fresh is source.ruleset
    assert names(source) == ["b" if replace else "bb"]
    assert source.poll() is None
    assert source.ruleset is fresh


def test_a_change_that_keeps_size_and_modification_time_is_seen(path):
    """A file whose times were copied along with other content is a changed file."""
    source = PolicySource(path)
    before = path.stat()
    path.write_text(policy("b"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert isinstance(source.poll(), Ruleset)
    assert names(source) == ["b"]


def test_a_file_that_was_only_touched_is_no_news(path):
    """The same bytes are the same rules."""
    source = PolicySource(path)
    revision = source.ruleset.revision
    os.utime(path, ns=(1, 1))
    assert source.poll() is None
    assert source.ruleset.revision == revision


@pytest.mark.parametrize("how", ["broken", "removed", "folder"])
def test_a_bad_change_leaves_the_last_good_policy(path, how):
    """What is wrong is told once, the rules stay, and the next good version is taken over."""
    source = PolicySource(path)
    good = source.ruleset
    path.unlink()
    if how == "broken":
        path.write_text("version: [")
    elif how == "folder":
        path.mkdir()
    error = source.poll()
    assert isinstance(error, PolicyError)
    assert str(path) in str(error)
    assert source.ruleset is good
    assert source.poll() is None
    if how == "folder":
        path.rmdir()
    path.write_text(policy("c"))
    assert isinstance(source.poll(), Ruleset)
    assert names(source) == ["c"]


def test_a_mended_file_with_the_old_content_is_the_old_policy(path):
    """Going back to what is in force is told once, for the mistake was told too, and later changes are still seen."""
    source = PolicySource(path)
    path.write_text("version: [")
    assert isinstance(source.poll(), PolicyError)
    path.write_text(policy("a"))
    assert source.poll() is source.ruleset
    path.write_text(policy("a") + "\n")
    path.write_text(policy("a"))
    assert source.poll() is None
    path.write_text(policy("later"))
    assert isinstance(source.poll(), Ruleset)


def test_another_mistake_is_told_again(path):
    """Each bad version is told of, also when one follows another."""
    source = PolicySource(path)
    path.write_text("version: [")
    assert "parsing" in str(source.poll())
    path.write_text("version: 2222\n")
    assert "should be 1" in str(source.poll())
    assert names(source) == ["a"]


def test_a_changed_list_changes_the_policy(path, listed):
    """Phrase lists are part of the rules."""
    source = PolicySource(path)
    assert not finds(source, "heck")
    listed.write_text("heck it\nheck\n")
    assert isinstance(source.poll(), Ruleset)
    assert finds(source, "heck")
    assert not finds(source, "darn")


def test_a_removed_list_leaves_the_last_good_policy(path, listed):
    """A list that is gone is an error; when it is back its new content counts."""
    source = PolicySource(path)
    listed.unlink()
    assert "there is no such list" in str(source.poll())
    assert source.poll() is None
    assert finds(source, "darn")
    listed.write_text("heck\n")
    assert isinstance(source.poll(), Ruleset)
    assert finds(source, "heck")


def test_a_broken_list_leaves_the_last_good_policy(path, listed):
    """A mistake in a list is told at its line, and the old list stays in force."""
    source = PolicySource(path)
    listed.write_text("darn\n{heck\n")
    assert f"{listed}:2:1: " in str(source.poll())
    assert finds(source, "darn")


def test_a_list_that_a_bad_version_waits_for_is_watched(tmp_path, path):
    """A policy that names a list which is not there yet comes into force when the list does."""
    source = PolicySource(path)
    path.write_text(RULE)
    assert isinstance(source.poll(), PolicyError)
    assert source.poll() is None
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "mine.txt").write_text("darn\n")
    assert isinstance(source.poll(), Ruleset)
    assert finds(source, "darn")


def test_a_list_created_over_a_shipped_one_is_seen(tmp_path, path):
    """A file that comes to stand where the shipped list was found is used from then on."""
    path.write_text(RULE.replace("mine", "profanity"))
    source = PolicySource(path)
    assert not finds(source, "borealis")
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "profanity.txt").write_text("borealis\n")
    assert isinstance(source.poll(), Ruleset)
    assert finds(source, "borealis")


def test_a_change_while_files_are_read_is_not_missed(path, monkeypatch):
    """A file that changes between its reading and the next look is read again."""
    real = Path.read_bytes

    def read_bytes(file):
        content = real(file)
        if file == path and content == policy("a").encode():
            path.write_text(policy("second"))
        return content

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    source = PolicySource(path)
    assert names(source) == ["a"]
    assert isinstance(source.poll(), Ruleset)
    assert names(source) == ["second"]


def test_a_list_with_an_impossible_name_is_an_error_and_no_more(path):
    """A name that no file can have does not break the watch."""
    source = PolicySource(path)
    path.write_text(RULE.replace("mine", '"a\\0b"'))
    assert "no file can have this name" in str(source.poll())
    assert source.poll() is None
    path.write_text(policy("b"))
    assert isinstance(source.poll(), Ruleset)
