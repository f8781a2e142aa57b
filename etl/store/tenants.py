"""Tenants: adding, finding, removing; their credentials sealed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billcom.environment import Environment, World, resolve
from billcom.session import Credentials
from etl.errors import UnknownTenantError, UsageError
from etl.store import audit
from etl.store.models import (
    Alert,
    BillCall,
    BillCallTotal,
    BillSession,
    CircuitRow,
    Close,
    CustomerNote,
    EmbedLink,
    ExportRow,
    ExportSchedule,
    FailureReason,
    FleetEvent,
    FleetLink,
    FleetLoad,
    FxRate,
    Letter,
    Membership,
    NoticeRow,
    OutboxRow,
    Run,
    SavedViewRow,
    SnapshotRow,
    Suppression,
    Tenant,
    Visit,
    WebhookEvent,
    WebhookSubscription,
    WebhookTally,
)
from etl.store.preferences import Preferences
from etl.store.secrets import SecretBox
from etl.store.sessions import forget_sessions

__all__ = [
    "NewTenant",
    "add_tenant",
    "all_tenants",
    "checked_currency",
    "checked_slug",
    "checked_time_zone",
    "connection_of",
    "enable_writes",
    "find_tenant",
    "may_be_written",
    "prefer",
    "refuse_connected",
    "remove_tenant",
    "replace_credentials",
    "seal_credentials",
]

OF_A_TENANT = (
    Alert,
    BillCall,
    BillCallTotal,
    BillSession,
    CircuitRow,
    Close,
    CustomerNote,
    EmbedLink,
    ExportRow,
    ExportSchedule,
    FailureReason,
    FleetEvent,
    FleetLink,
    FleetLoad,
    FxRate,
    NoticeRow,
    Letter,
    OutboxRow,
    SavedViewRow,
    SnapshotRow,
    Suppression,
    Run,
    Membership,
    Visit,
    WebhookEvent,
    WebhookSubscription,
    WebhookTally,
)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What a tenant is added with."""

    slug: str
    name: str
    environment: Environment
    credentials: Credentials
    time_zone: str
    currency: str


def checked_slug(slug: str) -> str:
    """The slug itself; UsageError where it could not name a folder safely."""
    if not SLUG.fullmatch(slug):
        raise UsageError(
            f"“{slug}” cannot name a tenant: use small letters, digits and hyphens, as in "
            "cascade-dispatch."
        )
    return slug


def checked_time_zone(name: str) -> str:
    """The zone's name; UsageError where the zone database does not know it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"“{name}” is not a time zone: give one like America/Chicago or UTC."
        ) from None
    return name


def checked_currency(code: str) -> str:
    """The code; UsageError where it does not look like ISO 4217."""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise UsageError(f"“{code}” is not a currency: give three capitals, like USD.")
    return code


def add_tenant(
    session: Session, box: SecretBox, new: NewTenant, *, at: datetime, actor: str
) -> Tenant:
    """Keeps a tenant.

    UsageError where the slug is taken, the name makes no sense, or the organization is connected
    already.
    """
    if session.scalar(select(Tenant).where(Tenant.slug == checked_slug(new.slug))):
        raise _taken(new.slug)
    refuse_connected(session, new.environment, new.credentials)
    tenant = Tenant(
        slug=new.slug,
        name=_checked_name(new.name),
        environment=new.environment.world.value,
        base_url=new.environment.base_url,
        organization_id=new.credentials.organization_id,
        time_zone=checked_time_zone(new.time_zone),
        currency=checked_currency(new.currency),
        credentials=seal_credentials(box, new.credentials),
        created_at=at,
    )
    session.add(tenant)
    try:
        session.flush()
    except IntegrityError:  # somebody else was faster by a moment
        raise _taken(new.slug) from None
    facts = {"environment": tenant.environment, "name": tenant.name}
    audit.append(session, at=at, actor=actor, what="tenant.added", tenant=tenant.slug, detail=facts)
    return tenant


def _taken(slug: str) -> UsageError:
    return UsageError(f"There is a tenant “{slug}” already: choose another name.")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise UsageError("A tenant needs a name: give it with --name.")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"A tenant's name has at most {LONGEST_NAME} characters.")
    return name


def refuse_connected(
    session: Session, environment: Environment, credentials: Credentials, but: str | None = None
) -> None:
    """UsageError where another tenant (than `but`) is this organization at this address.

    Two tenants of one organization would count its money twice, and each has an outbox that does
    not know what the other sent.
    """
    taken = session.scalar(
        select(Tenant).where(
            Tenant.environment == environment.world.value,
            Tenant.base_url == environment.base_url,
            Tenant.organization_id == credentials.organization_id,
            Tenant.slug != (but or ""),
        )
    )
    if taken:
        raise UsageError(
            f"Organization {taken.organization_id} is connected already, as {taken.slug}: use that "
            "tenant."
        )


def seal_credentials(box: SecretBox, credentials: Credentials) -> str:
    """Credentials as a tenant keeps them."""
    secret = [credentials.username, credentials.developer_key, credentials.password]
    return box.seal(json.dumps(secret))


def connection_of(box: SecretBox, tenant: Tenant) -> tuple[Environment, Credentials]:
    """Where and as whom to call BILL for a tenant."""
    username, developer_key, password = json.loads(box.open(tenant.credentials))
    credentials = Credentials(
        organization_id=tenant.organization_id,
        username=username,
        developer_key=developer_key,
        password=password,
    )
    return resolve(tenant.environment, tenant.base_url), credentials


def all_tenants(session: Session) -> list[Tenant]:
    """Every tenant, by slug."""
    return list(session.scalars(select(Tenant).order_by(Tenant.slug)))


def find_tenant(session: Session, slug: str) -> Tenant:
    """The tenant of a slug; UnknownTenantError where there is none."""
    tenant = session.scalar(select(Tenant).where(Tenant.slug == checked_slug(slug)))
    if tenant is None:
        raise UnknownTenantError(
            f"There is no tenant “{slug}”: see the ones there are with tieout tenant list."
        )
    return tenant


def replace_credentials(
    session: Session,
    box: SecretBox,
    slug: str,
    credentials: Credentials,
    *,
    at: datetime,
    actor: str,
) -> None:
    """New credentials of the same organization; UsageError for another's."""
    tenant = find_tenant(session, slug)
    if tenant.organization_id != credentials.organization_id:
        raise UsageError(
            f"{slug} is organization {tenant.organization_id}: connect another one under a name "
            "of its own."
        )
    tenant.credentials = seal_credentials(box, credentials)
    forget_sessions(session, tenant.id)
    audit.append(session, at=at, actor=actor, what="credentials.replaced", tenant=slug)


def may_be_written(tenant: Tenant) -> bool:
    """Whether writing to a tenant's book at BILL is let through: in production, once enabled."""
    return tenant.environment != World.PRODUCTION or tenant.writes_enabled_at is not None


def prefer(
    session: Session, slug: str, changes: Mapping[str, Any], *, at: datetime, actor: str
) -> Preferences:
    """Changes a tenant's preferences by their names; what they are then."""
    tenant = find_tenant(session, slug)
    new = replace(Preferences.from_json(tenant.preferences), **changes)
    tenant.preferences = new.as_json()
    facts = {"preferences": new.for_audit()}
    audit.append(session, at=at, actor=actor, what="preferences.set", tenant=slug, detail=facts)
    return new


def enable_writes(session: Session, slug: str, *, at: datetime, actor: str) -> None:
    """Lets a tenant's book at BILL be written to; once is enough."""
    tenant = find_tenant(session, slug)
    if tenant.writes_enabled_at is None:
        tenant.writes_enabled_at = at
        audit.append(session, at=at, actor=actor, what="writes.enabled", tenant=slug)


def remove_tenant(session: Session, tenant: Tenant, *, at: datetime, actor: str) -> None:
    """Forgets a tenant and all that the store holds of it, but for the audit trail."""
    # Locked first, so that nothing of it can be added while it goes.
    session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update())
    for model in OF_A_TENANT:
        session.execute(delete(model).where(model.tenant_id == tenant.id))
    session.delete(tenant)
    audit.append(session, at=at, actor=actor, what="tenant.removed", tenant=tenant.slug)
