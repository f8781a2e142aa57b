"""What a sync reads from BILL: a row a resource."""

from dataclasses import dataclass
from datetime import timedelta

from billcom.resources import (
    ACCOUNTING_CLASSES,
    CHART_OF_ACCOUNTS,
    CREDIT_MEMOS,
    CUSTOMERS,
    DEPARTMENTS,
    EMPLOYEES,
    INVOICES,
    ITEMS,
    JOBS,
    LOCATIONS,
    ORGANIZATIONS,
    PAYMENT_TERMS,
    RECEIVABLE_PAYMENTS,
    RECURRING_INVOICES,
    USERS,
    Resource,
)

__all__ = ["AMOUNTS", "MONEY_PLAN", "PLAN", "REFERENCE_PLAN", "Step"]

DAILY = timedelta(days=1)
TIMES = ("createdTime", "updatedTime")


@dataclass(frozen=True, slots=True)
class Step:
    """One resource: the field that names a record, the one that dates its last change.

    `created` dates its making: an order that changes do not touch, for reading all of them, and
    the only one of a list that BILL does not sort by change. A run survives without what
    `is_optional`: not every organization may read it.

    What has `read_every` is short and is read whole, no oftener than that; in an order only where
    BILL is known to have one (`is_sorted`). `keeps` names the fields that are kept of a record,
    None for all: what nobody needs is thrown away before anything is written.
    """

    resource: Resource
    key: str = "id"
    watermark: str = "updatedTime"
    created: str = "createdTime"
    has_archived: bool = True
    sorts_by_change: bool = True
    is_optional: bool = False
    is_sorted: bool = True
    read_every: timedelta | None = None
    keeps: tuple[str, ...] | None = None


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


def _reference(
    resource: Resource,
    keeps: tuple[str, ...] | None = None,
    *,
    is_sorted: bool = True,
    has_archived: bool = True,
) -> Step:
    return Step(
        resource,
        has_archived=has_archived,
        sorts_by_change=False,
        is_optional=True,
        is_sorted=is_sorted,
        read_every=DAILY,
        keeps=keeps,
    )


# What records of the book refer to, read before it: a run that a limit puts off goes on behind
# these, as they are not due again. Of persons and of the organization no more than
# what names them. BILL gives owner, tax number, addresses and telephone as well.
REFERENCE_PLAN = (
    _reference(PAYMENT_TERMS, is_sorted=False, has_archived=False),
    *map(_reference, (ITEMS, ACCOUNTING_CLASSES, DEPARTMENTS, LOCATIONS, JOBS, CHART_OF_ACCOUNTS)),
    _reference(
        EMPLOYEES, ("id", "archived", "firstName", "lastName", "shortName", "parentId", *TIMES)
    ),
    _reference(USERS, ("id", "archived", "firstName", "lastName", "role", *TIMES), is_sorted=False),
    _reference(
        ORGANIZATIONS,
        ("id", "archived", "name", "industry", "businessCategory", "accountType", *TIMES),
        has_archived=False,
    ),
)

# What a tie-out compares; customers and schedules bear no money.
MONEY_PLAN = tuple(step for step in PLAN if step.resource not in (CUSTOMERS, RECURRING_INVOICES))
