"""Tells FleetFlow whom to hold: when somebody's standing changes, until it was taken."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from etl.errors import FleetFlowError, UsageError
from etl.fleetflow.hold_list import digest_of, event_body
from etl.fleetflow.mapping import FleetMapping, HoldSection
from etl.fleetflow.webhook import Webhook, read_key
from etl.holds import holds_on
from etl.jobs.fleet_work import Work, busy, secret_of
from etl.reading import Reader, today_of
from etl.store import fleet_events, fleet_links
from etl.store.access import Grant
from etl.store.models import FleetEvent, FleetLink

__all__ = ["hold_section", "is_list_due", "look_at_holds", "send_holds"]

GONE = 410  # the standard's word for: send nothing here any more


def hold_section(mapping: FleetMapping) -> HoldSection:
    """Who is held; UsageError where the mapping does not say."""
    if mapping.hold is None:
        raise UsageError("The mapping has no [hold]: give unpaid or days_late.")
    return mapping.hold


def is_list_due(
    session: Session, grant: Grant, link: FleetLink, mapping: FleetMapping, seq: int, now: datetime
) -> bool:
    """Whether a snapshot, a day of the tenant's, a rule or an override was not looked at yet; only
    with a webhook."""
    if not (mapping.hold and mapping.hold.webhook):
        return False
    return link.hold_place != holds_on(session, grant, today_of(grant, now)).place(seq)


def look_at_holds(work: Work, reader: Reader) -> None:
    """Writes down what is to be told, where somebody's standing is not as it was last told."""
    seq = reader.published(work.grant).seq
    at = work.office.clock()
    today = today_of(work.grant, at)
    with work.office.store.read() as session:
        holds = holds_on(session, work.grant, today)
    listed = holds.listed(reader.snapshot(work.grant, seq))
    digest = digest_of(listed)
    with work.office.store.begin() as session:
        if digest != work.link.hold_digest:
            body = event_body(work.grant.tenant, seq, today, listed, at)
            fleet_events.add(session, work.grant.tenant_id, f"msg_{uuid.uuid4().hex}", body, at)
        told = {"hold_digest": digest, "hold_place": holds.place(seq)}
        if not fleet_links.advance(session, work.link, at, **told):
            raise busy(work.grant.tenant)


def send_holds(work: Work) -> FleetEvent | None:
    """Sends what is due; as it stands then, None where nothing was."""
    with work.office.store.read() as session:
        event = fleet_events.due(session, work.grant.tenant_id, work.office.clock())
    if event is None:
        return None
    work.advance()  # only who still holds the link sends
    status, said = _sent(work, event)
    at = work.office.clock()
    with work.office.store.begin() as session:
        if said is None:
            fleet_events.deliver(session, event, at)
        elif status == GONE:
            fleet_events.refuse(session, event, said, at)
        else:
            fleet_events.put_off(session, event, said, at)
    with work.office.store.read() as session:
        return fleet_events.newest(session, work.grant.tenant_id)


def _webhook(work: Work) -> Webhook:
    url = hold_section(work.mapping).webhook
    secret = secret_of(work.office, work.link, "webhook")
    if not url or not secret:
        raise UsageError("The mapping names no webhook in [hold]: nothing is sent.")
    return Webhook(url, read_key("The webhook's key", secret))


def _sent(work: Work, event: FleetEvent) -> tuple[int, str | None]:
    """The status, 0 for none, and what went wrong; None where it was taken."""
    try:
        status = _webhook(work).send(event.webhook_id, event.body, work.office.clock())
    except FleetFlowError as error:
        return 0, str(error)
    if 200 <= status < 300:
        return status, None
    if status == GONE:
        return status, "FleetFlow's webhook wants no more (410): correct [hold] and connect anew."
    return status, f"FleetFlow's webhook answered {status}: look there; it is sent again by itself."
