"""Who carries out a row of the outbox: one process at a time, under a lease that it renews."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from etl.store import outbox
from etl.store.models import OutboxRow, Tenant
from etl.store.owner import is_left, this_owner

__all__ = [
    "claim",
    "due",
    "end_open",
    "expire",
    "has_open",
    "hold",
    "is_busy",
    "is_mine",
    "mark_sent",
    "release",
    "renew",
    "results_since",
]

LEASE = timedelta(minutes=3)
BEGUN = ("queued", "dispatching")


def due(session: Session, at: datetime, tenant_id: int | None = None) -> list[OutboxRow]:
    """Rows to look at now, oldest first: queued ones, and those whose dispatcher is gone.

    A row waits for earlier ones about the same record.
    """
    earlier = aliased(OutboxRow)
    is_first = ~(
        select(earlier.id)
        .where(
            earlier.tenant_id == OutboxRow.tenant_id,
            earlier.bill_id == OutboxRow.bill_id,
            earlier.bill_id != "",
            earlier.status.in_(BEGUN),
            earlier.id < OutboxRow.id,
        )
        .exists()
    )
    waiting = or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= at)
    rows = select(OutboxRow).where(OutboxRow.status.in_(BEGUN), waiting, is_first)
    if tenant_id is not None:
        rows = rows.where(OutboxRow.tenant_id == tenant_id)
    found = session.scalars(rows.order_by(OutboxRow.id))
    return [row for row in found if _is_free(row, at)]


def _is_free(row: OutboxRow, at: datetime) -> bool:
    return row.status == "queued" or (row.status == "dispatching" and _is_abandoned(row, at))


def _is_abandoned(row: OutboxRow, at: datetime) -> bool:
    return is_left(row.owner, row.lease_expires_at, at)


def claim(session: Session, row_id: int, at: datetime) -> OutboxRow | None:
    """The row, now this process's to dispatch; None where another was faster."""
    row = session.get(OutboxRow, row_id)
    if row is None or not _is_free(row, at):
        return None
    mine = session.scalar(
        update(OutboxRow)
        .where(
            OutboxRow.id == row_id,
            OutboxRow.status == row.status,
            OutboxRow.attempts == row.attempts,
        )
        .values(
            status="dispatching",
            owner=this_owner(),
            lease_expires_at=at + LEASE,
            not_before=None,
            attempts=row.attempts + 1,
        )
        .returning(OutboxRow.id)
    )
    session.refresh(row)
    return row if mine else None


def renew(session: Session, row: OutboxRow, at: datetime) -> bool:
    """A longer lease; False where the row is no longer this claim's."""
    return _write(session, row, lease_expires_at=at + LEASE)


def mark_sent(session: Session, row: OutboxRow, at: datetime) -> bool:
    """Says, before it happens, that the effect is about to be sent.

    False where the row is no longer this claim's: then it must not be sent.
    """
    facts = {"is_sent": True, "sends": row.sends + 1, "quiet_at": None}
    return _write(session, row, sent_at=row.sent_at or at, **facts)


def release(session: Session, row: OutboxRow, *, reason: str, not_before: datetime) -> bool:
    """Back into the queue, to be looked at again from `not_before` on, as the row stands.

    `is_sent` stays: what may have been sent is looked up in BILL, not sent again.
    """
    return _write(
        session,
        row,
        status="queued",
        owner=None,
        lease_expires_at=None,
        not_before=not_before,
        outcome=reason,
        is_sent=row.is_sent,
        quiet_at=row.quiet_at,
    )


def _write(session: Session, row: OutboxRow, **values: object) -> bool:
    """Writes to a row while it is this claim's."""
    mine = session.scalar(
        update(OutboxRow)
        .where(
            OutboxRow.id == row.id,
            OutboxRow.owner == this_owner(),
            OutboxRow.attempts == row.attempts,
            OutboxRow.status == "dispatching",
        )
        .values(**values)
        .returning(OutboxRow.id)
    )
    for name, value in values.items() if mine else ():
        setattr(row, name, value)
    return mine is not None


def is_mine(session: Session, row: OutboxRow) -> bool:
    """Whether a row is still this claim's, locked until the transaction ends."""
    return _write(session, row, owner=this_owner())


def hold(session: Session, tenant_id: int, *, reason: str, not_before: datetime) -> None:
    """What a tenant has queued waits as well: BILL cannot be asked."""
    waiting = or_(OutboxRow.not_before.is_(None), OutboxRow.not_before < not_before)
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.tenant_id == tenant_id, OutboxRow.status == "queued", waiting)
        .values(not_before=not_before, outcome=reason)
    )


def expire(session: Session, at: datetime) -> None:
    """Ends what waited too long and was never sent."""
    late = select(OutboxRow, Tenant.slug).join(Tenant, Tenant.id == OutboxRow.tenant_id)
    late = late.where(
        OutboxRow.status.in_(("proposed", "queued")),
        OutboxRow.is_sent.is_(False),
        OutboxRow.expires_at <= at,
    )
    locked = late.with_for_update(of=OutboxRow, skip_locked=True)
    for row, slug in session.execute(locked).all():
        waited = "approved" if row.status == "proposed" else "carried out"
        outcome = f"It was not {waited} before it expired: propose it again if it still holds."
        outbox.finish(session, row, slug, status="expired", outcome=outcome, at=at)


def results_since(session: Session, row: OutboxRow, since: datetime) -> set[str]:
    """Records that other actions of the tenant made lately: none of them is this row's."""
    made = select(OutboxRow.result_id).where(
        OutboxRow.tenant_id == row.tenant_id,
        OutboxRow.action == row.action,
        OutboxRow.id != row.id,
        OutboxRow.result_id.is_not(None),
        OutboxRow.finished_at >= since,
    )
    return {name for name in session.scalars(made) if name}


def has_open(session: Session, tenant_id: int) -> bool:
    """Whether anything is still to happen for a tenant."""
    return bool(outbox.all_open(session, tenant_id))


def is_busy(session: Session, tenant_id: int, at: datetime) -> bool:
    """Whether a row of a tenant is being carried out; none can begin to be in this transaction."""
    return any(
        row.status == "dispatching" and not _is_abandoned(row, at)
        for row in outbox.all_open(session, tenant_id, locked=True)
    )


def end_open(session: Session, tenant_id: int, tenant: str, *, reason: str, at: datetime) -> None:
    """Ends all that is open for a tenant: refused, or unknown where it may have been sent."""
    for row in outbox.all_open(session, tenant_id, locked=True):
        status = "unknown" if row.is_sent else "refused"
        outbox.finish(session, row, tenant, status=status, outcome=reason, at=at)
