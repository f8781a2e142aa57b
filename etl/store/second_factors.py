"""Second factors: enrolling an authenticator, taking its codes once each, recovery, reset."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from etl.store import audit
from etl.store.models import Membership, RecoveryCode, SecondFactor, Tenant, User
from etl.store.one_time_codes import new_recovery_codes, new_secret, step_of, tidy
from etl.store.preferences import Preferences
from etl.store.secret_tokens import hashed
from etl.store.secrets import SecretBox

__all__ = [
    "begin_enrolment",
    "codes_left",
    "confirm_enrolment",
    "has_second_factor",
    "is_required",
    "reset",
    "take_code",
]


def has_second_factor(session: Session, user_id: int) -> bool:
    """Whether the user has a confirmed authenticator."""
    found = session.get(SecondFactor, user_id)
    return found is not None and found.confirmed_at is not None


def is_required(session: Session, user_id: int) -> bool:
    """Whether any tenant of the user's wants one of its people."""
    query = select(Tenant.preferences).join(Membership, Membership.tenant_id == Tenant.id)
    kept = session.scalars(query.where(Membership.user_id == user_id)).all()
    return any(Preferences.from_json(one or {}).second_factor == "required" for one in kept)


def begin_enrolment(session: Session, box: SecretBox, user_id: int, *, at: datetime) -> str:
    """The secret for an authenticator; it counts for nothing until a code of it was given."""
    secret = new_secret()
    session.merge(
        SecondFactor(
            user_id=user_id, sealed=box.seal(secret), begun_at=at, confirmed_at=None, last_step=0
        )
    )
    return secret


def confirm_enrolment(
    session: Session, box: SecretBox, user: User, code: str, *, at: datetime
) -> Sequence[str] | None:
    """Ten recovery codes, shown once; None where the code is not the new authenticator's."""
    factor = session.get(SecondFactor, user.id, with_for_update=True)
    if factor is None or factor.confirmed_at or not _fits(box, factor, code, at):
        return None
    factor.confirmed_at = at
    codes = new_recovery_codes()
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.add_all(RecoveryCode(user_id=user.id, code_hash=hashed(one)) for one in codes)
    _tell(session, user, "second_factor.enrolled", at, user.email)
    return codes


def take_code(session: Session, box: SecretBox, user: User, code: str, *, at: datetime) -> bool:
    """Whether a code is the authenticator's, or a recovery code; neither is taken twice."""
    factor = session.get(SecondFactor, user.id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return False
    return _fits(box, factor, code, at) or _take_recovery_code(session, user, code, at)


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes are unused."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id)
    return session.scalar(query.select_from(RecoveryCode)) or 0


def reset(
    session: Session, user: User, *, at: datetime, actor: str, tenant: str | None = None
) -> bool:
    """Forgets a user's authenticator and recovery codes; whether there was anything.

    `tenant` is where an administrator did so, whose audit trail tells of it.
    """
    factor = session.get(SecondFactor, user.id)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if factor is None:
        return False
    session.delete(factor)
    _tell(session, user, "second_factor.reset", at, actor, tenant)
    return True


def _fits(box: SecretBox, factor: SecondFactor, code: str, at: datetime) -> bool:
    step = step_of(box.open(factor.sealed), tidy(code), at, after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


def _take_recovery_code(session: Session, user: User, code: str, at: datetime) -> bool:
    this_one = RecoveryCode.user_id == user.id, RecoveryCode.code_hash == hashed(tidy(code))
    taken = session.execute(delete(RecoveryCode).where(*this_one))
    if not isinstance(taken, CursorResult) or taken.rowcount == 0:
        return False
    _tell(session, user, "recovery_code.used", at, user.email)
    return True


def _tell(
    session: Session, user: User, what: str, at: datetime, actor: str, tenant: str | None = None
) -> None:
    facts = {"email": user.email}
    audit.append(session, at=at, actor=actor, what=what, tenant=tenant, detail=facts)
