"""Money that came outside BILL: recorded, for one or several invoices of a customer."""

from billcom.resources import INVOICES
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of, money, sum_of
from etl.actions.facts import Book, known_customer
from etl.actions.shapes import Received
from etl.errors import UsageError

__all__ = ["PAYMENT_ACTIONS", "marked"]


def _record(given: Received, book: Book) -> Preview:
    parts = {part.id: part.amount for part in given.invoices}
    if len(parts) != len(given.invoices):
        raise UsageError("An invoice is named twice in one payment: add its parts up.")
    applied, currency = sum_of(book, given.customer_id, parts)
    if not given.amount.is_finite() or given.amount < applied:
        raise UsageError(
            f"The payment of {money(given.amount, currency)} is less than its parts, "
            f"{money(applied, currency)}."
        )
    name = known_customer(book, given.customer_id).name
    left = given.amount - applied
    over = (f"{money(left, currency)} stays unapplied, as credit of {name}.",) if left else ()
    return Preview(
        f"BILL will record {money(given.amount, currency)} received from {name}.",
        given.customer_id,
        f"payment of {name}",
        given.amount,
        currency,
        over,
    )


def marked(description: str | None, mark: str) -> str:
    """A description that is found again among others like it."""
    return f"{description} ({mark})" if description else mark


def _recorded(given: Received, mark: str) -> Effect:
    body = body_of(given) | {"description": marked(given.description, mark)}
    return Effect(INVOICES, "record_payment", {}, body)


PAYMENT_ACTIONS = (
    Action(
        "payment.record",
        Received,
        _record,
        _recorded,
        "The payment is recorded in BILL.",
        lambda given: tuple(("open", part.id) for part in given.invoices),
    ),
)
