"""When exports are due: local times, through changes of clocks and short months."""

from datetime import UTC, date, datetime

import pytest

from etl.errors import UsageError
from etl.exports.rhythm import Rhythm, told_day

CHICAGO = "America/Chicago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "after", "due"),
    [
        (("daily", "07:00", None), "2026-11-23T12:59", "2026-11-23T13:00"),
        (("daily", "07:00", None), "2026-11-23T13:00", "2026-11-24T13:00"),
        (("daily", "23:30", None), "2026-11-23T02:00", "2026-11-23T05:30"),
        (("weekly", "07:00", 1), "2026-11-24T00:00", "2026-11-30T13:00"),
        (("monthly", "07:00", 31), "2026-02-01T00:00", "2026-02-28T13:00"),
        (("monthly", "07:00", 31), "2026-01-31T13:00", "2026-02-28T13:00"),
        (("monthly", "07:00", 1), "2026-12-31T00:00", "2027-01-01T13:00"),
        # 2:30 does not come on 8 March 2026, and 1:30 comes twice on 1 November.
        (("daily", "02:30", None), "2026-03-08T00:00", "2026-03-08T08:30"),
        (("daily", "01:30", None), "2026-11-01T00:00", "2026-11-01T06:30"),
        (("daily", "01:30", None), "2026-11-01T06:30", "2026-11-02T07:30"),
    ],
)
def test_the_next_time(rhythm: tuple[str, str, int | None], after: str, due: str) -> None:
    assert Rhythm.of(*rhythm).next_after(utc(after), CHICAGO) == utc(due)


def test_a_time_comes_once_a_day_all_year() -> None:
    rhythm, moment, days = Rhythm.of("daily", "02:30", None), utc("2026-01-01T00:00"), []
    while (due := rhythm.next_after(moment, CHICAGO)) and due < utc("2027-01-01T00:00"):
        days.append(told_day("today", due, CHICAGO))
        moment = due
    assert len(days) == len(set(days)) == 365


def test_the_latest_time_is_the_one_a_late_try_is_for() -> None:
    rhythm = Rhythm.of("weekly", "07:00", 1)
    assert rhythm.latest_at(utc("2026-11-30T12:59"), CHICAGO) == utc("2026-11-23T13:00")
    assert rhythm.latest_at(utc("2026-11-30T13:00"), CHICAGO) == utc("2026-11-30T13:00")


def test_syncs_decide_where_they_should() -> None:
    assert Rhythm.of("after_sync", "07:00", None).next_after(utc("2026-11-30"), CHICAGO) is None


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("today", date(2026, 11, 30)),
        ("yesterday", date(2026, 11, 29)),
        ("last-month-end", date(2026, 10, 31)),
    ],
)
def test_days_are_the_tenants_own(told: str, day: date) -> None:
    assert told_day(told, utc("2026-12-01T05:00"), CHICAGO) == day


@pytest.mark.parametrize(
    ("kind", "at", "on"),
    [
        ("hourly", "07:00", None),
        ("daily", "25:00", None),
        ("weekly", "07:00", None),
        ("weekly", "07:00", 8),
        ("monthly", "07:00", 0),
    ],
)
def test_a_rhythm_that_makes_no_sense_is_refused(kind: str, at: str, on: int | None) -> None:
    with pytest.raises(UsageError):
        Rhythm.of(kind, at, on)
