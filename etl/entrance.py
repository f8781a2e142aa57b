"""Every way in and out: password, second factor, provider, link, cookie; all end in a visit."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.desk import SignedIn
from etl.entry import (
    Doorway,
    HalfWay,
    Need,
    let_in,
    next_step,
    open_doorway,
    user_halfway,
)
from etl.settings import Settings
from etl.store import audit, embed_links, second_factors, users
from etl.store.access import Visitor
from etl.store.models import User, Visit
from etl.store.one_time_codes import address_of
from etl.store.passwords import is_right
from etl.store.secret_tokens import hashed
from etl.store.visits import (
    Browser,
    claim_token,
    end_visit,
    is_due,
    is_over,
    touch,
    visit_of_token,
)

__all__ = ["Entrance", "open_entrance"]

WRONG_CODE = "That code is wrong, or was used already: wait for the next one your app shows."
OVER = "You were signed out, as your session ended or was not used for a while: sign in again."
BAD_LINK = "This link was used already, or is too old: load the page it came from again."
NOT_BY_PASSWORD = "Passwords are switched off here: sign in with your organization's account."  # noqa: S105
UNVERIFIED = "Your provider has not verified your e-mail address: ask whoever runs it."
# What a provider said is taken only just after it said it: Streamlit keeps it for thirty days.
PROVIDER_SAYS_WITHIN = timedelta(minutes=5)


class Entrance:
    """Lets people in and out. What it returns is a person, a further step, or a sentence."""

    def __init__(self, door: Doorway) -> None:
        self._door = door

    def sign_in(self, email: str, password: str, browser: Browser) -> SignedIn | HalfWay | str:
        """By password; a second factor or a new password may be needed next."""
        if self._door.settings.sign_in_by == "provider":
            return NOT_BY_PASSWORD
        with self._door.store.begin() as session:
            user = users.check_password(session, email, password, at=self._door.clock())
            if isinstance(user, str):
                return user
            return next_step(self._door, session, user, browser, None)

    def give_code(self, half: HalfWay, code: str, browser: Browser) -> SignedIn | HalfWay | str:
        """The authenticator's code or a recovery code; wrong ones count towards the lock-out."""
        at = self._door.clock()
        with self._door.store.begin() as session:
            user = user_halfway(self._door, session, half, Need.CODE)
            if isinstance(user, str):
                return user
            if told := users.lock_out_of(user, at):
                return told
            if not second_factors.take_code(session, self._door.box, user, code, at=at):
                users.count_failure(session, user, at)
                return WRONG_CODE
            return next_step(self._door, session, user, browser, half)

    def begin_enrolment(self, half: HalfWay) -> tuple[str, str] | str:
        """A new authenticator's secret, and what its QR code says."""
        with self._door.store.begin() as session:
            user = user_halfway(self._door, session, half, Need.ENROLMENT)
            if isinstance(user, str):
                return user
            box, at = self._door.box, self._door.clock()
            secret = second_factors.begin_enrolment(session, box, user.id, at=at)
            return secret, address_of(secret, user.email)

    def confirm_enrolment(
        self, half: HalfWay, code: str, browser: Browser
    ) -> tuple[SignedIn | HalfWay, Sequence[str]] | str:
        """The next step, and the recovery codes to be written down."""
        with self._door.store.begin() as session:
            user = user_halfway(self._door, session, half, Need.ENROLMENT)
            if isinstance(user, str):
                return user
            at = self._door.clock()
            codes = second_factors.confirm_enrolment(session, self._door.box, user, code, at=at)
            if codes is None:
                return WRONG_CODE
            return next_step(self._door, session, user, browser, half), codes

    def renew_password(self, half: HalfWay, new: str, browser: Browser) -> SignedIn | HalfWay | str:
        """A new password instead of one that is too old."""
        at = self._door.clock()
        with self._door.store.begin() as session:
            user = user_halfway(self._door, session, half, Need.NEW_PASSWORD)
            if isinstance(user, str):
                return user
            if is_right(new, user):
                return "That is the password you have: choose another."
            users.set_password(session, user.email, new, at=at, actor=user.email)
            return next_step(self._door, session, user, browser, half)

    def sign_in_by_provider(self, claims: Mapping[str, Any], browser: Browser) -> SignedIn | str:
        """Whom the provider vouches for, where they are a user of ours already."""
        email, proof = str(claims.get("email") or ""), _proof(claims)
        at = self._door.clock()
        if (
            abs(at.timestamp() - float(claims.get("iat") or 0))
            > PROVIDER_SAYS_WITHIN.total_seconds()
        ):
            return OVER
        if not email or claims.get("email_verified") not in {True, "true"}:
            return UNVERIFIED
        with self._door.store.begin() as session:
            if session.scalar(select(Visit.id).where(Visit.proof_hash == hashed(proof))):
                return OVER
            user = users.find_user(session, email)
            if user is None:
                facts = {"email": email[:254]}
                audit.append(session, at=at, actor="provider", what="user.refused", detail=facts)
                return f"{email} is no user here yet: ask whoever runs Tieout to add you."
            return let_in(self._door, session, user, "provider", browser, proof=proof)

    def sign_in_by_link(self, token: str, browser: Browser) -> SignedIn | str:
        """By a link into one tenant with one role; it is used up by this."""
        with self._door.store.begin() as session:
            link = embed_links.redeem(session, token, at=self._door.clock())
            if link is None:
                return BAD_LINK
            user = session.get_one(User, link.user_id)
            return let_in(self._door, session, user, "link", browser, link=link)

    def make_link(self, email: str, slug: str, role: str, minutes: int, *, actor: str) -> str:
        """The address of such a link."""
        with self._door.store.begin() as session:
            user = users.must_find(session, email)
            token = embed_links.make_link(
                session, user, slug, role, minutes, at=self._door.clock(), actor=actor
            )
        return f"{self._door.settings.public_url}/?embed=true&tenant={slug}&token={token}"

    def claim(self, mark: str, old: str | None) -> str | None:
        """The cookie of the visit that this browser just opened, once; the `old` one's ends."""
        at = self._door.clock()
        with self._door.store.begin() as session:
            token = claim_token(session, mark, at=at)
            before = visit_of_token(session, old) if token and old else None
            if before:
                end_visit(session, before.id, at=at)
            return token

    def resume(self, cookie: str) -> SignedIn | str:
        """Whose cookie it is, where their visit goes on; a sentence otherwise."""
        with self._door.store.begin() as session:
            visit = visit_of_token(session, cookie)
            return OVER if visit is None else self._continued(session, visit)

    def goes_on(self, who: SignedIn) -> bool:
        """Whether a person's visit goes on; asking begins its idle time anew.

        Pages ask it all the time: only what there is to write takes the turn of whoever writes.
        """
        if isinstance(who.user_id, int):
            return True
        at = self._door.clock()
        with self._door.store.read() as session:
            visit = session.get(Visit, who.user_id.visit_id)
            if visit is None or is_over(visit, at):
                return False
            if not is_due(visit, at):
                return True
        with self._door.store.begin() as session:
            visit = session.get(Visit, who.user_id.visit_id)
            return visit is not None and not isinstance(self._continued(session, visit), str)

    def sign_out(self, who: SignedIn) -> None:
        """Ends a person's visit, in every tab that shares it."""
        if isinstance(who.user_id, int):
            return
        at = self._door.clock()
        with self._door.store.begin() as session:
            end_visit(session, who.user_id.visit_id, at=at)
            audit.append(session, at=at, actor=who.email, what="user.signed_out")

    def _continued(self, session: Session, visit: Visit) -> SignedIn | str:
        at = self._door.clock()
        user = session.get(User, visit.user_id)
        if user is None or is_over(visit, at):
            return OVER
        touch(visit, self._door.stay, at=at)
        return SignedIn(Visitor(user.id, visit.id), user.email)


def _proof(claims: Mapping[str, Any]) -> str:
    return "|".join(str(claims.get(name)) for name in ("iss", "sub", "iat", "nonce"))


def open_entrance(settings: Settings) -> Entrance:
    """The entrance over these settings' store."""
    return Entrance(open_doorway(settings))
