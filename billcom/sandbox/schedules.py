"""When recurring invoices fall due: the dates of a schedule, one after the other."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from billcom.sandbox.clock import HOME_ZONE
from billcom.sandbox.values import day
from billcom.sandbox.wire import Record

_MORNING = time(6)
_DAYS = {"DAILY": 1, "WEEKLY": 7}
_MONTHS = {"MONTHLY": 1, "YEARLY": 12}
PERIODS = (*_DAYS, *_MONTHS, "NONE")


def is_running(schedule: Record) -> bool:
    """Whether there is a next invoice to write."""
    if schedule.get("period") == "NONE" or "nextDueDate" not in schedule:
        return False
    return bool(schedule["nextDueDate"] <= schedule.get("endDate", "9999-12-31"))


def written_on(schedule: Record) -> date:
    """The day on which the next invoice is written."""
    return day(schedule["nextDueDate"]) - timedelta(days=int(schedule.get("daysInAdvance", 0)))


def written_at(schedule: Record) -> datetime:
    """The morning of that day where the organization works."""
    return datetime.combine(written_on(schedule), _MORNING, HOME_ZONE)


def moved_on(schedule: Record, anchor_day: int) -> Record:
    """The schedule after its next invoice was written; months too short end on their last day."""
    due, every = day(schedule["nextDueDate"]), int(schedule.get("frequency", 1))
    try:
        following = _following(due, schedule["period"], every, anchor_day)
    except (OverflowError, ValueError):
        # The calendar ends in 9999, and so does the schedule.
        return {**schedule, "period": "NONE"}
    return {**schedule, "nextDueDate": following.isoformat()}


def _following(due: date, period: str, every: int, anchor_day: int) -> date:
    if period in _DAYS:
        return due + timedelta(days=_DAYS[period] * every)
    months = due.year * 12 + due.month - 1 + _MONTHS[period] * every
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))
