"""The kinds of record BILL keeps for receivables, and what can be done with each: one table.

A row a resource, a verb a column. Paths and methods are those of BILL's v3 reference
(https://developer.bill.com/reference); `{…}` stands for an id that the caller gives by that name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from billcom.errors import ValidationError
from billcom.protocol import Host, Request, Shape

__all__ = [
    "ACCOUNTING_CLASSES",
    "ATTACHMENTS",
    "BANK_ACCOUNTS",
    "CHART_OF_ACCOUNTS",
    "CREDIT_MEMOS",
    "CUSTOMERS",
    "CUSTOMER_ATTACHMENTS",
    "DEPARTMENTS",
    "EMPLOYEES",
    "EVENTS",
    "INVOICES",
    "INVOICE_ATTACHMENTS",
    "ITEMS",
    "JOBS",
    "LOCATIONS",
    "ORGANIZATIONS",
    "PAYMENT_TERMS",
    "RECEIVABLE_PAYMENTS",
    "RECURRING_INVOICES",
    "RESOURCES",
    "SESSIONS",
    "SUBSCRIPTIONS",
    "TABLE",
    "USERS",
    "Resource",
    "Verb",
    "request_for",
]

MOST_AT_ONCE = 50  # https://developer.bill.com/docs: bulk operations


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done. `path` follows the resource's own.

    `is_keyed`: BILL takes an idempotency key with it, and does no more than once what comes twice.
    """

    name: str
    method: str
    path: str = ""
    shape: Shape = Shape.RECORD
    is_keyed: bool = False


LIST = Verb("list", "GET", shape=Shape.PAGE)
GET = Verb("get", "GET", "/{id}")
CREATE = Verb("create", "POST")
REPLACE = Verb("replace", "PUT", "/{id}")
UPDATE = Verb("update", "PATCH", "/{id}")
DELETE = Verb("delete", "DELETE", "/{id}", Shape.ANY)
ARCHIVE = Verb("archive", "POST", "/{id}/archive")
RESTORE = Verb("restore", "POST", "/{id}/restore")
BULK_CREATE = Verb("bulk_create", "POST", "/bulk", Shape.RECORDS)
BULK_REPLACE = Verb("bulk_replace", "PUT", "/bulk", Shape.RECORDS)
BULK_UPDATE = Verb("bulk_update", "PATCH", "/bulk", Shape.RECORDS)
BULK_ARCHIVE = Verb("bulk_archive", "POST", "/bulk/archive", Shape.RECORDS)
BULK_RESTORE = Verb("bulk_restore", "POST", "/bulk/restore", Shape.RECORDS)

READ = (LIST, GET)
SHELVE = (ARCHIVE, RESTORE)
BULK_SHELVE = (BULK_ARCHIVE, BULK_RESTORE)


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record and its verbs by name."""

    name: str
    path: str
    verbs: Mapping[str, Verb]
    host: Host = Host.CONNECT


def _row(name: str, path: str, *verbs: Verb, host: Host = Host.CONNECT) -> Resource:
    return Resource(name, path, {verb.name: verb for verb in verbs}, host)


def _dimension(name: str) -> Resource:
    path = f"/v3/classifications/{name.replace('_', '-')}"
    return _row(name, path, *READ, CREATE, UPDATE, *SHELVE, BULK_CREATE, BULK_UPDATE, *BULK_SHELVE)


CUSTOMERS = _row(
    "customers",
    "/v3/customers",
    *READ,
    CREATE,
    UPDATE,
    *SHELVE,
    Verb("charge_authorization", "POST", "/{id}/charge-authorization"),
)
BANK_ACCOUNTS = _row(
    "bank_accounts", "/v3/customers/{customer_id}/bank-accounts", *READ, CREATE, UPDATE, ARCHIVE
)
INVOICES = _row(
    "invoices",
    "/v3/invoices",
    *READ,
    CREATE,
    REPLACE,
    UPDATE,
    *SHELVE,
    Verb("email", "POST", "/{id}/email", Shape.ANY),
    Verb("payment_link", "POST", "/{id}/payment-link"),
    Verb("record_payment", "POST", "/record-payment"),
)
RECEIVABLE_PAYMENTS = _row(
    "receivable_payments", "/v3/receivable-payments", *READ, Verb("charge", "POST")
)
CREDIT_MEMOS = _row(
    "credit_memos",
    "/v3/credit-memos",
    *READ,
    CREATE,
    REPLACE,
    UPDATE,
    *SHELVE,
    BULK_CREATE,
    BULK_REPLACE,
    BULK_UPDATE,
    *BULK_SHELVE,
)
RECURRING_INVOICES = _row(
    "recurring_invoices", "/v3/recurring-invoices", *READ, CREATE, REPLACE, UPDATE, *SHELVE
)
PAYMENT_TERMS = _row(
    "payment_terms", "/v3/organizations/{organization_id}/payment-terms", *READ, CREATE
)
ORGANIZATIONS = _row("organizations", "/v3/organizations", GET, UPDATE)
USERS = _row("users", "/v3/users", *READ, CREATE, UPDATE, *SHELVE)
ITEMS = _dimension("items")
CHART_OF_ACCOUNTS = _dimension("chart_of_accounts")
ACCOUNTING_CLASSES = _dimension("accounting_classes")
DEPARTMENTS = _dimension("departments")
LOCATIONS = _dimension("locations")
JOBS = _dimension("jobs")
EMPLOYEES = _dimension("employees")
INVOICE_ATTACHMENTS = _row(
    "invoice_attachments", "/v3/attachments/invoices/{invoice_id}", LIST, Verb("upload", "POST")
)
CUSTOMER_ATTACHMENTS = _row(
    "customer_attachments", "/v3/attachments/customers/{customer_id}", LIST, Verb("upload", "POST")
)
ATTACHMENTS = _row("attachments", "/v3/attachments", GET, DELETE)
SESSIONS = _row(
    "sessions",
    "/v3",
    Verb("show", "GET", "/login/session"),
    Verb("log_out", "POST", "/logout", Shape.ANY),
)
SUBSCRIPTIONS = _row(
    "subscriptions",
    "/v3/subscriptions",
    *READ,
    Verb("create", "POST", is_keyed=True),
    REPLACE,
    UPDATE,
    DELETE,
    Verb("new_security_key", "POST", "/{id}/security_key", is_keyed=True),
    Verb("test", "POST", "/{id}/test"),
    host=Host.EVENTS,
)
EVENTS = _row(
    "events",
    "/v3/events",
    Verb("catalog", "GET", "/catalog", Shape.LIST),
    Verb("list", "GET", "/subscription/{subscription_id}", Shape.PAGE),
    Verb("resend", "POST", "/subscription/{subscription_id}/event/{id}"),
    host=Host.EVENTS,
)

TABLE = (
    CUSTOMERS,
    BANK_ACCOUNTS,
    INVOICES,
    RECEIVABLE_PAYMENTS,
    CREDIT_MEMOS,
    RECURRING_INVOICES,
    PAYMENT_TERMS,
    ORGANIZATIONS,
    USERS,
    ITEMS,
    CHART_OF_ACCOUNTS,
    ACCOUNTING_CLASSES,
    DEPARTMENTS,
    LOCATIONS,
    JOBS,
    EMPLOYEES,
    INVOICE_ATTACHMENTS,
    CUSTOMER_ATTACHMENTS,
    ATTACHMENTS,
    SESSIONS,
    SUBSCRIPTIONS,
    EVENTS,
)
RESOURCES = {resource.name: resource for resource in TABLE}


def request_for(
    resource: Resource,
    verb: str,
    ids: Mapping[str, str] | None = None,
    *,
    body: Any = None,
    params: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Request:
    """The request that does `verb` to the record that `ids` name.

    `key`: the UUID4 of a keyed verb that was asked for before, which BILL then answers as before.
    Raises ValidationError where the table has no such verb, an id is missing or too much, or a
    bulk holds more than fifty records.
    """
    chosen = resource.verbs.get(verb)
    if chosen is None:
        raise ValidationError(f"BILL knows no “{verb}” of {resource.name}.")
    if isinstance(body, list) and len(body) > MOST_AT_ONCE:
        raise ValidationError(f"BILL takes at most {MOST_AT_ONCE} records at once.")
    template = resource.path + chosen.path
    return Request(
        chosen.method,
        _filled(template, ids or {}),
        params=params or {},
        body=body,
        headers={"x-idempotent-key": key or str(uuid4())} if chosen.is_keyed else {},
        host=resource.host,
        shape=chosen.shape,
        is_repeatable=chosen.is_keyed,
        endpoint=f"{chosen.method} {template}",
    )


def _filled(template: str, ids: Mapping[str, str]) -> str:
    try:
        path = template.format(**{name: quote(value, safe="") for name, value in ids.items()})
    except KeyError as missing:
        raise ValidationError(f"{template} needs the id {missing}.") from None
    unused = [name for name in ids if f"{{{name}}}" not in template]
    if unused or not all(ids.values()):
        raise ValidationError(f"{template} takes no empty id, and none named {unused}.")
    return path
