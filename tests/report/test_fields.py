import pytest
from hypothesis import given

from panda_addon.report.fields import FIELDS, fields, fit, where
from tests.report.recording import hostile_records, read, record


@pytest.mark.parametrize(
    ("field", "changes", "value"),
    [
        ("user", {}, "alice"),
        ("user", {"client__proxy_user": "bob"}, "bob"),
        ("user", {"end_user": None}, None),
        ("proxy_user", {}, None),
        ("proxy_user", {"client__proxy_user": "bob"}, "bob"),
        ("end_user", {"client__proxy_user": "bob"}, "alice"),
        ("key", {"key": "sha256:ab"}, "sha256:ab"),
        ("model", {}, "gpt-6-luna"),
        ("model", {"response__model": "gpt-6-luna-2026"}, "gpt-6-luna-2026"),
        ("endpoint", {}, "responses"),
        ("policy", {"policy__name": "research"}, "research"),
        ("client", {}, "10.0.0.1"),
        ("organization", {}, "org"),
        ("project", {}, "proj"),
        ("decision", {}, "allow"),
        ("status", {}, 200),
        ("status", {"response__status": None}, None),
        ("status", {"response__status": 10**9}, None),
        ("hour", {}, "2026-11-20T12:00Z"),
        ("hour", {"time": None}, None),
        ("day", {}, "2026-11-20"),
        ("day", {"time": None}, None),
        ("tier", {}, None),
        ("tier", {"price__tier": "flex"}, "flex"),
        ("tier", {"price__tier": "flex", "response__service_tier": "priority"}, "priority"),
        ("key", {"key": 7}, "7"),
        ("end_user", {"end_user": ""}, None),
        ("user", {"end_user": "", "client__proxy_user": ""}, None),
        ("model", {"request__model": ""}, None),
        ("key", {"key": ""}, None),
    ],
)
def test_what_a_record_says_under_a_field(field, changes, value):
    """The one who is proved comes before the one who is claimed, the model that answered before the one asked for."""
    assert FIELDS[field](read(record(**changes))) == value


@given(hostile_records())
def test_every_field_of_anything_is_a_word_a_number_or_nothing(found):
    """Whatever a record says, it can be grouped by any field."""
    for name in set(FIELDS) - {"hour", "day"}:
        assert isinstance(FIELDS[name](read(found)), str | int | None)


def test_fields_are_named_with_commas():
    """Blanks do not matter, nor does a field that is named again."""
    assert fields("user, model,user") == ("user", "model")


@pytest.mark.parametrize(
    ("text", "meant"),
    [("modle", "did you mean model?"), ("xyz", "'xyz'. The fields are user, "), ("", "'': did|''. The")],
)
def test_an_unknown_field_is_refused(text, meant):
    """The error names the nearest field, and all of them."""
    with pytest.raises(ValueError, match=meant.replace("?", r"\?")):
        fields(f"user,{text}")


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ("user=alice", True), ("user=al*", True), ("user=Alice", False), ("user=", False), ("user!=bob", True),
        ("user!=alice", False), ("proxy_user=", True), ("proxy_user=?*", False), ("status=2??", True), ("key=sha256:ab…", True),
        ("key=sha256:b…", False), ("user=[a-c]lice", True), ('user="alice"', True), ('user="alice "', False),
        ("proxy_user=(none)", True), ("user!=(none)", True), ("user=(none)", False), ('user="', False), ("day=2026-11-20", True), ("user =alice", True),
    ],
)  # fmt: skip
def test_a_condition_is_a_shell_pattern(condition, fits):
    """The whole word must fit, `!=` turns it round, and a name can be pasted as a table shows it."""
    assert fit(read(record()), [where(condition)]) is fits


def test_all_conditions_must_fit():
    """Each is asked."""
    assert fit(read(record()), [where("user=alice"), where("decision=allow")])
    assert not fit(read(record()), [where("user=alice"), where("decision=block")])


@pytest.mark.parametrize(
    ("text", "fault"), [("alice", "is no condition"), ("usr=alice", "did you mean user"), ("=x", "no such")]
)
def test_what_is_no_condition_is_refused(text, fault):
    """The error says what could be given."""
    with pytest.raises(ValueError, match=fault):
        where(text)
