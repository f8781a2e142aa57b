"""What both the entrance and a person's account work with, and the steps of signing in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from etl.desk import SignedIn
from etl.settings import Settings
from etl.store import audit, second_factors
from etl.store.access import Visitor
from etl.store.engine import Store, open_store
from etl.store.models import EmbedLink, User
from etl.store.passwords import is_too_old
from etl.store.secrets import SecretBox, open_box
from etl.store.visits import Browser, Stay, open_visit

__all__ = ["Doorway", "HalfWay", "Need", "let_in", "next_step", "open_doorway", "user_halfway"]

STEPS_TAKE = timedelta(minutes=10)
TOO_LATE = "That took longer than ten minutes: sign in again."


class Need(StrEnum):
    """What a right password still lacks."""

    CODE = "code"
    ENROLMENT = "enrolment"
    NEW_PASSWORD = "new password"  # noqa: S105 - the name of a step


@dataclass(frozen=True, slots=True)
class HalfWay:
    """A person who gave the right password, and may do nothing yet but what is needed next."""

    user_id: int
    email: str
    needs: Need
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Doorway:
    """The store, the secrets and the clock behind every way in."""

    settings: Settings
    store: Store
    box: SecretBox
    clock: Callable[[], datetime]

    @property
    def stay(self) -> Stay:
        """How long a visit lasts."""
        return Stay(
            timedelta(seconds=self.settings.idle_s), timedelta(seconds=self.settings.visit_s)
        )


def open_doorway(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Doorway:
    """The doorway over these settings' store."""
    return Doorway(settings, open_store(settings), open_box(settings), clock)


def next_step(
    door: Doorway, session: Session, user: User, browser: Browser, half: HalfWay | None
) -> SignedIn | HalfWay:
    """What comes after a password (`half` None) or after a further step: another, or being in."""
    need = _need(door, session, user, half)
    if need is None:
        return let_in(door, session, user, "password", browser)
    begun_at = half.begun_at if half else door.clock()
    return HalfWay(user.id, user.email, need, begun_at)


def _need(door: Doorway, session: Session, user: User, half: HalfWay | None) -> Need | None:
    if half is None:
        if second_factors.has_second_factor(session, user.id):
            return Need.CODE
        if second_factors.is_required(session, user.id):
            return Need.ENROLMENT
    days = door.settings.password_days
    is_old = is_too_old(user, timedelta(days=days) if days else None, door.clock())
    return Need.NEW_PASSWORD if is_old else None


def user_halfway(door: Doorway, session: Session, half: HalfWay, need: Need) -> User | str:
    """The user who takes a step, locked; a sentence where it is no longer theirs to take."""
    user = session.get(User, half.user_id, with_for_update=True)
    at = door.clock()
    changed_at = user and user.password_changed_at
    is_stale = at - half.begun_at > STEPS_TAKE or bool(changed_at and changed_at > half.begun_at)
    return TOO_LATE if user is None or half.needs != need or is_stale else user


def let_in(
    door: Doorway,
    session: Session,
    user: User,
    kind: str,
    browser: Browser,
    *,
    link: EmbedLink | None = None,
    proof: str | None = None,
) -> SignedIn:
    """Opens a visit, forgets wrong tries, and tells the audit trail."""
    at = door.clock()
    user.failed_sign_ins, user.locked_until = 0, None
    visit = open_visit(session, user, kind, browser, door.stay, at=at, link=link, proof=proof)
    audit.append(session, at=at, actor=user.email, what="user.signed_in", detail={"by": kind})
    return SignedIn(Visitor(user.id, visit.id), user.email)
