"""What BILL told by webhooks, in the store: each event once, and deliveries counted by hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.store.databases import insert
from etl.store.models import Run, Tenant, WebhookEvent, WebhookSubscription, WebhookTally

__all__ = [
    "Outcome",
    "Told",
    "Waiting",
    "deliveries_since",
    "is_awaited",
    "prune",
    "refuse",
    "settle",
    "take",
    "waiting",
]

LOOKED_BACK = 20  # runs; those before answer no event that these do not
KEPT = timedelta(days=200)  # BILL sends again what is up to 180 days old


class Outcome(StrEnum):
    """What became of a delivery."""

    TAKEN = "taken"
    REPEATED = "repeated"
    UNSIGNED = "unsigned"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept of one event."""

    event_id: str
    type: str
    record_id: str | None
    happened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A tenant's events that no sync has answered yet."""

    tenant_id: int
    slug: str
    events: int
    newest_id: int


def take(session: Session, tenant_id: int, told: Told, at: datetime) -> Outcome:
    """Keeps an event, where it was not told before, and counts the delivery."""
    event = WebhookEvent(
        tenant_id=tenant_id,
        event_id=told.event_id,
        type=told.type,
        record_id=told.record_id,
        happened_at=told.happened_at,
        received_at=at,
    )
    try:
        with session.begin_nested():
            session.add(event)
        outcome = Outcome.TAKEN
    except IntegrityError:
        outcome = Outcome.REPEATED
    more = int(outcome is Outcome.TAKEN)
    seen = {"seen_at": at, "received": WebhookSubscription.received + more}
    _count(session, tenant_id, outcome, at, seen)
    return outcome


def refuse(session: Session, tenant_id: int, outcome: Outcome, at: datetime) -> None:
    """Counts what came to a subscription's address and was not BILL's."""
    refused = {"refused": WebhookSubscription.refused + 1}
    _count(session, tenant_id, outcome, at, refused)


def _count(
    session: Session, tenant_id: int, outcome: Outcome, at: datetime, values: Mapping[str, object]
) -> None:
    session.execute(
        update(WebhookSubscription)
        .where(WebhookSubscription.tenant_id == tenant_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    hour = at.replace(minute=0, second=0, microsecond=0)
    names = {"tenant_id": tenant_id, "hour": hour, "outcome": outcome.value}
    new = insert(session, WebhookTally).values(**names, deliveries=1)
    one_more = {"deliveries": WebhookTally.deliveries + 1}
    session.execute(new.on_conflict_do_update(index_elements=[*names], set_=one_more))


def deliveries_since(session: Session, tenant_id: int, since: datetime) -> dict[Outcome, int]:
    """How many came in the clock hours that began after `since`, by what became of them."""
    query = (
        select(WebhookTally.outcome, func.sum(WebhookTally.deliveries))
        .where(WebhookTally.tenant_id == tenant_id, WebhookTally.hour > since)
        .group_by(WebhookTally.outcome)
    )
    found = {Outcome(outcome): int(count) for outcome, count in session.execute(query)}
    return {outcome: found.get(outcome, 0) for outcome in Outcome}


def settle(session: Session, tenant_id: int, at: datetime) -> None:
    """Handles the events that came before the newest sync began that read all and succeeded."""
    newest = (
        select(Run)
        .where(
            Run.tenant_id == tenant_id,
            Run.status == "succeeded",
            Run.trigger.not_in(("switch", "removal")),
        )
        .order_by(Run.started_at.desc())
        .limit(LOOKED_BACK)
    )
    run = next((run for run in session.scalars(newest) if not run.scope), None)
    if run is None:
        return
    session.execute(
        update(WebhookEvent)
        .where(
            WebhookEvent.tenant_id == tenant_id,
            WebhookEvent.handled_at.is_(None),
            WebhookEvent.received_at <= run.started_at,
        )
        .values(handled_at=at, outcome=f"read by run {run.id}")
    )


def waiting(session: Session) -> list[Waiting]:
    """The tenants with events that no sync has answered, by slug."""
    query = (
        select(Tenant.id, Tenant.slug, func.count(), func.max(WebhookEvent.id))
        .join(WebhookEvent, WebhookEvent.tenant_id == Tenant.id)
        .where(WebhookEvent.handled_at.is_(None))
        .group_by(Tenant.id, Tenant.slug)
        .order_by(Tenant.slug)
    )
    return [Waiting(*row) for row in session.execute(query)]


def is_awaited(session: Session, tenant_id: int) -> bool:
    """Whether an event of a tenant still waits."""
    one = select(WebhookEvent.id).where(
        WebhookEvent.tenant_id == tenant_id, WebhookEvent.handled_at.is_(None)
    )
    return session.scalar(one.limit(1)) is not None


def prune(session: Session, at: datetime) -> None:
    """Forgets handled events that BILL can no longer send again, and counts as old."""
    session.execute(delete(WebhookEvent).where(WebhookEvent.handled_at < at - KEPT))
    session.execute(delete(WebhookTally).where(WebhookTally.hour < at - KEPT))
