"""What a book lists beside its receivables: dimensions, users, terms, accounts, attachments."""

from billcom.sandbox.resources import TIMES, Kind, Resource

_ARCHIVABLE = {"id": Kind.TEXT, "archived": Kind.FLAG, **TIMES}
_NAMED = {**_ARCHIVABLE, "name": Kind.TEXT}

# The word in the path, and what one record of it is called.
_DIMENSIONS = {
    "accounting-classes": "accounting class",
    "chart-of-accounts": "chart of account",
    "departments": "department",
    "employees": "employee",
    "items": "item",
    "jobs": "job",
    "locations": "location",
}

CLASSIFICATIONS = tuple(
    Resource(
        name=f"classifications/{name}",
        label=label,
        filterable={**_NAMED, "parentId": Kind.TEXT},
        sortable={"name": Kind.TEXT, **TIMES},
    )
    for name, label in _DIMENSIONS.items()
)
ITEMS = next(r for r in CLASSIFICATIONS if r.name == "classifications/items")
USERS = Resource(
    name="users",
    label="user",
    filterable={
        **_ARCHIVABLE,
        "email": Kind.TEXT,
        "firstName": Kind.TEXT,
        "lastName": Kind.TEXT,
    },
    sortable={"firstName": Kind.TEXT, "lastName": Kind.TEXT, **TIMES},
)
ROLES = Resource(
    name="roles",
    label="role",
    filterable={"id": Kind.TEXT, "type": Kind.TEXT},
    sortable={"type": Kind.TEXT, **TIMES},
)
ORGANIZATIONS = Resource(name="organizations", label="organization", filterable={}, sortable=TIMES)
PAYMENT_TERMS = Resource(
    name="payment-terms",
    label="payment term",
    filterable={"id": Kind.TEXT, "name": Kind.TEXT, "daysDue": Kind.NUMBER, **TIMES},
    sortable={"name": Kind.TEXT, "daysDue": Kind.NUMBER, **TIMES},
)
BANKS = Resource(
    name="funding-accounts/banks",
    label="bank account",
    filterable={**_ARCHIVABLE, "bankAccountId": Kind.TEXT},
    sortable=TIMES,
    aliases={"bankAccountId": "id"},
)
CUSTOMER_ACCOUNTS = Resource(
    name="bank-accounts", label="bank account", filterable=_ARCHIVABLE, sortable=TIMES
)
ATTACHMENTS = Resource(
    name="attachments",
    label="attachment",
    filterable={"id": Kind.TEXT, "name": Kind.TEXT, "createdTime": Kind.INSTANT},
    sortable={"name": Kind.TEXT, "createdTime": Kind.INSTANT},
)

# Each a table of its own in every book.
REGISTERS = (*CLASSIFICATIONS, USERS, ROLES, ORGANIZATIONS, PAYMENT_TERMS, BANKS)
