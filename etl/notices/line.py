"""What a letter to a customer is made of: small frozen values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from etl.actions.facts import Customer

__all__ = ["Line", "Planned", "Withheld"]


@dataclass(frozen=True, slots=True)
class Line:
    """One document that a letter tells of.

    `document_id` is that of the payment or invoice, `invoice_id` what a link to pay is made for,
    empty where there is nothing to pay; `on` when it failed, came or is due; `note` the invoices
    that a payment paid, or why it failed.
    """

    document_id: str
    step: int
    customer_id: str
    number: str
    currency: str
    amount: Decimal
    on: date
    invoice_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter to a customer, of one kind; over a channel to a `phone`, or by mail.

    `time_zone`: of its clock, empty where that is not sure.
    """

    kind: str
    customer: Customer
    lines: tuple[Line, ...]
    channel: str = ""
    phone: str = ""
    time_zone: str = ""

    @property
    def address(self) -> str:
        """To whom, as BILL has it."""
        return self.phone or (self.customer.email or "").strip()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A customer who would be written to, and why not."""

    kind: str
    customer_id: str
    customer: str
    reason: str
    lines: tuple[Line, ...]
