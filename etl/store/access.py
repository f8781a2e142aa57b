"""Who may see and do what: the one place that decides, passed by every read and write."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import NotAllowedError, SignedOutError, UnknownTenantError
from etl.store.models import Membership, Tenant, User, Visit
from etl.store.preferences import Preferences
from etl.store.visits import is_over

__all__ = [
    "ROLES",
    "Grant",
    "Permission",
    "Visitor",
    "Who",
    "authorize",
    "command_line_grant",
    "grants_of",
]


USUAL = Preferences()


class Permission(StrEnum):
    """What a role may be allowed."""

    READ = "read"
    ACT = "act"
    APPROVE = "approve"
    ADMINISTER = "administer"


ROLES: dict[str, frozenset[Permission]] = {
    "viewer": frozenset({Permission.READ}),
    "operator": frozenset({Permission.READ, Permission.ACT}),
    "approver": frozenset({Permission.READ, Permission.ACT, Permission.APPROVE}),
    "admin": frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user by a visit, which ends, and may be narrowed to one tenant and one role."""

    user_id: int
    visit_id: int


# Whoever asks: a visitor, or a user by themselves where no browser is in between.
Who = int | Visitor


@dataclass(frozen=True, slots=True)
class Grant:
    """Proof that a user was let in to a tenant; only this module makes one."""

    user: str
    tenant_id: int
    tenant: str
    tenant_name: str
    time_zone: str
    currency: str
    role: str
    preferences: Preferences = USUAL

    def second_person_for(self, amount: Decimal | None, currency: str | None) -> str | None:
        """Why an action of that amount must be approved by somebody else; None where it need not.

        An amount in a currency without a limit needs nobody.
        """
        limit = dict(self.preferences.approve_over).get(currency or "")
        if amount is None or limit is None or amount <= Decimal(limit):
            return None
        return f"{amount:,f} {currency} is over the limit of {Decimal(limit):,f} {currency}"

    def refuse_own(self, proposed_by: str) -> None:
        """NotAllowedError for what this very person proposed: approving takes another one."""
        if self.user == proposed_by:
            raise NotAllowedError(
                "You proposed this yourself: another approver or administrator has to approve it."
            )

    def allows(self, permission: Permission) -> bool:
        """Whether the role reaches that far."""
        return permission in ROLES[self.role]


def authorize(
    session: Session, who: Who, slug: str, permission: Permission, *, at: datetime
) -> Grant:
    """The grant of a user to a tenant.

    A stranger hears the same as for a tenant that does not exist (UnknownTenantError); a member
    whose role falls short hears so (NotAllowedError); one whose visit is over, SignedOutError.
    """
    for grant in grants_of(session, who, at=at):
        if grant.tenant == slug:
            if grant.allows(permission):
                return grant
            raise NotAllowedError(
                f"Your role at {grant.tenant_name} is {grant.role}, which may not do this: ask "
                "one of its administrators."
            )
    raise UnknownTenantError("There is no such tenant among yours.")


def grants_of(session: Session, who: Who, *, at: datetime) -> list[Grant]:
    """Every tenant a user may enter, by name; SignedOutError where their visit is over."""
    if isinstance(who, int):
        return _memberships(session, who)
    visit = session.get(Visit, who.visit_id)
    if visit is None or visit.user_id != who.user_id or is_over(visit, at):
        raise SignedOutError
    found = _memberships(session, who.user_id)
    if visit.tenant_id is None or visit.role is None:
        return found
    return [_narrowed(grant, visit.role) for grant in found if grant.tenant_id == visit.tenant_id]


def _narrowed(grant: Grant, role: str) -> Grant:
    """With the role of a link, or the user's own where that reaches less far."""
    return replace(grant, role=role) if ROLES[role] <= ROLES[grant.role] else grant


def _memberships(session: Session, user_id: int) -> list[Grant]:
    rows = session.execute(
        select(User, Membership, Tenant)
        .join(Membership, Membership.user_id == User.id)
        .join(Tenant, Membership.tenant_id == Tenant.id)
        .where(User.id == user_id)
        .order_by(Tenant.name, Tenant.slug)
    )
    return [_grant(user, membership.role, tenant) for user, membership, tenant in rows]


def _grant(user: User, role: str, tenant: Tenant) -> Grant:
    return Grant(
        user=user.email,
        tenant_id=tenant.id,
        tenant=tenant.slug,
        tenant_name=tenant.name,
        time_zone=tenant.time_zone,
        currency=tenant.currency,
        role=role,
        preferences=Preferences.from_json(tenant.preferences or {}),
    )


def command_line_grant(tenant: Tenant, user: str = "command line") -> Grant:
    """The grant of the command line: who may read the data folder may read it all anyway."""
    return _grant(User(email=user), "admin", tenant)
