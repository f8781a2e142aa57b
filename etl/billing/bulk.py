"""One action on many invoices: what it would do, and of which of them it cannot be done."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from etl.billing.actions import Intent, archive_intent, email_intent
from etl.errors import UsageError

__all__ = ["MOST_AT_ONCE", "Bulk", "bulk_of", "key_of"]

MOST_AT_ONCE = 200
NO_ADDRESS = "Its customer has no e-mail address in BILL."


@dataclass(frozen=True, slots=True)
class Bulk:
    """What would be proposed, one intent an invoice; what is left out, and why.

    `open_amounts`: what is open of the invoices with an intent, a currency each.
    """

    action: str
    intents: tuple[Intent, ...]
    left_out: tuple[tuple[str, str], ...]
    open_amounts: tuple[tuple[str, Decimal], ...]


def bulk_of(action: str, invoices: Sequence[Mapping[str, Any]]) -> Bulk:
    """One preview for all; each invoice is e-mailed to its own customer."""
    intents, left_out, taken = [], [], []
    for invoice in invoices:
        try:
            intents.append(_intent(action, invoice))
            taken.append(invoice)
        except UsageError as why:
            left_out.append((str(invoice["invoice_number"]), str(why)))
    return Bulk(action, tuple(intents), tuple(left_out), _open_amounts(taken))


def _intent(action: str, invoice: Mapping[str, Any]) -> Intent:
    if action != "invoice.email":
        return archive_intent(invoice)
    if not invoice["customer_email"]:
        raise UsageError(NO_ADDRESS)
    return email_intent(invoice, invoice["customer_email"])


def _open_amounts(invoices: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, Decimal], ...]:
    amounts: dict[str, Decimal] = {}
    for invoice in invoices:
        so_far = amounts.get(invoice["currency"], Decimal(0))
        amounts[invoice["currency"]] = so_far + invoice["open_amount"]
    return tuple(sorted(amounts.items()))


def key_of(bulk_key: str, bill_id: str) -> str:
    """The key of one invoice's effect: the same bulk again names the same effects."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{bulk_key}/{bill_id}").hex
