"""The months of a tenant as a controller sees them: open, closed, or restated since."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from etl.metrics.periods import month_named, months_back
from etl.store.models import Close

__all__ = ["Month", "months_of"]

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A month that is over; `close_id` and the rest are None while it is open."""

    name: str
    close_id: int | None = None
    closed_on: date | None = None
    closed_by: str | None = None
    seq: int | None = None

    @property
    def first_on(self) -> date:
        """Its first day."""
        return month_named(self.name).first

    @property
    def last_on(self) -> date:
        """Its last day, which its figures are true for."""
        return month_named(self.name).last

    def state(self, *, is_restated: bool) -> Literal["open", "closed", "restated"]:
        """What it is, given whether its documents are other ones now."""
        if self.close_id is None:
            return "open"
        return "restated" if is_restated else "closed"


def months_of(closes: list[Close], today: date, time_zone: str) -> list[Month]:
    """The last twelve months that are over and whichever is closed, newest first."""
    over = [f"{first:%Y-%m}" for first in islice(months_back(today), 1, SHOWN + 1)]
    closed = {close.month: close for close in reversed(closes)}  # the newest of a month counts
    names = sorted({*over, *closed}, reverse=True)
    return [_month(name, closed.get(name), ZoneInfo(time_zone)) for name in names]


def _month(name: str, close: Close | None, zone: ZoneInfo) -> Month:
    if close is None:
        return Month(name)
    closed_on = close.closed_at.astimezone(zone).date()
    return Month(name, close.id, closed_on, close.closed_by, close.seq)
