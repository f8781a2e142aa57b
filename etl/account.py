"""What signed-in people change about themselves: password, second factor, other sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from etl.desk import SignedIn
from etl.entry import Doorway
from etl.errors import NotAllowedError, UsageError
from etl.store import second_factors, users
from etl.store.access import Visitor, grants_of
from etl.store.models import User, Visit
from etl.store.one_time_codes import address_of
from etl.store.visits import end_visits

__all__ = ["Account", "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's account page says."""

    has_second_factor: bool
    codes_left: int


class Account:
    """Every change names its person; a visit by a link may change nothing."""

    def __init__(self, door: Doorway) -> None:
        self._door = door

    def standing(self, who: SignedIn) -> Standing:
        """How a person's account stands."""
        with self._door.store.read() as session:
            user = self._user(session, who)
            return Standing(
                second_factors.has_second_factor(session, user.id),
                second_factors.codes_left(session, user.id),
            )

    def change_password(self, who: SignedIn, old: str, new: str) -> str | None:
        """A new password, which ends the person's other visits; a sentence where it is refused."""
        at = self._door.clock()
        with self._door.store.begin() as session:
            user = self._user(session, who)
            checked = users.check_password(session, user.email, old, at=at)
            if isinstance(checked, str):
                return "The present password is wrong." if checked == users.WRONG else checked
            if old == new:
                return "That is the password you have: choose another."
            this_one = who.user_id.visit_id if isinstance(who.user_id, Visitor) else None
            try:
                users.set_password(session, user.email, new, at=at, actor=user.email, but=this_one)
            except UsageError as refused:
                return str(refused)
        return None

    def begin_enrolment(self, who: SignedIn) -> tuple[str, str]:
        """A new authenticator's secret, and what its QR code says."""
        with self._door.store.begin() as session:
            user = self._user(session, who)
            if second_factors.has_second_factor(session, user.id):
                raise UsageError("You have a second factor: ask an administrator to reset it.")
            box, at = self._door.box, self._door.clock()
            secret = second_factors.begin_enrolment(session, box, user.id, at=at)
            return secret, address_of(secret, user.email)

    def confirm_enrolment(self, who: SignedIn, code: str) -> Sequence[str] | None:
        """The recovery codes, shown once; None where the code is wrong."""
        with self._door.store.begin() as session:
            user = self._user(session, who)
            box, at = self._door.box, self._door.clock()
            return second_factors.confirm_enrolment(session, box, user, code, at=at)

    def end_others(self, who: SignedIn) -> int:
        """Signs the person out everywhere else; how many visits that ended."""
        this_one = who.user_id.visit_id if isinstance(who.user_id, Visitor) else None
        with self._door.store.begin() as session:
            user = self._user(session, who)
            return end_visits(session, user.id, at=self._door.clock(), but=this_one)

    def _user(self, session: Session, who: SignedIn) -> User:
        grants_of(session, who.user_id, at=self._door.clock())  # raises where the visit is over
        if isinstance(who.user_id, int):
            return session.get_one(User, who.user_id)
        if session.get_one(Visit, who.user_id.visit_id).kind == "link":
            raise NotAllowedError("You came by a link: sign in to change your account.")
        return session.get_one(User, who.user_id.user_id)
