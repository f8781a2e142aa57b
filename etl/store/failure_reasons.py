"""Reasons of failed payments that people entered: only ever added; a payment's newest counts."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from etl.billing.entered_reason import EnteredReason
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import FailureReason

__all__ = ["current_reasons", "record_reason"]


def current_reasons(
    session: Session, tenant_id: int, *, recorded_before: datetime | None = None
) -> list[EnteredReason]:
    """The reasons that count, or that counted before an instant; in the order they were entered."""
    newest = select(func.max(FailureReason.id)).where(FailureReason.tenant_id == tenant_id)
    if recorded_before is not None:
        newest = newest.where(FailureReason.entered_at < recorded_before)
    of_each = newest.group_by(FailureReason.payment_id).scalar_subquery()
    rows = session.scalars(
        select(FailureReason).where(FailureReason.id.in_(of_each)).order_by(FailureReason.id)
    )
    return [_entered(row) for row in rows]


def record_reason(
    session: Session,
    grant: Grant,
    payment_id: str,
    code: str,
    note: str | None,
    *,
    at: datetime,
    by: str,
) -> EnteredReason:
    """Adds the reason of a payment, which counts from now on; audited."""
    row = FailureReason(
        tenant_id=grant.tenant_id,
        payment_id=payment_id,
        code=code,
        note=note,
        entered_by=by,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    audit.append(
        session,
        at=at,
        actor=by,
        what="failure_reason.entered",
        tenant=grant.tenant,
        detail={"reason": row.id, "payment": payment_id, "code": code},
    )
    return _entered(row)


def _entered(row: FailureReason) -> EnteredReason:
    return EnteredReason(
        reason_id=row.id,
        payment_id=row.payment_id,
        code=row.code,
        note=row.note,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )
