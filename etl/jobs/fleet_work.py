"""Working at a tenant's link to FleetFlow: one process at a time, each step written down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from etl.back_office import BackOffice
from etl.errors import FleetFlowError, RunRefusedError, StoppingError, TieoutError
from etl.fleetflow.database import FleetDatabase
from etl.fleetflow.mapping import FleetMapping, mapping_from
from etl.store import fleet_links
from etl.store.access import Grant, command_line_grant
from etl.store.models import FleetLink
from etl.store.tenants import find_tenant

__all__ = ["Work", "at_work", "busy", "opened", "secret_of"]


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed link, with its mapping and FleetFlow's database where one is named."""

    office: BackOffice
    grant: Grant
    link: FleetLink
    mapping: FleetMapping
    database: FleetDatabase | None

    def advance(self, **values: object) -> None:
        """Writes how far it is and holds the link longer.

        RunRefusedError where another process took it; StoppingError where this one is to end.
        """
        with self.office.store.begin() as session:
            is_mine = fleet_links.advance(session, self.link, self.office.clock(), **values)
        if not is_mine:
            raise busy(self.grant.tenant)
        if self.office.stopping.is_set():
            raise StoppingError


def secret_of(office: BackOffice, link: FleetLink, name: str) -> str | None:
    """One of a link's sealed secrets: `url` or `webhook`."""
    found: str | None = json.loads(office.box.open(link.sealed)).get(name)
    return found


@contextmanager
def opened(office: BackOffice, link: FleetLink) -> Iterator[FleetDatabase | None]:
    """FleetFlow's database while it is needed; None where the mapping names none."""
    url = secret_of(office, link, "url")
    if url is None:
        yield None
        return
    database = FleetDatabase(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def at_work(office: BackOffice, slug: str, *, with_database: bool = True) -> Iterator[Work]:
    """The link of a tenant for this process alone, freed at the end; with FleetFlow's database, or
    for what needs none.

    What fails at FleetFlow is kept as its sentence, an alert, and the time of the next try, and is
    raised again. RunRefusedError where another process is at it, UsageError without a link.
    """
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        fleet_links.link_of(session, grant)
        link = fleet_links.claim(session, grant.tenant_id, office.clock())
    if link is None:
        raise busy(slug)
    try:
        mapping = mapping_from(link.mapping)
        with opened(office, link) as database:
            yield Work(office, grant, link, mapping, database if with_database else None)
    except FleetFlowError as error:
        _end(office, link, str(error))
        raise
    except TieoutError:
        _end(office, link, None, is_proven=False)
        raise
    except Exception as error:
        _end(office, link, f"A fault of Tieout's own ({type(error).__name__}) at FleetFlow.")
        raise
    _end(office, link, None, is_proven=with_database)


def _end(
    office: BackOffice, link: FleetLink, failed: str | None, *, is_proven: bool = False
) -> None:
    with office.store.begin() as session:
        if failed:
            fleet_links.fail(session, link, failed, office.clock())
        else:
            fleet_links.release(session, link, office.clock(), is_proven=is_proven)


def busy(slug: str) -> RunRefusedError:
    """What is said to whoever comes while another process is at work."""
    return RunRefusedError(
        f"Another process is working at the FleetFlow of {slug}: try again in a minute."
    )
