"""What would be sent now, and to whom nothing would be, as plain facts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from etl.notices.composing import Composer
from etl.notices.line import Line, Planned, Withheld
from etl.notices.plan import Plan
from etl.store.access import Grant

__all__ = ["preview_of"]

LINK = "(the address to pay at, which BILL makes when it is sent)"


def preview_of(
    composer: Composer, grant: Grant, plans: Sequence[Plan], today: date
) -> dict[str, Any]:
    """The letters word by word, and the customers who get none of theirs, with the reason.

    UsageError where a template fails.
    """
    return {
        "letters": [
            _letter(composer, grant, planned, today) for plan in plans for planned in plan.letters
        ],
        "withheld": [_withheld(one) for plan in plans for one in plan.withheld],
    }


def _letter(composer: Composer, grant: Grant, planned: Planned, today: date) -> dict[str, Any]:
    links = {line.invoice_id: LINK for line in planned.lines if line.invoice_id}
    worded = composer.text_message if planned.channel else composer.letter
    words = worded(grant, planned, links, today)
    return {
        "kind": planned.kind,
        "channel": planned.channel or "mail",
        "customer_id": planned.customer.id,
        "customer": planned.customer.name,
        "to": planned.address,
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "tells": [_line(line) for line in planned.lines],
    }


def _withheld(one: Withheld) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "customer_id": one.customer_id,
        "customer": one.customer,
        "reason": one.reason,
        "tells": [_line(line) for line in one.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "document_id": line.document_id,
        "number": line.number,
        "step": line.step,
        "currency": line.currency,
        "amount": format(line.amount, "f"),
        "on": line.on.isoformat(),
    }
