"""Who gets no letters, and what is not reminded of: addresses, telephones, customers, invoices."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.mail.address import bare, is_address
from etl.mail.phone import dialled
from etl.store import audit
from etl.store.access import Grant
from etl.store.databases import insert
from etl.store.models import Suppression

__all__ = ["SUPPRESSED", "end", "suppress", "suppressed"]

SUPPRESSED = ("address", "phone", "customer", "invoice")


def suppress(
    session: Session, grant: Grant, kind: str, value: str, *, reason: str, at: datetime
) -> None:
    """Writes to it, or of it, no more; once is enough. UsageError for what is none."""
    new = {
        "tenant_id": grant.tenant_id,
        "kind": kind,
        "value": _checked(kind, value),
        "reason": reason,
        "added_by": grant.user,
        "added_at": at,
    }
    session.execute(insert(session, Suppression).values(new).on_conflict_do_nothing())
    _audit(session, grant, "letters.suppressed", kind, value, at)


def end(session: Session, grant: Grant, kind: str, value: str, *, at: datetime) -> None:
    """Writes again; UsageError where nothing of the sort was suppressed."""
    row = session.get(Suppression, (grant.tenant_id, kind, _checked(kind, value)))
    if row is None:
        raise UsageError(f"The {kind} {value} is not suppressed: see tieout notices suppress.")
    session.delete(row)
    _audit(session, grant, "letters.allowed", kind, value, at)


def _checked(kind: str, value: str) -> str:
    if kind == "phone":
        return _number(value)
    if kind != "address":
        return value.strip()
    if not is_address(bare(value)):
        raise UsageError(f"“{value[:60]}” is not an e-mail address.")
    return bare(value)


def _number(value: str) -> str:
    number = dialled(value)
    if number is None:
        raise UsageError(f"“{value[:40]}” is no telephone number: give one like +12085550100.")
    return number


def _audit(session: Session, grant: Grant, what: str, kind: str, value: str, at: datetime) -> None:
    detail = {"kind": kind, "value": value}
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=detail)


def suppressed(session: Session, tenant_id: int) -> list[Suppression]:
    """All of a tenant, the newest first."""
    rows = select(Suppression).where(Suppression.tenant_id == tenant_id)
    return list(session.scalars(rows.order_by(Suppression.added_at.desc(), Suppression.value)))
