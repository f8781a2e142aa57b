"""Whether BILL tells a tenant's changes at once, and what mends it where it does not."""

from datetime import datetime, timedelta

from etl.doctor.finding import Finding, failed, ok, warning
from etl.doctor.visit import Visit
from etl.store.models import WebhookSubscription
from etl.store.webhook_events import Outcome, deliveries_since

__all__ = ["DAY", "standing", "webhooks"]

DAY = timedelta(hours=24)
OFF_AT_BILL = {
    "disabled": "BILL disabled the webhooks, as they were not answered",
    "gone": "BILL has no such webhooks any more",
}


def webhooks(visit: Visit) -> Finding:
    """How the subscription is, as BILL said last, and when an event came."""
    with visit.office.store.read() as session:
        known = session.get(WebhookSubscription, visit.tenant.id)
        came = deliveries_since(session, visit.tenant.id, visit.now - DAY)
    return standing(known, visit.tenant.slug, came, visit.now)


def standing(
    known: WebhookSubscription | None, slug: str, came: dict[Outcome, int], now: datetime
) -> Finding:
    """The finding of a subscription and of what came in a day."""
    if known is None:
        return ok("off: changes are found by the regular syncs")
    again = f"tieout webhooks on --tenant {slug} --url {known.url}"
    if known.status == "asked":
        return warning("asked for, but BILL's answer did not come", again)
    if known.status in OFF_AT_BILL:
        see = f"see that {known.url}/webhooks/ leads to tieout serve, then {again}"
        return failed(OFF_AT_BILL[known.status], see)
    if came[Outcome.UNSIGNED] and not (came[Outcome.TAKEN] or came[Outcome.REPEATED]):
        return warning("on, but whatever came in a day bore a wrong signature", again)
    return ok(f"on; {_last(known.seen_at, now)}")


def _last(seen_at: datetime | None, now: datetime) -> str:
    if seen_at is None:
        return "nothing was told yet"
    minutes = int((now - seen_at).total_seconds() // 60)
    if minutes < 1:
        return "the last event came just now"
    ago = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    return f"the last event came {ago} ago"
