"""What is due at FleetFlow, of every tenant that has one: beside the syncs, never within them."""

import logging
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from etl.back_office import BackOffice
from etl.errors import RunRefusedError, TieoutError
from etl.fleetflow.mapping import mapping_from
from etl.jobs.bill_by_itself import bill_by_itself, week_due
from etl.jobs.fleet_work import Work, at_work
from etl.jobs.push_statuses import is_push_due, push_statuses
from etl.jobs.read_loads import are_loads_due, read_loads
from etl.jobs.tell_holds import is_list_due, look_at_holds, send_holds
from etl.reading import Reader
from etl.store import fleet_events, fleet_links, runs
from etl.store.access import command_line_grant
from etl.store.models import FleetLink, Tenant

__all__ = ["tend_fleetflow"]

LOG = logging.getLogger(__name__)
HOLDS, WEBHOOK, STATUSES, LOADS, BILL = "holds", "webhook", "statuses", "loads", "bill"
BY_DATABASE = (STATUSES, LOADS, BILL)


def tend_fleetflow(office: BackOffice) -> None:
    """Does what is due; one tenant's trouble is told once and holds no other up, nor does one of
    FleetFlow's doors the other."""
    for slug, parts in _due(office).items():
        for with_database in (False, True):
            if any((part in BY_DATABASE) == with_database for part in parts):
                _try(office, slug, parts, with_database=with_database)


def _try(office: BackOffice, slug: str, parts: list[str], *, with_database: bool) -> None:
    try:
        with at_work(office, slug, with_database=with_database) as work:
            _tend(work, parts, with_database=with_database)
    except RunRefusedError:
        LOG.info("another process is at the FleetFlow of %s", slug)
    except TieoutError as error:
        LOG.warning("the FleetFlow of %s: %s", slug, error)
    except Exception:
        LOG.exception("the FleetFlow of %s broke", slug)


def _due(office: BackOffice) -> dict[str, list[str]]:
    """What is due now, by tenant; those with nothing to do are left alone."""
    due = {}
    with office.store.read() as session:
        for link in fleet_links.all_links(session):
            tenant = session.get_one(Tenant, link.tenant_id)
            due[tenant.slug] = list(_parts(office.clock(), session, tenant, link))
    return {slug: parts for slug, parts in due.items() if parts}


def _parts(now: datetime, session: Session, tenant: Tenant, link: FleetLink) -> Iterator[str]:
    mapping, grant = mapping_from(link.mapping), command_line_grant(tenant)
    current = runs.current_snapshot(session, tenant.id)
    if current and is_list_due(session, grant, link, mapping, current.seq, now):
        yield HOLDS
    if mapping.hold and mapping.hold.webhook and fleet_events.due(session, tenant.id, now):
        yield WEBHOOK
    if link.not_before is not None and link.not_before > now:
        return
    if current and is_push_due(grant, link, mapping, current.seq, now):
        yield STATUSES
    is_bill_due = week_due(grant, link, mapping, now) is not None
    if are_loads_due(link, mapping, now) or (is_bill_due and mapping.loads):
        yield LOADS  # what was delivered last is billed with the rest
    if is_bill_due:
        yield BILL


def _tend(work: Work, parts: list[str], *, with_database: bool) -> None:
    reader = Reader(work.office.settings, work.office.store)
    if not with_database:
        if HOLDS in parts:
            look_at_holds(work, reader)
        send_holds(work)
        return
    if STATUSES in parts:
        push_statuses(work, reader)
    if LOADS in parts:
        read_loads(work)
    if BILL in parts:
        bill_by_itself(work)
