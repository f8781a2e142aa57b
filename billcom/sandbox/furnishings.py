"""What a seeded book holds beside its receivables: users, dimensions, terms, recurring invoices."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from billcom.sandbox import recurring, users
from billcom.sandbox.book import Book
from billcom.sandbox.businesses import Business
from billcom.sandbox.classifications import DIMENSIONS, table_of
from billcom.sandbox.clock import local_day, timestamp
from billcom.sandbox.habits import Payer
from billcom.sandbox.ids import Ids
from billcom.sandbox.names import Names
from billcom.sandbox.payers import HISTORY
from billcom.sandbox.wire import Record

_STAFF = ("MEMBER", "ACCOUNTANT", "CUSTOM")
_MOST_TEMPLATES = 6
_ACCOUNTS = (
    ("Accounts receivable", "ACCOUNTS_RECEIVABLE", "1200"),
    ("Undeposited funds", "OTHER_CURRENT_ASSET", "1499"),
    ("Sales tax payable", "OTHER_CURRENT_LIABILITY", "2200"),
    ("Freight income", "INCOME", "4000"),
    ("Fuel surcharge income", "INCOME", "4010"),
    ("Accessorial income", "INCOME", "4020"),
    ("Bad debt", "EXPENSE", "6100"),
)
_NAMED = {
    "accounting-classes": ("Contract", "Spot"),
    "departments": ("Dispatch", "Billing", "Claims"),
    "jobs": ("Fall harvest", "Port drayage"),
    "locations": ("Boise office", "Yard 2"),
}
_SERVICES = ("Line haul", "Fuel surcharge", "Detention", "Lumper", "Dispatch service")


class Furnisher:
    """Furnishes one book. Ids come from a source of its own, so that receivables keep theirs."""

    def __init__(self, rng: random.Random, business: Business, book: Book, now: datetime) -> None:
        """Everything was set up before the history that ends at `now`."""
        self._rng = rng
        self._business = business
        self._book = book
        self._now = now
        self._ids = Ids(rng)
        self._names = Names(rng)
        self._at = now - HISTORY - timedelta(days=180)

    def furnish(self, payers: Sequence[Payer]) -> None:
        """Put everything into the book."""
        self._put_term()
        self._put_dimensions()
        for role in _STAFF:
            self._put_user(role)
        for payer in self._repeaters(payers):
            self._put_template(payer)

    def _times(self, at: datetime) -> Record:
        return {"createdTime": timestamp(at), "updatedTime": timestamp(at)}

    def _put_term(self) -> None:
        term = {"id": self._ids.new("00p"), "name": "Due on receipt", "daysDue": 0}
        self._book.payment_terms.put({**term, **self._times(self._at)})

    def _put_dimensions(self) -> None:
        for name, kind, number in _ACCOUNTS:
            account = {"type": kind, "number": number}
            self._put("chart-of-accounts", {"name": name, "account": account})
        for resource, names in _NAMED.items():
            for name in names:
                self._put(resource, {"name": name})
        for name in _SERVICES:
            self._put("items", {"type": "SERVICE", "name": name, "taxable": False})
        for _ in range(3):
            self._put("employees", self._names.person())

    def _put(self, resource: str, given: Record) -> None:
        dimension = DIMENSIONS[resource]
        record = {"id": self._ids.new(dimension.prefix), "archived": False, **given}
        table_of(self._book, dimension).put({**record, **self._times(self._at)})

    def _put_user(self, role: str) -> None:
        person = self._names.person()
        email = f"{person['firstName']}.{person['lastName']}@{self._business.key}.example".lower()
        user = {"id": self._ids.new("006"), "archived": role == "CUSTOM", **person}
        named = {**user, "email": email, "role": users.role_of(self._book, role)}
        self._book.users.put({**named, **self._times(self._at)})

    def _repeaters(self, payers: Iterable[Payer]) -> list[Payer]:
        """Customers still billed, by a flat fee where that is how the business bills."""
        there = [payer for payer in payers if payer.last == 1.0]
        flat = [payer for payer in there if payer.tariff.is_flat]
        return (flat if self._business.is_weekly else there[:2])[:_MOST_TEMPLATES]

    def _put_template(self, payer: Payer) -> None:
        weekly = self._business.is_weekly
        fee = payer.tariff.local(payer.tariff.flat_fee)
        text = "Dispatch service, weekly" if weekly else "Yard space, monthly"
        line = {"id": self._ids.new("ril"), "description": text, "price": fee, "quantity": 1}
        template = {
            "id": self._ids.new("rin"),
            "customerId": payer.customer_id,
            "description": text,
            "archived": False,
            "schedule": {
                "period": "WEEKLY" if weekly else "MONTHLY",
                "frequency": 1,
                "nextDueDate": self._next_due(payer).isoformat(),
                "daysInAdvance": payer.terms_days,
            },
            recurring.LINES: [{**line, "amount": fee, "taxable": False}],
            "sendEmail": False,
            **self._times(self._now - timedelta(days=2, minutes=self._rng.randrange(600))),
        }
        self._book.recurring_invoices.put(template)
        recurring.plan(self._book, template["id"])

    def _next_due(self, payer: Payer) -> date:
        """So that the invoice is written next Monday, or next month on the first."""
        today = local_day(self._now)
        if self._business.is_weekly:
            written = today + timedelta(days=7 - today.weekday())
        else:
            written = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return written + timedelta(days=payer.terms_days)
