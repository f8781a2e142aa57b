"""Dispatch fees of a week: one invoice a customer, proposed once however often this runs.

Loads are given to a key that follows from customer and week before anything is proposed, all at
once and for good; whoever comes later proposes what that key has, or finds it proposed.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from etl.acting import proposing
from etl.acting.books import SnapshotBook, published_book
from etl.actions.due_dates import giving_way
from etl.back_office import BackOffice
from etl.billing.iso_week import Week
from etl.errors import UsageError
from etl.fleetflow.invoicing import invoice_input, key_of
from etl.fleetflow.judging import Judged
from etl.fleetflow.mapping import FleetMapping
from etl.jobs.fleet_work import Work
from etl.jobs.judge_loads import Loads, fees_of, judge_loads
from etl.reading import Reader, today_of
from etl.store import fleet_loads, outbox
from etl.store.access import Grant
from etl.store.models import OutboxRow

__all__ = ["Batch", "Bill", "bill_week", "plan_week"]

MOST_LINES = 500  # that BILL takes on an invoice
MOST_ATTEMPTS = 9


@dataclass(frozen=True, slots=True)
class Bill:
    """One customer's invoice of a week, as it would be proposed, or was: then with its `row`, or
    why it was `refused`."""

    key: str
    customer_id: str
    customer: str
    currency: str
    loads: tuple[Judged, ...]
    row: OutboxRow | None = None
    refused: str = ""

    @property
    def amount(self) -> Decimal:
        """The sum of its fees."""
        return sum((one.fee or Decimal(0) for one in self.loads), Decimal(0))


@dataclass(frozen=True, slots=True)
class Batch:
    """A week's invoices, by customer's name; unbilled loads that are on none of them; and what an
    earlier run had begun and this one ended."""

    week: Week
    bills: tuple[Bill, ...]
    left_out: tuple[Judged, ...]
    taken_up: tuple[OutboxRow, ...] = ()


def plan_week(
    office: BackOffice, grant: Grant, mapping: FleetMapping, week: Week, *, again: bool = False
) -> Batch:
    """What billing a week would propose; nothing is written.

    A load that came late is on the invoice of the first week that is billed after it. `again` takes
    loads whose proposal came to nothing.
    """
    loads = judge_loads(office, grant, mapping, week.sunday)
    by_customer: dict[str, list[Judged]] = {}
    for one in loads.judged:
        if one.customer and _is_wanted(one, loads, again=again):
            by_customer.setdefault(one.customer.customer_id, []).append(one)
    known = _known(office, grant, week, list(by_customer))
    bills = [
        bill
        for ones in by_customer.values()
        if (bill := _bill(week, ones, {**loads.proposals, **known}, loads, again=again))
    ]
    bills.sort(key=lambda bill: (bill.customer, bill.customer_id))
    taken = {one.load.load_id for bill in bills for one in bill.loads}
    left = [
        one for one in loads.judged if one.state == "unbilled" and one.load.load_id not in taken
    ]
    return Batch(week, tuple(bills), tuple(left))


def _is_wanted(one: Judged, loads: Loads, *, again: bool) -> bool:
    if one.is_billable:
        return True
    key = one.load.bill_key or ""
    return again and key in loads.proposals and one.reason == loads.nothing.get(key)


def _known(
    office: BackOffice, grant: Grant, week: Week, customer_ids: Sequence[str]
) -> dict[str, OutboxRow]:
    keys = [key_of(week, one, n) for one in customer_ids for n in range(1, MOST_ATTEMPTS + 1)]
    with office.store.read() as session:
        return outbox.by_keys(session, grant, keys)


def _bill(
    week: Week, ones: Sequence[Judged], known: Mapping[str, OutboxRow], loads: Loads, *, again: bool
) -> Bill | None:
    """Under the first key that is free: a later one only after those before came to nothing."""
    customer = ones[0].customer
    if customer is None:
        return None
    for attempt in range(1, MOST_ATTEMPTS + 1):
        key = key_of(week, customer.customer_id, attempt)
        if key not in known:
            taken = tuple(ones[:MOST_LINES])
            return Bill(key, customer.customer_id, customer.name, customer.currency, taken)
        if not again or (known[key].status not in outbox.ENDED and key not in loads.nothing):
            break
    return None


def bill_week(work: Work, grant: Grant, week: Week, *, again: bool = False) -> Batch:
    """Proposes a week's invoices, each once; those proposed before are not among them.

    UsageError while the week is not over in the tenant's zone.
    """
    if today_of(grant, work.office.clock()) <= week.sunday:
        raise UsageError(
            f"{week} is not over yet in {grant.time_zone}: bill it from "
            f"{week.sunday + timedelta(days=1)} on, or see it with --dry-run."
        )
    reader = Reader(work.office.settings, work.office.store)
    book = published_book(reader, grant, work.office.clock())
    taken_up = tuple(_taken_up(work, grant, book))
    batch = plan_week(work.office, grant, work.mapping, week, again=again)
    bills = tuple(_proposed(work, grant, book, bill) for bill in batch.bills)
    return replace(batch, bills=bills, taken_up=taken_up)


def _taken_up(work: Work, grant: Grant, book: SnapshotBook) -> Iterator[OutboxRow]:
    for key in _begun(work, grant):
        with suppress(UsageError):  # its loads are told as not billed
            yield _propose(work, grant, book, key)


def _begun(work: Work, grant: Grant) -> list[str]:
    """Keys that have loads and no proposal: a process ended in between."""
    with work.office.store.read() as session:
        keys = fleet_loads.keys(session, grant.tenant_id)
        known = outbox.by_keys(session, grant, keys)
    return [key for key in keys if key not in known]


def _proposed(work: Work, grant: Grant, book: SnapshotBook, bill: Bill) -> Bill:
    with work.office.store.begin() as session:
        for old in {one.load.bill_key for one in bill.loads} - {None}:
            fleet_loads.free(session, grant.tenant_id, str(old))
        ids = [one.load.load_id for one in bill.loads]
        fleet_loads.assign(session, grant.tenant_id, bill.key, ids)
    try:
        return replace(bill, row=_propose(work, grant, book, bill.key))
    except UsageError as why:
        return replace(bill, refused=str(why))


def _propose(work: Work, grant: Grant, book: SnapshotBook, key: str) -> OutboxRow:
    work.advance()  # only who still holds the link goes on
    with work.office.store.read() as session:
        loads = fleet_loads.of_key(session, grant.tenant_id, key)
    given = invoice_input(key, fees_of(work.mapping), work.mapping.terms(), loads)
    effect = proposing.wanted("invoice.create", giving_way(given, book), key)
    return proposing.propose(work.office.store, grant, book, effect, at=work.office.clock())
