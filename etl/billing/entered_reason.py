"""The reason of a failed payment that a person entered, as the bank's notice gives it."""

from dataclasses import dataclass
from datetime import datetime

from etl.billing.failure_codes import FailureCode, codes_to_enter, find_code
from etl.errors import UsageError

__all__ = ["LONGEST_NOTE", "EnteredReason", "checked_code", "checked_note"]

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class EnteredReason:
    """`code` is one of the table's for the payment's method, or `unknown`: taken back."""

    reason_id: int
    payment_id: str
    code: str
    note: str | None
    entered_by: str
    entered_at: datetime


def checked_code(rail: str, name: str) -> FailureCode:
    """The row of a code that a person gives for a payment of this method; UsageError for others."""
    found = find_code(rail, name)
    if found is None or found not in codes_to_enter(rail):
        examples = ", ".join(code.code for code in codes_to_enter(rail)[:3])
        raise UsageError(
            f"“{name}” is no reason that a payment of this method fails for: give the bank's code, "
            f"such as {examples}, or unknown to take a reason back."
        )
    return found


def checked_note(note: str | None) -> str | None:
    """A note without space around it, None where nothing is left; UsageError for a long one."""
    text = (note or "").strip()
    if len(text) > LONGEST_NOTE:
        raise UsageError(f"A note has at most {LONGEST_NOTE} characters: shorten it.")
    return text or None
