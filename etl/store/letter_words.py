"""A tenant's own words for its letters: every version there was, with who wrote it and when."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Grant
from etl.store.models import LetterWords

__all__ = ["current", "keep", "newest", "reset"]

CHANGED = "Somebody changed these words meanwhile: open them anew, and change them again."


def newest(session: Session, tenant_id: int, kind: str) -> LetterWords | None:
    """The last version of a kind, empty where it was reset; None where there never was any."""
    rows = select(LetterWords).where(LetterWords.tenant_id == tenant_id, LetterWords.kind == kind)
    return session.scalar(rows.order_by(LetterWords.version.desc()).limit(1))


def current(session: Session, tenant_id: int, kind: str) -> LetterWords | None:
    """The words to use; None for Tieout's own."""
    row = newest(session, tenant_id, kind)
    return row if row is not None and row.text else None


def keep(
    session: Session,
    grant: Grant,
    kind: str,
    subject: str,
    text: str,
    *,
    at: datetime,
    seen: int | None = None,
) -> int:
    """Keeps a version, and tells its number; UsageError where the last one is not the `seen`."""
    last = newest(session, grant.tenant_id, kind)
    version = last.version if last else 0
    if seen is not None and seen != version:
        raise UsageError(CHANGED)
    row = LetterWords(
        tenant_id=grant.tenant_id,
        kind=kind,
        version=version + 1,
        subject=subject,
        text=text,
        set_by=grant.user,
        set_at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UsageError(CHANGED) from None
    digest = hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()
    facts = {"kind": kind, "version": row.version} | ({"sha256": digest} if text else {})
    what = "letter_words.set" if text else "letter_words.reset"
    audit.append(session, at=at, actor=grant.user, what=what, tenant=grant.tenant, detail=facts)
    return row.version


def reset(
    session: Session, grant: Grant, kind: str, *, at: datetime, seen: int | None = None
) -> None:
    """Goes back to Tieout's own; UsageError where these are used, or as `keep`."""
    if current(session, grant.tenant_id, kind) is None:
        raise UsageError(f"The words of {kind} are Tieout's own already.")
    keep(session, grant, kind, "", "", at=at, seen=seen)
