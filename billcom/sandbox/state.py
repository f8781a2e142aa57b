"""What one organization's book holds, and the few questions every operation asks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from billcom.sandbox.agenda import Agenda
from billcom.sandbox.arithmetic import balanced, customer_balance, number, quantum
from billcom.sandbox.changes import BookLock
from billcom.sandbox.clock import Clock, local_day, timestamp
from billcom.sandbox.errors import UnknownRecordError
from billcom.sandbox.ids import Ids
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.mfa import SecondFactors
from billcom.sandbox.owned import OwnedTables
from billcom.sandbox.registers import (
    ATTACHMENTS,
    BANKS,
    CUSTOMER_ACCOUNTS,
    ITEMS,
    ORGANIZATIONS,
    PAYMENT_TERMS,
    REGISTERS,
    ROLES,
    USERS,
)
from billcom.sandbox.resources import (
    CREDIT_MEMOS,
    CUSTOMERS,
    INVOICES,
    PAYMENTS,
    RECURRING_INVOICES,
)
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record, rows

_TAXES = frozenset({"SALES_TAX", "SALES_TAX_GROUP"})


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
        self.knobs = Knobs()
        self.ids = ids
        self.lock = BookLock()
        self.user_id = ids.new("006")
        self.bank_account_id = ids.new("bac")
        self.customers = Table(CUSTOMERS)
        self.invoices = Table(INVOICES, told=self.lock.note)
        self.payments = Table(PAYMENTS)
        self.credit_memos = Table(CREDIT_MEMOS)
        self.recurring_invoices = Table(RECURRING_INVOICES)
        registers = {resource.name: Table(resource) for resource in REGISTERS}
        self.registers = registers
        self.items = registers[ITEMS.name]
        self.users = registers[USERS.name]
        self.roles = registers[ROLES.name]
        self.organizations = registers[ORGANIZATIONS.name]
        self.payment_terms = registers[PAYMENT_TERMS.name]
        self.banks = registers[BANKS.name]
        self.bank_accounts = OwnedTables(CUSTOMER_ACCOUNTS)
        self.attachments = OwnedTables(ATTACHMENTS)
        self.agenda = Agenda()
        self.factors = SecondFactors(self.now)
        # How long BILL takes: over a new bank account, over a PDF or an upload to appear.
        self.verification_delay = timedelta(0)
        self.attachment_delay = timedelta(minutes=2)
        self.emails: list[Email] = []
        # Percentages of sales tax items that a loaded book names and does not hold.
        self.tax_rates: dict[str, Decimal] = {}
        # US dollars for one unit of each foreign currency invoiced in.
        self.exchange_rates: dict[str, Decimal] = {}
        # Which entry in an invoice's payments[] a payment's allocation is: (payment id, position
        # in its invoicePayments) to the entry's id. The wire shows no such link.
        self.links: dict[tuple[str, int], str] = {}
        # The day of the month a recurring invoice was meant for: the 31st outlives February.
        self.anchor_days: dict[str, int] = {}
        # The bytes of uploaded attachments.
        self.contents: dict[str, bytes] = {}
        # The customers invited to BILL's network: id to what the invitation has come to.
        self.invitations: dict[str, Record] = {}
        self._moment: datetime | None = None

    @property
    def tables(self) -> dict[str, Table]:
        """Every table by the name of its resource."""
        found = (
            self.customers,
            self.invoices,
            self.payments,
            self.credit_memos,
            self.recurring_invoices,
        )
        return {table.resource.name: table for table in found} | self.registers

    def now(self) -> datetime:
        """The present instant, or while the book catches up the one it has come to."""
        return self._moment or self.clock()

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """What is done within happens at `moment`."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def now_text(self) -> str:
        """The present instant as a record carries it."""
        return timestamp(self.now())

    def today(self) -> date:
        """The present day where the organization works."""
        return local_day(self.now(), self.knobs.time_zone)

    def tax_rate(self, item_id: str | None) -> Decimal | None:
        """The percentage of a sales tax item; None when it is not one."""
        item = self.items.get(item_id or "")
        if item is not None and item.get("type") in _TAXES:
            return number(item, "percentage")
        return self.tax_rates.get(item_id or "")

    def days_due(self, term_id: str | None) -> int | None:
        """The days a payment term gives; None when the book does not hold it."""
        term = self.payment_terms.get(term_id or "")
        return None if term is None else int(term["daysDue"])

    def unit(self, customer_id: str | None) -> Decimal:
        """The smallest amount of the customer's currency."""
        return quantum(self.customers.get(customer_id or "", {}).get("invoiceCurrency"))

    def balanced(self, invoice: Record, before: Record | None) -> Record:
        """The invoice with its amounts and status worked out anew; see arithmetic."""
        found = balanced(invoice, before)
        statuses = {entry.get("status") for entry in rows(found, "payments")}
        is_partly = found["status"] == "PARTIAL_PAYMENT" and number(found, "scheduledAmount") > 0
        if is_partly and "PAID" not in statuses and not number(found, "creditAmount"):
            found["status"] = self.knobs.partly_scheduled_status
        return found

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
