"""The actions on an invoice: what each would do, and when it must not be done any more."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from etl.errors import UsageError

__all__ = [
    "ACTIONS",
    "Action",
    "Intent",
    "archive_intent",
    "email_intent",
    "is_archived",
    "refusal",
]

ADDRESS = re.compile(
    r"[^@\s,;:<>\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Action:
    """A kind of effect, and what BILL calls it."""

    name: str
    verb: str


ACTIONS = {
    action.name: action
    for action in (
        Action("invoice.email", "email"),
        Action("invoice.archive", "archive"),
    )
}


@dataclass(frozen=True, slots=True)
class Intent:
    """One effect a person wants: the action, the invoice, its input, and its preview.

    `input` holds what is sent under `body`, and under `expected` what the person saw.
    """

    action: str
    bill_id: str
    document: str
    input: dict[str, Any]
    preview: str


def email_intent(invoice: Mapping[str, Any], recipient: str) -> Intent:
    """Sending an invoice by e-mail; UsageError where the address is none."""
    recipient = recipient.strip()
    if not ADDRESS.fullmatch(recipient):
        raise UsageError(f"“{recipient[:60]}” is not an e-mail address: nothing was proposed.")
    _refuse_archived(invoice)
    return Intent(
        action="invoice.email",
        bill_id=invoice["invoice_id"],
        document=invoice["invoice_number"],
        input={
            "body": {"recipient": {"to": [recipient]}},
            "expected": {"open_amount": str(invoice["bill_open_amount"])},
        },
        preview=(
            f"BILL will send invoice {invoice['invoice_number']} to {recipient}. A sent e-mail "
            "cannot be taken back."
        ),
    )


def archive_intent(invoice: Mapping[str, Any]) -> Intent:
    """Archiving an invoice, which is how BILL cancels one."""
    _refuse_archived(invoice)
    return Intent(
        action="invoice.archive",
        bill_id=invoice["invoice_id"],
        document=invoice["invoice_number"],
        input={"body": None, "expected": {"open_amount": str(invoice["bill_open_amount"])}},
        preview=(
            f"BILL will archive invoice {invoice['invoice_number']}: it leaves what "
            f"{invoice['customer']} owes. It can be restored in BILL."
        ),
    )


def _refuse_archived(invoice: Mapping[str, Any]) -> None:
    if invoice["state"] == "archived":
        raise UsageError(f"Invoice {invoice['invoice_number']} is archived already.")


def refusal(action: str, expected: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    """Why the action must not be sent, given the invoice as BILL has it now; None to go ahead.

    `record` is BILL's invoice. What a person saw and confirmed must still hold.
    """
    if is_archived(record):
        return "The invoice was archived in the meantime."
    outstanding = _amount(record.get("dueAmount")) + _amount(record.get("scheduledAmount"))
    seen = _amount(expected.get("open_amount"))
    if outstanding != seen:
        return (
            f"What is open of it changed from {seen:,.2f} to {outstanding:,.2f} after "
            f"{ACTIONS[action].verb} was proposed: look at it again."
        )
    return None


def is_archived(record: Mapping[str, Any]) -> bool:
    """Whether BILL's invoice is archived; `recordStatus` says so too, and newer."""
    return bool(record.get("archived", record.get("recordStatus") == "INACTIVE"))


def _amount(value: object) -> Decimal:
    try:
        return Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
