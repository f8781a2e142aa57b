"""The due date of a new invoice: what its payment terms say, or else its customer's."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from etl.actions.facts import Book, Terms, known_customer
from etl.actions.shapes import NewInvoice
from etl.errors import UsageError

__all__ = ["due_by_terms", "giving_way", "with_due_date"]


def with_due_date(given: NewInvoice, book: Book) -> NewInvoice:
    """The invoice with the due date that terms give it; as it is where there are none.

    UsageError where it names another day.
    """
    terms = _terms(given, book)
    issued = given.invoice_date or book.today()
    if terms is None or issued is None:
        return given
    due = issued + timedelta(days=terms.days)
    if given.due_date not in {None, due}:
        raise UsageError(
            f"By the payment terms {terms.name} an invoice of {issued} is due on {due}, not on "
            f"{given.due_date}: leave the due date out, or name other terms."
        )
    return replace(given, invoice_date=issued, due_date=due)


def due_by_terms(given: NewInvoice, book: Book) -> tuple[str, ...]:
    """A sentence on the due date that was filled in; none where nothing was."""
    due = with_due_date(given, book).due_date
    terms = _terms(given, book)
    if terms is None or due is None or due == given.due_date:
        return ()
    return (f"It is due on {due} by the payment terms {terms.name}.",)


def giving_way(given: Mapping[str, Any], book: Book) -> dict[str, Any]:
    """An input of invoice.create whose due date was reckoned and not asked for: without it where
    the customer's payment terms give one."""
    customer = book.customer(given["customer"]["id"])
    terms = customer and customer.payment_term_id and book.terms(customer.payment_term_id)
    return {name: value for name, value in given.items() if not (terms and name == "dueDate")}


def _terms(given: NewInvoice, book: Book) -> Terms | None:
    term_id = given.payment_term_id or known_customer(book, given.customer.id).payment_term_id
    return book.terms(term_id) if term_id else None
