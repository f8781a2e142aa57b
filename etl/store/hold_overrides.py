"""Customers that are held, or not, whatever the rule says. Rows are only ever added."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import HoldOverride, Tenant

__all__ = ["Said", "add", "newest_id", "on_day"]

# rule: no override any more.
Said = Literal["hold", "clear", "rule"]


def add(
    session: Session,
    grant: Grant,
    customer_id: str,
    standing: Said,
    *,
    until: date,
    reason: str,
    today: date,
    at: datetime,
) -> HoldOverride:
    """Says it of a customer until the end of a day; UsageError without a reason or day to come."""
    if not reason.strip() or len(reason) > 500:
        raise UsageError("Say why, in at most 500 characters: --reason 'pays by cheque today'.")
    if until < today:
        raise UsageError(f"An override until {until} is over already: give a day to come.")
    # Locked, so that of two at once one is the newer.
    session.get_one(Tenant, grant.tenant_id, with_for_update={"key_share": True})
    row = HoldOverride(
        tenant_id=grant.tenant_id,
        customer_id=customer_id,
        standing=standing,
        until=until,
        reason=reason.strip(),
        set_by=grant.user,
        set_at=at,
    )
    session.add(row)
    session.flush()
    detail = {
        "customer": customer_id,
        "standing": standing,
        "until": until.isoformat(),
        "reason": row.reason,
    }
    what = "hold.overridden"
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=detail)
    return row


def newest_id(session: Session, tenant_id: int) -> int:
    """Of a tenant's overrides; 0 where there are none."""
    newest = select(func.max(HoldOverride.id)).where(HoldOverride.tenant_id == tenant_id)
    return session.scalar(newest) or 0


def on_day(
    session: Session, tenant_id: int, day: date, day_of: Callable[[datetime], date]
) -> dict[str, HoldOverride]:
    """Those that counted at the end of a day, by customer; `day_of` is the tenant's calendar."""
    rows = select(HoldOverride).where(HoldOverride.tenant_id == tenant_id)
    newest = {
        row.customer_id: row
        for row in session.scalars(rows.order_by(HoldOverride.id))
        if day_of(row.set_at) <= day
    }
    return {
        customer_id: row
        for customer_id, row in newest.items()
        if row.until >= day and row.standing != "rule"
    }
