"""A tenant's rules of late fees, one a currency; every change is in the audit trail."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.billing.late_fees import LateFeeRule
from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import LateFeeRow, Tenant

__all__ = ["end", "keep", "rule_of", "rules"]


def keep(
    session: Session,
    grant: Grant,
    rule: LateFeeRule,
    *,
    since: date,
    is_automatic: bool,
    at: datetime,
) -> LateFeeRow:
    """A rule in place of the one there was of its currency; charges before `since` stay unmade."""
    # Locked, so that of two who set it at once one comes after the other.
    session.get_one(Tenant, grant.tenant_id, with_for_update={"key_share": True})
    row = LateFeeRow(
        tenant_id=grant.tenant_id,
        currency=rule.currency,
        rule=msgspec.to_builtins(rule, order="deterministic"),
        since=since,
        is_automatic=is_automatic,
        set_by=grant.user,
        set_at=at,
    )
    kept = session.merge(row)
    detail = kept.rule | {"since": since.isoformat(), "automatic": is_automatic}
    _audit(session, grant, "late_fees.ruled", detail, at)
    return kept


def end(session: Session, grant: Grant, currency: str, *, at: datetime) -> None:
    """Charges no more in a currency; UsageError where nothing was. What is proposed stays."""
    row = session.get(LateFeeRow, (grant.tenant_id, currency))
    if row is None:
        raise UsageError(
            f"{grant.tenant_name} charges no late fees in {currency}: see tieout late-fees show."
        )
    session.delete(row)
    _audit(session, grant, "late_fees.ended", {"currency": currency}, at)


def _audit(session: Session, grant: Grant, what: str, detail: dict[str, Any], at: datetime) -> None:
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=detail)


def rules(session: Session, tenant_id: int) -> list[LateFeeRow]:
    """All of a tenant, by currency."""
    rows = select(LateFeeRow).where(LateFeeRow.tenant_id == tenant_id)
    return list(session.scalars(rows.order_by(LateFeeRow.currency)))


def rule_of(row: LateFeeRow) -> LateFeeRule:
    """The rule that a row keeps."""
    return msgspec.convert(row.rule, LateFeeRule)
