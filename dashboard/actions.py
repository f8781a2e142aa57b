"""The only writes of the dashboard: what an action would do, its proposal to the outbox, the
closing of a month, the views people keep, scheduled exports, and the reason of a failed payment.

All ask the Desk, which decides whether the person may. The key is made once, when a dialog
opens: pressing its button twice proposes one effect.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.reads import desk
from etl.acting.bulk import Bulk
from etl.actions.action import Preview
from etl.desk import Outcome
from etl.exports.schedule import Wanted
from etl.store.access import Who

__all__ = [
    "add_schedule",
    "approve",
    "cancel",
    "close_month",
    "enter_reason",
    "forget_view",
    "hasten_schedule",
    "new_key",
    "pause_billing",
    "preview",
    "preview_all",
    "propose",
    "propose_all",
    "remove_schedule",
    "resume_billing",
    "save_view",
]


def new_key() -> str:
    """The name of one intended effect."""
    return uuid.uuid4().hex


def preview(user_id: Who, slug: str, action: str, given: dict[str, Any]) -> Preview:
    """What the action would do, in a sentence; raises what the Desk raises where it may not."""
    return desk().preview(user_id, slug, action, given)


def propose(user_id: Who, slug: str, action: str, given: dict[str, Any], key: str) -> Outcome:
    """Puts the confirmed effect into the outbox; the back office carries it out."""
    return desk().propose(user_id, slug, action, given, key)


def preview_all(user_id: Who, slug: str, action: str, invoice_ids: Sequence[str]) -> Bulk:
    """What the action would do to several invoices, and to which of them it cannot be done."""
    givens = [{"id": invoice_id} for invoice_id in invoice_ids]
    return desk().preview_all(user_id, slug, action, givens)


def propose_all(user_id: Who, slug: str, bulk: Bulk, key: str) -> list[Outcome]:
    """Puts every effect of a bulk into the outbox, or none of them."""
    return desk().propose_all(user_id, slug, bulk, key)


def approve(user_id: Who, slug: str, receipt: int) -> Outcome:
    """Lets an action be carried out that somebody else proposed."""
    return desk().approve(user_id, slug, receipt)


def cancel(user_id: Who, slug: str, receipt: int) -> Outcome:
    """Takes back an action that was not sent."""
    return desk().cancel(user_id, slug, receipt)


def save_view(
    user_id: Who, slug: str, page: str, name: str, filters: Mapping[str, str], *, is_shared: bool
) -> None:
    """Keeps what a list is narrowed to under a name."""
    desk().views.save(user_id, slug, page, name, filters, is_shared=is_shared)


def forget_view(user_id: Who, slug: str, view_id: int) -> None:
    """Removes a view that was kept."""
    desk().views.forget(user_id, slug, view_id)


def close_month(user_id: Who, slug: str, month: str, *, again: bool) -> None:
    """Pins a month's snapshot and figures; nothing is sent to BILL."""
    desk().close_month(user_id, slug, month, again=again)


def enter_reason(user_id: Who, slug: str, payment_id: str, code: str, note: str) -> None:
    """Keeps the bank's reason of a failed payment; figures have it with the next reading."""
    desk().enter_reason(user_id, slug, payment_id, code, note)


def add_schedule(user_id: Who, slug: str, wanted: Wanted, recipients: Sequence[str]) -> None:
    """Arranges an export by mail to members."""
    desk().schedules.add(user_id, slug, wanted, recipients)


def remove_schedule(user_id: Who, slug: str, name: str) -> None:
    """Arranges it no longer."""
    desk().schedules.remove(user_id, slug, name)


def hasten_schedule(user_id: Who, slug: str, name: str) -> None:
    """Has the back office deliver it now."""
    desk().schedules.hasten(user_id, slug, name)


def pause_billing(user_id: Who, slug: str, name: str) -> None:
    """Has a billing schedule of our own issue nothing until it is resumed."""
    desk().billing.pause(user_id, slug, name)


def resume_billing(user_id: Who, slug: str, name: str) -> None:
    """Has it issue again; what fell due in the pause is left out."""
    desk().billing.resume(user_id, slug, name)
