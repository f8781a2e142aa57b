"""A stretch of days, in the tenant's time zone, that is read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from etl.errors import UsageError

__all__ = ["Days"]

FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
FARTHEST_EAST = timedelta(hours=14)  # where a day begins first


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included."""

    from_on: date
    to_on: date

    def __str__(self) -> str:
        return f"{self.from_on} to {self.to_on}"

    @classmethod
    def asked(cls, from_on: date | None, to_on: date | None, *, now: datetime) -> "Days | None":
        """The days somebody asks for, None where for none; UsageError where they make no sense."""
        if from_on is None and to_on is None:
            return None
        if from_on is None or to_on is None:
            raise UsageError("To read days again give both --from and --to.")
        if from_on > to_on:
            raise UsageError("--from must not be after --to.")
        if from_on < FIRST or to_on > LAST:
            raise UsageError(f"Give days from {FIRST} to {LAST}.")
        if from_on > (now + FARTHEST_EAST).date():
            raise UsageError("--from is still to come: there is nothing to read again.")
        return cls(from_on, to_on)

    def instants(self, time_zone: str) -> tuple[datetime, datetime]:
        """When the first day begins, and when the day after the last does, in UTC."""
        zone = ZoneInfo(time_zone)
        first, last = (
            datetime.combine(day, time(), zone).astimezone(UTC)
            for day in (self.from_on, self.to_on + timedelta(days=1))
        )
        return first, last

    def as_json(self) -> dict[str, str]:
        """As kept with the run."""
        return {"from": self.from_on.isoformat(), "to": self.to_on.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Days":
        """What was kept with a run."""
        return cls(date.fromisoformat(kept["from"]), date.fromisoformat(kept["to"]))
