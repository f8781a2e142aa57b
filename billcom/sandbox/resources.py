"""The records of receivables the sandbox lists, and what each may be filtered and sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """How a field's values compare."""

    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True)
class Resource:
    """`name` is its path; `aliases` gives filters whose field has another name in the record."""

    name: str
    label: str
    filterable: Mapping[str, Kind]
    sortable: Mapping[str, Kind]
    statuses: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the file a book is loaded from."""
        return f"{self.name.replace('/', '-')}.ndjson"


TIMES = {"createdTime": Kind.INSTANT, "updatedTime": Kind.INSTANT}

CUSTOMERS = Resource(
    name="customers",
    label="customer",
    filterable={
        "id": Kind.TEXT,
        "archived": Kind.FLAG,
        "name": Kind.TEXT,
        "email": Kind.TEXT,
        "companyName": Kind.TEXT,
        "accountNumber": Kind.TEXT,
        **TIMES,
    },
    sortable={"name": Kind.TEXT, **TIMES},
)

INVOICES = Resource(
    name="invoices",
    label="invoice",
    filterable={
        "id": Kind.TEXT,
        "archived": Kind.FLAG,
        "invoiceNumber": Kind.TEXT,
        "customerId": Kind.TEXT,
        "status": Kind.CHOICE,
        "dueDate": Kind.DAY,
        "invoiceDate": Kind.DAY,
        "totalAmount": Kind.NUMBER,
        **TIMES,
    },
    sortable={
        "invoiceDate": Kind.DAY,
        "dueDate": Kind.DAY,
        "totalAmount": Kind.NUMBER,
        **TIMES,
    },
    statuses=frozenset({"OPEN", "SCHEDULED", "PARTIAL_PAYMENT", "PAID_IN_FULL", "UNDEFINED"}),
)

PAYMENTS = Resource(
    name="receivable-payments",
    label="receivable payment",
    filterable={
        "id": Kind.TEXT,
        "customerId": Kind.TEXT,
        "status": Kind.CHOICE,
        "paymentDate": Kind.DAY,
        "amount": Kind.NUMBER,
        **TIMES,
    },
    sortable={"paymentDate": Kind.DAY, "amount": Kind.NUMBER, **TIMES},
    statuses=frozenset({"PAID", "VOID", "SCHEDULED", "CANCELED", "ESCHEATED", "UNDEFINED"}),
)

CREDIT_MEMOS = Resource(
    name="credit-memos",
    label="credit memo",
    filterable={
        "id": Kind.TEXT,
        "archived": Kind.FLAG,
        "customerId": Kind.TEXT,
        "status": Kind.CHOICE,
        "creditDate": Kind.DAY,
        "amount": Kind.NUMBER,
        **TIMES,
    },
    sortable={"creditDate": Kind.DAY, "amount": Kind.NUMBER, **TIMES},
    statuses=frozenset(
        {"NOT_APPLIED", "PARTIALLY_APPLIED", "FULLY_APPLIED", "IN_PROCESS", "UNDEFINED"}
    ),
)

RECURRING_INVOICES = Resource(
    name="recurring-invoices",
    label="recurring invoice",
    filterable={"id": Kind.TEXT, "archived": Kind.FLAG, "customerId": Kind.TEXT, **TIMES},
    sortable={"archived": Kind.FLAG, **TIMES},
)

RESOURCES = (CUSTOMERS, INVOICES, PAYMENTS, CREDIT_MEMOS, RECURRING_INVOICES)
