"""When a scheduled export is due: a local time on days of the tenant's calendar.

A time that a change of clocks skips is taken an hour later; one that comes twice, the first time.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from etl.errors import UsageError

__all__ = ["DAYS_TOLD", "RHYTHMS", "Rhythm", "told_day"]

RHYTHMS = ("daily", "weekly", "monthly", "after_sync")
DAYS_TOLD = ("today", "yesterday", "last-month-end")
A_DAY = timedelta(days=1)
LONGEST_GAP = 32  # days between two of a monthly rhythm, and one over


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`on_day`: of the week (1 is Monday) or of the month, where 31 means its last."""

    kind: str
    at: time
    on_day: int | None = None

    @classmethod
    def of(cls, kind: str, at_time: str, on_day: int | None) -> "Rhythm":
        """A rhythm as it is typed; UsageError where it makes no sense."""
        if kind not in RHYTHMS:
            raise UsageError(f"There is no rhythm “{kind}”: choose {', '.join(RHYTHMS)}.")
        return cls(kind, _time(at_time), _checked_day(kind, on_day))

    def next_after(self, moment: datetime, zone: str) -> datetime | None:
        """The first instant after a moment; None where syncs decide."""
        first = _local_day(moment, zone) - A_DAY
        return next((due for due in self._from(first, A_DAY, zone) if due > moment), None)

    def latest_at(self, moment: datetime, zone: str) -> datetime | None:
        """The last instant up to a moment: what was missed in between is not made up for."""
        first = _local_day(moment, zone) + A_DAY
        return next((due for due in self._from(first, -A_DAY, zone) if due <= moment), None)

    def _from(self, first: date, step: timedelta, zone: str) -> Iterator[datetime]:
        if self.kind == "after_sync":
            return
        for number in range(LONGEST_GAP + 2):
            day = first + step * number
            if self._falls_on(day):
                local = datetime.combine(day, self.at, ZoneInfo(zone))
                yield local.astimezone(UTC)

    def _falls_on(self, day: date) -> bool:
        if self.kind == "weekly":
            return day.isoweekday() == self.on_day
        if self.kind == "monthly":
            last = calendar.monthrange(day.year, day.month)[1]
            return day.day == min(self.on_day or 1, last)
        return True


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a clock's face has no zone
    except ValueError:
        raise UsageError(f"“{text}” is not a time of day: give it as 07:30.") from None


def _checked_day(kind: str, on_day: int | None) -> int | None:
    last = {"weekly": 7, "monthly": 31}.get(kind)
    if last is None:
        return None
    if on_day is None or not 1 <= on_day <= last:
        raise UsageError(f"A {kind} export needs its day: 1 to {last}.")
    return on_day


def _local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def told_day(told: str, moment: datetime, zone: str) -> date:
    """The day that “today”, “yesterday” or “last-month-end” is at a moment."""
    today = _local_day(moment, zone)
    if told == "yesterday":
        return today - A_DAY
    return today.replace(day=1) - A_DAY if told == "last-month-end" else today
