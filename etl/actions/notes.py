"""What is noted of a customer and stays here: notes and promises to pay."""

from etl.actions.action import Action, Preview, money
from etl.actions.facts import Book, known_customer
from etl.actions.shapes import Note, Promise
from etl.errors import UsageError

__all__ = ["NOTE_ACTIONS"]


def _note(given: Note, book: Book) -> Preview:
    customer = known_customer(book, given.customer_id)
    return Preview(
        f"A note on {customer.name} is kept here, not in BILL.", customer.id, customer.name
    )


def _promise(given: Promise, book: Book) -> Preview:
    customer = known_customer(book, given.customer_id)
    if given.amount is not None and (not given.amount.is_finite() or given.amount <= 0):
        raise UsageError("A promise is of more than 0, or of no amount.")
    what = "" if given.amount is None else f" {money(given.amount, customer.currency)}"
    sentence = (
        f"{customer.name} promised to pay{what} on {given.promised_on}: kept here, not in BILL."
    )
    currency = customer.currency if given.amount is not None else None
    return Preview(sentence, customer.id, customer.name, given.amount, currency)


NOTE_ACTIONS = (
    Action("customer.note", Note, _note, None, "The note is kept."),
    Action("customer.promise", Promise, _promise, None, "The promise is kept."),
)
