"""What a sync reads from BILL: a row a resource."""

from dataclasses import dataclass

from billcom.resources import (
    CREDIT_MEMOS,
    CUSTOMERS,
    INVOICES,
    RECEIVABLE_PAYMENTS,
    RECURRING_INVOICES,
    Resource,
)

__all__ = ["AMOUNTS", "MONEY_PLAN", "PLAN", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One resource: the field that names a record, the one that dates its last change.

    `created` dates its making: an order that changes do not touch, for reading all of them, and
    the only one of a list that BILL does not sort by change. A run survives without what
    `is_optional`: not every organization may read it.
    """

    resource: Resource
    key: str = "id"
    watermark: str = "updatedTime"
    created: str = "createdTime"
    has_archived: bool = True
    sorts_by_change: bool = True
    is_optional: bool = False


# Customers first and payments before invoices: what a page of invoices refers to is then
# rarely younger than what was read before it.
PLAN = (
    Step(CUSTOMERS),
    Step(RECEIVABLE_PAYMENTS, has_archived=False),
    Step(CREDIT_MEMOS),
    Step(INVOICES),
    Step(RECURRING_INVOICES, sorts_by_change=False, is_optional=True),
)

# What a full read adds up of listed records, as they say it themselves.
AMOUNTS = {
    "invoices": ("totalAmount", "dueAmount"),
    "receivable_payments": ("amount", "unappliedAmount"),
    "credit_memos": ("amount",),
}

# What a tie-out compares; customers and schedules bear no money.
MONEY_PLAN = tuple(step for step in PLAN if step.resource not in (CUSTOMERS, RECURRING_INVOICES))
