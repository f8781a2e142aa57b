"""How each kind of write can be found again in BILL's book: a table.

No write of BILL's receivables is idempotent, so after a lost answer the book is looked at before
anything is sent again (https://developer.bill.com/docs names no idempotency key for them). What
is looked for is a mark that the caller put into the body: a number, a reference, a description.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from billcom.client import Client
from billcom.errors import NotFoundError, ValidationError
from billcom.paging import Record
from billcom.protocol import Request, clause
from billcom.resources import (
    CREDIT_MEMOS,
    CUSTOMERS,
    INVOICES,
    RECEIVABLE_PAYMENTS,
    RECURRING_INVOICES,
    Resource,
    request_for,
)

__all__ = ["Effect", "has_trace", "look_for"]

CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Effect:
    """One intended write: a verb of a resource, the ids in its path, and its body."""

    resource: Resource
    verb: str
    ids: Mapping[str, str]
    body: Any = None

    def request(self) -> Request:
        """What is sent for it; ValidationError where the table of resources has no such verb."""
        return request_for(self.resource, self.verb, self.ids, body=self.body)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where an effect's record is listed, and the field of body and record that bears its mark.

    `filters` narrow the list by what the body says; the mark itself is compared here.
    """

    listed: Resource
    mark: str
    filters: tuple[tuple[str, str], ...] = ()
    is_filterable: bool = False


TRACES: dict[tuple[str, str], Trace] = {
    (CUSTOMERS.name, "create"): Trace(CUSTOMERS, "accountNumber", is_filterable=True),
    (INVOICES.name, "create"): Trace(INVOICES, "invoiceNumber", is_filterable=True),
    (INVOICES.name, "record_payment"): Trace(
        RECEIVABLE_PAYMENTS, "description", (("customerId", "customerId"),)
    ),
    (RECEIVABLE_PAYMENTS.name, "charge"): Trace(
        RECEIVABLE_PAYMENTS, "description", (("customerId", "customerId"),)
    ),
    (CREDIT_MEMOS.name, "create"): Trace(
        CREDIT_MEMOS, "referenceNumber", (("customerId", "customerId"),)
    ),
    (RECURRING_INVOICES.name, "create"): Trace(RECURRING_INVOICES, "description"),
}


def has_trace(effect: Effect) -> bool:
    """Whether the book can tell if the effect took place."""
    trace = TRACES.get((effect.resource.name, effect.verb))
    if trace:
        return isinstance(effect.body, Mapping) and bool(effect.body.get(trace.mark))
    return effect.verb in {"archive", "restore", "update", "charge_authorization"}


def look_for(client: Client, effect: Effect, since: datetime) -> Record | None:
    """The record the effect left behind since then, or None where there is none.

    Raises ValidationError where the effect leaves none, and the client's errors.
    """
    trace = TRACES.get((effect.resource.name, effect.verb))
    if not has_trace(effect):
        raise ValidationError(f"{effect.verb} of {effect.resource.name} leaves no trace in BILL.")
    if trace is None:
        return _changed(client, effect)
    mark = str(effect.body[trace.mark])
    filters = [clause(field, "eq", str(effect.body[name])) for field, name in trace.filters]
    if trace.is_filterable and '"' not in mark:
        filters.append(clause(trace.mark, "eq", mark))
    else:
        filters.append(clause("createdTime", "gte", since - CLOCKS_DIFFER))
    pages = client.pages(trace.listed, filters=filters, sort="createdTime:asc")
    found = (record for page in pages for record in page.records)
    return next((record for record in found if record.get(trace.mark) == mark), None)


def _changed(client: Client, effect: Effect) -> Record | None:
    """The record, where it is as the effect would have it."""
    try:
        record = client.get(effect.resource, effect.ids["id"])
    except NotFoundError:
        return None
    return record if WANTED[effect.verb](record, effect.body) else None


def _bears(record: Any, wanted: Any) -> bool:
    """Whether what was sent stands in the record, fields of fields included."""
    if isinstance(wanted, Mapping) and isinstance(record, Mapping):
        return all(_bears(record.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(record, list):
        pairs = zip(record, wanted, strict=False)
        return len(record) >= len(wanted) and all(_bears(one, value) for one, value in pairs)
    return bool(record == wanted)


WANTED: dict[str, Callable[[Record, Any], bool]] = {
    "archive": lambda record, _body: record.get("archived") is True,
    "restore": lambda record, _body: record.get("archived") is False,
    "update": _bears,
    "charge_authorization": _bears,
}
