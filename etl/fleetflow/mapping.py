"""What a tenant's mapping file says: FleetFlow's tables and columns, fees, and who is held.

TOML, read with exact numbers. Secrets are not in it: it names the variables that hold them.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from etl.billing.dispatch_fees import Contract
from etl.billing.hold_rule import HoldRule
from etl.errors import UsageError
from etl.fleetflow.webhook import is_safe

__all__ = [
    "Fees",
    "FleetMapping",
    "HoldSection",
    "InvoiceColumns",
    "LoadColumns",
    "PaymentColumns",
    "mapping_from",
    "read_mapping",
]

Name = Annotated[str, Meta(min_length=1, max_length=63)]
# Only these may be named, so that a mapping cannot carry another program's secret away.
Variable = Annotated[str, Meta(pattern="^FLEETFLOW_[A-Z0-9_]{1,50}$")]
Whole = Annotated[int, Meta(ge=1, le=10_000)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Section(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A part of the file, with these names and no others."""


class InvoiceColumns(Section):
    """Where statuses of invoices go: a column each, `id` by which a row is found."""

    table: Name
    id: Name
    status: Name
    db_schema: Name | None = msgspec.field(name="schema", default=None)
    number: Name | None = None
    customer_id: Name | None = None
    currency: Name | None = None
    total: Name | None = None
    open_amount: Name | None = None
    due_on: Name | None = None
    paid_on: Name | None = None
    failed_payment: Name | None = None
    failed_on: Name | None = None


class PaymentColumns(Section):
    """Where statuses of payments go."""

    table: Name
    id: Name
    status: Name
    db_schema: Name | None = msgspec.field(name="schema", default=None)
    customer_id: Name | None = None
    currency: Name | None = None
    amount: Name | None = None
    paid_on: Name | None = None
    failed_on: Name | None = None


class LoadColumns(Section):
    """Where loads are read; `customer` holds what `customer_by` says of BILL's customer.

    `delivered` is a day or an instant, empty while a load is under way; without a `currency`
    amounts are in the tenant's.
    """

    table: Name
    id: Name
    customer: Name
    amount: Name
    delivered: Name
    db_schema: Name | None = msgspec.field(name="schema", default=None)
    number: Name | None = None
    currency: Name | None = None


NAMES_LOAD = r"(?i)\bload\s*(?:no\.?|number|#|:)?\s*#?\s*([a-z0-9][a-z0-9._/-]*)"


class Fees(Section):
    """How dispatch fees are billed: from which delivery on, due after how many days.

    A line of an invoice names a load by what `names_load`, a pattern with one group, finds in it.
    With `bill` the week that is over is billed by itself, on a day and from an hour of the
    tenant's zone on.
    """

    start: date
    due_days: Annotated[int, Meta(ge=0, le=365)] = 7
    names_load: Annotated[str, Meta(max_length=500)] = NAMES_LOAD
    item: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    bill: Literal["weekly"] | None = None
    bill_on: Weekday = "monday"
    bill_at: Annotated[int, Meta(ge=0, le=23)] = 9


class ContractEntry(Section):
    """What a customer, or `*` for every other, pays from a day on; see Contract."""

    customer: Annotated[str, Meta(min_length=1, max_length=100)]
    since: date = msgspec.field(name="from")
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    percent: Decimal | None = None
    minimum: Decimal | None = None
    flat: Decimal | None = None


class HoldSection(Section):
    """Who is held or watched, and where the list is sent; see HoldRule."""

    unpaid: Whole | None = None
    days_late: Whole | None = None
    watch_unpaid: Whole | None = None
    watch_days_late: Whole | None = None
    webhook: Annotated[str, Meta(max_length=2000)] | None = None
    secret_from: Variable | None = None

    def rule(self) -> HoldRule:
        """The rule by itself."""
        return HoldRule(self.unpaid, self.days_late, self.watch_unpaid, self.watch_days_late)


class FleetMapping(Section):
    """A whole mapping file."""

    url_from: Variable | None = None
    customer_by: Literal["id", "account_number"] = "id"
    invoices: InvoiceColumns | None = None
    payments: PaymentColumns | None = None
    loads: LoadColumns | None = None
    fees: Fees | None = None
    contracts: tuple[ContractEntry, ...] = ()
    hold: HoldSection | None = None

    @property
    def needs_database(self) -> bool:
        """Whether anything is read from or written to FleetFlow's tables."""
        return any((self.invoices, self.payments, self.loads))

    def terms(self) -> tuple[Contract, ...]:
        """The contracts as they are priced by."""
        return tuple(
            Contract(one.customer, one.since, one.currency, one.percent, one.minimum, one.flat)
            for one in self.contracts
        )


def read_mapping(text: str) -> FleetMapping:
    """A mapping file's text; UsageError with one sentence for its first mistake."""
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"it is not TOML ({error})") from None
    return mapping_from(given)


def mapping_from(given: Mapping[str, Any]) -> FleetMapping:
    """A mapping as it was read, or as it is kept; UsageError for its first mistake."""
    try:
        mapping = msgspec.convert(given, FleetMapping)
    except msgspec.ValidationError as error:
        raise _wrong(_in_their_words(str(error))) from None
    fault = _fault(mapping)
    if fault:
        raise _wrong(fault)
    return mapping


def _wrong(what: str) -> UsageError:
    return UsageError(f"The mapping cannot be used: {what}. Nothing was changed.")


def _in_their_words(said: str) -> str:
    """`Object missing … - at `$.invoices`` with the place as the file writes it."""
    what, _, place = said.partition(" - at ")
    where = place.strip("`").removeprefix("$").removeprefix(".")
    return f"in {where}, {what[0].lower()}{what[1:]}" if where else what[0].lower() + what[1:]


def _fault(mapping: FleetMapping) -> str | None:
    if not any((mapping.needs_database, mapping.fees, mapping.hold)):
        return "it names nothing to do: give [invoices], [payments], [loads], [fees] or [hold]"
    if mapping.needs_database and mapping.url_from is None:
        return 'tables are named but no database: give url_from = "FLEETFLOW_URL"'
    if mapping.fees and not mapping.contracts:
        return "[fees] needs at least one [[contracts]]"
    if mapping.fees and not _is_pattern(mapping.fees.names_load):
        return "[fees] names_load must be a pattern with one group, like 'Load (\\d+)'"
    return _twice(mapping) or _contract_fault(mapping.terms()) or _hold_fault(mapping.hold)


def _is_pattern(text: str) -> bool:
    try:
        return re.compile(text).groups == 1
    except re.error:
        return False


def _twice(mapping: FleetMapping) -> str | None:
    for name in ("invoices", "payments", "loads"):
        section = getattr(mapping, name)
        named = [] if section is None else list(msgspec.to_builtins(section).items())
        columns = [value for field, value in named if field not in {"table", "schema"}]
        for column in columns:
            if columns.count(column) > 1:
                return f"[{name}] names the column {column} twice"
    return None


def _contract_fault(contracts: tuple[Contract, ...]) -> str | None:
    seen = set()
    for contract in contracts:
        named = f"the contract of {contract.customer} from {contract.since}"
        if contract.fault:
            return f"{named} {contract.fault}"
        if (contract.customer, contract.since) in seen:
            return f"{named} is there twice"
        seen.add((contract.customer, contract.since))
    return None


def _hold_fault(hold: HoldSection | None) -> str | None:
    if hold is None:
        return None
    if not hold.rule().holds_anybody:
        return "[hold] holds nobody: give unpaid or days_late"
    if hold.webhook and not hold.secret_from:
        return 'a webhook is signed: give [hold] secret_from = "FLEETFLOW_WEBHOOK_SECRET"'
    if hold.webhook and not is_safe(hold.webhook):
        return "[hold] webhook must be an address like https://fleetflow.example/hooks/tieout"
    return None
