"""BILL's limits: calls and logins an hour for a developer key, calls in flight for an organization.

All state is touched from the server's one thread only.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billcom.sandbox.clock import Clock
from billcom.sandbox.errors import ConcurrencyLimitError, HourlyLimitError, LimitReachedError
from billcom.sandbox.world import World


@dataclass(frozen=True)
class Limits:
    """What is allowed."""

    calls_per_hour: int = 20_000
    logins_per_hour: int = 200
    in_flight: int = 3


class HourlyCount:
    """Counts by clock hour and key; a new hour starts from nothing."""

    def __init__(self, clock: Clock) -> None:
        """Hours are those of `clock`, in UTC."""
        self._clock = clock
        self.by_hour: Counter[tuple[datetime, str]] = Counter()

    def add(self, key: str) -> int:
        """Count one for `key`; returns how many that makes this hour."""
        self.by_hour[self._place(key)] += 1
        return self.by_hour[self._place(key)]

    def take_back(self, key: str) -> None:
        """Count one less for `key` this hour."""
        self.by_hour[self._place(key)] -= 1

    def _place(self, key: str) -> tuple[datetime, str]:
        return self._clock().replace(minute=0, second=0, microsecond=0), key


class Tally:
    """What was counted, whether or not it is limited.

    `calls` and `logins` by (start of the hour, developer key); `max_in_flight` by (developer key,
    organization id), refused calls included; `violations` by BILL's code of the limit.
    """

    def __init__(self, clock: Clock) -> None:
        """Nothing yet."""
        self.calls = HourlyCount(clock)
        self.logins = HourlyCount(clock)
        self.max_in_flight: Counter[tuple[str, str]] = Counter()
        self.violations: Counter[str] = Counter()

    def forget_peaks(self) -> None:
        """Begin anew with what no limit depends on."""
        self.max_in_flight.clear()
        self.violations.clear()


class Turnstile:
    """Says yes or raises a LimitReachedError. Without limits it counts and always says yes."""

    def __init__(self, limits: Limits | None, world: World) -> None:
        """Enforce `limits`, or with None nothing."""
        self._limits = limits
        self._world = world
        self._in_flight: Counter[tuple[str, str]] = Counter()
        self.tally = Tally(lambda: world.clock())  # noqa: PLW0108  it may be replaced

    def count_call(self, developer_key: str) -> None:
        """One more call of this key, refused or not; raises HourlyLimitError."""
        self._demand(self.tally.calls, developer_key, lambda limits: limits.calls_per_hour)

    def count_login(self, developer_key: str) -> None:
        """One more login with this key, successful or not; raises HourlyLimitError."""
        self._demand(self.tally.logins, developer_key, lambda limits: limits.logins_per_hour)

    def enter(self, lane: tuple[str, str]) -> None:
        """A call of (developer key, organization) begins; raises ConcurrencyLimitError."""
        begun = self._in_flight[lane] + 1
        self.tally.max_in_flight[lane] = max(begun, self.tally.max_in_flight[lane])
        if self._limits is not None and begun > self._limits.in_flight:
            self._refuse(ConcurrencyLimitError(), self.tally.calls, lane[0])
        self._in_flight[lane] = begun

    def leave(self, lane: tuple[str, str]) -> None:
        """A call that entered has been answered to its last byte."""
        self._in_flight[lane] -= 1

    def _demand(self, count: HourlyCount, key: str, allowed: Callable[[Limits], int]) -> None:
        so_far = count.add(key)
        if self._limits is not None and so_far > allowed(self._limits):
            self._refuse(HourlyLimitError(allowed(self._limits)), count, key)

    def _refuse(self, error: LimitReachedError, count: HourlyCount, key: str) -> None:
        self.tally.violations[str(error.code)] += 1
        if not self._world.knobs.refused_calls_count:
            count.take_back(key)
        raise error
