"""Closed months: what was pinned, by whom, with which figures. Rows are only ever added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import AuditEntry, Close, Tenant

__all__ = ["add_close", "all_closes", "is_audited", "newest_close", "pinned"]

CLOSED = "month.closed"


def add_close(
    session: Session,
    grant: Grant,
    month: str,
    *,
    seq: int,
    figures: Mapping[str, Any],
    sha256: str,
    at: datetime,
    by: str,
    again: bool,
) -> Close:
    """Keeps a month as closed; UsageError where it is already, unless `again`."""
    # Locked, so that two who press at once do not both close it.
    session.get_one(Tenant, grant.tenant_id, with_for_update={"key_share": True})
    before = newest_close(session, grant.tenant_id, month)
    if before and not again:
        raise UsageError(
            f"{month} of {grant.tenant_name} was closed by {before.closed_by} on "
            f"{before.closed_at:%Y-%m-%d}: tieout restatements shows what changed since, and "
            "--again closes it anew and keeps the old close."
        )
    close = Close(
        tenant_id=grant.tenant_id,
        month=month,
        seq=seq,
        closed_at=at,
        closed_by=by,
        figures=dict(figures),
        sha256=sha256,
    )
    session.add(close)
    session.flush()
    audit.append(session, at=at, actor=by, what=CLOSED, tenant=grant.tenant, detail=_detail(close))
    return close


def _detail(close: Close) -> dict[str, Any]:
    return {"close": close.id, "month": close.month, "snapshot": close.seq, "sha256": close.sha256}


def is_audited(session: Session, close: Close, slug: str) -> bool:
    """Whether the audit trail tells of this close with this hash."""
    told = select(AuditEntry).where(AuditEntry.what == CLOSED, AuditEntry.tenant == slug)
    return any(entry.detail == _detail(close) for entry in session.scalars(told))


def newest_close(session: Session, tenant_id: int, month: str) -> Close | None:
    """The close of a month that counts, if it was ever closed."""
    return session.scalar(
        select(Close)
        .where(Close.tenant_id == tenant_id, Close.month == month)
        .order_by(Close.id.desc())
        .limit(1)
    )


def all_closes(session: Session, tenant_id: int) -> list[Close]:
    """Every close of a tenant, the newest month and close first."""
    of_tenant = select(Close).where(Close.tenant_id == tenant_id)
    return list(session.scalars(of_tenant.order_by(Close.month.desc(), Close.id.desc())))


def pinned(session: Session, tenant_id: int) -> set[int]:
    """The snapshots that are never deleted."""
    return set(session.scalars(select(Close.seq).where(Close.tenant_id == tenant_id)))
