"""Who may call next, as a value and pure questions about it: one `Desk` a developer key.

BILL counts calls and sign-ins by the clock hour for a developer key, and calls in flight for a key
and an organization (https://developer.bill.com/docs/api-rate-limits). Within that, a tenant
has a budget of its own, tenants that share a key get equal parts of it, a person who waits comes
before work in the background, and something is kept back for people.

Instants are seconds since 1970 here, because the desk is kept as JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from billcom.errors import BudgetSpentError, LoginLimitError

__all__ = ["Allowance", "Caller", "Desk"]

HOUR_S = 3600
LEASE_S = 150.0  # longer than the longest call: whoever holds on for more is dead
PATIENCE_S = 3.0  # who waits and is not heard of for so long has gone
ACTIVE_S = 600.0  # a tenant that called within this has a claim on its part of the key's hour
AGED_S = 15.0  # who waited so long is served as if a person waited
CLOCKS_DIFFER_S = 120.0  # between machines that share a key


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent. The key's numbers stay a little below BILL's 20,000 and 200, because
    clocks differ and others may use the key.
    """

    tenant_calls: int = 1000
    key_calls: int = 19_800
    key_logins: int = 180
    in_flight: int = 3
    kept_for_people: float = 0.05

    def calls_of_tenant(self, *, is_urgent: bool) -> int:
        """A tenant's calls in an hour."""
        return self.tenant_calls if is_urgent else self._less_reserve(self.tenant_calls)

    def calls_of_key(self, *, is_urgent: bool) -> int:
        """All calls with a key in an hour."""
        return self.key_calls if is_urgent else self._less_reserve(self.key_calls)

    def places(self, *, is_urgent: bool) -> int:
        """Calls in flight; one place is never taken by the background."""
        return self.in_flight if is_urgent else max(1, self.in_flight - 1)

    def _less_reserve(self, amount: int) -> int:
        return amount - int(amount * self.kept_for_people)


@dataclass(frozen=True, slots=True)
class Caller:
    """One call that wants to go out. `name` is its own alone; `lane` is its organization."""

    name: str
    tenant: str
    lane: str
    is_urgent: bool = True
    is_login: bool = False


@dataclass(slots=True)
class Turn:
    """A place held or waited for, until `until` unless renewed."""

    tenant: str
    lane: str
    is_urgent: bool
    since: float
    until: float


@dataclass(slots=True)
class Spent:
    """A tenant's calls in the desk's hour, the instant and the number of its latest."""

    calls: int = 0
    latest: float = 0.0
    number: int = 0


@dataclass(slots=True)
class Desk:
    """All that is known of one developer key's calls; `hour` is the start of its clock hour."""

    hour: float = 0.0
    logins: int = 0
    number: int = 0
    spent: dict[str, Spent] = field(default_factory=dict)
    held: dict[str, Turn] = field(default_factory=dict)
    waiting: dict[str, Turn] = field(default_factory=dict)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Desk":
        """The desk that `as_json` gave."""
        return cls(
            kept["hour"],
            kept["logins"],
            kept["number"],
            {tenant: Spent(**facts) for tenant, facts in kept["spent"].items()},
            {name: Turn(**facts) for name, facts in kept["held"].items()},
            {name: Turn(**facts) for name, facts in kept["waiting"].items()},
        )

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return {
            "hour": self.hour,
            "logins": self.logins,
            "number": self.number,
            "spent": {tenant: _facts(spent) for tenant, spent in self.spent.items()},
            "held": {name: _facts(turn) for name, turn in self.held.items()},
            "waiting": {name: _facts(turn) for name, turn in self.waiting.items()},
        }

    def may_go(self, caller: Caller, allowance: Allowance, now: float) -> bool:
        """Whether the caller would get a place at this moment. Changes nothing."""
        mine = self._turn_of(caller, now)
        free = self._free(mine, allowance, now)
        if free <= 0:
            return False
        ahead = [
            name
            for name, turn in self._alive(self.waiting, caller.lane, now)
            if name != caller.name
            and self._rank(turn, now) < self._rank(mine, now)
            and self._free(turn, allowance, now) > 0
        ]
        return len(ahead) < free

    def take(self, caller: Caller, allowance: Allowance, now: float) -> bool:
        """Takes a place and spends one call, or joins those who wait.

        Raises BudgetSpentError or LoginLimitError where the hour has no call left for the caller.
        """
        self._tidy(now)
        self._check(caller, allowance, now)
        if not self.may_go(caller, allowance, now):
            self._wait(caller, now)
            return False
        self.waiting.pop(caller.name, None)
        self.number += 1
        self.logins += caller.is_login
        spent = self.spent.setdefault(caller.tenant, Spent())
        spent.calls, spent.latest, spent.number = spent.calls + 1, now, self.number
        self.held[caller.name] = Turn(
            caller.tenant, caller.lane, caller.is_urgent, now, now + LEASE_S
        )
        return True

    def leave(self, name: str) -> None:
        """Gives a place back, or stops waiting."""
        self.held.pop(name, None)
        self.waiting.pop(name, None)

    def calls_of(self, tenant: str, now: float) -> int:
        """A tenant's calls in the clock hour of `now`."""
        is_current = self.hour == self._hour_at(now)
        return self.spent[tenant].calls if is_current and tenant in self.spent else 0

    def calls(self, now: float) -> int:
        """All calls with the key in the clock hour of `now`."""
        is_current = self.hour == self._hour_at(now)
        return sum(spent.calls for spent in self.spent.values()) if is_current else 0

    def sign_ins(self, now: float) -> int:
        """All sign-ins with the key in the clock hour of `now`."""
        return self.logins if self.hour == self._hour_at(now) else 0

    def in_flight(self, lane: str, now: float) -> int:
        """An organization's calls that are under way."""
        return sum(1 for _turn in self._alive(self.held, lane, now))

    def in_line(self, lane: str, now: float) -> int:
        """An organization's calls that wait for a place."""
        return sum(1 for _turn in self._alive(self.waiting, lane, now))

    def ends_at(self, now: float) -> datetime:
        """When the hour that is counted in ends."""
        return _instant(self._hour_at(now) + HOUR_S)

    def _hour_at(self, now: float) -> float:
        """The hour counted in: the desk's own, where it has begun by a clock a little ahead."""
        return self.hour if 0 < self.hour - now < CLOCKS_DIFFER_S else _hour(now)

    def _wait(self, caller: Caller, now: float) -> None:
        known = self.waiting.get(caller.name)
        since = known.since if known else now
        self.waiting[caller.name] = Turn(
            caller.tenant, caller.lane, caller.is_urgent, since, now + PATIENCE_S
        )

    def _check(self, caller: Caller, allowance: Allowance, now: float) -> None:
        end = self.hour + HOUR_S
        if caller.is_login and self.logins >= allowance.key_logins:
            raise LoginLimitError(
                f"The {allowance.key_logins} sign-ins of an hour are spent; {_comes_back(end)}.",
                retry_at=_instant(end),
            )
        most = allowance.calls_of_tenant(is_urgent=caller.is_urgent)
        if self.calls_of(caller.tenant, now) >= most:
            raise BudgetSpentError(
                f"The budget of {most:,} calls to BILL an hour is spent; {_comes_back(end)}.",
                retry_at=_instant(end),
            )
        most = allowance.calls_of_key(is_urgent=caller.is_urgent)
        if self.calls(now) + self._claims_of_others(caller.tenant, most, now) >= most:
            raise BudgetSpentError(
                f"This tenant's part of the {most:,} calls an hour of its developer key is spent; "
                f"{_comes_back(end)}.",
                retry_at=_instant(end),
            )

    def _claims_of_others(self, tenant: str, most: int, now: float) -> int:
        """The calls that other tenants at work may still make before all had equal parts."""
        others = [
            spent
            for name, spent in self.spent.items()
            if name != tenant and now - spent.latest < ACTIVE_S
        ]
        part = most // (len(others) + 1)
        return sum(max(0, part - spent.calls) for spent in others)

    def _free(self, turn: Turn, allowance: Allowance, now: float) -> int:
        """Places that a turn could have."""
        places = allowance.places(is_urgent=not self._gives_way(turn, now))
        return places - self.in_flight(turn.lane, now)

    def _turn_of(self, caller: Caller, now: float) -> Turn:
        """The turn the caller waits with, or would."""
        known = self.waiting.get(caller.name)
        return known or Turn(caller.tenant, caller.lane, caller.is_urgent, now, now)

    @staticmethod
    def _gives_way(turn: Turn, now: float) -> bool:
        """Whether people go before it: the background, until it has waited long enough."""
        return not turn.is_urgent and now - turn.since < AGED_S

    def _rank(self, turn: Turn, now: float) -> tuple[bool, int, int, float]:
        """Lower goes first: people, then whose tenant holds least, was served longest ago."""
        held = sum(1 for other in self.held.values() if other.tenant == turn.tenant)
        served = self.spent[turn.tenant].number if turn.tenant in self.spent else 0
        return (self._gives_way(turn, now), held, served, turn.since)

    @staticmethod
    def _alive(turns: dict[str, Turn], lane: str, now: float) -> Iterator[tuple[str, Turn]]:
        return ((n, turn) for n, turn in turns.items() if turn.lane == lane and turn.until > now)

    def _tidy(self, now: float) -> None:
        for turns in (self.held, self.waiting):
            for name in [name for name, turn in turns.items() if turn.until <= now]:
                del turns[name]
        if self.hour != self._hour_at(now):
            self.hour, self.logins = self._hour_at(now), 0
            # Who was at work in the last hour keeps its claim in the new one.
            self.spent = {
                name: Spent(0, spent.latest, spent.number)
                for name, spent in self.spent.items()
                if now - spent.latest < ACTIVE_S
            }


def _facts(kept: Turn | Spent) -> dict[str, Any]:
    # dataclasses.asdict copies in depth, which costs a call more than its decision does.
    return {name: getattr(kept, name) for name in kept.__slots__}


def _hour(now: float) -> float:
    return now - now % HOUR_S


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _comes_back(end: float) -> str:
    return f"it is renewed at {_instant(end):%H:%M} UTC"
