"""The only writes of the dashboard: what an action would do, its proposal to the outbox, and the
closing of a month.

All ask the Desk, which decides whether the person may. The key is made once, when a dialog
opens: pressing its button twice proposes one effect.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from dashboard.reads import desk
from etl.actions.action import Preview
from etl.desk import Outcome
from etl.store.access import Who

__all__ = [
    "ARCHIVE",
    "EMAIL",
    "OFFERED",
    "Offer",
    "close_month",
    "given_for",
    "new_key",
    "preview",
    "propose",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """How an action is named: on its button, as a thing to do, and once it is done."""

    action: str
    button: str
    question: str
    icon: str


EMAIL = Offer("invoice.email", "Send by e-mail", "Send this invoice by e-mail?", ":material/mail:")
ARCHIVE = Offer("invoice.archive", "Archive invoice", "Archive this invoice?", ":material/archive:")
OFFERED = {offer.action: offer for offer in (EMAIL, ARCHIVE)}


def new_key() -> str:
    """The name of one intended effect."""
    return uuid.uuid4().hex


def given_for(action: str, invoice_id: str, recipient: str = "") -> dict[str, Any]:
    """The input of an action on an invoice."""
    given: dict[str, Any] = {"id": invoice_id}
    if action == EMAIL.action:
        given["recipient"] = {"to": [recipient.strip()]}
    return given


def preview(user_id: Who, slug: str, action: str, given: dict[str, Any]) -> Preview:
    """What the action would do, in a sentence; raises what the Desk raises where it may not."""
    return desk().preview(user_id, slug, action, given)


def propose(user_id: Who, slug: str, action: str, given: dict[str, Any], key: str) -> Outcome:
    """Puts the confirmed effect into the outbox; the back office carries it out."""
    return desk().propose(user_id, slug, action, given, key)


def close_month(user_id: Who, slug: str, month: str, *, again: bool) -> None:
    """Pins a month's snapshot and figures; nothing is sent to BILL."""
    desk().close_month(user_id, slug, month, again=again)
