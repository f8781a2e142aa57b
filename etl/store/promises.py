"""Customers who said when they will pay."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from etl.store.models import CustomerNote

__all__ = ["promised"]


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
