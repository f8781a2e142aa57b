"""Keeping within BILL's limits before BILL has to say no.

`Throttle` is what the client asks of one; `LocalThrottle` serves a single process. The back
office has one that all its processes share. Both decide by `billcom.admission`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import count
from typing import Protocol

from billcom.admission import Allowance, Caller, Desk

__all__ = ["LocalThrottle", "Throttle"]


class Throttle(Protocol):
    """Grants calls. The grant is held until the answer's body is read."""

    def call(self, *, is_login: bool = False) -> AbstractContextManager[None]:
        """Waits for a place in flight.

        Raises BudgetSpentError or LoginLimitError where the hour has no call left.
        """


class LocalThrottle:
    """A throttle for the threads of one process."""

    def __init__(self, hourly_budget: int, clock: Callable[[], datetime]) -> None:
        self._allowance = Allowance(tenant_calls=hourly_budget)
        self._clock = clock
        self._desk = Desk()
        self._changed = threading.Condition()
        self._names = count()

    @contextmanager
    def call(self, *, is_login: bool = False) -> Iterator[None]:
        """See Throttle.call."""
        caller = Caller(str(next(self._names)), "", "", is_login=is_login)
        with self._changed:
            try:
                while not self._desk.take(caller, self._allowance, self._clock().timestamp()):
                    self._changed.wait(1.0)  # to be heard of: see PATIENCE_S
            except BaseException:
                self._desk.leave(caller.name)
                raise
        try:
            yield
        finally:
            with self._changed:
                self._desk.leave(caller.name)
                self._changed.notify_all()
