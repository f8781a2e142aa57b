"""Periods of a billing schedule: whole ones from anchor to anchor, cut where it starts and ends.

Days are the tenant's. Every boundary is counted from the anchor itself, never from the one before,
so an anchor on the 31st is the last day of short months and the 31st again after them.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from etl.errors import UsageError

__all__ = ["PERIODS", "Cadence", "Period"]

A_DAY = timedelta(days=1)
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
PERIODS = ("weekly", *MONTHS)
LAST_YEAR = date.max.year - 2  # beyond it there is no next boundary to count to


@dataclass(frozen=True, slots=True)
class Period:
    """The days `first` to `last` that are billed, of the whole period `of_first` to `of_last`."""

    first: date
    last: date
    of_first: date
    of_last: date

    @property
    def days(self) -> int:
        """How many days are billed."""
        return (self.last - self.first).days + 1

    @property
    def of_days(self) -> int:
        """How many days the whole period has."""
        return (self.of_last - self.of_first).days + 1

    @property
    def is_whole(self) -> bool:
        """Whether all of it is billed."""
        return self.days == self.of_days


@dataclass(frozen=True, slots=True)
class Cadence:
    """What kind of periods, which day one of them begins on, and from when until when, the last day
    included, they are billed."""

    kind: str
    anchor: date
    start: date
    end: date | None = None

    @classmethod
    def of(cls, kind: str, anchor: date, start: date, end: date | None) -> "Cadence":
        """A cadence as it was typed; UsageError where it makes no sense."""
        if kind not in PERIODS:
            raise UsageError(f"There is no period “{kind}”: choose {', '.join(PERIODS)}.")
        if end is not None and end < start:
            raise UsageError(f"It would end on {end}, before it starts on {start}.")
        if not 2000 <= min(anchor.year, start.year) <= max(anchor.year, start.year) <= LAST_YEAR:
            raise UsageError("The start and the anchor are days from the year 2000 on.")
        return cls(kind, anchor, start, end)

    def periods(self, since: date | None = None) -> Iterator[Period]:
        """The periods in their order, from the one that a day is in; from the first without."""
        for number in count(self._number(max(self.start, since or self.start))):
            of_first = self._boundary(number)
            first = max(of_first, self.start)
            if of_first.year > LAST_YEAR or (self.end is not None and first > self.end):
                return
            of_last = self._boundary(number + 1) - A_DAY
            yield Period(first, min(of_last, self.end or of_last), of_first, of_last)

    def _boundary(self, number: int) -> date:
        """The first day of a whole period; the anchor is that of number 0."""
        if self.kind not in MONTHS:
            return self.anchor + timedelta(weeks=number)
        months = self.anchor.year * 12 + self.anchor.month - 1 + MONTHS[self.kind] * number
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(self.anchor.day, monthrange(year, month)[1]))

    def _number(self, day: date) -> int:
        """The whole period that a day is in."""
        if self.kind not in MONTHS:
            return (day - self.anchor).days // 7
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        number = months // MONTHS[self.kind]
        return number if self._boundary(number) <= day else number - 1
