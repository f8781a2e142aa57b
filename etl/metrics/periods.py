"""The stretch of days that ends with a question's day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from etl.errors import UsageError
from etl.metrics.figures import Question

__all__ = ["QUARTER", "YEAR", "Period", "month_end", "month_named", "months_back", "period_of"]

QUARTER, YEAR = 90, 365


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of one day to the end of another."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int:
        """As many months as its days come closest to, at least one."""
        nearest = (Decimal(self.days) / 30).quantize(Decimal(1), ROUND_HALF_UP)
        return max(1, int(nearest))


def period_of(question: Question, days: int = QUARTER) -> Period:
    """From `from_on`, or this many days, to `as_of`; UsageError where it would be empty."""
    first = question.from_on or question.as_of - timedelta(days=days - 1)
    if first > question.as_of:
        raise UsageError("The first day must not be after the day the figures are true for.")
    return Period(first, question.as_of)


def month_named(name: str) -> Period:
    """The days of a month written as 2026-10; UsageError where it is none."""
    try:
        first = date.fromisoformat(f"{name}-01")
    except ValueError:
        raise UsageError(f"“{name}” is not a month: give it as YYYY-MM.") from None
    return Period(first, month_end(first))


def month_end(month_on: date) -> date:
    """The last day of a day's month."""
    following = (month_on.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def months_back(day: date) -> Iterator[date]:
    """The first days of a day's month and of every month before it."""
    month_on = day.replace(day=1)
    while True:
        yield month_on
        month_on = (month_on - timedelta(days=1)).replace(day=1)
