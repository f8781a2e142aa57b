"""What an action needs to know of the book, whether a snapshot or BILL itself tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from etl.errors import UsageError

__all__ = [
    "Book",
    "Charging",
    "Customer",
    "Invoice",
    "Recurring",
    "RecurringLine",
    "customer_from",
    "invoice_from",
    "known_customer",
    "known_invoice",
    "known_recurring",
    "recurring_from",
]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `is_authorized` whether it may be charged, None where that is not known.

    `accounts` are the ids of bank accounts that can be charged, None where these are not known.
    """

    id: str
    name: str
    currency: str
    is_archived: bool = False
    email: str | None = None
    is_authorized: bool | None = None
    accounts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice with its amounts; `scheduled` is on its way, `due` is neither paid nor that."""

    id: str
    number: str
    customer_id: str
    total: Decimal
    due: Decimal
    scheduled: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    is_archived: bool = False

    @property
    def open(self) -> Decimal:
        """What is outstanding of it."""
        return self.due + self.scheduled


@dataclass(frozen=True, slots=True)
class Charging:
    """What is known before an invoice is charged again.

    `failures`: earlier bank debits of it that failed, `days` since the first of them; `forbids`
    says why no further one may be made; the return rate's `returned` of `debits`, and `limit`, its
    level; `worked` of `tried` retries of this kind that succeeded.
    """

    failures: int = 0
    days: int = 0
    forbids: str | None = None
    debits: int = 0
    returned: int = 0
    limit: Decimal = Decimal(1)
    tried: int = 0
    worked: int = 0


@dataclass(frozen=True, slots=True)
class RecurringLine:
    """A line of a recurring invoice."""

    id: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Recurring:
    """A recurring invoice of BILL's; archived, it is paused."""

    id: str
    name: str
    customer_id: str
    lines: tuple[RecurringLine, ...]
    next_due: date | None = None
    is_archived: bool = False


class Book(Protocol):
    """Where facts come from; None where there is no such record."""

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice."""

    def customer(self, customer_id: str) -> Customer | None:
        """A customer."""

    def recurring(self, recurring_id: str) -> Recurring | None:
        """A recurring invoice."""

    def charging(self, invoice_id: str) -> Charging | None:
        """What is known of charging an invoice; None where this book does not tell."""


def known_invoice(book: Book, invoice_id: str) -> Invoice:
    """An invoice; UsageError where there is none."""
    found = book.invoice(invoice_id)
    if found is None:
        raise UsageError("There is no such invoice among this tenant's.")
    return found


def known_customer(book: Book, customer_id: str) -> Customer:
    """A customer; UsageError where there is none."""
    found = book.customer(customer_id)
    if found is None:
        raise UsageError("There is no such customer among this tenant's.")
    return found


def known_recurring(book: Book, recurring_id: str) -> Recurring:
    """A recurring invoice; UsageError where there is none."""
    found = book.recurring(recurring_id)
    if found is None:
        raise UsageError("There is no such recurring invoice among this tenant's.")
    return found


def invoice_from(record: Mapping[str, Any]) -> Invoice:
    """BILL's invoice."""
    return Invoice(
        id=str(record["id"]),
        number=str(record.get("invoiceNumber") or record["id"]),
        customer_id=str(record.get("customerId", "")),
        total=_amount(record.get("totalAmount")),
        due=_amount(record.get("dueAmount")),
        scheduled=_amount(record.get("scheduledAmount")),
        credited=_amount(record.get("creditAmount")),
        is_archived=_is_archived(record),
    )


def customer_from(record: Mapping[str, Any], usual_currency: str) -> Customer:
    """BILL's customer, without its bank accounts."""
    return Customer(
        id=str(record["id"]),
        name=str(record.get("name") or record["id"]),
        currency=str(record.get("invoiceCurrency") or usual_currency),
        is_archived=_is_archived(record),
        email=record.get("email"),
        is_authorized=bool(record.get("authorizedToCharge")),
    )


def recurring_from(record: Mapping[str, Any]) -> Recurring:
    """BILL's recurring invoice."""
    return Recurring(
        id=str(record["id"]),
        name=str(record.get("description") or record["id"]),
        customer_id=str(record.get("customerId", "")),
        lines=tuple(_line_from(line) for line in record.get("recurringInvoiceLineItems") or ()),
        next_due=_day(record),
        is_archived=_is_archived(record),
    )


def _line_from(line: Mapping[str, Any]) -> RecurringLine:
    """A line without a price is its amount, once."""
    price, quantity = line.get("price"), line.get("quantity", 1)
    if price is None:
        price, quantity = line.get("amount"), 1
    return RecurringLine(str(line.get("id", "")), _amount(quantity), _amount(price))


def _day(record: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str((record.get("schedule") or {}).get("nextDueDate")))
    except ValueError:
        return None


def _is_archived(record: Mapping[str, Any]) -> bool:
    """`recordStatus` says so too, and newer."""
    return bool(record.get("archived", record.get("recordStatus") == "INACTIVE"))


def _amount(value: object) -> Decimal:
    try:
        return Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
