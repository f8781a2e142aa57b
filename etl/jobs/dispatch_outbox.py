"""Carries out what is queued in the outbox: each intended effect once, or not at all."""

import logging
from datetime import datetime, timedelta

from billcom.client import Client
from billcom.errors import (
    BillError,
    NetworkError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
)
from billcom.resources import INVOICES
from etl.back_office import BackOffice
from etl.billing.actions import ACTIONS, refusal
from etl.errors import TieoutError
from etl.store import outbox
from etl.store.models import OutboxRow, Tenant

__all__ = ["dispatch_outbox"]

LOG = logging.getLogger(__name__)
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
        with office.client_of(tenant) as client:
            return _Dispatch(office, tenant, row, client).carry_out()
    except (RateLimitedError, NetworkError, ServerError) as error:
        _put_back(office, row, str(error), getattr(error, "retry_at", None))
    except (BillError, TieoutError) as error:
        _Dispatch.end(office, tenant, row, "failed", str(error))
    except Exception as error:  # the queue goes on; this row ends with its reason
        LOG.exception("outbox row %d broke", row.id)
        _Dispatch.end(
            office, tenant, row, "failed", f"A fault of Tieout's own ({type(error).__name__})."
        )
    return None


def _put_back(office: BackOffice, row: OutboxRow, reason: str, retry_at: datetime | None) -> None:
    pause = timedelta(seconds=min(300, 5 * 2 ** min(row.attempts, 6)))
    with office.store.begin() as session:
        outbox.release(
            session, row.id, reason=reason, not_before=retry_at or office.clock() + pause
        )


class _Dispatch:
    """One row on its way."""

    def __init__(self, office: BackOffice, tenant: Tenant, row: OutboxRow, client: Client) -> None:
        self._office = office
        self._tenant = tenant
        self._row = row
        self._client = client
        self._action = ACTIONS[row.action]

    def carry_out(self) -> str | None:
        record = self._client.get(INVOICES, self._row.bill_id)
        if self._row.is_sent:
            return self._settle(record.get("archived") is True)
        reason = refusal(self._row.action, self._row.input["expected"], record)
        if reason:
            self.end(self._office, self._tenant, self._row, "refused", reason)
            return None
        return self._send()

    def _send(self) -> str | None:
        with self._office.store.begin() as session:
            outbox.mark_sent(session, self._row)
        try:
            self._client.act(
                INVOICES, self._row.bill_id, self._action.verb, self._row.input["body"]
            )
        except OutcomeUnknownError:
            record = self._client.get(INVOICES, self._row.bill_id)
            return self._settle(record.get("archived") is True)
        except (RateLimitedError, NetworkError) as error:
            _put_back(self._office, self._row, str(error), getattr(error, "retry_at", None))
            return None
        self.end(self._office, self._tenant, self._row, "done", DONE[self._row.action])
        return self._tenant.slug

    def _settle(self, is_archived: bool) -> str | None:
        """Ends a row that was sent without an answer by what BILL's book shows."""
        if self._row.action == "invoice.archive" and is_archived:
            self.end(self._office, self._tenant, self._row, "done", DONE[self._row.action])
            return self._tenant.slug
        if self._action.is_repeatable:
            _put_back(self._office, self._row, "BILL's book does not show it yet.", None)
            return None
        self.end(
            self._office,
            self._tenant,
            self._row,
            "unknown",
            "It was sent, but BILL's answer never came, and BILL does not tell whether an e-mail "
            "went out: ask the customer before proposing it again.",
        )
        return None

    @staticmethod
    def end(office: BackOffice, tenant: Tenant, row: OutboxRow, status: str, outcome: str) -> None:
        with office.store.begin() as session:
            outbox.finish(
                session, row.id, tenant.slug, status=status, outcome=outcome, at=office.clock()
            )
