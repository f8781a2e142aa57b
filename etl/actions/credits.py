"""Credit memos: created, and applied to an invoice, which BILL does by a field of the invoice."""

from decimal import Decimal

from billcom.resources import CREDIT_MEMOS, INVOICES
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of, money
from etl.actions.facts import Book, known_customer, known_invoice
from etl.actions.shapes import Credit, Memo, MemoLine
from etl.errors import UsageError
from etl.money import rounded

__all__ = ["CREDIT_ACTIONS"]


def _create(given: Memo, book: Book) -> Preview:
    customer = known_customer(book, given.customer_id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived: restore the customer first.")
    amount = Decimal(0)
    for line in given.credit_memo_line_items:
        amount += _line(line, amount, customer.currency)
    if amount <= 0:
        raise UsageError("A credit memo comes to more than 0: its lines are what is credited.")
    return Preview(
        f"BILL will credit {customer.name} {money(amount, customer.currency)}.",
        customer.id,
        given.reference_number,
        amount,
        customer.currency,
    )


def _line(line: MemoLine, above: Decimal, currency: str) -> Decimal:
    if line.rate_percent is not None and line.price is None:
        return rounded(above * line.rate_percent / 100, currency)
    if line.price is None or line.rate_percent is not None:
        raise UsageError("A line of a credit memo has a price or a ratePercent, one of them.")
    quantity = Decimal(1) if line.quantity is None else line.quantity
    return rounded(line.price * quantity, currency)


def _apply(given: Credit, book: Book) -> Preview:
    invoice = known_invoice(book, given.id)
    customer = known_customer(book, invoice.customer_id)
    if invoice.is_archived:
        raise UsageError(f"Invoice {invoice.number} is archived already.")
    more = given.credit_amount - invoice.credited
    if not given.credit_amount.is_finite() or given.credit_amount < 0:
        raise UsageError("Credit is 0 or more.")
    if more > invoice.due:
        raise UsageError(
            f"{money(more, customer.currency)} of credit is more than is due on invoice "
            f"{invoice.number}: {money(invoice.due, customer.currency)}."
        )
    return Preview(
        f"Invoice {invoice.number} will have {money(given.credit_amount, customer.currency)} of "
        f"{customer.name}'s credit; it has {money(invoice.credited, customer.currency)}.",
        invoice.id,
        invoice.number,
        abs(more),
        customer.currency,
    )


CREDIT_ACTIONS = (
    Action(
        "credit_memo.create",
        Memo,
        _create,
        lambda given, _mark: Effect(CREDIT_MEMOS, "create", {}, body_of(given)),
        "The credit memo is in BILL.",
    ),
    Action(
        "credit_memo.apply",
        Credit,
        _apply,
        lambda given, _mark: Effect(INVOICES, "update", {"id": given.id}, body_of(given, "id")),
        "The credit is applied in BILL.",
        lambda given: (("open", given.id), ("credited", given.id)),
    ),
)
