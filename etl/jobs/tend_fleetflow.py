"""What is due at FleetFlow, of every tenant that has one: beside the syncs, never within them."""

import logging

from sqlalchemy.orm import Session

from etl.back_office import BackOffice
from etl.errors import RunRefusedError, TieoutError
from etl.fleetflow.mapping import mapping_from
from etl.jobs.fleet_work import Work, at_work
from etl.jobs.push_statuses import is_push_due, push_statuses
from etl.jobs.read_loads import are_loads_due, read_loads
from etl.reading import Reader
from etl.store import fleet_links, runs
from etl.store.access import command_line_grant
from etl.store.models import FleetLink, Tenant

__all__ = ["tend_fleetflow"]

LOG = logging.getLogger(__name__)
STATUSES, LOADS = "statuses", "loads"


def tend_fleetflow(office: BackOffice) -> None:
    """Does what is due; one tenant's trouble is told once and holds no other up."""
    for slug, parts in _due(office).items():
        try:
            with at_work(office, slug) as work:
                _tend(work, parts)
        except RunRefusedError:
            LOG.info("another process is at the FleetFlow of %s", slug)
        except TieoutError as error:
            LOG.warning("the FleetFlow of %s: %s", slug, error)
        except Exception:
            LOG.exception("the FleetFlow of %s broke", slug)


def _due(office: BackOffice) -> dict[str, list[str]]:
    """What is due now, by tenant; those with nothing to do are left alone."""
    now = office.clock()
    due = {}
    with office.store.read() as session:
        for link in fleet_links.all_links(session):
            if link.not_before is None or link.not_before <= now:
                tenant = session.get_one(Tenant, link.tenant_id)
                due[tenant.slug] = _parts(office, session, tenant, link)
    return {slug: parts for slug, parts in due.items() if parts}


def _parts(office: BackOffice, session: Session, tenant: Tenant, link: FleetLink) -> list[str]:
    mapping, now = mapping_from(link.mapping), office.clock()
    grant = command_line_grant(tenant)
    current = runs.current_snapshot(session, tenant.id)
    parts = []
    if current and is_push_due(grant, link, mapping, current.seq, now):
        parts.append(STATUSES)
    if are_loads_due(link, mapping, now):
        parts.append(LOADS)
    return parts


def _tend(work: Work, parts: list[str]) -> None:
    reader = Reader(work.office.settings, work.office.store)
    if STATUSES in parts:
        push_statuses(work, reader)
    if LOADS in parts:
        read_loads(work)
