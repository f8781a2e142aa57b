"""The people of a tenant: who may do what, and letting them in again.

A password or second factor is a person's everywhere. So an administrator resets only those of
people all of whose tenants they administer, and never their own (that is the page Your account).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import NotAllowedError
from etl.operations.gate import Gate
from etl.store import second_factors, users
from etl.store.access import Grant, Permission, Who, grants_of
from etl.store.models import Membership, SecondFactor, Tenant, User
from etl.store.passwords import make_up

__all__ = ["People", "Person"]


@dataclass(frozen=True, slots=True)
class Person:
    """A member; `locked_until` is None unless wrong passwords locked them out now."""

    email: str
    role: str
    has_second_factor: bool
    locked_until: datetime | None
    is_oneself: bool


class People:
    """Each change is that of `tieout user`, by an administrator and at their tenant."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def members(self, who: Who, slug: str) -> list[Person]:
        """Everybody with a role at the tenant, by address."""
        grant, now = self._gate.admin(who, slug), self._gate.clock()
        query = (
            select(User, Membership.role, SecondFactor.confirmed_at)
            .join(Membership, Membership.user_id == User.id)
            .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
            .where(Membership.tenant_id == grant.tenant_id)
            .order_by(User.email)
        )
        with self._gate.store.read() as session:
            rows = session.execute(query).all()
        return [
            Person(
                email=user.email,
                role=role,
                has_second_factor=confirmed_at is not None,
                locked_until=_still(user.locked_until, now),
                is_oneself=user.email == grant.user,
            )
            for user, role, confirmed_at in rows
        ]

    def grant_role(self, who: Who, slug: str, email: str, role: str) -> str | None:
        """Gives somebody a role, another one where they had one.

        The password made up for whoever is new, to be told once; None for people there are.
        """
        grant = self._gate.admin(who, slug)
        _refuse_oneself(grant, email, "change your own role")
        with self._gate.store.begin() as session:
            password = None if users.find_user(session, email) else make_up()
            tenant = session.get_one(Tenant, grant.tenant_id)
            at, actor = self._gate.clock(), grant.user
            users.add_membership(
                session, email, tenant, role, password=password, at=at, actor=actor
            )
        return password

    def remove(self, who: Who, slug: str, email: str) -> None:
        """Takes somebody's role at the tenant away; at others they keep theirs."""
        grant = self._gate.admin(who, slug)
        _refuse_oneself(grant, email, "take your own role away")
        with self._gate.store.begin() as session:
            tenant = session.get_one(Tenant, grant.tenant_id)
            at, actor = self._gate.clock(), grant.user
            users.remove_membership(session, email, tenant, at=at, actor=actor)

    def reset_password(self, who: Who, slug: str, email: str) -> str:
        """Makes up a new password, to be told once; it ends every visit and a lock-out."""
        grant = self._gate.admin(who, slug)
        _refuse_oneself(grant, email, "reset your own password")
        password, at = make_up(), self._gate.clock()
        with self._gate.store.begin() as session:
            self._must_be_theirs(session, who, grant, email)
            users.set_password(session, email, password, at=at, actor=grant.user, tenant=slug)
        return password

    def reset_second_factor(self, who: Who, slug: str, email: str) -> bool:
        """Forgets an authenticator and its recovery codes; whether there was one."""
        grant, at = self._gate.admin(who, slug), self._gate.clock()
        _refuse_oneself(grant, email, "reset your own second factor")
        with self._gate.store.begin() as session:
            person = self._must_be_theirs(session, who, grant, email)
            return second_factors.reset(session, person, at=at, actor=grant.user, tenant=slug)

    def _must_be_theirs(self, session: Session, who: Who, grant: Grant, email: str) -> User:
        """The member, if whoever asks administers every tenant they belong to."""
        person = users.must_find(session, email)
        administered = {
            own.tenant_id
            for own in grants_of(session, who, at=self._gate.clock())
            if own.allows(Permission.ADMINISTER)
        }
        theirs = {member.tenant_id for member in person.memberships}
        if grant.tenant_id not in theirs:
            raise NotAllowedError(f"{email} has no role at {grant.tenant_name}.")
        if theirs - administered:
            raise NotAllowedError(
                f"{person.email} belongs to other tenants as well, where this would let you in: "
                "ask whoever runs Tieout."
            )
        return person


def _refuse_oneself(grant: Grant, email: str, what: str) -> None:
    if email.strip().lower() == grant.user:
        raise NotAllowedError(f"You cannot {what} here: ask another administrator.")


def _still(until: datetime | None, now: datetime) -> datetime | None:
    return until if until and until > now else None
