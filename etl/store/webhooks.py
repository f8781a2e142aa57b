"""Webhooks of BILL in the store: a tenant's subscription, and events with what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import alerts, audit
from etl.store.access import Grant
from etl.store.models import Run, Tenant, WebhookEvent, WebhookSubscription
from etl.store.secret_tokens import hashed

__all__ = [
    "ALERT",
    "Told",
    "Waiting",
    "add",
    "all_subscriptions",
    "ask",
    "forget",
    "is_awaited",
    "keep",
    "note_refusal",
    "note_status",
    "of_token",
    "prune",
    "settle",
    "subscription_of",
    "waiting",
]

ALERT = "webhook_disabled"
LOOKED_BACK = 20  # runs; those before answer no event that these do not
KEPT = timedelta(days=200)  # BILL sends again what is up to 180 days old


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


def all_subscriptions(session: Session) -> Sequence[tuple[WebhookSubscription, str]]:
    """Every subscription with its tenant's slug, by slug."""
    query = select(WebhookSubscription, Tenant.slug).join(
        Tenant, Tenant.id == WebhookSubscription.tenant_id
    )
    return [(row, slug) for row, slug in session.execute(query.order_by(Tenant.slug))]


def subscription_of(session: Session, grant: Grant) -> WebhookSubscription:
    """A tenant's subscription; UsageError where it has none."""
    found = session.get(WebhookSubscription, grant.tenant_id)
    if found is None:
        raise UsageError(
            f"{grant.tenant} has no webhooks yet: tieout webhooks on --tenant {grant.tenant} "
            "--url https://…"
        )
    return found


def of_token(session: Session, token: str) -> WebhookSubscription | None:
    """The subscription that an address's token is of."""
    this_one = WebhookSubscription.token_hash == hashed(token)
    return session.scalar(select(WebhookSubscription).where(this_one))


def ask(
    session: Session, grant: Grant, *, url: str, token: str, sealed: str, at: datetime
) -> WebhookSubscription:
    """Keeps what BILL is about to be asked for, so that a lost answer is asked for again.

    UsageError where somebody else was faster by a moment.
    """
    asked = WebhookSubscription(
        tenant_id=grant.tenant_id,
        url=url,
        token_hash=hashed(token),
        sealed=sealed,
        status="asked",
        made_at=at,
    )
    try:
        with session.begin_nested():
            session.add(asked)
    except IntegrityError:
        raise UsageError(
            f"Somebody else is turning the webhooks of {grant.tenant} on: see tieout webhooks list."
        ) from None
    return asked


def keep(
    session: Session, grant: Grant, *, bill_id: str, sealed: str, at: datetime, actor: str
) -> None:
    """Keeps what BILL answered: the subscription is on."""
    row = subscription_of(session, grant)
    row.bill_id, row.sealed = bill_id, sealed
    note_status(session, grant.tenant_id, "on", at)
    audit.append(session, at=at, actor=actor, what="webhooks.on", tenant=grant.tenant)


def note_status(session: Session, tenant_id: int, status: str | None, at: datetime) -> None:
    """What BILL said of the subscription; None where it did not say."""
    said = {"status": status} if status else {}
    session.execute(
        update(WebhookSubscription)
        .where(WebhookSubscription.tenant_id == tenant_id)
        .values({"looked_at": at} | said)
    )


def forget(session: Session, grant: Grant, *, at: datetime, actor: str) -> None:
    """Forgets the subscription and its key; events that wait still lead to a sync."""
    this_one = WebhookSubscription.tenant_id == grant.tenant_id
    session.execute(delete(WebhookSubscription).where(this_one))
    alerts.clear(session, grant.tenant_id, ALERT, at)
    audit.append(session, at=at, actor=actor, what="webhooks.off", tenant=grant.tenant)


def add(session: Session, tenant_id: int, told: Told, at: datetime) -> bool:
    """Keeps an event; False where it was told before."""
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
    except IntegrityError:
        return False
    seen = {"seen_at": at, "received": WebhookSubscription.received + 1}
    _count(session, tenant_id, seen)
    return True


def note_refusal(session: Session, tenant_id: int) -> None:
    """Counts what came to a subscription's address and was not BILL's."""
    _count(session, tenant_id, {"refused": WebhookSubscription.refused + 1})


def _count(session: Session, tenant_id: int, values: dict[str, object]) -> None:
    session.execute(
        update(WebhookSubscription)
        .where(WebhookSubscription.tenant_id == tenant_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


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
    """Forgets handled events that BILL can no longer send again."""
    is_old = WebhookEvent.handled_at < at - KEPT
    session.execute(delete(WebhookEvent).where(is_old))
