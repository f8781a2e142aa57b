"""A tenant's move from one of BILL's worlds to the other, as one transaction of the store."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billcom.environment import Environment
from billcom.session import Credentials
from etl.errors import RunRefusedError
from etl.store import alerts, audit, billing_schedules, claims
from etl.store.models import (
    CircuitRow,
    Close,
    SnapshotRow,
    Tenant,
    WebhookEvent,
    WebhookSubscription,
    WebhookTally,
)
from etl.store.preferences import Preferences
from etl.store.secrets import SecretBox
from etl.store.sessions import forget_sessions
from etl.store.tenants import refuse_connected, seal_credentials

__all__ = ["Connection", "has_kept", "is_at", "move"]

OF_A_WORLD = (
    SnapshotRow,
    CircuitRow,
    Close,
    WebhookSubscription,
    WebhookEvent,
    WebhookTally,
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where BILL is called, and as whom."""

    environment: Environment
    credentials: Credentials


def is_at(tenant: Tenant, target: Connection) -> bool:
    """Whether a tenant is that organization at that address of that world."""
    return (tenant.environment, tenant.base_url, tenant.organization_id) == (
        target.environment.world.value,
        target.environment.base_url,
        target.credentials.organization_id,
    )


def has_kept(session: Session, tenant_id: int) -> bool:
    """Whether the store refers to a tenant's book: a snapshot, or an action still to come."""
    shown = select(SnapshotRow.id).where(SnapshotRow.tenant_id == tenant_id).limit(1)
    return session.scalar(shown) is not None or claims.has_open(session, tenant_id)


def move(
    session: Session,
    box: SecretBox,
    tenant: Tenant,
    target: Connection,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Connects a tenant elsewhere and forgets what the store knew of where it was.

    Writing has to be allowed anew. RunRefusedError while an action of the tenant is being carried
    out, UsageError where the organization is another tenant's.
    """
    refuse_connected(session, target.environment, target.credentials, but=tenant.slug)
    if claims.is_busy(session, tenant.id, at):
        raise RunRefusedError(
            f"An action of {tenant.slug} is being carried out: wait for it to end, then try again."
        )
    was, now = tenant.environment, target.environment.world.value
    reason = f"{tenant.slug} left BILL's {was} before this was settled there."
    claims.end_open(session, tenant.id, tenant.slug, reason=reason, at=at)
    for model in OF_A_WORLD:
        session.execute(delete(model).where(model.tenant_id == tenant.id))
    billing_schedules.pause_all(session, tenant.id, at=at)
    forget_sessions(session, tenant.id)
    alerts.clear_all(session, tenant.id, at)
    tenant.environment, tenant.base_url = now, target.environment.base_url
    tenant.organization_id = target.credentials.organization_id
    tenant.credentials = seal_credentials(box, target.credentials)
    tenant.writes_enabled_at = None
    # Whom it writes to was decided of the other world's customers.
    silent = replace(Preferences.from_json(tenant.preferences), notices=())
    tenant.preferences = silent.as_json()
    audit.append(
        session,
        at=at,
        actor=actor,
        what="environment.switched",
        tenant=tenant.slug,
        detail={"from": was, "to": now, "address": tenant.base_url},
    )
