"""Customers who need not be asked for money now: they promised it, or it is on its way."""

from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from etl.store.models import CustomerNote, OutboxRow
from etl.store.outbox import OPEN

__all__ = ["paying", "promised"]

PAYMENTS = ("payment.record", "payment.charge")


def promised(session: Session, tenant_id: int, today: date) -> dict[str, date]:
    """Customers whose newest promise is not yet broken, each with the day they promised."""
    newest = (
        select(func.max(CustomerNote.id))
        .where(CustomerNote.tenant_id == tenant_id, CustomerNote.promised_on.is_not(None))
        .group_by(CustomerNote.customer_id)
    )
    notes = select(CustomerNote).where(
        CustomerNote.id.in_(newest.scalar_subquery()), CustomerNote.promised_on >= today
    )
    return {
        note.customer_id: note.promised_on for note in session.scalars(notes) if note.promised_on
    }


def paying(session: Session, tenant_id: int, read_at: datetime) -> dict[str, int]:
    """Customers of whom a payment is being recorded or charged from here, or was after BILL was
    last read, each with its receipt."""
    is_under_way = OutboxRow.status.in_((*OPEN, "unknown"))
    is_unread = and_(OutboxRow.status == "done", OutboxRow.finished_at >= read_at)
    rows = select(OutboxRow.bill_id, OutboxRow.receipt).where(
        OutboxRow.tenant_id == tenant_id,
        OutboxRow.action.in_(PAYMENTS),
        or_(is_under_way, is_unread),
    )
    return {row.bill_id: row.receipt for row in session.execute(rows.order_by(OutboxRow.id))}
