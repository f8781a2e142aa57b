"""A tenant's subscription to BILL's webhooks, in the store."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import alerts, audit
from etl.store.access import Grant
from etl.store.models import Tenant, WebhookSubscription
from etl.store.secret_tokens import hashed

__all__ = [
    "ALERT",
    "all_subscriptions",
    "ask",
    "forget",
    "keep",
    "note_status",
    "of_token",
    "subscription_of",
]

ALERT = "webhook_disabled"


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
    """Keeps what BILL answered: the subscription is on, with this sealed key and no other."""
    row = subscription_of(session, grant)
    row.bill_id, row.sealed = bill_id, sealed
    row.status, row.looked_at = "on", at
    alerts.clear(session, grant.tenant_id, ALERT, at)
    facts = {"url": row.url, "bill_id": bill_id}
    audit.append(
        session, at=at, actor=actor, what="webhooks.subscribed", tenant=grant.tenant, detail=facts
    )


def note_status(
    session: Session, known: WebhookSubscription, said: str | None, at: datetime
) -> None:
    """What BILL said of a subscription, None where it did not say; not of another since."""
    values = {"looked_at": at} | ({"status": said} if said else {})
    session.execute(
        update(WebhookSubscription)
        .where(
            WebhookSubscription.tenant_id == known.tenant_id,
            WebhookSubscription.bill_id == known.bill_id,
        )
        .values(values)
    )


def forget(session: Session, grant: Grant, *, at: datetime, actor: str) -> None:
    """Forgets the subscription and its key; events that wait still lead to a sync."""
    this_one = WebhookSubscription.tenant_id == grant.tenant_id
    session.execute(delete(WebhookSubscription).where(this_one))
    alerts.clear(session, grant.tenant_id, ALERT, at)
    audit.append(session, at=at, actor=actor, what="webhooks.ended", tenant=grant.tenant)
