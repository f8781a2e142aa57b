"""The audit trail: appended to, never changed, each entry's hash covering the one before."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from etl.store.databases import Lock, serialize
from etl.store.models import AuditEntry

__all__ = ["FIRST_HASH", "append", "count", "first_break", "head", "sealed"]

FIRST_HASH = "0" * 64
AT_ONCE = 1000


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    what: str,
    tenant: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Adds an entry in the caller's transaction; `what` is `noun.past_tense`, never a secret.

    Whoever appends next waits for that transaction to end: append last.
    """
    session.flush()  # what waits for other rows does so before it holds up everybody's appending
    serialize(session, Lock.APPEND_TO_AUDIT)
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=at,
        actor=actor,
        tenant=tenant,
        what=what,
        detail=dict(detail or {}),
        previous_hash=last.hash if last else FIRST_HASH,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry


def head(session: Session) -> str:
    """The hash of the newest entry: who keeps it can tell later whether the trail was changed."""
    newest = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    return newest or FIRST_HASH


def sealed(session: Session, what: str, sha256: str) -> AuditEntry | None:
    """The entry that says a file with this content was taken; None where there is none."""
    entries = session.scalars(select(AuditEntry).where(AuditEntry.what == what))
    return next((entry for entry in entries if entry.detail.get("sha256") == sha256), None)


def first_break(session: Session) -> int | None:
    """The id of the first entry that was changed, or follows a missing one; None if whole."""
    previous = FIRST_HASH
    in_order = select(AuditEntry).order_by(AuditEntry.id)
    for entry in session.scalars(in_order, execution_options={"yield_per": AT_ONCE}):
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            return entry.id
        previous = entry.hash
    return None


def count(session: Session) -> int:
    """How many entries there are."""
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def _hash(entry: AuditEntry) -> str:
    facts = [
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor,
        entry.tenant,
        entry.what,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
