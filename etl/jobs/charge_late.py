"""Late fees: what a rule would have charged over past days, and proposals of what it charges now.

A fee is an invoice of its own under a key that follows from the late invoice and the stage, so that
it is proposed once however often this runs, and it always waits for a second person. One that was
cancelled or expired is not proposed again: it was waived.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from etl.acting import proposing
from etl.acting.books import SnapshotBook
from etl.back_office import BackOffice
from etl.billing.late_fees import Charge, Late, LateFeeRule, Stretch, charges
from etl.errors import TieoutError, UsageError
from etl.money import rounded
from etl.reading import Reader, today_of
from etl.store import late_fee_rules, outbox
from etl.store.access import Grant, command_line_grant
from etl.store.models import OutboxRow
from etl.store.tenants import all_tenants
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Fee", "preview_fees", "propose_automatically", "propose_fees"]

LOG = logging.getLogger(__name__)
PREFIX = "late-fee "
APPROVAL = "a late fee always does"
LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fee:
    """A charge and the key it goes by; once proposed with its `row`, or why it was `refused`."""

    key: str
    charge: Charge
    row: OutboxRow | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """A tenant's snapshot, the day it was read, and fees proposed before by invoice and stage."""

    snapshot: Snapshot
    today: date
    proposed: Mapping[str, Mapping[str, OutboxRow]]

    def fees(self, rule: LateFeeRule, *, with_proposed: bool) -> Iterator[Fee]:
        """Every charge up to today; those of stages proposed before only where asked for."""
        for late in _late(self, rule):
            known = {} if with_proposed else self._known(late.invoice_id)
            for charge in charges(rule, late, self.today, known):
                yield Fee(f"{PREFIX}{late.invoice_id} {charge.stage}", charge)

    def _known(self, invoice_id: str) -> dict[str, Decimal]:
        """Stages proposed before, with what was charged; nothing where that came to nothing."""
        rows = self.proposed.get(invoice_id, {})
        return {stage: _fee_of(row) for stage, row in rows.items()}

    def own_invoices(self) -> list[str]:
        """The late fees themselves: none is charged for paying one late."""
        made = (row.result_id for rows in self.proposed.values() for row in rows.values())
        return [invoice_id for invoice_id in made if invoice_id]


def _fee_of(row: OutboxRow) -> Decimal:
    if row.status in outbox.ENDED:
        return Decimal(0)
    return Decimal(str(row.input["invoiceLineItems"][0]["price"]))


def _desk(office: BackOffice, grant: Grant) -> _Desk:
    reader = Reader(office.settings, office.store)
    published = reader.published(grant)
    with office.store.read() as session:
        rows = outbox.by_prefix(session, grant, PREFIX)
    proposed: dict[str, dict[str, OutboxRow]] = {}
    for key, row in rows.items():
        _, invoice_id, stage = key.split(" ")
        proposed.setdefault(invoice_id, {})[stage] = row
    # What BILL was not asked since is not held against anybody.
    today = today_of(grant, min(published.read_at, office.clock()))
    return _Desk(reader.snapshot(grant, published.seq), today, proposed)


def _late(desk: _Desk, rule: LateFeeRule) -> Iterator[Late]:
    """Invoices beyond their grace."""
    asked = {
        "currency": rule.currency,
        "grace": rule.grace_days,
        "today": desk.today,
        "but": desk.own_invoices(),
    }
    rows = desk.snapshot.rows(read_sql("acting/sql/late_invoices.sql"), asked)
    for _, own in groupby(rows, lambda row: row[0]):
        yield _read(list(own))


def _read(rows: Sequence[tuple[Any, ...]]) -> Late:
    """An invoice of the rows of its stretches."""
    invoice_id, number, customer_id, customer, currency, due_on, total, is_archived, *_ = rows[0]
    parts = tuple(
        Stretch(since, until, rounded(amount, currency)) for *_, since, until, amount in rows
    )
    return Late(
        invoice_id,
        number,
        customer_id,
        customer,
        currency,
        due_on,
        rounded(total, currency),
        is_archived,
        parts,
    )


def preview_fees(
    office: BackOffice, grant: Grant, found: Sequence[LateFeeRule], from_on: date, to_on: date
) -> list[Fee]:
    """What rules would have charged on days of the past, had they always held; nothing is written.

    By the ledger as it was at the end of each day, due dates as BILL has them now.
    """
    desk = _desk(office, grant)
    return [
        fee
        for rule in found
        for fee in desk.fees(rule, with_proposed=True)
        if from_on <= fee.charge.charged_on <= to_on
    ]


def propose_fees(office: BackOffice, grant: Grant, *, only_automatic: bool = False) -> list[Fee]:
    """Proposes what is charged by now; what was proposed before is not among it.

    UsageError where the tenant has no rule.
    """
    with office.store.read() as session:
        rows = late_fee_rules.rules(session, grant.tenant_id)
    if not rows:
        raise UsageError(
            f"{grant.tenant_name} charges no late fees: set a rule with tieout late-fees rule."
        )
    desk = _desk(office, grant)
    book = SnapshotBook(desk.snapshot, desk.today, grant.preferences)
    return [
        _proposed(office, grant, book, fee)
        for row in rows
        if row.is_automatic or not only_automatic
        for fee in desk.fees(late_fee_rules.rule_of(row), with_proposed=False)
        if fee.charge.charged_on >= row.since and not fee.charge.late.is_archived
    ]


def _proposed(office: BackOffice, grant: Grant, book: SnapshotBook, fee: Fee) -> Fee:
    at = office.clock()
    try:
        return replace(fee, row=_propose(office, grant, book, fee, at))
    except UsageError as why:
        # Whoever was quicker may have known another day or amount: theirs is the one there is.
        with office.store.read() as session:
            row = outbox.by_keys(session, grant, [fee.key]).get(fee.key)
        return replace(fee, row=row) if row else replace(fee, refused=str(why))


def _propose(
    office: BackOffice, grant: Grant, book: SnapshotBook, fee: Fee, at: datetime
) -> OutboxRow:
    late = fee.charge.late
    customer = book.customer(late.customer_id)
    if customer and customer.currency != late.currency:
        raise UsageError(
            f"{customer.name} is billed in {customer.currency} by now: charge invoice "
            f"{late.number} by hand."
        )
    effect = proposing.wanted("invoice.create", _input(fee.charge, today_of(grant, at)), fee.key)
    return proposing.propose(
        office.store, grant, book, effect, at=at, lasts=LASTS, approval=APPROVAL
    )


def _input(charge: Charge, today: date) -> dict[str, Any]:
    late = charge.late
    lines = [_line(charge.amount, _told(charge))]
    if charge.tax:
        lines.append(_line(charge.tax, "Tax on the late fee"))
    return {
        "customer": {"id": late.customer_id},
        "invoiceDate": today.isoformat(),
        "invoiceLineItems": lines,
    }


def _line(price: Decimal, description: str) -> dict[str, Any]:
    return {"quantity": 1, "price": format(price, "f"), "description": description}


def _told(charge: Charge) -> str:
    late = charge.late
    days = "day" if charge.days == 1 else "days"
    base = f"{charge.base:,f} {late.currency}"
    told = f"Late fee on invoice {late.number}, due {late.due_on}: "
    if charge.stage == "once":
        return f"{told}{charge.days} {days} late, {base} open"
    return f"{told}{charge.days} {days} of {charge.stage}, up to {base} open"


def propose_automatically(office: BackOffice) -> None:
    """Proposes the late fees of every tenant whose rule says so; `tieout serve` asks every hour."""
    with office.store.read() as session:
        wanted = [
            command_line_grant(tenant, "tieout")
            for tenant in all_tenants(session)
            if any(row.is_automatic for row in late_fee_rules.rules(session, tenant.id))
        ]
    for grant in wanted:
        try:
            propose_fees(office, grant, only_automatic=True)
        except TieoutError as error:  # one tenant's trouble holds no other up
            LOG.warning("late fees of %s: %s", grant.tenant, error)
        except Exception:
            LOG.exception("late fees of %s broke", grant.tenant)
