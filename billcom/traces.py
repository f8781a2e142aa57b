"""How each kind of write can be found again in BILL's book: a table.

No write of BILL's receivables is idempotent, so after a lost answer the book is looked at before
anything is sent again (https://developer.bill.com/docs names no idempotency key for them). What
is looked for is a mark that the caller put into the body: a number, a reference, a description.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from billcom.client import Client
from billcom.errors import NotFoundError, ValidationError
from billcom.paging import Record
from billcom.protocol import Request, clause, parse_instant
from billcom.resources import (
    CREDIT_MEMOS,
    CUSTOMERS,
    INVOICES,
    RECEIVABLE_PAYMENTS,
    RECURRING_INVOICES,
    Resource,
    request_for,
)

__all__ = ["CLOCKS_DIFFER", "Effect", "has_trace", "look_for"]

CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Effect:
    """One intended write: a verb of a resource, the ids in its path, its body and parameters."""

    resource: Resource
    verb: str
    ids: Mapping[str, str]
    body: Any = None
    params: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> Request:
        """What is sent for it; ValidationError where the table of resources has no such verb."""
        return request_for(self.resource, self.verb, self.ids, body=self.body, params=self.params)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where an effect's record is listed, and the field of body and record that bears its mark.

    `is_filterable`: BILL's list can be filtered by the mark. Otherwise it is filtered by the
    instant `dated_by`, and the mark compared here.
    """

    listed: Resource
    mark: str
    is_filterable: bool = False
    dated_by: str = "createdTime"


TRACES: dict[tuple[str, str], Trace] = {
    (CUSTOMERS.name, "create"): Trace(CUSTOMERS, "accountNumber", is_filterable=True),
    (INVOICES.name, "create"): Trace(INVOICES, "invoiceNumber", is_filterable=True),
    (INVOICES.name, "record_payment"): Trace(RECEIVABLE_PAYMENTS, "description"),
    (RECEIVABLE_PAYMENTS.name, "charge"): Trace(RECEIVABLE_PAYMENTS, "description"),
    (CREDIT_MEMOS.name, "create"): Trace(CREDIT_MEMOS, "referenceNumber"),
    (RECURRING_INVOICES.name, "create"): Trace(
        RECURRING_INVOICES, "description", dated_by="updatedTime"
    ),
}
# Changes that can be read off the record itself: what is written there is read there.
SHELVED = {CUSTOMERS.name, INVOICES.name, CREDIT_MEMOS.name, RECURRING_INVOICES.name}
READ_ELSEWHERE = {"customer", "processingOptions"}  # written so, and read otherwise or not at all


def has_trace(effect: Effect) -> bool:
    """Whether the book can tell if the effect took place."""
    trace = TRACES.get((effect.resource.name, effect.verb))
    if trace:
        return isinstance(effect.body, Mapping) and bool(effect.body.get(trace.mark))
    if effect.verb in {"archive", "restore"}:
        return effect.resource.name in SHELVED
    if effect.verb in {"update", "charge_authorization"}:
        return (
            effect.resource is CUSTOMERS
            or (effect.resource is INVOICES and not READ_ELSEWHERE & set(effect.body or {}))
            or (effect.resource is RECURRING_INVOICES and not _moves_on(effect.body or {}))
        )
    return False


def _moves_on(body: Mapping[str, Any]) -> bool:
    """Whether it sets the next due date, which BILL may have moved on before it is looked at."""
    return "nextDueDate" in (body.get("schedule") or {})


def look_for(
    client: Client, effect: Effect, since: datetime, but: Collection[str] = ()
) -> Record | None:
    """The record the effect left behind since then, or None where there is none.

    A mark alone is not enough: numbers come twice, so the record must also be as young as the
    effect, of its customer, and none of the ids `but`, which others left. Raises ValidationError
    where the effect leaves no trace, and the client's errors.
    """
    trace = TRACES.get((effect.resource.name, effect.verb))
    if not has_trace(effect):
        raise ValidationError(f"{effect.verb} of {effect.resource.name} leaves no trace in BILL.")
    if trace is None:
        return _changed(client, effect)
    mark, earliest = str(effect.body[trace.mark]), since - CLOCKS_DIFFER
    if trace.is_filterable and '"' not in mark:
        narrowed = clause(trace.mark, "eq", mark)
    else:
        narrowed = clause(trace.dated_by, "gte", earliest)
    pages = client.pages(trace.listed, filters=[narrowed], sort="createdTime:asc")
    found = (record for page in pages for record in page.records)
    return next(
        (
            record
            for record in found
            if record.get(trace.mark) == mark
            and record.get("id") not in but
            and _is_of(record, effect.body, earliest)
        ),
        None,
    )


def _is_of(record: Record, body: Mapping[str, Any], earliest: datetime) -> bool:
    """Whether a record is young enough, and of the customer that the body names."""
    if not _is_young(record.get("createdTime"), earliest):
        return False
    customer = body.get("customerId") or (body.get("customer") or {}).get("id")
    return customer is None or record.get("customerId", customer) == customer


def _is_young(made: Any, earliest: datetime) -> bool:
    """Whether it was made since then, for all that BILL says of it."""
    try:
        return parse_instant(made) >= earliest
    except (TypeError, ValueError):
        return True


def _changed(client: Client, effect: Effect) -> Record | None:
    """The record, where it is as the effect would have it."""
    try:
        record: Record = client.call(request_for(effect.resource, "get", effect.ids))
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
    return bool(record == wanted) or _number(record) == _number(wanted) is not None


def _number(value: Any) -> Decimal | None:
    """BILL takes amounts as texts too, and gives them as numbers."""
    try:
        return None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


WANTED: dict[str, Callable[[Record, Any], bool]] = {
    "archive": lambda record, _body: record.get("archived") is True,
    "restore": lambda record, _body: record.get("archived") is False,
    "update": _bears,
    "charge_authorization": _bears,
}
