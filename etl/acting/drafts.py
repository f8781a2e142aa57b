"""What a person fills in, as an action's input."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.errors import UsageError
from etl.money import exponent_of, rounded

__all__ = ["amount_from", "charged", "received"]


def amount_from(text: str, currency: str) -> Decimal:
    """The amount that somebody typed, with thousands commas or without.

    UsageError where it is none, is not more than 0, or has more digits than the currency.
    """
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        raise UsageError(f"“{text[:40]}” is not an amount: write it like 1,250.00.") from None
    if not amount.is_finite() or amount <= 0 or amount >= Decimal(10) ** 15:
        raise UsageError("The amount must be more than 0.")
    if amount != rounded(amount, currency):
        raise UsageError(f"{currency} has {exponent_of(currency)} digits after the point.")
    return rounded(amount, currency)


def received(
    amount: Decimal, invoices: Sequence[tuple[str, Decimal]], **fields: Any
) -> dict[str, Any]:
    """`payment.record`: an amount spread over a customer's invoices in their order, each an id and
    what is open of it; what is left over stays unapplied. `fields` are BILL's others."""
    parts, left = [], amount
    for invoice_id, still_open in invoices:
        part = min(left, still_open)
        if part > 0:
            parts.append({"id": invoice_id, "amount": format(part, "f")})
        left -= part
    return {"amount": format(amount, "f"), "invoices": parts, **fields}


def charged(amount: Decimal, invoice_id: str, customer_id: str) -> dict[str, Any]:
    """`payment.charge`: an amount of one invoice, from the customer's only bank account."""
    part = {"invoiceId": invoice_id, "amount": format(amount, "f")}
    return {"customerId": customer_id, "invoicePayments": [part]}
