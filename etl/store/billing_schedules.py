"""Billing schedules: kept, paused and resumed; their terms never change, so what a period is billed
follows from the schedule alone."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.billing.billing_periods import Cadence
from etl.billing.billing_terms import Term, Terms
from etl.errors import UsageError
from etl.store import alerts, audit
from etl.store.access import Grant
from etl.store.models import BillingSchedule, Tenant
from etl.store.tenants import checked_slug, may_be_written

__all__ = [
    "add",
    "all_going",
    "find",
    "pause",
    "pause_all",
    "resume",
    "schedules",
    "settle",
    "stop",
    "terms_of",
]


def add(
    session: Session, grant: Grant, name: str, customer: str, terms: Terms, *, at: datetime
) -> BillingSchedule:
    """Keeps a schedule; UsageError where its name is taken or no name."""
    cadence = terms.cadence
    row = BillingSchedule(
        tenant_id=grant.tenant_id,
        name=checked_slug(name),
        customer_id=terms.customer_id,
        customer=customer,
        currency=terms.currency,
        period=cadence.kind,
        anchor_on=cadence.anchor,
        start_on=cadence.start,
        end_on=cadence.end,
        billed=terms.billed,
        due_days=terms.due_days,
        is_prorated=terms.is_prorated,
        item_id=terms.item,
        lines=[_text(line) for line in terms.lines],
        issue_from=cadence.start,
        created_by=grant.user,
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UsageError(f"There is a schedule “{name}” already: choose another name.") from None
    detail = {"period": row.period, "customer_id": row.customer_id, "lines": row.lines}
    _audit(session, grant, row, "added", at, detail)
    return row


def _text(line: Term) -> dict[str, Any]:
    told = {
        "description": line.description,
        "quantity": format(line.quantity, "f"),
        "price": format(line.price, "f"),
    }
    return told | ({"is_usage": True} if line.is_usage else {})


def terms_of(row: BillingSchedule) -> Terms:
    """A schedule's terms."""
    return Terms(
        cadence=Cadence(row.period, row.anchor_on, row.start_on, row.end_on),
        customer_id=row.customer_id,
        currency=row.currency,
        lines=tuple(
            Term(
                one["description"],
                Decimal(one["quantity"]),
                Decimal(one["price"]),
                one.get("is_usage", False),
            )
            for one in row.lines
        ),
        billed=row.billed,
        due_days=row.due_days,
        is_prorated=row.is_prorated,
        item=row.item_id,
    )


def schedules(session: Session, grant: Grant) -> list[BillingSchedule]:
    """A tenant's schedules by name."""
    mine = select(BillingSchedule).where(BillingSchedule.tenant_id == grant.tenant_id)
    return list(session.scalars(mine.order_by(BillingSchedule.name)))


def find(session: Session, grant: Grant, name: str, *, locked: bool = False) -> BillingSchedule:
    """A tenant's schedule of a name; UsageError where it has none."""
    mine = select(BillingSchedule).filter_by(tenant_id=grant.tenant_id, name=name)
    row = session.scalar(mine.with_for_update() if locked else mine)
    if row is None:
        raise UsageError(f"{grant.tenant} has no schedule “{name}”: see tieout schedules list.")
    return row


def all_going(session: Session) -> list[Tenant]:
    """The tenants that may be written to and have a schedule which is not paused."""
    going = select(BillingSchedule.tenant_id).where(BillingSchedule.paused_at.is_(None))
    tenants = session.scalars(select(Tenant).where(Tenant.id.in_(going)).order_by(Tenant.id))
    return [tenant for tenant in tenants if may_be_written(tenant)]


def pause_all(session: Session, tenant_id: int, *, at: datetime) -> None:
    """Pauses whatever a tenant issues: its customers are others' now."""
    session.execute(
        update(BillingSchedule)
        .where(BillingSchedule.tenant_id == tenant_id, BillingSchedule.paused_at.is_(None))
        .values(paused_at=at)
    )


def pause(session: Session, grant: Grant, name: str, *, at: datetime) -> BillingSchedule:
    """Issues nothing any more until it is resumed; UsageError where it is paused already."""
    row = find(session, grant, name, locked=True)
    if row.paused_at is not None:
        raise UsageError(f"The schedule “{name}” is paused already.")
    row.paused_at = at
    alerts.clear(session, grant.tenant_id, _alert(row), at)
    _audit(session, grant, row, "paused", at)
    return row


def resume(
    session: Session, grant: Grant, name: str, *, today: date, at: datetime
) -> BillingSchedule:
    """Issues again what falls due from today on: what fell due in the pause is never billed."""
    row = find(session, grant, name, locked=True)
    if row.paused_at is None:
        raise UsageError(f"The schedule “{name}” is not paused.")
    row.paused_at = None
    row.issue_from = max(row.issue_from, today)
    _audit(session, grant, row, "resumed", at, {"issue_from": str(row.issue_from)})
    return row


def settle(session: Session, row: BillingSchedule, up_to: date, at: datetime) -> None:
    """What was due before a day has its proposal: it needs no looking at again."""
    session.execute(
        update(BillingSchedule)
        .where(BillingSchedule.id == row.id, BillingSchedule.issue_from < up_to)
        .values(issue_from=up_to)
    )
    alerts.clear(session, row.tenant_id, _alert(row), at)


def stop(session: Session, row: BillingSchedule, sentence: str, at: datetime) -> None:
    """Tells that an invoice of it could not be proposed."""
    told = f"The schedule {row.name} of {row.customer} issued no invoice: {sentence}"
    alerts.raise_alert(session, row.tenant_id, _alert(row), told, at)


def _alert(row: BillingSchedule) -> str:
    return f"billing_stopped:{row.id}"


def _audit(
    session: Session,
    grant: Grant,
    row: BillingSchedule,
    what: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    audit.append(
        session,
        at=at,
        actor=grant.user,
        what=f"billing_schedule.{what}",
        tenant=grant.tenant,
        detail={"schedule": row.name} | (detail or {}),
    )
