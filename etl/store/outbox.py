"""The outbox: every effect we owe BILL is a row first, and its outcome ends on the same row.

proposed -> queued -> dispatching -> done | refused | failed | unknown
   |          ^___________|             (back to queued while BILL cannot be asked)
   +-> cancelled, expired
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from etl.actions.action import Preview
from etl.actions.catalogue import ACTIONS
from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import CustomerNote, OutboxRow, Tenant

__all__ = [
    "LASTS",
    "OPEN",
    "Promised",
    "Wanted",
    "all_open",
    "approve",
    "by_keys",
    "by_prefix",
    "cancel",
    "count_by_status",
    "find_key",
    "find_receipt",
    "finish",
    "listed",
    "notes_of",
    "of_records",
    "promises_over",
    "propose",
]

LASTS = timedelta(days=7)
OPEN = ("proposed", "queued", "dispatching")
WAITING = ("proposed", "queued")
ENDED = frozenset({"cancelled", "expired", "refused", "failed"})  # without any effect in BILL
MOST_ASKED = 500  # ids a query: databases bound how many there may be


@dataclass(frozen=True, slots=True)
class Wanted:
    """One effect somebody wants: the action's name, its input as JSON, and the key it goes by."""

    action: str
    input: dict[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise to pay, and the name of the customer who gave it."""

    note: CustomerNote
    customer: str


def find_key(session: Session, grant: Grant, wanted: Wanted) -> OutboxRow | None:
    """The row that this key named before; UsageError where it named another effect."""
    row = session.scalar(
        select(OutboxRow).filter_by(tenant_id=grant.tenant_id, idempotency_key=wanted.key)
    )
    if row and (row.action, row.input) != (wanted.action, wanted.input):
        raise UsageError("This key already names another action: use a new one.")
    return row


def by_keys(session: Session, grant: Grant, keys: Sequence[str]) -> dict[str, OutboxRow]:
    """A tenant's rows that go by these keys, whatever their inputs."""
    found: dict[str, OutboxRow] = {}
    for start in range(0, len(keys), MOST_ASKED):
        rows = select(OutboxRow).where(
            OutboxRow.tenant_id == grant.tenant_id,
            OutboxRow.idempotency_key.in_(keys[start : start + MOST_ASKED]),
        )
        found |= {row.idempotency_key: row for row in session.scalars(rows)}
    return found


def by_prefix(session: Session, grant: Grant, prefix: str) -> dict[str, OutboxRow]:
    """A tenant's rows by their keys, of those that begin so."""
    rows = select(OutboxRow).where(
        OutboxRow.tenant_id == grant.tenant_id,
        OutboxRow.idempotency_key.startswith(prefix, autoescape=True),
    )
    return {row.idempotency_key: row for row in session.scalars(rows)}


def propose(
    session: Session,
    grant: Grant,
    wanted: Wanted,
    preview: Preview,
    *,
    at: datetime,
    lasts: timedelta = LASTS,
) -> OutboxRow:
    """The row of an intended effect: a new one, or the one this key already named.

    It waits for a second person where its amount, or its preview, asks for one. UsageError where
    the key named another effect.
    """
    # One at a time a tenant: receipts have no gaps, and one key makes one row.
    session.get_one(Tenant, grant.tenant_id, with_for_update=True)
    known = find_key(session, grant, wanted)
    if known:
        return known
    why = _why_second(grant, wanted, preview)
    row = OutboxRow(
        tenant_id=grant.tenant_id,
        idempotency_key=wanted.key,
        action=wanted.action,
        receipt=_next_receipt(session, grant.tenant_id),
        bill_id=preview.subject,
        document=preview.document,
        input=wanted.input,
        expected=dict(preview.expected or {}),
        preview=" ".join((preview.sentence, *preview.warnings)),
        amount=preview.amount,
        currency=preview.currency,
        status="proposed" if why else "queued",
        outcome=f"It waits for an approval: {why}." if why else None,
        proposed_by=grant.user,
        proposed_at=at,
        expires_at=at + lasts,
    )
    session.add(row)
    session.flush()
    _audit(session, row, grant.tenant, "proposed", actor=grant.user, at=at)
    return row


def _why_second(grant: Grant, wanted: Wanted, preview: Preview) -> str | None:
    """Why a second person is asked; never for what stays here."""
    if ACTIONS[wanted.action].effect is None:
        return None
    return preview.approval or grant.second_person_for(preview.amount, preview.currency)


def _next_receipt(session: Session, tenant_id: int) -> int:
    newest = select(func.max(OutboxRow.receipt)).where(OutboxRow.tenant_id == tenant_id)
    return (session.scalar(newest) or 0) + 1


def find_receipt(
    session: Session, grant: Grant, receipt: int, *, locked: bool = False
) -> OutboxRow:
    """A tenant's action by its receipt; UsageError where there is none."""
    found = select(OutboxRow).filter_by(tenant_id=grant.tenant_id, receipt=receipt)
    row = session.scalar(found.with_for_update() if locked else found)
    if row is None:
        raise UsageError(f"There is no receipt {receipt} at {grant.tenant_name}.")
    return row


def approve(session: Session, grant: Grant, receipt: int, *, at: datetime) -> OutboxRow:
    """Lets a proposed action be carried out. NotAllowedError for whoever proposed it, UsageError
    where it does not wait for an approval (any more)."""
    row = find_receipt(session, grant, receipt, locked=True)
    if row.status == "queued" and row.approved_by == grant.user:
        return row
    grant.refuse_own(row.proposed_by)
    if row.status != "proposed" or row.expires_at <= at:
        raise UsageError(f"Receipt {receipt} does not wait for an approval: it is {row.status}.")
    row.status, row.approved_by, row.approved_at, row.outcome = "queued", grant.user, at, None
    _audit(session, row, grant.tenant, "approved", actor=grant.user, at=at)
    return row


def cancel(session: Session, grant: Grant, receipt: int, *, at: datetime) -> OutboxRow:
    """Takes back an action that is not on its way; UsageError where it is, or is over."""
    row = find_receipt(session, grant, receipt, locked=True)
    if row.status not in WAITING or row.is_sent:
        raise UsageError(f"Receipt {receipt} cannot be cancelled: it is {row.status}.")
    finish(
        session,
        row,
        grant.tenant,
        status="cancelled",
        outcome=f"Cancelled by {grant.user}.",
        at=at,
        actor=grant.user,
    )
    return row


def finish(
    session: Session,
    row: OutboxRow,
    tenant: str,
    *,
    status: str,
    outcome: str,
    at: datetime,
    actor: str = "tieout",
) -> None:
    """The outcome, with its sentence."""
    row.status, row.outcome, row.finished_at = status, outcome, at
    row.owner, row.lease_expires_at, row.not_before = None, None, None
    _audit(session, row, tenant, status, actor=actor, at=at)


def listed(
    session: Session, grant: Grant, *, statuses: Sequence[str] = (), limit: int = 20
) -> list[OutboxRow]:
    """A tenant's newest rows first, of some statuses or of all."""
    rows = select(OutboxRow).where(OutboxRow.tenant_id == grant.tenant_id)
    if statuses:
        rows = rows.where(OutboxRow.status.in_(statuses))
    return list(session.scalars(rows.order_by(OutboxRow.id.desc()).limit(limit)))


def all_open(session: Session, tenant_id: int, *, locked: bool = False) -> list[OutboxRow]:
    """A tenant's rows of which something is still to come, oldest first."""
    rows = select(OutboxRow).where(OutboxRow.tenant_id == tenant_id, OutboxRow.status.in_(OPEN))
    rows = rows.order_by(OutboxRow.id)
    return list(session.scalars(rows.with_for_update() if locked else rows))


def count_by_status(session: Session, tenant_id: int) -> dict[str, int]:
    """How many rows of a tenant are in each status."""
    counted = select(OutboxRow.status, func.count().label("rows"))
    of_tenant = counted.where(OutboxRow.tenant_id == tenant_id).group_by(OutboxRow.status)
    found = session.execute(of_tenant.order_by(OutboxRow.status))
    return {row.status: row.rows for row in found}


def notes_of(session: Session, grant: Grant, customer_id: str) -> list[CustomerNote]:
    """Notes and promises of a customer, newest first."""
    notes = select(CustomerNote).filter_by(tenant_id=grant.tenant_id, customer_id=customer_id)
    return list(session.scalars(notes.order_by(CustomerNote.id.desc())))


def promises_over(
    session: Session, grant: Grant, before: date, since: date, *, limit: int
) -> list[Promised]:
    """A tenant's promises whose day came before one and not before another, the newest `limit`.

    A customer's newer promise in the same currency takes an older one's place.
    """
    newer = aliased(CustomerNote)
    replaced = select(newer.id).where(
        newer.tenant_id == CustomerNote.tenant_id,
        newer.customer_id == CustomerNote.customer_id,
        newer.promised_on.is_not(None),
        func.coalesce(newer.currency, "") == func.coalesce(CustomerNote.currency, ""),
        newer.id > CustomerNote.id,
    )
    found = (
        select(CustomerNote, OutboxRow.document)
        .join(OutboxRow, OutboxRow.id == CustomerNote.outbox_id)
        .where(
            CustomerNote.tenant_id == grant.tenant_id,
            CustomerNote.promised_on < before,
            CustomerNote.promised_on >= since,
            ~replaced.exists(),
        )
    )
    rows = session.execute(found.order_by(CustomerNote.id.desc()).limit(limit))
    return [Promised(note, customer) for note, customer in rows]


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
    detail: Mapping[str, Any] = {
        "outbox_id": row.id,
        "receipt": row.receipt,
        "document": row.document,
        "result": row.result_id,
    }
    what = f"{row.action}_{what}"
    audit.append(session, at=at, actor=actor, what=what, tenant=tenant, detail=detail)
