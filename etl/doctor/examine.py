"""Every check there is, in order: of the installation, then of each tenant."""

from collections.abc import Iterator, Mapping
from contextlib import closing

from etl.back_office import BackOffice
from etl.doctor.check import Check, Row, go_through
from etl.doctor.house import HOUSE, House
from etl.doctor.rights import list_of, write_permission
from etl.doctor.standing import circuit, freshness, last_run, limits, open_alerts
from etl.doctor.visit import Visit
from etl.doctor.way import address, clock, login, session
from etl.doctor.webhooks import webhooks
from etl.extract.plan import PLAN
from etl.store.models import Tenant
from etl.store.tenants import all_tenants, find_tenant

__all__ = ["TENANT", "examine"]

TENANT: tuple[Check[Visit], ...] = (
    Check("address", address),
    Check("circuit", circuit),
    Check("login", login, needs=("address", "circuit")),
    Check("session", session, needs=("login",)),
    *(Check(f"list of {s.resource.name}", list_of(s), needs=("session",)) for s in PLAN),
    Check("clock", clock),
    Check("write permission", write_permission, needs=("session",)),
    Check("limits", limits),
    Check("alerts", open_alerts),
    Check("last run", last_run),
    Check("freshness", freshness),
    Check("webhooks", webhooks),
)


def examine(slug: str | None = None, env: Mapping[str, str] | None = None) -> Iterator[Row]:
    """A row a check; of one tenant or of all, where the installation lets them be looked at.

    Raises UnknownTenantError for a slug that nobody has.
    """
    house = House(env)
    yield from go_through(HOUSE, house)
    if house.settings and house.store and house.box:
        office = BackOffice(house.settings, house.store, house.box)
        for tenant in _chosen(office, slug):
            with closing(Visit(office, tenant)) as visit:
                yield from go_through(TENANT, visit, tenant.slug)


def _chosen(office: BackOffice, slug: str | None) -> list[Tenant]:
    with office.store.read() as session:
        return [find_tenant(session, slug)] if slug else all_tenants(session)
