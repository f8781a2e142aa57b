"""Carries out what is queued in the outbox: each intended effect once, or not at all."""

import logging
from datetime import timedelta

from billcom.client import Client
from billcom.errors import (
    BillError,
    CircuitOpenError,
    NetworkError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    UnreachableError,
)
from billcom.paging import Record
from billcom.resources import INVOICES
from etl.back_office import BackOffice
from etl.billing.actions import ACTIONS, is_archived, refusal
from etl.errors import StoppingError, StoreError, TieoutError
from etl.store import outbox
from etl.store.models import OutboxRow, Tenant

__all__ = ["dispatch_outbox"]

LOG = logging.getLogger(__name__)
NOT_SENT = (RateLimitedError, CircuitOpenError, UnreachableError)
WAITED_OUT = (*NOT_SENT, NetworkError, ServerError)
UNKNOWN = (
    "It was sent, but BILL's answer never came, and BILL does not tell whether an e-mail went "
    "out: ask the customer before proposing it again."
)
DONE = {
    "invoice.email": "BILL sent the invoice.",
    "invoice.archive": "The invoice is archived in BILL.",
}


def dispatch_outbox(office: BackOffice) -> list[str]:
    """Dispatches every row that is due, oldest first; gives the tenants whose book changed."""
    with office.store.read() as session:
        waiting = outbox.due(session, office.clock())
    changed = [slug for row_id in waiting if (slug := _dispatch(office, row_id))]
    return list(dict.fromkeys(changed))


def _dispatch(office: BackOffice, row_id: int) -> str | None:
    with office.store.begin() as session:
        row = outbox.claim(session, row_id, office.clock())
        tenant = session.get_one(Tenant, row.tenant_id) if row else None
    if row is None or tenant is None:
        return None
    try:
        with office.client_of(tenant, is_urgent=True) as client:
            return _Dispatch(office, tenant, row, client).carry_out()
    except StoreError as error:
        # Its credentials cannot be read, or the store failed: other rows must not wait for it.
        LOG.warning("outbox row %d of %s waits: %s", row_id, tenant.slug, error)
        return None


class _Dispatch:
    """One row on its way."""

    def __init__(self, office: BackOffice, tenant: Tenant, row: OutboxRow, client: Client) -> None:
        self._office = office
        self._tenant = tenant
        self._row = row
        self._client = client
        self._action = ACTIONS[row.action]

    def carry_out(self) -> str | None:
        """The tenant's slug where its book changed, else None; the row says what came of it."""
        try:
            record = self._client.get(INVOICES, self._row.bill_id)
            if self._row.is_sent:
                return self._settle(record)
            reason = refusal(self._row.action, self._row.input["expected"], record)
            return self._end("refused", reason) if reason else self._send()
        except WAITED_OUT as error:
            self._put_back(error, was_sent=self._row.is_sent)
            return None
        except (StoppingError, StoreError) as error:
            self._put_back(error, was_sent=self._row.is_sent)
            return None
        except (BillError, TieoutError) as error:
            return self._give_up(str(error))
        except Exception as error:  # the queue goes on; this row ends with its reason
            LOG.exception("outbox row %d broke", self._row.id)
            return self._give_up(f"A fault of Tieout's own ({type(error).__name__}).")

    def _send(self) -> str | None:
        with self._office.store.begin() as session:
            if not outbox.mark_sent(session, self._row):
                return None
        try:
            self._client.do(
                INVOICES, self._action.verb, id=self._row.bill_id, body=self._row.input["body"]
            )
        except OutcomeUnknownError:
            return self._settle(self._client.get(INVOICES, self._row.bill_id))
        except NOT_SENT as error:
            self._put_back(error, was_sent=False)
            return None
        except BillError as error:  # BILL said no: nothing was done
            return self._end("failed", str(error))
        return self._end("done", DONE[self._row.action])

    def _settle(self, record: Record) -> str | None:
        """Ends a row that was sent without an answer by what BILL's book shows."""
        if self._row.action == "invoice.archive":
            if is_archived(record):
                return self._end("done", DONE[self._row.action])
            # Archiving twice does no more than once, so it may be sent again.
            self._put_back(None, was_sent=False)
            return None
        return self._end("unknown", UNKNOWN)

    def _give_up(self, reason: str) -> str | None:
        """Ends a row that cannot go on: failed, or unknown where it may have been sent."""
        return self._end("unknown", UNKNOWN) if self._row.is_sent else self._end("failed", reason)

    def _put_back(self, error: Exception | None, *, was_sent: bool) -> None:
        pause = timedelta(seconds=min(300, 5 * 2 ** min(self._row.attempts, 6)))
        lifts = getattr(error, "retry_at", None)
        with self._office.store.begin() as session:
            outbox.release(
                session,
                self._row.id,
                reason=str(error) if error else "BILL's book does not show it yet.",
                not_before=lifts or self._office.clock() + pause,
                was_sent=was_sent,
            )

    def _end(self, status: str, outcome: str) -> str | None:
        with self._office.store.begin() as session:
            outbox.finish(
                session,
                self._row.id,
                self._tenant.slug,
                status=status,
                outcome=outcome,
                at=self._office.clock(),
            )
        return self._tenant.slug if status == "done" else None
