"""Visits: who is signed in where, until when; and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from etl.store.models import EmbedLink, User, Visit
from etl.store.secret_tokens import hashed, new_token

__all__ = [
    "Browser",
    "Stay",
    "claim_token",
    "end_visit",
    "end_visits",
    "is_due",
    "is_over",
    "open_visit",
    "open_visits",
    "touch",
    "visit_of_token",
]

CLAIMED_WITHIN = timedelta(minutes=2)
TOUCHED_EVERY = timedelta(minutes=1)
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Browser:
    """Who asks: `mark` is the random cookie every browser has before it signs in, `device` what it
    says it is."""

    mark: str | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a visit lasts: unused, and at most."""

    idle: timedelta
    longest: timedelta


def open_visit(
    session: Session,
    user: User,
    kind: str,
    browser: Browser,
    stay: Stay,
    *,
    at: datetime,
    link: EmbedLink | None = None,
    proof: str | None = None,
) -> Visit:
    """A new visit; its browser may fetch the cookie within two minutes."""
    session.execute(delete(Visit).where(Visit.expires_at < at - KEPT_FOR))
    visit = Visit(
        user_id=user.id,
        kind=kind,
        device=browser.device,
        opened_at=at,
        used_at=at,
        idle_until=at + stay.idle,
        expires_at=at + stay.longest,
        tenant_id=link and link.tenant_id,
        role=link and link.role,
        browser_hash=hashed(browser.mark) if browser.mark and link is None else None,
        proof_hash=proof and hashed(proof),
    )
    session.add(visit)
    session.flush()
    return visit


def claim_token(session: Session, mark: str, *, at: datetime) -> str | None:
    """The cookie of the visit this browser opened a moment ago, given once; None without one."""
    since = at - CLAIMED_WITHIN
    waiting = select(Visit).where(
        Visit.browser_hash == hashed(mark), Visit.opened_at >= since, Visit.ended_at.is_(None)
    )
    visit = session.scalar(waiting.order_by(Visit.id.desc()).limit(1).with_for_update())
    if visit is None:
        return None
    token = new_token()
    visit.token_hash, visit.browser_hash = hashed(token), None
    return token


def visit_of_token(session: Session, token: str) -> Visit | None:
    """The visit a cookie belongs to, ended or not."""
    return session.scalar(select(Visit).where(Visit.token_hash == hashed(token)))


def is_over(visit: Visit, at: datetime) -> bool:
    """Whether somebody ended it, or it ended by itself."""
    return visit.ended_at is not None or at >= min(visit.idle_until, visit.expires_at)


def is_due(visit: Visit, at: datetime) -> bool:
    """Whether that it is used is to be written down again."""
    return at - visit.used_at >= TOUCHED_EVERY


def touch(visit: Visit, stay: Stay, *, at: datetime) -> None:
    """Begins the idle time anew; written at most once a minute."""
    if is_due(visit, at):
        visit.used_at, visit.idle_until = at, at + stay.idle


def end_visit(session: Session, visit_id: int, *, at: datetime) -> None:
    """Ends one visit; one that ended before stays as it was."""
    alive = Visit.id == visit_id, Visit.ended_at.is_(None)
    session.execute(update(Visit).where(*alive).values(ended_at=at, browser_hash=None))


def end_visits(session: Session, user_id: int, *, at: datetime, but: int | None = None) -> int:
    """Ends every visit of a user (`but` one); how many there were."""
    found = [visit for visit in open_visits(session, user_id, at=at) if visit.id != but]
    for visit in found:
        visit.ended_at, visit.browser_hash = at, None
    session.execute(delete(EmbedLink).where(EmbedLink.user_id == user_id))
    return len(found)


def open_visits(session: Session, user_id: int, *, at: datetime) -> Sequence[Visit]:
    """The visits of a user that go on, the newest first."""
    alive = Visit.ended_at.is_(None), Visit.idle_until > at, Visit.expires_at > at
    query = select(Visit).where(Visit.user_id == user_id, *alive)
    return session.scalars(query.order_by(Visit.id.desc())).all()
