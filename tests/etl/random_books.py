"""Books written at random, through everything a sandbox lets be done to receivables."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billcom.sandbox.book import Book
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.errors import ApiError
from billcom.sandbox.world import empty_tenant

FIRST, LAST = date(2025, 1, 6), date(2025, 12, 1)
CURRENCIES = ("USD", "CAD", "JPY", "USD")
TAX_ITEM = "0ii02TAX"


class Scribe:
    """Writes one book; what is refused is left out."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.clock = SettableClock(datetime(2025, 1, 6, 20, tzinfo=UTC))
        self.book: Book = empty_tenant("alder", "Alder", self.clock, seed).book
        tax = {"type": "SALES_TAX", "percentage": Decimal("8.25")}
        self.book.items.put({"id": TAX_ITEM, **tax})
        self.customers = [self.new_customer(n, code) for n, code in enumerate(CURRENCIES)]

    def new_customer(self, number: int, currency: str) -> str:
        home = {"line1": "1 Main St", "city": "Fargo", "zipOrPostalCode": "58108"}
        body = {
            "name": f"Customer {number}",
            "email": "a@x.example",
            "invoiceCurrency": currency,
            "billingAddress": {**home, "stateOrProvince": "ND", "country": "US"},
        }
        return str(self.book.create_customer(body)["id"])

    def written(self) -> Book:
        acts = (self.bill, self.bill, self.bill, self.pay, self.pay, self.pay)
        rare = (self.give_back, self.credit, self.shelve)
        while self.today() < LAST:
            self.clock.advance(timedelta(days=self.rng.randrange(0, 8)))
            act: Callable[[], Any] = self.rng.choice(rare if self.rng.random() < 0.3 else acts)
            try:
                act()
            except ApiError:
                continue
        return self.book

    def today(self) -> date:
        return self.clock().date()

    def on(self, earliest: int, latest: int) -> str:
        return (self.today() + timedelta(days=self.rng.randrange(earliest, latest + 1))).isoformat()

    def any_invoice(self) -> Any:
        return self.rng.choice(list(self.book.invoices.values()) or [{}])

    def bill(self) -> None:
        issued = self.on(-20, 10)
        due = date.fromisoformat(issued) + timedelta(days=self.rng.choice([0, 7, 15, 30, 60]))
        line = {"price": self.rng.randrange(1, 5000), "quantity": 1}
        body = {
            "customer": {"id": self.rng.choice(self.customers)},
            "invoiceDate": issued,
            "dueDate": due.isoformat(),
            "invoiceLineItems": [{**line, "taxable": True}, line],
            **({"salesTaxItemId": TAX_ITEM} if self.rng.random() < 0.5 else {}),
            **({"creditAmount": self.rng.randrange(1, 90)} if self.rng.random() < 0.2 else {}),
        }
        self.book.create_invoice(body)

    def pay(self) -> None:
        invoice = self.any_invoice()
        due = invoice.get("dueAmount", Decimal(0))
        part = due if self.rng.random() < 0.5 else (due * self.rng.randrange(1, 9) / 10)
        part = part.quantize(due or Decimal(1))
        body = {
            "paymentDate": self.on(-10, 0),
            "paymentType": "CHECK",
            "amount": part + self.rng.choice([0, 0, 25]),
            "invoices": [{"id": invoice.get("id"), "amount": part}],
        }
        self.book.record_payment(body)

    def give_back(self) -> None:
        self.book.void_payment(self.rng.choice(list(self.book.payments) or [""]))

    def credit(self) -> None:
        body = {
            "customerId": self.rng.choice(self.customers),
            "referenceNumber": f"CM{len(self.book.credit_memos)}",
            "creditDate": self.on(-15, 5),
            "creditMemoLineItems": [{"price": self.rng.randrange(1, 300), "quantity": 1}],
        }
        self.book.create_credit_memo(body)

    def shelve(self) -> None:
        self.book.archive_invoice(self.any_invoice().get("id", ""))


def random_book(seed: int) -> Book:
    """The same seed writes the same book: a year of four customers in three currencies."""
    return Scribe(seed).written()


def records_of(book: Book) -> dict[str, list[Any]]:
    """A book's records by resource, as a Lineage loads them."""
    return {
        "customers": list(book.customers.values()),
        "invoices": list(book.invoices.values()),
        "receivable_payments": list(book.payments.values()),
        "credit_memos": list(book.credit_memos.values()),
    }
