"""Every action there is, by name."""

from typing import Any

from etl.actions.action import Action
from etl.actions.attachments import ATTACHMENT_ACTIONS
from etl.actions.charges import CHARGE_ACTIONS
from etl.actions.credits import CREDIT_ACTIONS
from etl.actions.customers import CUSTOMER_ACTIONS
from etl.actions.invoices import INVOICE_ACTIONS
from etl.actions.notes import NOTE_ACTIONS
from etl.actions.payment_links import PAYMENT_LINK_ACTIONS
from etl.actions.payments import PAYMENT_ACTIONS
from etl.actions.recurring import RECURRING_ACTIONS
from etl.errors import UsageError

__all__ = ["ACTIONS", "find_action"]

TABLE: tuple[Action[Any], ...] = (
    *CUSTOMER_ACTIONS,
    *INVOICE_ACTIONS,
    *RECURRING_ACTIONS,
    *PAYMENT_LINK_ACTIONS,
    *PAYMENT_ACTIONS,
    *CHARGE_ACTIONS,
    *CREDIT_ACTIONS,
    *ATTACHMENT_ACTIONS,
    *NOTE_ACTIONS,
)
ACTIONS = {action.name: action for action in TABLE}


def find_action(name: str) -> Action[Any]:
    """An action by its name; UsageError where there is none."""
    if name not in ACTIONS:
        raise UsageError(f"There is no action “{name}”: there are {', '.join(ACTIONS)}.")
    return ACTIONS[name]
