"""A small business lived through day by day at the pretend BILL, synced as it went."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from billcom.sandbox.book import Book
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.world import World, empty_tenant
from etl.back_office import BackOffice
from etl.jobs.sync_tenant import RunReport, sync_tenant
from etl.reading import Reader
from etl.store.access import Grant, command_line_grant
from etl.store.models import Tenant
from etl.store.tenants import find_tenant
from tests.etl.conftest import connected

ADDRESS = {"line1": "1 Dock St", "city": "Boise", "zipOrPostalCode": "83702", "country": "US"}


@dataclass(slots=True)
class Life:
    """A tenant, its book at BILL, and the clock of both worlds."""

    office: BackOffice
    clock: SettableClock
    book: Book
    slug: str = "cascade"
    named: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        with self.office.store.read() as session:
            return find_tenant(session, self.slug)

    @property
    def grant(self) -> Grant:
        return command_line_grant(self.tenant)

    @property
    def reader(self) -> Reader:
        return Reader(self.office.settings, self.office.store)

    def at(self, moment: str) -> None:
        self.clock.set(datetime.fromisoformat(moment).replace(tzinfo=UTC))

    def sync(self) -> RunReport:
        report = sync_tenant(self.office, self.slug)
        assert report.error is None, report.error
        return report

    def customer(self, name: str) -> str:
        body = {"name": name, "email": "ap@carrier.example", "billingAddress": ADDRESS}
        self.named[name] = str(self.book.create_customer(body)["id"])
        return self.named[name]

    def invoice(self, number: str, of: str, price: str, on: str, due: str) -> str:
        body = {
            "customer": {"id": self.named[of]},
            "invoiceNumber": number,
            "invoiceDate": on,
            "dueDate": due,
            "invoiceLineItems": [{"quantity": 1, "price": price, "description": "Loads"}],
        }
        self.named[number] = str(self.book.create_invoice(body)["id"])
        return self.named[number]

    def pay(self, name: str, of: str, amount: str, on: str, to: dict[str, str]) -> str:
        body: dict[str, Any] = {
            "customerId": self.named[of],
            "paymentDate": on,
            "paymentType": "CHECK",
            "amount": amount,
            "invoices": [{"id": self.named[number], "amount": part} for number, part in to.items()],
        }
        self.named[name] = str(self.book.record_payment(body)["id"])
        return self.named[name]


@contextmanager
def lives(office: BackOffice, since: str, *slugs: str) -> Iterator[list[Life]]:
    """Tenants that begin empty at a moment, each with a book of its own."""
    clock = SettableClock(datetime.fromisoformat(since).replace(tzinfo=UTC))
    world = World([empty_tenant(slug, slug.title(), clock) for slug in slugs], clock)
    moved = replace(office, clock=clock)
    with running_sandbox(world) as sandbox:
        yield [
            Life(
                moved,
                clock,
                connected(moved, sandbox, slug, place, time_zone="America/Chicago").book,
                slug,
            )
            for place, slug in enumerate(slugs)
        ]


def day(text: str) -> date:
    return date.fromisoformat(text)
