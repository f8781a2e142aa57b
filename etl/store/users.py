"""People who sign in: their passwords, their lock-out, their memberships."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import audit
from etl.store.access import ROLES, Grant, Permission
from etl.store.databases import insert
from etl.store.models import (
    EmbedLink,
    Membership,
    RecoveryCode,
    SavedViewRow,
    SecondFactor,
    Tenant,
    User,
    Visit,
)
from etl.store.passwords import hash_new, is_right
from etl.store.visits import end_visits

__all__ = [
    "add_membership",
    "administrators_of",
    "all_users",
    "check_password",
    "checked_members",
    "count_failure",
    "find_user",
    "lock_out_of",
    "members_of",
    "must_find",
    "not_members",
    "remove_membership",
    "remove_user",
    "set_password",
]

TRIES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)
WRONG = "The e-mail address or the password is wrong."
OF_A_USER = (RecoveryCode, SecondFactor, EmbedLink, SavedViewRow, Visit)


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,189}", email):
        raise UsageError(f"“{email}” is not an e-mail address.")
    return email


def find_user(session: Session, email: str) -> User | None:
    """The user of an address, or None."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def _locked(session: Session, email: str) -> User | None:
    """The user of an address, whom no other transaction changes until this one ends."""
    query = select(User).where(User.email == email.strip().lower())
    return session.scalar(query.with_for_update(), execution_options={"populate_existing": True})


def must_find(session: Session, email: str) -> User:
    """The user of an address, locked; UsageError where there is none."""
    user = _locked(session, email)
    if user is None:
        raise UsageError(f"There is no user {email}: see tieout user list.")
    return user


def all_users(session: Session) -> list[User]:
    """Every user, by address."""
    return list(session.scalars(select(User).order_by(User.email)))


def members_of(session: Session, tenant_id: int) -> list[str]:
    """The addresses of those who may read a tenant."""
    return [email for email, _role in _members(session, tenant_id)]


def administrators_of(session: Session, tenant_id: int) -> list[str]:
    """The addresses of those who administer a tenant."""
    members = _members(session, tenant_id)
    return [email for email, role in members if Permission.ADMINISTER in ROLES[role]]


def _members(session: Session, tenant_id: int) -> list[tuple[str, str]]:
    members = (
        select(User.email, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.tenant_id == tenant_id)
    )
    return [(row.email, row.role) for row in session.execute(members.order_by(User.email))]


def not_members(session: Session, tenant_id: int, emails: Sequence[str]) -> list[str]:
    """Those of the addresses that belong to nobody who may read a tenant."""
    members = set(members_of(session, tenant_id))
    return [email for email in emails if email.strip().lower() not in members]


def checked_members(session: Session, grant: Grant, emails: Sequence[str]) -> list[str]:
    """The addresses as they are kept; UsageError where one is of nobody who may read the tenant."""
    if strangers := not_members(session, grant.tenant_id, emails):
        raise UsageError(
            f"{', '.join(strangers)} may not read {grant.tenant}: add them with tieout user add."
        )
    return [email.strip().lower() for email in emails]


def add_membership(
    session: Session,
    email: str,
    tenant: Tenant,
    role: str,
    *,
    password: str | None,
    at: datetime,
    actor: str,
) -> User:
    """Gives a user a role at a tenant; one that is new needs a password (UsageError without)."""
    if role not in ROLES:
        raise UsageError(f"There is no role “{role}”: choose {', '.join(ROLES)}.")
    email = _checked_email(email)
    if find_user(session, email) is None:
        if password is None:
            raise UsageError(f"{email} is new and needs a password.")
        new = {"email": email, "password_hash": hash_new(password, email), "created_at": at}
        session.execute(insert(session, User).values(new).on_conflict_do_nothing())
    user = must_find(session, email)
    session.merge(Membership(user_id=user.id, tenant_id=tenant.id, role=role))
    detail = {"email": email, "role": role}
    audit.append(
        session, at=at, actor=actor, what="membership.granted", tenant=tenant.slug, detail=detail
    )
    return user


def remove_membership(
    session: Session, email: str, tenant: Tenant, *, at: datetime, actor: str
) -> None:
    """Takes a user's role at one tenant away."""
    user = must_find(session, email)
    membership = session.get(Membership, (user.id, tenant.id))
    if membership is None:
        raise UsageError(f"{email} has no role at {tenant.slug}.")
    session.delete(membership)
    audit.append(
        session,
        at=at,
        actor=actor,
        what="membership.revoked",
        tenant=tenant.slug,
        detail={"email": user.email},
    )


def remove_user(session: Session, email: str, *, at: datetime, actor: str) -> None:
    """Forgets a user, every role they had, every visit, and the views they kept."""
    user = must_find(session, email)
    for model in OF_A_USER:
        session.execute(delete(model).where(model.user_id == user.id))
    session.delete(user)
    audit.append(session, at=at, actor=actor, what="user.removed", detail={"email": user.email})


def set_password(
    session: Session,
    email: str,
    password: str,
    *,
    at: datetime,
    actor: str,
    but: int | None = None,
    tenant: str | None = None,
) -> None:
    """A new password; it ends a lock-out and every visit (`but` one).

    `tenant` is where an administrator set it, whose audit trail tells of it.
    """
    user = must_find(session, email)
    user.password_hash = hash_new(password, user.email)
    user.password_changed_at = at
    user.failed_sign_ins, user.locked_until = 0, None
    end_visits(session, user.id, at=at, but=but)
    facts = {"email": user.email}
    audit.append(session, at=at, actor=actor, what="password.changed", tenant=tenant, detail=facts)


def check_password(session: Session, email: str, password: str, *, at: datetime) -> User | str:
    """The user, or the sentence that says why not; the transaction keeps count of failures.

    The sentence does not tell an unknown address from a wrong password.
    """
    # Locked: those who guess at once are counted one after the other.
    user = _locked(session, email)
    if user and (told := lock_out_of(user, at)):
        return told
    if not is_right(password, user) or user is None:
        if user:
            count_failure(session, user, at)
        return WRONG
    return user


def lock_out_of(user: User, at: datetime) -> str | None:
    """The sentence for somebody who is locked out."""
    if user.locked_until is None or at >= user.locked_until:
        return None
    return (
        f"Too many wrong passwords or codes: try again after {user.locked_until:%H:%M} UTC, or "
        "ask an administrator for a new password."
    )


def count_failure(session: Session, user: User, at: datetime) -> None:
    """One wrong password or code more; the fifth in a row locks the user out."""
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= TRIES_BEFORE_LOCK:
        user.failed_sign_ins, user.locked_until = 0, at + LOCKED_FOR
        audit.append(
            session, at=at, actor=user.email, what="user.locked", detail={"email": user.email}
        )
