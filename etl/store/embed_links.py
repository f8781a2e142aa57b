"""Links that let a page of another system show one tenant, with one role."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import Permission, authorize
from etl.store.models import EmbedLink, User
from etl.store.secret_tokens import hashed, new_token

__all__ = ["EMBED_ROLES", "LONGEST_MINUTES", "make_link", "redeem"]

EMBED_ROLES = ("viewer", "operator")
LONGEST_MINUTES = 5


def make_link(
    session: Session, user: User, slug: str, role: str, minutes: int, *, at: datetime, actor: str
) -> str:
    """The token of a link that is good once; UsageError, or what `authorize` raises, if not so."""
    if role not in EMBED_ROLES:
        raise UsageError(f"A link is for one of {', '.join(EMBED_ROLES)}, not “{role}”.")
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise UsageError(f"A link is good for 1 to {LONGEST_MINUTES} minutes, not {minutes}.")
    needed = Permission.ACT if role == "operator" else Permission.READ
    grant = authorize(session, user.id, slug, needed, at=at)
    session.execute(delete(EmbedLink).where(EmbedLink.expires_at < at))
    token = new_token()
    session.add(
        EmbedLink(
            token_hash=hashed(token),
            user_id=user.id,
            tenant_id=grant.tenant_id,
            role=role,
            expires_at=at + timedelta(minutes=minutes),
        )
    )
    facts = {"email": user.email, "role": role, "minutes": minutes}
    audit.append(session, at=at, actor=actor, what="embed_link.made", tenant=slug, detail=facts)
    return token


def redeem(session: Session, token: str, *, at: datetime) -> EmbedLink | None:
    """The link of a token, which is used up by this; None where it is used, too old or none."""
    this_one = EmbedLink.token_hash == hashed(token)
    fresh = this_one, EmbedLink.used_at.is_(None), EmbedLink.expires_at > at
    taken = session.execute(update(EmbedLink).where(*fresh).values(used_at=at))
    if not isinstance(taken, CursorResult) or taken.rowcount == 0:
        return None
    return session.scalar(select(EmbedLink).where(this_one))
