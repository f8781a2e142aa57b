"""The outbox: every effect we owe BILL is a row first, and its outcome ends on the same row.

queued -> dispatching -> done | refused | failed | unknown
   ^___________|            (back to queued while BILL cannot be asked)
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from etl.billing.actions import Intent
from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.databases import insert
from etl.store.models import OutboxRow
from etl.store.owner import is_surely_dead, this_owner

__all__ = [
    "all_open",
    "claim",
    "count_by_status",
    "due",
    "end_open",
    "finish",
    "has_open",
    "is_busy",
    "mark_sent",
    "of_records",
    "propose",
    "recent",
    "release",
]

LEASE = timedelta(minutes=3)
OPEN = ("queued", "dispatching")
MOST_ASKED = 500  # ids a query: databases bound how many there may be


def propose(
    session: Session, grant: Grant, intent: Intent, *, idempotency_key: str, at: datetime
) -> OutboxRow:
    """The row of an intended effect: a new one, or the one this key already named.

    UsageError where the key named another effect.
    """
    key = {"tenant_id": grant.tenant_id, "idempotency_key": idempotency_key}
    effect = {"action": intent.action, "bill_id": intent.bill_id, "input": intent.input}
    facts = {"document": intent.document, "proposed_by": grant.user, "proposed_at": at}
    new = insert(session, OutboxRow).values(status="queued", **key, **effect, **facts)
    # Two who propose under one key at once: the second waits, then finds the first one's row.
    made = session.scalar(new.on_conflict_do_nothing(index_elements=[*key]).returning(OutboxRow.id))
    row = session.scalars(select(OutboxRow).filter_by(**key)).one()
    if made is not None:
        _audit(session, row, grant.tenant, f"{intent.action}_proposed", actor=grant.user, at=at)
    elif any(getattr(row, name) != value for name, value in effect.items()):
        raise UsageError("This key already names another action: use a new one.")
    return row


def due(session: Session, at: datetime) -> list[int]:
    """Rows to look at now, oldest first: queued ones, and those whose dispatcher is gone."""
    waiting = or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= at)
    queued = select(OutboxRow.id).where(OutboxRow.status == "queued", waiting)
    stuck = [
        row.id
        for row in session.scalars(select(OutboxRow).where(OutboxRow.status == "dispatching"))
        if _is_abandoned(row, at)
    ]
    return sorted([*session.scalars(queued), *stuck])


def _is_abandoned(row: OutboxRow, at: datetime) -> bool:
    expired = row.lease_expires_at is None or row.lease_expires_at < at
    return expired or (row.owner is not None and is_surely_dead(row.owner))


def claim(session: Session, row_id: int, at: datetime) -> OutboxRow | None:
    """The row, now this process's to dispatch; None where another was faster."""
    row = session.get(OutboxRow, row_id)
    if row is None or not (
        row.status == "queued" or (row.status == "dispatching" and _is_abandoned(row, at))
    ):
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
            attempts=row.attempts + 1,
        )
        .returning(OutboxRow.id)
    )
    session.refresh(row)
    return row if mine else None


def mark_sent(session: Session, row: OutboxRow) -> bool:
    """Says, before it happens, that the effect is about to be sent.

    False where the row is no longer this claim's: then it must not be sent.
    """
    mine = session.scalar(
        update(OutboxRow)
        .where(
            OutboxRow.id == row.id,
            OutboxRow.owner == this_owner(),
            OutboxRow.attempts == row.attempts,
            OutboxRow.status == "dispatching",
        )
        .values(is_sent=True)
        .returning(OutboxRow.id)
    )
    row.is_sent = mine is not None
    return row.is_sent


def release(
    session: Session, row_id: int, *, reason: str, not_before: datetime, was_sent: bool
) -> None:
    """Back into the queue, to be looked at again from `not_before` on.

    `was_sent` stays on the row: what may have been sent is looked up in BILL, not sent again.
    """
    row = session.get_one(OutboxRow, row_id)
    row.status, row.owner, row.lease_expires_at = "queued", None, None
    row.is_sent, row.not_before, row.outcome = was_sent, not_before, reason


def finish(
    session: Session, row_id: int, tenant: str, *, status: str, outcome: str, at: datetime
) -> None:
    """The outcome: done, refused, failed or unknown, with its sentence."""
    row = session.get_one(OutboxRow, row_id)
    row.status, row.outcome, row.finished_at = status, outcome, at
    row.owner, row.lease_expires_at = None, None
    _audit(session, row, tenant, f"{row.action}_{status}", actor="tieout", at=at)


def _open(session: Session, tenant_id: int, *, locked: bool = False) -> list[OutboxRow]:
    rows = select(OutboxRow).where(OutboxRow.tenant_id == tenant_id, OutboxRow.status.in_(OPEN))
    rows = rows.order_by(OutboxRow.id)
    return list(session.scalars(rows.with_for_update() if locked else rows))


def has_open(session: Session, tenant_id: int) -> bool:
    """Whether anything is still to happen for a tenant."""
    return bool(_open(session, tenant_id))


def is_busy(session: Session, tenant_id: int, at: datetime) -> bool:
    """Whether a row of a tenant is being carried out; none can begin to be in this transaction."""
    return any(
        row.status == "dispatching" and not _is_abandoned(row, at)
        for row in _open(session, tenant_id, locked=True)
    )


def end_open(session: Session, tenant_id: int, tenant: str, *, reason: str, at: datetime) -> None:
    """Ends all that is open for a tenant: refused, or unknown where it may have been sent."""
    for row in _open(session, tenant_id, locked=True):
        status = "unknown" if row.is_sent else "refused"
        finish(session, row.id, tenant, status=status, outcome=reason, at=at)


def all_open(session: Session, tenant_id: int) -> list[OutboxRow]:
    """A tenant's rows of which something is still to come, oldest first."""
    return _open(session, tenant_id)


def count_by_status(session: Session, tenant_id: int) -> dict[str, int]:
    """How many rows of a tenant are in each status."""
    counted = select(OutboxRow.status, func.count().label("rows"))
    of_tenant = counted.where(OutboxRow.tenant_id == tenant_id).group_by(OutboxRow.status)
    found = session.execute(of_tenant.order_by(OutboxRow.status))
    return {row.status: row.rows for row in found}


def recent(session: Session, grant: Grant, limit: int = 20) -> list[OutboxRow]:
    """A tenant's newest rows first."""
    return list(
        session.scalars(
            select(OutboxRow)
            .where(OutboxRow.tenant_id == grant.tenant_id)
            .order_by(OutboxRow.id.desc())
            .limit(limit)
        )
    )


def of_records(session: Session, grant: Grant, bill_ids: Sequence[str]) -> Iterator[OutboxRow]:
    """A tenant's rows for these records of BILL's, in no order."""
    for start in range(0, len(bill_ids), MOST_ASKED):
        yield from session.scalars(
            select(OutboxRow).where(
                OutboxRow.tenant_id == grant.tenant_id,
                OutboxRow.bill_id.in_(bill_ids[start : start + MOST_ASKED]),
            )
        )


def _audit(
    session: Session, row: OutboxRow, tenant: str, what: str, *, actor: str, at: datetime
) -> None:
    detail: Mapping[str, Any] = {"outbox_id": row.id, "document": row.document}
    audit.append(session, at=at, actor=actor, what=what, tenant=tenant, detail=detail)
