"""BILL's limits: calls and logins an hour for a developer key, calls in flight for an organization.

All state is touched from the server's one thread only.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billcom.sandbox.clock import Clock
from billcom.sandbox.errors import ConcurrencyLimitError, HourlyLimitError


@dataclass(frozen=True)
class Limits:
    """What is allowed, and the HTTP status of a refusal (BILL documents none)."""

    calls_per_hour: int = 20_000
    logins_per_hour: int = 200
    in_flight: int = 3
    status: int = 422


class HourlyCount:
    """Counts by key within a clock hour; a new hour starts from nothing."""

    def __init__(self, clock: Clock) -> None:
        """Hours are those of `clock`, in UTC."""
        self._clock = clock
        self._hour: datetime | None = None
        self._counts: Counter[str] = Counter()

    def add(self, key: str) -> int:
        """Count one for `key`; returns how many that makes this hour."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour = hour
            self._counts.clear()
        self._counts[key] += 1
        return self._counts[key]


class Turnstile:
    """Says yes or raises a LimitReachedError. Without limits it counts and always says yes."""

    def __init__(self, limits: Limits | None, clock: Clock) -> None:
        """Enforce `limits`, or with None nothing."""
        self._limits = limits
        self._calls = HourlyCount(clock)
        self._logins = HourlyCount(clock)
        self._in_flight: Counter[tuple[str, str]] = Counter()
        self.max_in_flight: Counter[tuple[str, str]] = Counter()

    def count_call(self, developer_key: str) -> None:
        """One more call of this key, refused or not; raises HourlyLimitError."""
        self._demand(self._calls.add(developer_key), lambda limits: limits.calls_per_hour)

    def count_login(self, developer_key: str) -> None:
        """One more login with this key, successful or not; raises HourlyLimitError."""
        self._demand(self._logins.add(developer_key), lambda limits: limits.logins_per_hour)

    def enter(self, lane: tuple[str, str]) -> None:
        """A call of (developer key, organization) begins; raises ConcurrencyLimitError."""
        begun = self._in_flight[lane] + 1
        self.max_in_flight[lane] = max(begun, self.max_in_flight[lane])
        if self._limits is not None and begun > self._limits.in_flight:
            raise ConcurrencyLimitError(self._limits.status)
        self._in_flight[lane] = begun

    def leave(self, lane: tuple[str, str]) -> None:
        """A call that entered has been answered to its last byte."""
        self._in_flight[lane] -= 1

    def _demand(self, count: int, allowed: Callable[[Limits], int]) -> None:
        if self._limits is not None and count > allowed(self._limits):
            raise HourlyLimitError(self._limits.status, allowed(self._limits))
