"""Actions on invoices: create, update, e-mail, archive, restore."""

from collections.abc import Sequence
from decimal import Decimal

from billcom.resources import INVOICES
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of, money
from etl.actions.addresses import demand_address
from etl.actions.due_dates import due_by_terms, with_due_date
from etl.actions.facts import Book, Invoice, known_customer, known_invoice
from etl.actions.shapes import Email, InvoiceChange, Line, Named, NewInvoice
from etl.errors import UsageError
from etl.money import rounded

__all__ = ["INVOICE_ACTIONS"]


def _create(given: NewInvoice, book: Book) -> Preview:
    customer = known_customer(book, given.customer.id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived: restore the customer first.")
    amount = _sum(given.invoice_line_items, customer.currency)
    if amount <= 0:
        raise UsageError("An invoice comes to more than 0: write a credit memo instead.")
    mailed = given.processing_options is not None and given.processing_options.send_email
    return Preview(
        f"BILL will bill {customer.name} {money(amount, customer.currency)}"
        + (", and send it by e-mail." if mailed else "."),
        "",
        given.invoice_number or f"new invoice of {customer.name}",
        amount,
        customer.currency,
        (
            *(("Sales tax comes on top.",) if given.sales_tax_item_id else ()),
            *due_by_terms(given, book),
        ),
    )


def _sum(lines: Sequence[Line], currency: str) -> Decimal:
    """Before tax, as BILL adds it: every line rounded, then the sum."""
    if any(line.quantity is None or line.price is None for line in lines):
        raise UsageError("Every line of a new invoice needs a quantity and a price.")
    return sum(
        (rounded((line.quantity or 0) * (line.price or Decimal(0)), currency) for line in lines),
        Decimal(0),
    )


def _created(given: NewInvoice, mark: str) -> Effect:
    return Effect(INVOICES, "create", {}, {"invoiceNumber": mark} | body_of(given))


def _update(given: InvoiceChange, book: Book) -> Preview:
    invoice = _active(book, given.id)
    changes = body_of(given, "id")
    if not changes:
        raise UsageError(f"Nothing is to change of invoice {invoice.number}: give a field.")
    if any(line.id is None for line in given.invoice_line_items or ()):
        raise UsageError("A line is changed by its id; lines cannot be added to an invoice.")
    named = ", ".join(sorted(changes))
    sentence = f"BILL will change {named} of invoice {invoice.number}."
    return _about(book, invoice, sentence, invoice.total)


def _email(given: Email, book: Book) -> Preview:
    for address in given.recipient.to:
        demand_address(address)
    invoice = _active(book, given.id)
    return Preview(
        f"BILL will send invoice {invoice.number} to {', '.join(given.recipient.to)}. A sent "
        "e-mail cannot be taken back.",
        invoice.id,
        invoice.number,
    )


def _archive(given: Named, book: Book) -> Preview:
    invoice = _active(book, given.id)
    owner = (
        known_customer(book, invoice.customer_id).name if invoice.customer_id else "its customer"
    )
    sentence = (
        f"BILL will archive invoice {invoice.number}: it leaves what {owner} owes. It can be "
        "restored in BILL."
    )
    return _about(book, invoice, sentence, invoice.open)


def _restore(given: Named, book: Book) -> Preview:
    invoice = known_invoice(book, given.id)
    if not invoice.is_archived:
        raise UsageError(f"Invoice {invoice.number} is not archived.")
    sentence = f"BILL will restore invoice {invoice.number}: it is owed again."
    return _about(book, invoice, sentence, invoice.open)


def _active(book: Book, invoice_id: str) -> Invoice:
    invoice = known_invoice(book, invoice_id)
    if invoice.is_archived:
        raise UsageError(f"Invoice {invoice.number} is archived already.")
    return invoice


def _about(book: Book, invoice: Invoice, sentence: str, amount: Decimal) -> Preview:
    owner = book.customer(invoice.customer_id)
    return Preview(sentence, invoice.id, invoice.number, amount, owner.currency if owner else None)


def _open(given: Named | Email) -> tuple[tuple[str, str], ...]:
    return (("open", given.id),)


INVOICE_ACTIONS = (
    Action(
        "invoice.create",
        NewInvoice,
        _create,
        _created,
        "The invoice is in BILL.",
        complete=with_due_date,
    ),
    Action(
        "invoice.update",
        InvoiceChange,
        _update,
        lambda given, _mark: Effect(INVOICES, "update", {"id": given.id}, body_of(given, "id")),
        "The invoice is changed in BILL.",
        lambda given: (("total", given.id), ("open", given.id)),
    ),
    Action(
        "invoice.email",
        Email,
        _email,
        lambda given, _mark: Effect(INVOICES, "email", {"id": given.id}, body_of(given, "id")),
        "BILL sent the invoice.",
        _open,
    ),
    Action(
        "invoice.archive",
        Named,
        _archive,
        lambda given, _mark: Effect(INVOICES, "archive", {"id": given.id}),
        "The invoice is archived in BILL.",
        _open,
    ),
    Action(
        "invoice.restore",
        Named,
        _restore,
        lambda given, _mark: Effect(INVOICES, "restore", {"id": given.id}),
        "The invoice is restored in BILL.",
        _open,
    ),
)
