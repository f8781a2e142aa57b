"""Charging a customer's bank account, within what the scheme allows and the return rate bears.

A charge after one that failed counts as the same debit presented again: at most twice, within 180
days (docs/metrics.md, wasted_retries). https://www.nacha.org/rules
"""

from decimal import Decimal

from msgspec.structs import replace

from billcom.resources import RECEIVABLE_PAYMENTS
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of, money, sum_of
from etl.actions.facts import Book, Charging, Customer, known_customer, known_invoice
from etl.actions.payments import marked
from etl.actions.shapes import Account, Charge
from etl.errors import UsageError

__all__ = ["CHARGE_ACTIONS"]

MOST_RETRIES = 2
WITHIN_DAYS = 180
OVER = "one more return would be over the level of return rates"


def _charge(given: Charge, book: Book) -> Preview:
    customer = known_customer(book, given.customer_id)
    _demand_authority(customer, given.funding_account)
    parts = {part.invoice_id: part.amount for part in given.invoice_payments}
    if len(parts) != len(given.invoice_payments):
        raise UsageError("An invoice is named twice in one charge: add its parts up.")
    amount, currency = sum_of(book, customer.id, parts)
    known = {name: found for name in parts if (found := book.charging(name))}
    for invoice_id, found in known.items():
        _demand_budget(known_invoice(book, invoice_id).number, found)
    return Preview(
        f"BILL will draw {money(amount, currency)} from the bank account of {customer.name}.",
        customer.id,
        f"charge of {customer.name}",
        amount,
        currency,
        tuple(line for name, found in known.items() for line in _told(book, name, found)),
        approval=next((why for found in known.values() if (why := _over(found))), None),
    )


def _demand_authority(customer: Customer, account: Account | None) -> None:
    if customer.is_authorized is False:
        raise UsageError(
            f"{customer.name} has not authorized charges: get a written authorization, and note it "
            "in BILL."
        )
    if customer.accounts is None:
        return
    if account is None and len(customer.accounts) != 1:
        raise UsageError(
            f"{customer.name} has {len(customer.accounts)} bank accounts that can be charged: name "
            "the one that is meant, or have the customer add one in BILL."
        )
    if account is not None and account.id not in customer.accounts:
        raise UsageError(
            f"The bank account is not one of {customer.name}'s that can be charged: it is unknown, "
            "archived or not verified."
        )


def _demand_budget(number: str, known: Charging) -> None:
    if known.forbids:
        raise UsageError(f"Invoice {number} must not be charged again: {known.forbids}.")
    if known.failures > MOST_RETRIES:
        raise UsageError(
            f"Invoice {number} was charged {known.failures} times in vain: two retries are allowed."
        )
    if known.failures and known.days > WITHIN_DAYS:
        raise UsageError(
            f"Invoice {number} was first charged in vain {known.days} days ago: a retry is allowed "
            f"within {WITHIN_DAYS}."
        )


def _over(known: Charging) -> str | None:
    """Whether one more return would put the rate over its level; not by one return alone."""
    over = Decimal(known.returned + 1) > known.limit * (known.debits + 1)
    return OVER if over and known.returned else None


def _told(book: Book, invoice_id: str, known: Charging) -> tuple[str, ...]:
    number = known_invoice(book, invoice_id).number
    returned, debits = known.returned, known.debits
    said = [f"Bank debits returned: {returned} of {debits}; one more if this one is."]
    if known.failures:
        said.append(
            f"Invoice {number}: attempt {known.failures + 1} of {MOST_RETRIES + 1}, day "
            f"{known.days} of {WITHIN_DAYS}."
        )
    if known.tried:
        said.append(f"Of {known.tried} retries like this, {known.worked} succeeded.")
    return tuple(said)


def _with_account(given: Charge, book: Book) -> Charge:
    """The only account there is, where none was named."""
    if given.funding_account:
        return given
    accounts = known_customer(book, given.customer_id).accounts
    if not accounts:
        raise UsageError("BILL tells of no bank account of the customer that can be charged.")
    (only,) = accounts
    return replace(given, funding_account=Account(only))


def _charged(given: Charge, mark: str) -> Effect:
    body = body_of(given) | {"description": marked(given.description, mark)}
    if account := given.funding_account:
        body["fundingAccount"] = {"id": account.id, "type": account.type}
    return Effect(RECEIVABLE_PAYMENTS, "charge", {}, body)


CHARGE_ACTIONS = (
    Action(
        "payment.charge",
        Charge,
        _charge,
        _charged,
        "The charge is scheduled in BILL.",
        lambda given: tuple(("open", part.invoice_id) for part in given.invoice_payments),
        _with_account,
    ),
)
