"""What one organization's book holds, and the few questions every operation asks of it."""

import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billcom.sandbox.arithmetic import customer_balance, quantum
from billcom.sandbox.clock import Clock, local_day, timestamp
from billcom.sandbox.errors import UnknownRecordError
from billcom.sandbox.ids import Ids
from billcom.sandbox.resources import CREDIT_MEMOS, CUSTOMERS, INVOICES, PAYMENTS
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record


@dataclass(frozen=True)
class Email:
    """An invoice sent by e-mail; `sent_at` is written as BILL writes instants."""

    invoice_id: str
    recipients: tuple[str, ...]
    sent_at: str


class BookState:
    """One organization's records. Hold `lock` to look at several things at one moment."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        """An empty book that takes its time from `clock` and its ids from `ids`."""
        self.clock = clock
        self.ids = ids
        self.lock = threading.RLock()
        self.user_id = ids.new("006")
        self.bank_account_id = ids.new("bac")
        self.customers = Table(CUSTOMERS)
        self.invoices = Table(INVOICES)
        self.payments = Table(PAYMENTS)
        self.credit_memos = Table(CREDIT_MEMOS)
        self.emails: list[Email] = []
        # Sales tax items: id to percentage.
        self.tax_rates: dict[str, Decimal] = {}
        # Payment terms: id to days until due.
        self.payment_terms: dict[str, int] = {}
        # US dollars for one unit of each foreign currency invoiced in.
        self.exchange_rates: dict[str, Decimal] = {}
        # Customers' bank accounts: id to the customer's id.
        self.bank_accounts: dict[str, str] = {}
        # Which entry in an invoice's payments[] a payment's allocation is: (payment id, position
        # in its invoicePayments) to the entry's id. The wire shows no such link.
        self.links: dict[tuple[str, int], str] = {}

    @property
    def tables(self) -> dict[str, Table]:
        """The four tables by the name of their resource."""
        found = (self.customers, self.invoices, self.payments, self.credit_memos)
        return {table.resource.name: table for table in found}

    def now_text(self) -> str:
        """The present instant as a record carries it."""
        return timestamp(self.clock())

    def today(self) -> date:
        """The present day where the organization works."""
        return local_day(self.clock())

    def unit(self, customer_id: str | None) -> Decimal:
        """The smallest amount of the customer's currency."""
        return quantum(self.customers.get(customer_id or "", {}).get("invoiceCurrency"))

    def rebalance(self, customer_id: str | None) -> None:
        """Work out a customer's balance; its updatedTime stays, the customer did not change."""
        customer = self.customers.get(customer_id or "")
        if customer is None:
            return
        amount = customer_balance(
            (i for i in self.invoices.values() if i.get("customerId") == customer_id),
            (p for p in self.payments.values() if p.get("customerId") == customer_id),
            self.unit(customer_id),
        )
        if customer.get("balance", {}).get("amount") != amount:
            self.customers.put({**customer, "balance": {"amount": amount}})


def find(table: Table, record_id: str) -> Record:
    """The record with this id; raises UnknownRecordError."""
    try:
        return table[record_id]
    except KeyError:
        raise UnknownRecordError(table.resource.label, record_id) from None


def touched(state: BookState, record: Record) -> Record:
    """The record as changed just now."""
    return {**record, "updatedTime": state.now_text()}


def shelve(state: BookState, table: Table, record_id: str, *, archived: bool) -> Record:
    """Archive or restore a record; repeating it changes nothing, not even updatedTime."""
    record = find(table, record_id)
    if bool(record.get("archived")) == archived:
        return record
    changed = {**record, "archived": archived}
    if "recordStatus" in record:
        changed["recordStatus"] = "INACTIVE" if archived else "ACTIVE"
    return table.put(touched(state, changed))
