"""Life going on in a book: an invoice written, a payment come in, a transfer returned."""

import random
from collections.abc import Callable, Iterable
from datetime import timedelta

from billcom.sandbox.arithmetic import number
from billcom.sandbox.bank_accounts import is_chargeable
from billcom.sandbox.book import Book
from billcom.sandbox.errors import ApiError
from billcom.sandbox.expectations import Expectations
from billcom.sandbox.names import Names, mailbox
from billcom.sandbox.values import day
from billcom.sandbox.wire import Record, rows

# What happened in one sentence, or None where the book has no occasion for it.
Event = Callable[[], str | None]


class Life:
    """The daily life of one book. Everything goes through the book's own operations."""

    def __init__(self, book: Book, rng: random.Random) -> None:
        """Chance is drawn from `rng`."""
        self._book = book
        self._rng = rng
        with book.lock:
            self._expectations = Expectations(book.invoices.values(), book.payments.values())
        self._events: tuple[tuple[Event, float], ...] = (
            (self.write_invoice, 9),
            (self.record_payment, 6),
            (self.charge_customer, 3),
            (self.clear_payment, 3),
            (self.return_payment, 1),
            (self.gain_customer, 1),
        )

    def happen(self) -> str | None:
        """Let what has fallen due happen, and one thing more; returns that in a sentence, None
        when nothing could.
        """
        self._book.catch_up()
        for event in self._in_chance_order():
            try:
                said = event()
            except ApiError:
                # A book loaded from elsewhere may refuse; then something else happens.
                continue
            if said:
                return said
        return None

    def write_invoice(self) -> str | None:
        """A customer is billed for the like of what it was billed for before."""
        model = self._any_of([i for i in self._invoices() if i.get("customerId")])
        if model is None:
            return None
        lines = [self._like(line) for line in rows(model, "invoiceLineItems")]
        body = {"customer": {"id": model["customerId"]}, "invoiceLineItems": lines}
        invoice = self._book.create_invoice({**body, "dueDate": self._due_like(model)})
        return f"invoice {invoice['invoiceNumber']} written over {invoice['totalAmount']}"

    def record_payment(self) -> str | None:
        """Somebody pays an open invoice about when and how it usually pays."""
        invoice = self._any_of(self._expected(self._open_ones()))
        if invoice is None:
            return None
        due, kind = invoice["dueAmount"], self._expectations.payment_type(invoice)
        body = {"paymentDate": self._today(), "paymentType": kind, "amount": due}
        self._book.record_payment({**body, "invoices": [{"id": invoice["id"], "amount": due}]})
        return f"{due} received for invoice {invoice.get('invoiceNumber')}"

    def charge_customer(self) -> str | None:
        """An open invoice is drawn from the customer's bank account."""
        chargeable = [i for i in self._open_ones() if self._account_of(i) is not None]
        invoice = self._any_of(self._expected(chargeable))
        if invoice is None:
            return None
        part = {"invoiceId": invoice["id"], "amount": invoice["dueAmount"]}
        account = {"id": self._account_of(invoice), "type": "BANK_ACCOUNT"}
        body = {"customerId": invoice["customerId"], "fundingAccount": account}
        self._book.charge_customer({**body, "invoicePayments": [part]})
        return f"{invoice['dueAmount']} scheduled for invoice {invoice.get('invoiceNumber')}"

    def clear_payment(self) -> str | None:
        """A transfer whose day has come arrives."""
        payment = self._any_of(
            [p for p in self._payments("SCHEDULED") if p.get("paymentDate", "") <= self._today()]
        )
        if payment is None:
            return None
        self._book.settle_payment(payment["id"])
        return f"payment {payment['id']} over {payment['amount']} cleared"

    def return_payment(self) -> str | None:
        """The bank returns a transfer, on its way or of the last two weeks."""
        since = (self._book.today() - timedelta(days=14)).isoformat()
        recent = [
            p
            for p in self._payments("PAID")
            if p.get("receivablesType") == "ACH" and p.get("paymentDate", "") >= since
        ]
        payment = self._any_of(self._payments("SCHEDULED") + recent)
        if payment is None:
            return None
        self._book.void_payment(payment["id"])
        return f"payment {payment['id']} over {payment['amount']} returned"

    def gain_customer(self) -> str | None:
        """A new customer signs up."""
        taken = tuple(str(c.get("name")) for c in self._records(self._book.customers.values))
        names = Names(self._rng, taken)
        name = names.shipper()
        city = names.city("USD")
        self._book.create_customer(
            {
                "name": name,
                "email": mailbox(name),
                "phone": names.phone(city),
                "billingAddress": names.address(city),
            }
        )
        return f"customer {name} added"

    def _in_chance_order(self) -> list[Event]:
        # The usual trick for a weighted shuffle: the greatest of random ** (1 / weight) first.
        draws = [(self._rng.random() ** (1 / weight), event) for event, weight in self._events]
        return [event for _, event in sorted(draws, key=lambda draw: draw[0], reverse=True)]

    def _records(self, values: Callable[[], Iterable[Record]]) -> list[Record]:
        with self._book.lock:
            return list(values())

    def _invoices(self) -> list[Record]:
        return [i for i in self._records(self._book.invoices.values) if not i.get("archived")]

    def _open_ones(self) -> list[Record]:
        return [i for i in self._invoices() if number(i, "dueAmount") > 0]

    def _expected(self, invoices: list[Record]) -> list[Record]:
        return self._expectations.nearest(invoices, self._book.today())

    def _payments(self, status: str) -> list[Record]:
        payments = self._records(self._book.payments.values)
        return [p for p in payments if p.get("status") == status]

    def _account_of(self, invoice: Record) -> str | None:
        customer = self._book.customers.get(invoice.get("customerId", ""), {})
        if not customer.get("authorizedToCharge"):
            return None
        accounts = self._records(self._book.bank_accounts.of(customer["id"]).values)
        return next((str(a["id"]) for a in accounts if is_chargeable(a)), None)

    def _any_of(self, records: list[Record]) -> Record | None:
        return self._rng.choice(records) if records else None

    def _today(self) -> str:
        return self._book.today().isoformat()

    def _due_like(self, model: Record) -> str:
        if not ("dueDate" in model and "invoiceDate" in model):
            return self._today()
        return (
            self._book.today() + (day(model["dueDate"]) - day(model["invoiceDate"]))
        ).isoformat()

    def _like(self, line: Record) -> Record:
        return {"quantity": 1} | {
            name: line[name] for name in ("description", "price", "quantity") if name in line
        }
