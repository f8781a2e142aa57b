"""The two books that tell facts: what was last read of BILL, and BILL itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billcom.client import Client
from billcom.errors import NotFoundError, PermissionDeniedError
from billcom.resources import (
    BANK_ACCOUNTS,
    CUSTOMERS,
    INVOICES,
    PAYMENT_TERMS,
    RECURRING_INVOICES,
    Resource,
)
from etl.actions.facts import (
    Book,
    Charging,
    Customer,
    Invoice,
    Recurring,
    RecurringLine,
    Terms,
    customer_from,
    invoice_from,
    recurring_from,
    terms_from,
)
from etl.billing.failure_codes import FailureCode, match_failure
from etl.metrics.figures import Question
from etl.metrics.retries import retry_yield
from etl.metrics.return_rates import return_rates
from etl.money import rounded
from etl.reading import Reader, today_of
from etl.store.access import Grant
from etl.store.models import Tenant
from etl.store.preferences import Preferences
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["BillBook", "SnapshotBook", "bill_book", "first_of", "published_book"]

USUAL = Preferences()
# Words for accounts that can be charged; BILL does not document them all.
NOT_CHARGEABLE = {"PENDING", "NOT_VERIFIED", "UNVERIFIED", "FAILED", "BLOCKED"}


@dataclass(frozen=True, slots=True)
class SnapshotBook:
    """A snapshot, asked on a day; a record is read once, many at once with `remember`.

    `ways` are its tenant's: whether due dates follow payment terms.
    """

    snapshot: Snapshot
    as_of: date
    ways: Preferences = USUAL
    customers: dict[str, Customer | None] = field(default_factory=dict)
    invoices: dict[str, Invoice | None] = field(default_factory=dict)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice, its amounts with its currency's digits."""
        if invoice_id not in self.invoices:
            self.remember([invoice_id])
        return self.invoices[invoice_id]

    def customer(self, customer_id: str) -> Customer | None:
        """A customer; whether it may be charged is known to BILL alone."""
        if customer_id not in self.customers:
            self._remember_customers([customer_id])
        return self.customers[customer_id]

    def remember(self, invoice_ids: Sequence[str]) -> None:
        """Reads invoices and their customers."""
        self.invoices.update(dict.fromkeys(invoice_ids))
        found = self._rows("invoice", {"ids": list(invoice_ids)})
        self._remember_customers(sorted({row[2] or "" for row in found}))
        for row in found:
            self.invoices[row[0]] = self._invoice(*row)

    def _invoice(
        self, known: str, number: str, customer_id: str | None, *amounts_and_state: Any
    ) -> Invoice:
        *amounts, is_archived = amounts_and_state
        owner = self.customers.get(customer_id or "")
        currency = owner.currency if owner else ""
        total, due, scheduled, credited = (rounded(amount, currency) for amount in amounts)
        return Invoice(
            known, number, customer_id or "", total, due, scheduled, credited, is_archived
        )

    def _remember_customers(self, customer_ids: Sequence[str]) -> None:
        self.customers.update(dict.fromkeys(customer_ids))
        for row in self._rows("customer", {"ids": list(customer_ids)}):
            known, name, currency, is_archived, email, term_id = row
            self.customers[known] = Customer(
                known, name, currency, is_archived, email, payment_term_id=term_id
            )

    def recurring(self, recurring_id: str) -> Recurring | None:
        """A recurring invoice."""
        for known, name, customer_id, next_due, is_archived, lines in self._rows(
            "recurring", {"id": recurring_id}
        ):
            own = tuple(RecurringLine(*line.values()) for line in lines)
            return Recurring(known, name, customer_id or "", own, next_due, is_archived)
        return None

    def charging(self, invoice_id: str) -> Charging | None:
        """What was tried before, and what came of it."""
        invoice = self.invoice(invoice_id)
        owner = self.customer(invoice.customer_id) if invoice else None
        if owner is None:
            return None
        asked = {"id": invoice_id, "as_of": self.as_of}
        ((failures, first_on, change, entered, said),) = self._rows("failures", asked)
        code = match_failure("ach", entered=entered, change=change, text=said).code
        known = Charging(failures, (self.as_of - first_on).days if first_on else 0)
        if failures:
            known = replace(known, forbids=_forbidding(code))
        return self._with_odds(self._with_rate(known, owner.currency), owner.currency, code)

    def terms(self, term_id: str) -> Terms | None:
        """Payment terms, where the tenant's due dates follow them."""
        found = self._rows("terms", {"id": term_id}) if self.ways.due_dates == "terms" else []
        return Terms(*found[0]) if found else None

    def today(self) -> date:
        """The day it is asked on."""
        return self.as_of

    def _with_rate(self, known: Charging, currency: str) -> Charging:
        figures = return_rates(self.snapshot, Question(as_of=self.as_of, currency=currency))
        row = next((r for r in figures.records() if r["meter"] == "overall"), None)
        if row is None:
            return known
        limit: Decimal = row["limit"]
        return replace(known, debits=row["debits"], returned=row["returned"], limit=limit)

    def _with_odds(self, known: Charging, currency: str, code: FailureCode) -> Charging:
        """Of retries of a kind: as many failures before, and of the same category."""
        figures = retry_yield(self.snapshot, Question(as_of=self.as_of, currency=currency))
        alike = [
            row
            for row in figures.records()
            if (row["rail"], row["retry"], row["category"])
            == ("ach", known.failures, code.category)
        ]
        tried = sum(row["retries"] for row in alike)
        return replace(known, tried=tried, worked=sum(row["successes"] for row in alike))

    def _rows(self, name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.snapshot.rows(read_sql(f"acting/sql/{name}.sql"), parameters)


def _forbidding(code: FailureCode) -> str | None:
    """What a bank said that forbids another charge, in words; None where nothing does."""
    if not code.is_of_a_bank or code.retry == "yes":
        return None
    return f"the bank said {code.code}, {code.meaning[0].lower()}{code.meaning[1:]}"


@dataclass(frozen=True, slots=True)
class BillBook:
    """BILL's book, as it is when it is first asked for a record: calls are few.

    `organization_id` is given where due dates follow payment terms, which BILL keeps with it.
    """

    client: Client
    usual_currency: str
    organization_id: str | None = None
    day: date | None = None
    seen: dict[str, dict[str, Any] | None] = field(default_factory=dict)

    def invoice(self, invoice_id: str) -> Invoice | None:
        """An invoice."""
        record = self._record(INVOICES, invoice_id)
        return invoice_from(record) if record else None

    def customer(self, customer_id: str) -> Customer | None:
        """A customer, with the bank accounts that can be charged where there are any."""
        record = self._record(CUSTOMERS, customer_id)
        if record is None:
            return None
        customer = customer_from(record, self.usual_currency)
        if not record.get("hasBankAccount"):
            return customer
        return replace(customer, accounts=self._accounts(customer_id))

    def recurring(self, recurring_id: str) -> Recurring | None:
        """A recurring invoice."""
        record = self._record(RECURRING_INVOICES, recurring_id)
        return recurring_from(record) if record else None

    def charging(self, _invoice_id: str) -> None:
        """BILL does not tell why charges failed."""
        return

    def terms(self, term_id: str) -> Terms | None:
        """Payment terms, where due dates follow them and BILL tells what they are."""
        if self.organization_id is None:
            return None
        try:
            record = self._record(PAYMENT_TERMS, term_id, organization_id=self.organization_id)
        except PermissionDeniedError:
            return None
        return terms_from(record) if record else None

    def today(self) -> date | None:
        """The tenant's day."""
        return self.day

    def _record(self, resource: Resource, bill_id: str, **ids: str) -> dict[str, Any] | None:
        if bill_id and bill_id not in self.seen:
            try:
                self.seen[bill_id] = self.client.get(resource, bill_id, **ids)
            except NotFoundError:
                self.seen[bill_id] = None
        return self.seen.get(bill_id)

    def _accounts(self, customer_id: str) -> frozenset[str] | None:
        try:
            pages = list(self.client.pages(BANK_ACCOUNTS, customer_id=customer_id))
        except (NotFoundError, PermissionDeniedError):
            return None
        return frozenset(
            str(account["id"])
            for page in pages
            for account in page.records
            if not account.get("archived") and account.get("status") not in NOT_CHARGEABLE
        )


def published_book(reader: Reader, grant: Grant, now: datetime) -> SnapshotBook:
    """What was last read of a tenant, asked on its day and in its ways; NoSnapshotError before its
    first sync ended."""
    snapshot = reader.snapshot(grant, reader.published(grant).seq)
    return SnapshotBook(snapshot, today_of(grant, now), grant.preferences)


def bill_book(client: Client, tenant: Tenant, now: datetime) -> BillBook:
    """BILL's book of a tenant, in its own way, on its day."""
    follows = Preferences.from_json(tenant.preferences).due_dates == "terms"
    day = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    return BillBook(client, tenant.currency, tenant.organization_id if follows else None, day)


@dataclass(frozen=True, slots=True)
class _FirstOf:
    """One book, and another for what the first does not know."""

    first: Book
    second: Book

    def invoice(self, invoice_id: str) -> Invoice | None:
        return self.first.invoice(invoice_id) or self.second.invoice(invoice_id)

    def customer(self, customer_id: str) -> Customer | None:
        return self.first.customer(customer_id) or self.second.customer(customer_id)

    def recurring(self, recurring_id: str) -> Recurring | None:
        return self.first.recurring(recurring_id) or self.second.recurring(recurring_id)

    def charging(self, invoice_id: str) -> Charging | None:
        return self.first.charging(invoice_id) or self.second.charging(invoice_id)

    def terms(self, term_id: str) -> Terms | None:
        return self.first.terms(term_id) or self.second.terms(term_id)

    def today(self) -> date | None:
        return self.first.today() or self.second.today()


def first_of(first: Book, second: Book) -> Book:
    """A book that asks the second where the first has no such record."""
    return _FirstOf(first, second)
