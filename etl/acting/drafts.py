"""What a person fills in, as an action's input."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.errors import UsageError
from etl.money import exponent_of, rounded

__all__ = ["amount_from", "charged", "owed_together", "received"]


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


def owed_together(
    open_items: Sequence[Mapping[str, Any]], invoice_ids: Sequence[str]
) -> dict[str, Any]:
    """What one payment can be for: of a customer's `open_items` those chosen, as `parts` for
    `received`, the first due first, and their sum as `open_amount`.

    UsageError where one that was chosen is not among them.
    """
    chosen = [item for item in open_items if item["invoice_id"] in invoice_ids]
    if len(chosen) < len(set(invoice_ids)):
        raise UsageError("Choose open invoices of one customer: a payment is of one.")
    chosen.sort(key=lambda item: (item["due_on"], item["invoice_id"]))
    return {
        "customer_id": chosen[0]["customer_id"],
        "currency": chosen[0]["currency"],
        "open_amount": sum((item["open_amount"] for item in chosen), Decimal(0)),
        "parts": [(item["invoice_id"], item["open_amount"]) for item in chosen],
    }


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
