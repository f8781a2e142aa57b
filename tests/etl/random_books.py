"""Books written at random, through everything a sandbox lets be done to receivables."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billcom.sandbox.book import Book
from billcom.sandbox.clearing import Clearing, Outcome
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.errors import ApiError
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.world import empty_tenant

Records = dict[str, list[Any]]
FIRST, LAST = datetime(2025, 1, 6, 20, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC)
CURRENCIES = ("USD", "CAD", "JPY", "KWD")
TAX_ITEM = "0ii02TAX"
# The sandbox writes KWD in hundredths; its third digit comes from telling a tenth of them.
IN_TENTHS = "KWD"
NOT_MONEY = {"salesTaxPercentage", "quantity"}


class Scribe:
    """Writes one book, act by act, at any hour of the day; what is refused is left out.

    With `is_prompt` nothing is dated before the day it is written down, in the book's time zone,
    and what is charged clears on its own date.
    """

    def __init__(
        self,
        seed: int,
        *,
        first: datetime = FIRST,
        zone: str = "America/Los_Angeles",
        pace: timedelta = timedelta(days=8),
        is_prompt: bool = False,
    ) -> None:
        self.rng = random.Random(seed)
        self.is_prompt, self.pace = is_prompt, pace
        self.clock = SettableClock(first)
        self.book: Book = empty_tenant("alder", "Alder", self.clock, seed).book
        self.book.knobs = Knobs(time_zone=zone)
        # Banks open at nine in Los Angeles, which is tomorrow in the far west of the Pacific.
        self.outcomes = [Outcome.CLEARS, *Outcome]
        if is_prompt:
            self.book.set_clearing(Clearing(days=0))
            self.outcomes = [Outcome.RETURNS] if zone == "Pacific/Auckland" else self.outcomes
        tax = {"type": "SALES_TAX", "percentage": Decimal("8.25")}
        self.book.items.put({"id": TAX_ITEM, **tax})
        self.accounts = dict(map(self.new_customer, (*CURRENCIES, "USD")))
        self.customers = list(self.accounts)
        self.usual = (*[self.bill] * 6, *[self.pay] * 4, *[self.charge] * 4)
        self.rare = (self.give_back, self.call_off, self.credit, self.shelve, self.take_out)
        self.rare += (self.edit, self.shelve_credit)

    def new_customer(self, currency: str) -> tuple[str, str]:
        """A customer and the bank account that may be charged."""
        home = {"line1": "1 Main St", "city": "Fargo", "zipOrPostalCode": "58108"}
        body = {
            "name": f"Customer in {currency}",
            "email": "a@x.example",
            "invoiceCurrency": currency,
            "billingAddress": {**home, "stateOrProvince": "ND", "country": "US"},
        }
        customer = str(self.book.create_customer(body)["id"])
        return customer, self.book.add_bank_account(customer)

    def live(self, until: datetime) -> Book:
        """Goes on until then."""
        while self.clock() < until:
            step = timedelta(minutes=self.rng.randrange(1, self.pace // timedelta(minutes=1)))
            self.clock.set(min(self.clock() + step, until))
            if self.clock() < until:
                self.act()
        self.book.catch_up()
        return self.book

    def act(self) -> None:
        act: Callable[[], Any] = self.rng.choice(
            self.rare if self.rng.random() < 0.35 else self.usual
        )
        try:
            act()
        except ApiError:
            return

    def today(self) -> date:
        return self.book.today()

    def on(self, earliest: int, latest: int) -> str:
        days = self.rng.randrange(max(earliest, 0) if self.is_prompt else earliest, latest + 1)
        return (self.today() + timedelta(days=days)).isoformat()

    def any_invoice(self) -> Any:
        return self.rng.choice(list(self.book.invoices.values()) or [{}])

    def lines(self) -> list[dict[str, Any]]:
        line = {"price": self.rng.choice([0, self.rng.randrange(1, 5000)]), "quantity": 1}
        return [{**line, "taxable": True}, *[line] * self.rng.randrange(3)]

    def bill(self) -> None:
        issued = self.on(-20, 10)
        due = date.fromisoformat(issued) + timedelta(days=self.rng.choice([0, 7, 15, 30, 60]))
        body = {
            "customer": {"id": self.rng.choice(self.customers)},
            "invoiceDate": issued,
            "dueDate": due.isoformat(),
            "invoiceLineItems": self.lines(),
            **({"salesTaxItemId": TAX_ITEM} if self.rng.random() < 0.5 else {}),
            **({"creditAmount": self.rng.randrange(1, 90)} if self.rng.random() < 0.2 else {}),
        }
        self.book.create_invoice(body)

    def part_of(self, due: Decimal) -> Decimal:
        part = due if self.rng.random() < 0.5 else due * self.rng.randrange(1, 9) / 10
        return part.quantize(due or Decimal(1))

    def pay(self) -> None:
        invoice = self.any_invoice()
        part = self.part_of(invoice.get("dueAmount", Decimal(0)))
        body = {
            "paymentDate": self.on(-10, 0),
            "paymentType": self.rng.choice(["CHECK", "ACH", "CASH"]),
            "amount": part + self.rng.choice([0, 0, 25]),
            "invoices": [{"id": invoice.get("id"), "amount": part}],
        }
        self.book.record_payment(body)

    def charge(self) -> None:
        """Through BILL: it clears, comes back at once, or comes back after it had cleared."""
        invoice = self.any_invoice()
        customer = invoice.get("customerId", "")
        part = self.part_of(invoice.get("dueAmount", Decimal(0)))
        body = {
            "customerId": customer,
            "paymentDate": self.on(0, 6),
            "fundingAccount": {"type": "BANK_ACCOUNT", "id": self.accounts.get(customer)},
            "invoicePayments": [{"invoiceId": invoice.get("id"), "amount": part}],
        }
        self.book.decide_charges(customer, self.rng.choice(self.outcomes))
        self.book.charge_customer(body)

    def give_back(self) -> None:
        self.book.void_payment(self.rng.choice(list(self.book.payments) or [""]))

    def call_off(self) -> None:
        waiting = [p["id"] for p in self.book.payments.values() if p["status"] == "SCHEDULED"]
        self.book.cancel_payment(self.rng.choice(waiting or [""]))

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

    def take_out(self) -> None:
        shelved = [i["id"] for i in self.book.invoices.values() if i["archived"]]
        self.book.restore_invoice(self.rng.choice(shelved or [""]))

    def edit(self) -> None:
        """Other lines, and so another total."""
        invoice = self.any_invoice()
        body = {"customer": {"id": invoice.get("customerId")}, "invoiceLineItems": self.lines()}
        self.book.replace_invoice(invoice.get("id", ""), body)

    def shelve_credit(self) -> None:
        self.book.archive_credit_memo(self.rng.choice(list(self.book.credit_memos) or [""]))


def random_book(seed: int) -> Book:
    """The same seed writes the same book: a year of five customers in four currencies."""
    return Scribe(seed).live(LAST)


def records_of(book: Book, currencies: Mapping[str, str] | None = None) -> Records:
    """A book's records by resource, as a Lineage loads them, its currencies called otherwise."""
    names = {code: code for code in CURRENCIES} | dict(currencies or {})
    spoken = {c["id"]: c["invoiceCurrency"] for c in book.customers.values()}
    tables = {
        "customers": book.customers,
        "invoices": book.invoices,
        "receivable_payments": book.payments,
        "credit_memos": book.credit_memos,
    }
    return {
        name: [
            _told(record, spoken[record.get("customerId", record["id"])], names)
            for record in table.values()
        ]
        for name, table in tables.items()
    }


def _told(record: dict[str, Any], currency: str, names: Mapping[str, str]) -> dict[str, Any]:
    told = _in_tenths(record) if currency == IN_TENTHS else record
    if "invoiceCurrency" in told:
        return {**told, "invoiceCurrency": names.get(currency, currency)}
    return dict(told)


def _in_tenths(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _in_tenths(held, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_in_tenths(held) for held in value]
    if name in NOT_MONEY or not isinstance(value, Decimal):
        return value
    return (value / 10).quantize(Decimal("0.001"))
