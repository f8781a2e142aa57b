"""Usage that schedules bill: noted once by its reference, and given to one proposal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import BillingSchedule, BillingUsage

__all__ = ["Noted", "note", "sums", "take", "unbilled"]


@dataclass(frozen=True, slots=True)
class Noted:
    """How many of a line there were on a day; `reference` is another's name for it."""

    reference: str
    line: str
    used_on: date
    quantity: Decimal


def note(
    session: Session,
    grant: Grant,
    schedule: BillingSchedule,
    entries: Sequence[Noted],
    *,
    at: datetime,
) -> int:
    """Keeps usage, each reference once; gives how many were new.

    UsageError where the schedule has no such line of usage, or a reference names something else.
    """
    lines = {one["description"] for one in schedule.lines if one.get("is_usage")}
    new = 0
    for entry in entries:
        if entry.line not in lines:
            raise UsageError(f"“{entry.line[:80]}” is no usage of the schedule {schedule.name}.")
        if not 0 < len(entry.reference) <= 80 or not entry.reference.isprintable():
            raise UsageError("A reference has 1 to 80 printable characters.")
        new += _keep(session, grant, schedule, entry, at)
    detail = {"schedule": schedule.name, "new": new}
    audit.append(
        session,
        at=at,
        actor=grant.user,
        what="billing_usage.noted",
        tenant=grant.tenant,
        detail=detail,
    )
    return new


def _keep(
    session: Session, grant: Grant, schedule: BillingSchedule, entry: Noted, at: datetime
) -> bool:
    known = session.scalar(
        select(BillingUsage).filter_by(schedule_id=schedule.id, reference=entry.reference)
    )
    if known:
        was = Noted(known.reference, known.line, known.used_on, known.quantity)
        if was != entry:
            raise UsageError(f"The reference {entry.reference} names other usage already.")
        return False
    session.add(
        BillingUsage(
            tenant_id=grant.tenant_id,
            schedule_id=schedule.id,
            reference=entry.reference,
            line=entry.line,
            used_on=entry.used_on,
            quantity=entry.quantity,
            noted_by=grant.user,
            noted_at=at,
        )
    )
    session.flush()
    return True


def unbilled(session: Session, schedule: BillingSchedule) -> list[BillingUsage]:
    """What no proposal bills yet, the oldest day first."""
    mine = select(BillingUsage).filter_by(
        tenant_id=schedule.tenant_id, schedule_id=schedule.id, bill_key=None
    )
    return list(session.scalars(mine.order_by(BillingUsage.used_on, BillingUsage.id)))


def take(
    session: Session, schedule: BillingSchedule, until: date, key: str, but: Sequence[str]
) -> dict[str, Decimal]:
    """Gives a proposal what was used until a day and is on no other, those `but` that came to
    nothing; its sum by line. To be committed with the proposal, under the tenant's lock."""
    is_free = or_(BillingUsage.bill_key.is_(None), BillingUsage.bill_key.in_(but))
    mine = select(BillingUsage).where(
        BillingUsage.tenant_id == schedule.tenant_id,
        BillingUsage.schedule_id == schedule.id,
        BillingUsage.used_on <= until,
        is_free,
    )
    found = list(session.scalars(mine))
    for entry in found:
        entry.bill_key = key
    return sums(found)


def sums(entries: Iterable[BillingUsage]) -> dict[str, Decimal]:
    """How many of each line."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        found[entry.line] += entry.quantity
    return dict(found)
