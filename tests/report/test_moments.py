from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.audit.record import timestamp
from panda_addon.report.moments import Period, moment, period, stamp, time_of

NOW = datetime(2026, 11, 23, 13, 5, 7, 89, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-23", "2026-11-23T00:00:00.000000Z"),
        ("2026-11-23T13:00", "2026-11-23T13:00:00.000000Z"),
        ("2026-11-23 13:00:59", "2026-11-23T13:00:59.000000Z"),
        ("2026-11-23T13:00Z", "2026-11-23T13:00:00.000000Z"),
        ("2026-11-23T13:00:00.5+02:00", "2026-11-23T11:00:00.500000Z"),
        ("90m", "2026-11-23T11:35:07.000089Z"),
        ("24h", "2026-11-22T13:05:07.000089Z"),
        ("7d", "2026-11-16T13:05:07.000089Z"),
        ("2w", "2026-11-09T13:05:07.000089Z"),
        ("now", "2026-11-23T13:05:07.000089Z"),
        ("today", "2026-11-23T00:00:00.000000Z"),
        ("yesterday", "2026-11-22T00:00:00.000000Z"),
    ],
)
def test_a_time_is_understood(text, when):
    """Dates, times with and without an offset, times ago, and words, all as UTC."""
    assert stamp(moment(text, NOW)) == when


def test_a_day_with_an_offset_begins_there():
    """What follows a date as an offset is none of the hours of the day."""
    assert stamp(moment("2026-11-22+02:00", NOW)) == "2026-11-21T22:00:00.000000Z"
    assert stamp(moment("2026-11-22-0800", NOW)) == "2026-11-22T08:00:00.000000Z"
    assert stamp(moment("2026-11-22Z", NOW)) == "2026-11-22T00:00:00.000000Z"


@pytest.mark.parametrize(
    "time", ["2026-11-20T25:61:00Z", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:00:00Z"]
)
def test_a_time_that_is_none_is_not_taken_for_one(time):
    """The id tells, if it does."""
    assert time_of({"time": time}) is None
    assert time_of({"time": time, "id": "01M84EKG10F85HYHCMCT7JWWBV"}).startswith("2026-11-23T")


def test_today_is_utcs_day_wherever_one_is():
    """The clock's own offset does not move midnight."""
    late = datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(moment("today", late)) == "2026-11-22T00:00:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "7",
        "7y",
        "-7d",
        "2026",
        "2026-13-01",
        "9" * 30 + "d",
        "0001-01-01T00:00+09:00",
        "0001-01-01",
        "9999-12-31T23:59",
        "2026-11-22x08:00",
        "2026-11-22 + 2",
    ],
)
def test_what_is_no_time_is_refused(text):
    """The error says what could be given."""
    with pytest.raises(ValueError, match="is no time: give a date"):
        moment(text, NOW)


@given(st.floats(0, 221845391999))
def test_a_records_time_is_read_from_either_place(seconds):
    """The time as it is written is taken; without one the id tells it, to the millisecond."""
    from panda_addon.audit.ids import ulid

    written = timestamp(seconds)
    assert time_of({"time": written}) == written
    name = ulid(int(seconds * 1000), bytes(10))
    assert time_of({"id": name})[:23] == timestamp(int(seconds * 1000) / 1000)[:23]


@pytest.mark.parametrize(
    ("found", "time"),
    [
        ({"time": "2026-11-23T13:00:00Z"}, "2026-11-23T13:00:00.000000Z"),
        ({"time": "2026-11-23T13:00:00.5Z"}, "2026-11-23T13:00:00.500000Z"),
        ({"time": "2026-11-23T13:00:00.123456789Z"}, "2026-11-23T13:00:00.123456Z"),
        ({"time": "2026-11-23T13:00:00+02:00"}, None),
        ({"time": "yesterday", "id": "01JD"}, None),
        ({"time": 7, "id": None}, None),
        ({"id": "7ZZZZZZZZZ0000000000000000"}, None),
        ({"id": "8000000000" + "0" * 16}, None),
        ({"id": "l" * 26}, None),
        ({}, None),
    ],
)
def test_what_says_no_time_has_none(found, time):
    """Times are put in one form, so that they can be compared as text; what is none is none."""
    assert time_of(found) == time


def test_the_period_before_is_as_long():
    """With a beginning and an end, what is right before the beginning is compared; ends belong to nothing."""
    found = period(moment("2026-11-20", NOW), moment("2026-11-22", NOW), NOW)
    assert found.before == "2026-11-18T00:00:00.000000Z"
    times = ["2026-11-17T23:59:59.999999Z", found.before, found.since, "2026-11-21T23:59:59.999999Z", found.until]
    assert [found.precedes(time) for time in times] == [False, True, False, False, False]
    assert [found.holds(time) for time in times] == [False, False, True, True, False]
    assert found.shifted("2026-11-18T07:00:00.000000Z") == "2026-11-20T07:00:00.000000Z"
    assert not found.holds(None)
    assert not found.precedes(None)


def test_without_an_end_it_is_measured_to_now():
    """Until now it is as long as what is before; a clock that is behind leaves no call out."""
    found = period(moment("24h", NOW), None, NOW)
    assert found.before == stamp(NOW - timedelta(hours=48))
    assert found.holds(stamp(NOW + timedelta(hours=1)))


def test_there_may_be_nothing_before():
    """Without a beginning, or with one that is still to come, there is nothing to compare with."""
    assert period(None, None, NOW) == Period()
    assert Period().holds(None)
    assert Period().shifted("x") == "x"
    assert period(None, NOW, NOW) == Period(until=stamp(NOW))
    assert period(NOW + timedelta(1), None, NOW) == Period(since=stamp(NOW + timedelta(1)))
    assert period(datetime(3, 1, 1, tzinfo=UTC), NOW, NOW).before == "0001"


def test_a_period_that_ends_before_it_begins_is_refused():
    """The two may also not be the same."""
    with pytest.raises(ValueError, match="--since must be before --until"):
        period(NOW, NOW, NOW)


def test_a_period_may_be_longer_than_there_was_time_before():
    """What lies before the first year is cut off, and every point of it stands before all times of records."""
    whole = period(datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC), NOW)
    assert whole.precedes("1969-12-31T00:00:00.000000Z")
    assert whole.passed(0.05) < "1970"
    assert whole.passed(0.99999) > "1969"
