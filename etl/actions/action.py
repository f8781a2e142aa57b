"""What an action is: its input, what it would do, when it must not be done, and its effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from billcom.traces import Effect
from etl.actions.facts import Book, known_customer, known_invoice
from etl.errors import UsageError

__all__ = ["Action", "Preview", "body_of", "money", "previewed", "read_input", "refusal", "sum_of"]

Given = TypeVar("Given", bound=msgspec.Struct)
EXPECTED = {"open": "What is open", "total": "The total", "credited": "The credit applied"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would do, in a sentence, with what it moves.

    `subject` is the BILL id of the record it is about, empty for a new one; `amount` in `currency`,
    None where it moves no money. `expected` is what must still be so when it is carried out.
    `approval` says why a second person is asked whatever the amount.
    """

    sentence: str
    subject: str
    document: str
    amount: Decimal | None = None
    currency: str | None = None
    warnings: tuple[str, ...] = ()
    expected: Mapping[str, str] | None = None
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class Action(Generic[Given]):
    """A row of the table of actions.

    `preview` is pure, raises UsageError where the action makes no sense, and is asked again of
    BILL's own book before anything is sent. `effect` bears a mark by which it is found again; None
    for what stays here. `watched` are amounts of invoices that must not have changed meanwhile.
    `complete` adds what BILL's own book tells, just before it is sent; UsageError where it cannot.
    `link` is the address in the answer to what only asks for one: it may be sent again at will.
    """

    name: str
    shape: type[Given]
    preview: Callable[[Given, Book], Preview]
    effect: Callable[[Given, str], Effect] | None
    done: str
    watched: Callable[[Given], tuple[tuple[str, str], ...]] = lambda _given: ()
    complete: Callable[[Given, Book], Given] = lambda given, _book: given
    link: Callable[[Mapping[str, Any]], str | None] | None = None


def read_input(action: Action[Given], given: Any) -> Given:
    """An input in the action's shape; UsageError with one sentence where it does not fit."""
    try:
        return msgspec.convert(given, action.shape)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"The input of {action.name} is not as BILL takes it: {error}. Nothing was proposed."
        ) from None


def previewed(action: Action[Given], given: Given, book: Book) -> Preview:
    """What it would do, with the amounts that must still be so later."""
    found = action.preview(given, book)
    return replace(found, expected=_watched(action, given, book))


def refusal(
    action: Action[Given], given: Given, expected: Mapping[str, str], now: Book
) -> str | None:
    """Why it must not be carried out, given the book as it is now; None to go ahead."""
    try:
        action.preview(given, now)
        seen = _watched(action, given, now)
    except UsageError as error:
        return str(error)
    for name, was in expected.items():
        what, invoice_id = name.split(" ")
        if Decimal(seen[name]) != Decimal(was):
            number = known_invoice(now, invoice_id).number
            return (
                f"{EXPECTED[what]} of invoice {number} changed from {Decimal(was):,.2f} to "
                f"{Decimal(seen[name]):,.2f} after this was proposed: look at it again."
            )
    return None


def _watched(action: Action[Given], given: Given, book: Book) -> dict[str, str]:
    return {
        f"{what} {invoice_id}": str(getattr(known_invoice(book, invoice_id), what))
        for what, invoice_id in action.watched(given)
    }


def body_of(given: msgspec.Struct, *but: str) -> dict[str, Any]:
    """The input as a request's body: amounts as Decimal, days as texts, without some fields."""
    body = msgspec.to_builtins(given, builtin_types=(Decimal,))
    return {name: value for name, value in body.items() if name not in but}


def money(amount: Decimal, currency: str) -> str:
    """An amount for a sentence."""
    return f"{amount:,f} {currency}"


def sum_of(book: Book, customer_id: str, parts: Mapping[str, Decimal]) -> tuple[Decimal, str]:
    """What parts of one customer's invoices come to, and its currency.

    UsageError where a part is not more than nothing, an invoice is another customer's or archived,
    or the customer is archived.
    """
    customer = known_customer(book, customer_id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived: restore the customer first.")
    for invoice_id, part in parts.items():
        invoice = known_invoice(book, invoice_id)
        if invoice.customer_id != customer_id:
            raise UsageError(f"Invoice {invoice.number} is not one of {customer.name}'s.")
        if invoice.is_archived:
            raise UsageError(f"Invoice {invoice.number} is archived already.")
        if not part.is_finite() or part <= 0:
            raise UsageError(f"What is meant for invoice {invoice.number} must be more than 0.")
        if part > invoice.due:
            raise UsageError(
                f"{money(part, customer.currency)} is more than is due on invoice "
                f"{invoice.number}: {money(invoice.due, customer.currency)}."
            )
    return sum(parts.values(), Decimal(0)), customer.currency
