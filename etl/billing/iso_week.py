"""A week from Monday to Sunday, as 2026-W47; the days are the tenant's."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from etl.errors import UsageError

__all__ = ["Week"]


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week a day is in."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def named(cls, text: str) -> "Week":
        """The week of a name; UsageError where there is none."""
        found = re.fullmatch(r"(\d{4})-W(\d{2})", text)
        if found:
            with suppress(ValueError):  # there is no week 54, nor a year 0
                return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        raise UsageError(f"“{text}” is not a week: give one like 2026-W47.")

    @classmethod
    def before(cls, day: date) -> "Week":
        """The last week that is over on a day."""
        return cls.of(day - timedelta(days=7))

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02d}"
