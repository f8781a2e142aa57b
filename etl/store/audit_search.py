"""Searching the audit trail as one tenant's administrators may: their own entries, no others."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from etl.store.models import AuditEntry, Membership, Tenant, User

__all__ = ["Wanted", "count_entries", "find_entries"]

# What people do that is no tenant's: told to the administrators of every tenant they belong to.
OF_PEOPLE = (
    "user.signed_in",
    "user.signed_out",
    "user.locked",
    "second_factor.enrolled",
    "recovery_code.used",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Parts of whom, what and which document an entry tells of, and from when (`since`) to before
    when (`until`); what is empty or None narrows nothing."""

    who: str = ""
    what: str = ""
    document: str = ""
    since: datetime | None = None
    until: datetime | None = None


def find_entries(
    session: Session, tenant_id: int, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> list[AuditEntry]:
    """A tenant's entries, the newest first."""
    found = select(AuditEntry).where(*_narrowed(session, tenant_id, wanted))
    newest = found.order_by(AuditEntry.id.desc()).offset(offset)
    return list(session.scalars(newest if limit is None else newest.limit(limit)))


def count_entries(session: Session, tenant_id: int, wanted: Wanted) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(AuditEntry)
    return session.scalar(counted.where(*_narrowed(session, tenant_id, wanted))) or 0


def _narrowed(session: Session, tenant_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    entry = AuditEntry
    narrowed = [_of_tenant(session, tenant_id)]
    if wanted.who:
        narrowed.append(entry.actor.icontains(wanted.who, autoescape=True))
    if wanted.what:
        narrowed.append(entry.what.icontains(wanted.what, autoescape=True))
    if wanted.document:
        # As JSON keeps it: an accented letter is an escape there.
        kept = json.dumps(wanted.document)[1:-1]
        narrowed.append(cast(entry.detail, Text).icontains(kept, autoescape=True))
    if wanted.since:
        narrowed.append(entry.at >= wanted.since)
    if wanted.until:
        narrowed.append(entry.at < wanted.until)
    return narrowed


def _of_tenant(session: Session, tenant_id: int) -> ColumnElement[bool]:
    tenant = session.get_one(Tenant, tenant_id)
    members = (
        select(User.email).join(Membership).where(Membership.tenant_id == tenant_id)
    ).scalar_subquery()
    # A name may have been another organization's before: that one's entries are not shown.
    own = and_(AuditEntry.tenant == tenant.slug, AuditEntry.at >= tenant.created_at)
    of_members = and_(
        AuditEntry.tenant.is_(None),
        AuditEntry.what.in_(OF_PEOPLE),
        AuditEntry.actor.in_(members),
    )
    return or_(own, of_members)
