"""The kinds of record BILL lists, and what can be done with each: a table."""

from dataclasses import dataclass

__all__ = [
    "CREDIT_MEMOS",
    "CUSTOMERS",
    "INVOICES",
    "RECEIVABLE_PAYMENTS",
    "RESOURCES",
    "Resource",
]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record. `actions` are POSTs below a record (`/{id}/archive`)."""

    name: str
    path: str
    actions: frozenset[str] = frozenset()


CUSTOMERS = Resource("customers", "/v3/customers", frozenset({"archive", "restore"}))
INVOICES = Resource("invoices", "/v3/invoices", frozenset({"archive", "restore", "email"}))
RECEIVABLE_PAYMENTS = Resource("receivable_payments", "/v3/receivable-payments")
CREDIT_MEMOS = Resource("credit_memos", "/v3/credit-memos", frozenset({"archive", "restore"}))

RESOURCES = {r.name: r for r in (CUSTOMERS, INVOICES, RECEIVABLE_PAYMENTS, CREDIT_MEMOS)}
