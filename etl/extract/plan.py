"""What a sync reads from BILL: a row a resource."""

from dataclasses import dataclass

from billcom.resources import CREDIT_MEMOS, CUSTOMERS, INVOICES, RECEIVABLE_PAYMENTS, Resource

__all__ = ["MONEY_PLAN", "PLAN", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One resource: the field that names a record, the one that dates its last change.

    `created` dates its making: an order that changes do not touch, for reading all of them.
    """

    resource: Resource
    key: str = "id"
    watermark: str = "updatedTime"
    created: str = "createdTime"
    has_archived: bool = True


# Customers first and payments before invoices: what a page of invoices refers to is then
# rarely younger than what was read before it.
PLAN = (
    Step(CUSTOMERS),
    Step(RECEIVABLE_PAYMENTS, has_archived=False),
    Step(CREDIT_MEMOS),
    Step(INVOICES),
)

# What a tie-out compares; customers bear no money.
MONEY_PLAN = tuple(step for step in PLAN if step.resource is not CUSTOMERS)
