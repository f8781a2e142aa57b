"""A data folder of several tenants with published books, and members whose browsers are known."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.desk import SignedIn
from etl.entrance import Entrance, open_entrance
from etl.extract.land import prepare
from etl.settings import Settings, load_settings
from etl.store import runs, tenants, users
from etl.store.models import Run
from etl.store.tenants import NewTenant
from etl.store.visits import Browser
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import open_work
from tests.bench.book import written_book
from tests.bench.landing import land_book, publish, transform

__all__ = ["House", "Visitor", "furnished"]

PASSWORD = "a password for benches"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that is signed in: its cookie, its tenant, and that tenant's marker."""

    cookie: str
    tenant: str
    marker: str


@dataclass(frozen=True)
class House:
    """The settings, the tenants by slug with their markers, and whoever comes in."""

    settings: Settings
    markers: Mapping[str, str]
    entrance: Entrance

    def visitors(self) -> Iterator[Visitor]:
        """New browsers without end, one of each tenant in turn."""
        for number in count():
            slug = list(self.markers)[number % len(self.markers)]
            yield Visitor(self._cookie(slug, f"browser-{number}"), slug, self.markers[slug])

    def visitor(self) -> Visitor:
        """One more, of the first tenant."""
        return next(self.visitors())

    def _cookie(self, slug: str, mark: str) -> str:
        who = self.entrance.sign_in(_email(slug), PASSWORD, Browser(mark, "bench"))
        assert isinstance(who, SignedIn), who
        cookie = self.entrance.claim(mark, None)
        assert cookie
        return cookie


def furnished(folder: Path, sizes: Mapping[str, int]) -> House:
    """Tenants with so many invoices each, published, and an administrator for each."""
    settings = load_settings({"TIEOUT_DATA_DIR": str(folder)})
    office = open_back_office(settings)
    markers = {slug: _marker(slug) for slug in sizes}
    for slug, invoices in sizes.items():
        if not folder_of(settings, slug).path.exists():
            _add_tenant(office, slug)
            _publish(office, slug, folder / "books" / slug, invoices)
    return House(settings, markers, open_entrance(settings))


def _marker(slug: str) -> str:
    """The tenant's name, and how its customers' names begin."""
    return f"Marker of {slug}"


def _email(slug: str) -> str:
    return f"desk@{slug}.example"


def _add_tenant(office: BackOffice, slug: str) -> None:
    environment = resolve("sandbox", "http://127.0.0.1:1/connect")
    credentials = Credentials(f"org-{slug}", "user", f"key-{slug}", "password")
    new = NewTenant(slug, _marker(slug), environment, credentials, "UTC", "USD")
    with office.store.begin() as session:
        tenant = tenants.add_tenant(session, office.box, new, at=office.clock(), actor="bench")
        users.add_membership(
            session,
            _email(slug),
            tenant,
            "admin",
            password=PASSWORD,
            at=office.clock(),
            actor="bench",
        )


def _publish(office: BackOffice, slug: str, folder: Path, invoices: int) -> None:
    book = written_book(folder, invoices, called=_marker(slug))
    with office.store.read() as session:
        tenant = tenants.find_tenant(session, slug)
    run_id = runs.start(office.store, tenant, trigger="bench", at=office.clock())
    with _writing(office, slug) as (connection, place):
        land_book(connection, book)
        transform(connection)
        publish(connection, place, run_id)
    with office.store.begin() as session:
        run, at = session.get_one(Run, run_id), datetime.now(UTC)
        runs.publish(session, run, seq=run_id, fingerprint=slug, checks=[], at=at)
        runs.finish(run, at=at)


@contextmanager
def _writing(office: BackOffice, slug: str) -> Iterator[tuple[object, object]]:
    place = folder_of(office.settings, slug)
    with open_work(place) as connection:
        prepare(connection)
        yield connection, place
