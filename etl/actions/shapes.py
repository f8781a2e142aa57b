"""The inputs of actions: BILL's own request bodies, and `id` for what exists.

Amounts are numbers or texts; both become Decimal. https://developer.bill.com/reference
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

__all__ = [
    "Account",
    "Address",
    "Charge",
    "Classifications",
    "ContactName",
    "Credit",
    "CustomerChange",
    "Email",
    "Fee",
    "File",
    "InvoiceChange",
    "Line",
    "Memo",
    "MemoLine",
    "Named",
    "NewCustomer",
    "NewInvoice",
    "Note",
    "Options",
    "Owner",
    "Part",
    "PaymentLink",
    "Promise",
    "Received",
    "Recipient",
    "ReplyTo",
    "Settled",
]

Id = Annotated[str, Meta(min_length=1, max_length=40)]
Short = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=4000)]
Some = Meta(min_length=1, max_length=500)


class Shape(Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A JSON object with these fields and no others."""


class Address(Shape):
    """Where a customer is billed or shipped to."""

    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    state_or_province: Text | None = None
    zip_or_postal_code: Text | None = None
    country: Text | None = None


class ContactName(Shape):
    """A customer's person."""

    first_name: Text | None = None
    last_name: Text | None = None


class CustomerFields(Shape):
    """What may be said of a customer when it is made, or changed."""

    company_name: Annotated[str, Meta(max_length=250)] | None = None
    contact: ContactName | None = None
    phone: Text | None = None
    fax: Text | None = None
    description: Text | None = None
    invoice_currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    account_type: Literal["BUSINESS", "PERSON", "NONE"] | None = None
    payment_term_id: Id | None = None
    account_number: Short | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None


class NewCustomer(CustomerFields, kw_only=True):
    """customer.create."""

    name: Short
    email: Short


class CustomerChange(CustomerFields, kw_only=True):
    """customer.update: only what is given changes."""

    id: Id
    name: Short | None = None
    email: Short | None = None


class Named(Shape):
    """One record, for archive and restore."""

    id: Id


class Classifications(Shape):
    """What an invoice or a line is filed under."""

    accounting_class_id: Id | None = None
    department_id: Id | None = None
    job_id: Id | None = None
    location_id: Id | None = None
    chart_of_account_id: Id | None = None
    item_id: Id | None = None


class Line(Shape):
    """A line of an invoice; `id` where it exists."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    description: Text | None = None
    taxable: bool | None = None
    classifications: Classifications | None = None
    id: Id | None = None


class Owner(Shape):
    """Whose invoice it is."""

    id: Id


class Options(Shape):
    """What BILL does beside making an invoice."""

    send_email: bool = False


class Fee(Shape):
    """What paying by card costs the customer."""

    percentage: Decimal


class InvoiceFields(Shape):
    """What may be said of an invoice when it is made, or changed."""

    invoice_number: Short | None = None
    invoice_date: date | None = None
    due_date: date | None = None
    payment_term_id: Id | None = None
    pay_to_chart_of_account_id: Id | None = None
    classifications: Classifications | None = None
    sales_tax_item_id: Id | None = None
    enable_card_payment: bool | None = None
    convenience_fee: Fee | None = None


class NewInvoice(InvoiceFields, kw_only=True):
    """invoice.create."""

    customer: Owner
    invoice_line_items: Annotated[tuple[Line, ...], Some]
    credit_amount: Decimal | None = None
    processing_options: Options | None = None


class InvoiceChange(InvoiceFields, kw_only=True):
    """invoice.update: only what is given changes; lines by their id."""

    id: Id
    invoice_line_items: Annotated[tuple[Line, ...], Some] | None = None


class Recipient(Shape):
    """Whom a message goes to."""

    to: Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)]


class ReplyTo(Shape):
    """Who is answered."""

    user_id: Id


class Email(Shape):
    """invoice.email."""

    id: Id
    recipient: Recipient
    reply_to: ReplyTo | None = None


class PaymentLink(Shape, kw_only=True):
    """invoice.payment_link: where its customer can pay; `email` is whom BILL expects there."""

    id: Id
    customer_id: Id
    email: Short
    return_url: Text | None = None


class Settled(Shape):
    """A part of money received, and the invoice it is for."""

    id: Id
    amount: Decimal


class Received(Shape, kw_only=True):
    """payment.record: money that came outside BILL."""

    customer_id: Id
    payment_date: date
    payment_type: Literal["CASH", "CHECK", "CREDIT_CARD", "ACH", "PAYPAL", "OTHER"]
    amount: Decimal
    invoices: Annotated[tuple[Settled, ...], Some]
    description: Text | None = None


class Account(Shape):
    """A customer's bank account."""

    id: Id
    type: Literal["BANK_ACCOUNT"] = "BANK_ACCOUNT"


class Part(Shape):
    """A part of a charge, and the invoice it is for."""

    invoice_id: Id
    amount: Decimal


class Charge(Shape, kw_only=True):
    """payment.charge: money drawn from a customer's bank account; unnamed, the only one it has."""

    customer_id: Id
    invoice_payments: Annotated[tuple[Part, ...], Some]
    funding_account: Account | None = None
    payment_date: date | None = None
    description: Text | None = None


class MemoLine(Shape):
    """A line of a credit memo: a price and a quantity, or a share of the lines above it."""

    description: Text | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    rate_percent: Decimal | None = None
    taxable: bool | None = None
    classifications: Classifications | None = None


class Memo(Shape, kw_only=True):
    """credit_memo.create."""

    customer_id: Id
    reference_number: Short
    credit_date: date
    credit_memo_line_items: Annotated[tuple[MemoLine, ...], Some]
    description: Text | None = None
    sales_tax_item_id: Id | None = None
    pay_to_chart_of_account_id: Id | None = None
    pay_to_bank_account_id: Id | None = None
    classifications: Classifications | None = None


class Credit(Shape):
    """credit_memo.apply: how much of its customer's open credit an invoice has in all."""

    id: Id
    credit_amount: Decimal


class File(Shape):
    """attachment.add: `content` in base64."""

    invoice_id: Id
    name: Short
    content: bytes


class Note(Shape):
    """customer.note."""

    customer_id: Id
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class Promise(Shape):
    """customer.promise: what a customer said it will pay, and when."""

    customer_id: Id
    promised_on: date
    amount: Decimal | None = None
    text: Annotated[str, Meta(max_length=2000)] = ""
