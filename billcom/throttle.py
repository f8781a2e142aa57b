"""The limits every call passes: three in flight a key and organization, a budget an hour.

`Throttle` is what the client asks of one; `LocalThrottle` serves a single process. The back
office brings one that all its processes share.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from billcom.errors import BudgetSpentError

__all__ = ["MAX_IN_FLIGHT", "LocalThrottle", "Throttle", "budget_spent", "hour_of"]

MAX_IN_FLIGHT = 3  # https://developer.bill.com/docs/api-rate-limits


class Throttle(Protocol):
    """Grants calls. The grant is held until the answer's body is read."""

    def call(self) -> AbstractContextManager[None]:
        """Waits for a place in flight; raises BudgetSpentError when the hour's budget is spent."""


class LocalThrottle:
    """A throttle for the threads of one process."""

    def __init__(self, hourly_budget: int, clock: Callable[[], datetime]) -> None:
        self._places = threading.BoundedSemaphore(MAX_IN_FLIGHT)
        self._budget = hourly_budget
        self._clock = clock
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._spent = 0

    @contextmanager
    def call(self) -> Iterator[None]:
        """See Throttle.call."""
        with self._places:
            self._spend()
            yield

    def _spend(self) -> None:
        hour = hour_of(self._clock())
        with self._lock:
            if hour != self._hour:
                self._hour, self._spent = hour, 0
            if self._spent >= self._budget:
                raise budget_spent(self._budget, hour)
            self._spent += 1


def hour_of(moment: datetime) -> datetime:
    """The clock hour a moment falls in: BILL's limits are fixed windows, not sliding ones."""
    return moment.replace(minute=0, second=0, microsecond=0)


def budget_spent(budget: int, hour: datetime) -> BudgetSpentError:
    """The refusal of a call beyond `budget` in `hour`."""
    lifts = hour + timedelta(hours=1)
    return BudgetSpentError(
        f"The budget of {budget:,} calls to BILL an hour is spent; it is renewed at "
        f"{lifts:%H:%M} UTC.",
        retry_at=lifts,
    )
