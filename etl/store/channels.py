"""A tenant's ways beside mail: their names, what for, and their sealed addresses."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import NoticeChannel

__all__ = ["PURPOSES", "add", "channel_of", "channels_of", "has_any", "named", "remove"]

PURPOSES = ("alerts", "sms")
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def add(
    session: Session, grant: Grant, name: str, purpose: str, sealed: str, *, at: datetime
) -> NoticeChannel:
    """Keeps one; UsageError where the name is none or taken, or text messages have a channel."""
    if not NAME.fullmatch(name):
        raise UsageError(f"“{name[:60]}” is no name: give up to 40 of a-z, 0-9 and -, as on-call.")
    known = channels_of(session, grant.tenant_id)
    if any(one.name == name for one in known):
        raise UsageError(f"There is a channel {name} already: remove it first.")
    if purpose == "sms" and any(one.purpose == purpose for one in known):
        raise UsageError("Text messages go over one channel: remove the other first.")
    row = NoticeChannel(
        tenant_id=grant.tenant_id,
        name=name,
        purpose=purpose,
        sealed=sealed,
        added_by=grant.user,
        added_at=at,
    )
    session.add(row)
    _audit(session, grant, "channel.added", row, at)
    return row


def remove(session: Session, grant: Grant, name: str, *, at: datetime) -> None:
    """Forgets one; what waits to go over it is dropped. UsageError where there is none."""
    row = named(session, grant, name)
    session.delete(row)
    _audit(session, grant, "channel.removed", row, at)


def _audit(session: Session, grant: Grant, what: str, row: NoticeChannel, at: datetime) -> None:
    facts = {"name": row.name, "for": row.purpose}
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=facts)


def named(session: Session, grant: Grant, name: str) -> NoticeChannel:
    """One by its name; UsageError where there is none."""
    row = channel_of(session, grant.tenant_id, name)
    if row is None:
        raise UsageError(f"There is no channel {name[:60]}: see tieout notices channel list.")
    return row


def channel_of(session: Session, tenant_id: int, name: str) -> NoticeChannel | None:
    """One by its name; None where there is none (any more)."""
    return session.scalar(
        select(NoticeChannel).where(
            NoticeChannel.tenant_id == tenant_id, NoticeChannel.name == name
        )
    )


def channels_of(
    session: Session, tenant_id: int, purpose: str | None = None
) -> list[NoticeChannel]:
    """A tenant's, by name; of one purpose or all."""
    rows = select(NoticeChannel).where(NoticeChannel.tenant_id == tenant_id)
    if purpose is not None:
        rows = rows.where(NoticeChannel.purpose == purpose)
    return list(session.scalars(rows.order_by(NoticeChannel.name)))


def has_any(session: Session) -> bool:
    """Whether any tenant has one."""
    return session.scalar(select(NoticeChannel.id).limit(1)) is not None
