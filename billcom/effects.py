"""One intended write, carried out exactly once or handed over as unknown."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from billcom.client import Client
from billcom.errors import (
    AuthenticationError,
    BillError,
    BusinessError,
    CircuitOpenError,
    NetworkError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
)
from billcom.paging import Record
from billcom.traces import Effect, has_trace, look_for

__all__ = ["Outcome", "carry_out"]

# BILL may still be at work on a call whose answer was given up; what is not in the book before
# this has gone by may still come.
QUIET = timedelta(minutes=2)
MOST_SENDS = 5
MOST_TRIES = 20
MOST_RENEWALS = 3
LOOK_AGAIN_S = 1.0
Result = TypeVar("Result")
PASSING = (NetworkError, ServerError, RateLimitedError, CircuitOpenError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an effect: `record` where it took place, `unknown` saying what is known if not.

    `sends` counts how often it went out.
    """

    record: Record | None
    sends: int
    unknown: str | None = None


def carry_out(
    client: Client,
    effect: Effect,
    *,
    quiet: timedelta = QUIET,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Does the effect once, looking in BILL's book after every answer that was lost.

    It is sent again only after the book did not show it `quiet` after its answer was given up.
    What BILL declines is raised as it came.
    """
    way = _Way(client, effect, clock, sleep)
    for sends in range(1, MOST_SENDS + 1):
        try:
            return Outcome(way.send(), sends)
        except OutcomeUnknownError as lost:
            if not has_trace(effect):
                return Outcome(None, sends, f"{lost} BILL's book does not tell.")
        except BusinessError:
            # A second try may be declined because the first one did it after all.
            record = way.look() if sends > 1 else None
            if record is None:
                raise
            return Outcome(record, sends)
        try:
            # From now: the call that was lost may have waited long before it went out.
            record = way.look_until(clock() + quiet)
        except BillError as error:
            return Outcome(None, sends, f"It was sent, and BILL's book cannot be read: {error}")
        if record is not None:
            return Outcome(record, sends)
    return Outcome(None, MOST_SENDS, f"It was sent {MOST_SENDS} times, and BILL's book shows none.")


class _Way:
    """To BILL and back for one effect, through whatever fails meanwhile and does no harm."""

    def __init__(
        self,
        client: Client,
        effect: Effect,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._client = client
        self._effect = effect
        self._clock = clock
        self._sleep = sleep
        self._since = clock()

    def send(self) -> Record:
        """BILL's answer to the effect."""
        answer = self._through(lambda: self._client.call(self._effect.request()))
        return answer if isinstance(answer, dict) else {}

    def look(self) -> Record | None:
        """One look that BILL answered."""
        return self._through(lambda: look_for(self._client, self._effect, self._since))

    def look_until(self, quiet_at: datetime) -> Record | None:
        """The record as soon as it shows; None where it does not show at `quiet_at` either."""
        pause_s = LOOK_AGAIN_S
        while True:
            looked_at = self._clock()
            record = self.look()
            if record is not None or looked_at >= quiet_at:
                return record
            self._sleep(min(pause_s, max(0.0, (quiet_at - looked_at).total_seconds())))
            pause_s *= 2  # each look is a call of the hour's budget

    def _through(self, call: Callable[[], Result]) -> Result:
        for number in range(1, MOST_TRIES):
            try:
                return call()
            except PASSING as error:
                if not error.transient:
                    raise
                self._sleep(_pause_s(error, self._clock()))
            except AuthenticationError:
                # Another caller's session may have ended between our sign-in and our call.
                if number > MOST_RENEWALS:
                    raise
        return call()


def _pause_s(error: BillError, now: datetime) -> float:
    at = error.retry_at
    return max(0.0, (at - now).total_seconds()) if at else LOOK_AGAIN_S
