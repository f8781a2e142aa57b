"""The circuit breaker: after several failures in a row BILL is left alone for a while.

    closed ──5 failures──> open ──time──> half open ──the probe succeeds──> closed
                            ^                  └──────the probe fails──────────┘ (twice as long)

The state is a value and the questions about it are pure; who keeps it is another matter:
`LocalBreaker` in memory, the back office in its store.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from billcom.errors import (
    BillError,
    CircuitOpenError,
    NetworkError,
    OutcomeUnknownError,
    ProtocolError,
    ServerError,
)

__all__ = ["CLOSED", "Breaker", "Circuit", "Health", "LocalBreaker", "State", "health", "refusal"]

FAILURES_TO_OPEN = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
PROBE_LEASE = timedelta(minutes=2)  # longer than a call: a prober that died blocks no longer


class State(StrEnum):
    """Whether calls go out: all, none, or one to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Health(StrEnum):
    """What a call says of BILL."""

    WELL = "well"
    FAILING = "failing"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Circuit:
    """One circuit. `retry_at`: when an open one is probed, or the lease of a probe ends."""

    state: State = State.CLOSED
    failures: int = 0
    trips: int = 0
    retry_at: datetime | None = None

    def may_call(self, now: datetime) -> bool:
        """Whether a call may go out; where the circuit is not closed, it is the probe."""
        return self.state is State.CLOSED or self.retry_at is None or now >= self.retry_at

    def probing(self, now: datetime) -> "Circuit":
        """While its one probe is out."""
        return replace(self, state=State.HALF_OPEN, retry_at=now + PROBE_LEASE)

    def after(self, health: Health, now: datetime) -> "Circuit":
        """After a call ended."""
        if health is Health.WELL:
            return CLOSED
        if health is Health.UNTRIED:
            probed = self.state is State.HALF_OPEN
            return replace(self, state=State.OPEN, retry_at=now) if probed else self
        failures = self.failures + 1
        if self.state is State.CLOSED and failures < FAILURES_TO_OPEN:
            return replace(self, failures=failures)
        if self.state is State.OPEN:  # one that was under way when the circuit opened
            return self
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.trips, 10))
        return Circuit(State.OPEN, failures, self.trips + 1, now + pause)


CLOSED = Circuit()


class Breaker(Protocol):
    """Asked before every call that goes out, and told after it."""

    def admit(self) -> None:
        """Lets the call go out; raises CircuitOpenError where it may not."""

    def settle(self, health: Health) -> None:
        """What an admitted call said of BILL."""


class LocalBreaker:
    """A breaker for the threads of one process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.circuit = CLOSED

    def admit(self) -> None:
        """See Breaker.admit."""
        with self._lock:
            now = self._clock()
            if not self.circuit.may_call(now):
                raise refusal(self.circuit)
            if self.circuit.state is not State.CLOSED:
                self.circuit = self.circuit.probing(now)

    def settle(self, health: Health) -> None:
        """See Breaker.settle."""
        with self._lock:
            self.circuit = self.circuit.after(health, self._clock())


def refusal(circuit: Circuit) -> CircuitOpenError:
    """The refusal of a call while `circuit` is open."""
    if circuit.retry_at is None:
        raise ValueError("a closed circuit refuses nothing")
    return CircuitOpenError(
        f"BILL failed {circuit.failures} times in a row and is left alone; it is tried again at "
        f"{circuit.retry_at:%H:%M:%S} UTC.",
        retry_at=circuit.retry_at,
    )


def health(error: BillError | None) -> Health:
    """What the end of a call says of BILL: an answer that declines is a healthy one."""
    if error is None:
        return Health.WELL
    if isinstance(error, ServerError | NetworkError | OutcomeUnknownError | ProtocolError):
        return Health.FAILING
    return Health.WELL if error.facts.status is not None else Health.UNTRIED
