"""One row of the outbox on its way: looked at again, sent once, and settled by BILL's book.

`billcom.effects.carry_out` does the same in one process's memory and waits there. Here every state
between two calls is on the row, so that a crash loses nothing and no row waits for another's quiet.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from billcom.client import Client
from billcom.errors import (
    AuthenticationError,
    BillError,
    CircuitOpenError,
    NetworkError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    UnreachableError,
    UntrustedHostError,
)
from billcom.traces import CLOCKS_DIFFER, Effect, has_trace, look_for
from etl.acting.books import BillBook, bill_book
from etl.actions.action import read_input, refusal
from etl.actions.catalogue import find_action
from etl.back_office import BackOffice
from etl.errors import StoppingError, StoreError, TieoutError
from etl.store import claims, outbox
from etl.store.models import OutboxRow, Tenant

__all__ = ["Dispatching", "Step"]

LOG = logging.getLogger(__name__)
NOT_SENT = (RateLimitedError, CircuitOpenError, UnreachableError, UntrustedHostError)
WAITED_OUT = (*NOT_SENT, NetworkError, ServerError, StoppingError, StoreError)
MOST_SENDS = 5
MOST_RENEWALS = 5
LONGEST_PAUSE_S = 300
UNKNOWN = (
    "It was sent, but BILL's answer never came, and BILL's book does not tell whether it was done: "
    "find out before proposing it again."
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a turn came to: the row's status then, its sentence, and when it is looked at again."""

    status: str
    said: str
    not_before: datetime | None = None
    error: Exception | None = None


class Dispatching:
    """A row that this process has claimed, and its one turn."""

    def __init__(
        self,
        office: BackOffice,
        tenant: Tenant,
        row: OutboxRow,
        client: Client,
        quiet: timedelta,
    ) -> None:
        self._office = office
        self._tenant = tenant
        self._row = row
        self._client = client
        self._quiet = quiet
        self._action = find_action(row.action)

    def run(self) -> Step:
        """As far as it comes now; whatever goes wrong ends on the row."""
        try:
            self._given = read_input(self._action, self._row.input)
            self._effect = self._effect_of(self._given)
            return self._settle() if self._row.is_sent else self._begin()
        except WAITED_OUT as error:
            return self._put_back(error)
        except AuthenticationError as error:
            # Another caller's session may have ended between our sign-in and our call.
            if self._row.attempts < MOST_RENEWALS:
                return self._put_back(error)
            return self._give_up(str(error))
        except (BillError, TieoutError) as error:
            return self._give_up(str(error))
        except Exception as error:  # the queue goes on; this row ends with its reason
            LOG.exception("outbox row %d broke", self._row.id)
            return self._give_up(f"A fault of Tieout's own ({type(error).__name__}).")

    def _effect_of(self, given: Any) -> Effect | None:
        return self._action.effect and self._action.effect(given, self._mark())

    def _mark(self) -> str:
        """By which the record is found again: no two actions of a tenant have the same."""
        return f"T{self._row.receipt}-{self._row.proposed_at:%y%m%d%H%M%S}"

    def _begin(self) -> Step:
        if self._row.expires_at <= self._office.clock():
            return self._end("expired", "It expired before it was sent: propose it again.")
        now = bill_book(self._client, self._tenant, self._office.clock())
        reason = refusal(self._action, self._given, self._row.expected, now)
        if reason:
            if self._row.sends and (record := self._look()) is not None:
                return self._done(record)  # what refuses it now is what it did itself
            return self._end("refused", reason)
        return self._send(now)

    def _send(self, now: BillBook) -> Step:
        self._effect = self._effect_of(self._action.complete(self._given, now))
        with self._office.store.begin() as session:
            if not claims.mark_sent(session, self._row, self._office.clock()):
                return Step("taken", "Another process carries it out.")
        assert self._effect  # noqa: S101 - what stays here is never queued
        try:
            answer = self._client.call(self._effect.request())
        except OutcomeUnknownError:
            self._row.quiet_at = self._office.clock() + self._quiet
            return self._settle()
        except (*NOT_SENT, AuthenticationError):
            self._row.is_sent = False
            raise
        except BillError as error:  # BILL said no: nothing was done
            return self._declined(error)
        return self._done(answer if isinstance(answer, dict) else {})

    def _declined(self, error: BillError) -> Step:
        """A second try may be declined because the first one did it after all."""
        if self._row.sends > 1 and (record := self._look()) is not None:
            return self._done(record)
        return self._end("failed", str(error))

    def _settle(self) -> Step:
        """Ends what was sent without an answer by what BILL's book shows, now or later."""
        if self._action.link:
            return self._ask_again()
        if self._effect is None or not has_trace(self._effect):
            return self._end("unknown", UNKNOWN)
        looked_at = self._office.clock()
        record = self._look()
        if record is not None:
            return self._done(record)
        if self._row.quiet_at is None:
            self._row.quiet_at = looked_at + self._quiet
        if looked_at < self._row.quiet_at:
            return self._wait("BILL's answer was lost; its book does not show it yet.", None)
        if self._row.sends >= MOST_SENDS:
            return self._end("unknown", f"It was sent {MOST_SENDS} times in vain. {UNKNOWN}")
        self._row.is_sent, self._row.quiet_at = False, None
        return self._begin()

    def _ask_again(self) -> Step:
        """What only asks for something changes nothing, however often it is sent."""
        if self._row.sends >= MOST_SENDS:
            return self._end("failed", f"BILL was asked {MOST_SENDS} times and did not answer.")
        self._row.is_sent, self._row.quiet_at = False, None
        return self._wait("BILL's answer was lost: it is asked again.", None)

    def _look(self) -> dict[str, Any] | None:
        assert self._effect  # noqa: S101 - asked only of what was sent
        if not has_trace(self._effect):
            return None
        since = self._row.sent_at or self._row.proposed_at
        with self._office.store.read() as session:
            others = claims.results_since(session, self._row, since - CLOCKS_DIFFER)
        return look_for(self._client, self._effect, since, others)

    def _done(self, record: dict[str, Any]) -> Step:
        link = self._action.link(record) if self._action.link else None
        if self._action.link and link is None:
            return self._end("failed", "BILL's answer has no address that can be opened.")
        result = record.get("id")
        return self._end("done", self._action.done, str(result) if result else None, link)

    def _give_up(self, reason: str) -> Step:
        """Ends a row that cannot go on: failed, or unknown where it may have been sent."""
        if self._row.is_sent:
            return self._end("unknown", f"{UNKNOWN} {reason}")
        return self._end("failed", reason)

    def _put_back(self, error: Exception) -> Step:
        return self._wait(str(error), error)

    def _wait(self, reason: str, error: Exception | None) -> Step:
        pause = timedelta(seconds=min(LONGEST_PAUSE_S, 2 ** min(self._row.attempts, 9)))
        lifts = getattr(error, "retry_at", None) or self._office.clock() + pause
        if self._row.quiet_at and error is None:
            lifts = min(lifts, self._row.quiet_at)
        with self._office.store.begin() as session:
            claims.release(session, self._row, reason=reason, not_before=lifts)
        return Step("queued", reason, lifts, error)

    def _end(
        self, status: str, outcome: str, result: str | None = None, link: str | None = None
    ) -> Step:
        with self._office.store.begin() as session:
            if not claims.is_mine(session, self._row):
                return Step("taken", "Another process carries it out.")
            row = session.get_one(OutboxRow, self._row.id)
            row.result_id, row.link = result, link
            outbox.finish(
                session,
                row,
                self._tenant.slug,
                status=status,
                outcome=outcome,
                at=self._office.clock(),
            )
        return Step(status, outcome)
