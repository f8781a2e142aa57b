"""Judging a tenant's loads: what is billed, what is not, twice, or at another price."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from etl.back_office import BackOffice
from etl.errors import UsageError
from etl.fleetflow.billed import billed_lines
from etl.fleetflow.customers import customers_of
from etl.fleetflow.judging import Judged, Judging
from etl.fleetflow.mapping import Fees, FleetMapping
from etl.reading import Reader
from etl.store import fleet_loads, outbox
from etl.store.access import Grant
from etl.store.models import OutboxRow
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Loads", "fees_of", "judge_loads"]


def fees_of(mapping: FleetMapping) -> Fees:
    """How fees are billed; UsageError where the mapping does not say."""
    if mapping.fees is None:
        raise UsageError("The mapping has no [fees] and [[contracts]]: loads have no price.")
    return mapping.fees


@dataclass(frozen=True, slots=True)
class Loads:
    """Loads as judged; the proposals they go by, and why some of these bill nothing, by key."""

    judged: tuple[Judged, ...]
    proposals: dict[str, OutboxRow]
    nothing: dict[str, str]


def judge_loads(office: BackOffice, grant: Grant, mapping: FleetMapping, until: date) -> Loads:
    """Every load delivered from the first billed day until a day, as the last snapshot bills it.

    UsageError without [fees], NoSnapshotError before the first sync.
    """
    fees = fees_of(mapping)
    reader = Reader(office.settings, office.store)
    snapshot = reader.snapshot(grant, reader.published(grant).seq)
    with office.store.read() as session:
        loads = fleet_loads.delivered(session, grant.tenant_id, fees.start, until)
        keys = sorted({load.bill_key for load in loads if load.bill_key})
        proposals = outbox.by_keys(session, grant, keys)
    nothing = dict(_came_to_nothing(snapshot, keys, proposals))
    judging = Judging(
        mapping.terms(),
        customers_of(snapshot, mapping.customer_by),
        billed_lines(snapshot, fees.names_load, [load.number for load in loads]),
        nothing,
    )
    return Loads(tuple(judging.judge(load) for load in loads), proposals, nothing)


def _came_to_nothing(
    snapshot: Snapshot, keys: list[str], proposals: dict[str, OutboxRow]
) -> Iterator[tuple[str, str]]:
    """Why proposals do not bill their loads (any more), by key."""
    for key in keys:
        if key not in proposals:
            yield key, "its proposal was begun and not made: bill a week to make it"
    made = [row.result_id for row in proposals.values() if row.status == "done" and row.result_id]
    archived = _archived(snapshot, made)
    for key, row in proposals.items():
        if row.status in outbox.ENDED:
            yield key, f"receipt {row.receipt} is {row.status}"
        elif row.result_id in archived:
            yield key, f"the invoice of receipt {row.receipt} is archived"


def _archived(snapshot: Snapshot, invoice_ids: list[str]) -> set[str]:
    found = snapshot.rows(read_sql("acting/sql/invoice.sql"), {"ids": invoice_ids})
    return {row[0] for row in found if row[-1]}
