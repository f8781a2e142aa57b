"""Syncs that a person asks for: a pending run, which the back office takes up at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.errors import RunRefusedError, UnknownTenantError
from etl.store import audit, runs
from etl.store.access import Grant
from etl.store.models import Run, Tenant
from etl.store.owner import this_owner

__all__ = ["TRIGGER", "ask_for", "asked"]

TRIGGER = "person"
SAID = "Asked for by a person; tieout serve begins it within seconds."


def ask_for(session: Session, grant: Grant, at: datetime) -> int:
    """The number of the run; RunRefusedError where one is under way, or waits already."""
    # As with every start of a run: nobody else begins one meanwhile.
    if session.get(Tenant, grant.tenant_id, with_for_update={"key_share": True}) is None:
        raise UnknownTenantError(f"{grant.tenant} was removed meanwhile.")
    if runs.is_running(session, grant.tenant_id, at):
        raise RunRefusedError("A sync is under way already: what it reads shows when it ends.")
    waits = select(Run).where(Run.tenant_id == grant.tenant_id, Run.status == "pending")
    if waiting := session.scalar(waits.limit(1)):
        why = waiting.error or "It goes on by itself."
        raise RunRefusedError(f"Run {waiting.id} waits to go on already. {why}")
    run = Run(
        tenant_id=grant.tenant_id,
        status="pending",
        trigger=TRIGGER,
        owner=this_owner(),
        started_at=at,
        lease_expires_at=at,
        resumes_at=at,
        error=SAID,
    )
    session.add(run)
    session.flush()
    facts = {"run": run.id}
    audit.append(
        session, at=at, actor=grant.user, what="sync.requested", tenant=grant.tenant, detail=facts
    )
    return run.id


def asked(session: Session, at: datetime) -> list[str]:
    """The slugs of the tenants whose asked-for run is due."""
    due = (
        select(Tenant.slug)
        .join(Run, Run.tenant_id == Tenant.id)
        .where(Run.status == "pending", Run.trigger == TRIGGER, Run.resumes_at <= at)
        .order_by(Tenant.slug)
    )
    return list(session.scalars(due))
