"""Time as an argument: where the sandbox gets its "now", and how BILL writes an instant."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

# BILL names no time zone for "today"; most of its customers' books live on Pacific time.
HOME_ZONE = ZoneInfo("America/Los_Angeles")


def system_clock() -> datetime:
    """The real time, aware, in UTC."""
    return datetime.now(UTC)


class SettableClock:
    """A clock that moves only when told to. Call it for the time, like any `Clock`."""

    def __init__(self, now: datetime) -> None:
        """Start at `now`, which must carry a time zone."""
        self._lock = threading.Lock()
        self._now = _aware(now)

    def __call__(self) -> datetime:
        with self._lock:
            return self._now

    def set(self, now: datetime) -> None:
        """Jump to `now`, forwards or back."""
        with self._lock:
            self._now = _aware(now)

    def advance(self, by: timedelta) -> None:
        """Move on by `by`."""
        with self._lock:
            self._now += by


class RunningClock(SettableClock):
    """A clock that goes on by itself from where it is set."""

    def __init__(self, now: datetime) -> None:
        """Start at `now`, which must carry a time zone."""
        super().__init__(now)
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        """The time it was set to, and what has gone by since."""
        with self._lock:
            return self._now + timedelta(seconds=time.monotonic() - self._since)

    def set(self, now: datetime) -> None:
        """Jump to `now` and go on from there."""
        with self._lock:
            self._now, self._since = _aware(now), time.monotonic()


def timestamp(moment: datetime) -> str:
    """`moment` as BILL writes it: UTC, milliseconds, numeric offset."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def local_day(moment: datetime, zone: str = HOME_ZONE.key) -> date:
    """The calendar day of `moment` where the organization works."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A clock needs a time with a time zone.")
    return moment.astimezone(UTC)
