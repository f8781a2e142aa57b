"""Reads FleetFlow's loads: a pass over its table, from where the last was cut short."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from etl.back_office import BackOffice
from etl.errors import FleetFlowError, UsageError
from etl.fleetflow.load import Load, made_load
from etl.fleetflow.loads import AT_ONCE, load_table, rows_after
from etl.fleetflow.mapping import FleetMapping
from etl.jobs.fleet_work import Work
from etl.store import fleet_loads
from etl.store.access import Grant
from etl.store.models import FleetLink

__all__ = ["are_loads_due", "keep_loads", "read_loads"]

EVERY = timedelta(minutes=15)
LONGEST_ID = 100


def are_loads_due(link: FleetLink, mapping: FleetMapping, now: datetime) -> bool:
    """Whether a pass is under way, or the last is a while ago."""
    if mapping.loads is None:
        return False
    return bool(link.loads_after) or not link.loads_read_at or link.loads_read_at + EVERY <= now


def read_loads(work: Work) -> int:
    """Goes on with the pass that was cut short, or begins one; how many loads this call read.

    FleetFlowError where FleetFlow's database fails, its table is not as mapped, or suddenly lists
    none; UsageError where none is mapped.
    """
    columns, database = work.mapping.loads, work.database
    if columns is None or database is None:
        raise UsageError("The mapping names no [loads]: give them, or a file with --csv.")
    if not work.link.loads_after:
        work.advance(loads_pass=work.link.loads_pass + 1)
    with database.begin() as connection:
        table = load_table(connection, columns)
    count = 0
    while True:
        with database.begin() as connection:
            rows = rows_after(connection, table, work.link.loads_after, AT_ONCE)
        loads = [_load(work.grant, row) for row in rows]
        keep_loads(work.office, work.grant, loads, read_pass=work.link.loads_pass)
        count += len(loads)
        if len(loads) < AT_ONCE:
            break
        work.advance(loads_after=loads[-1].load_id)
    _end(work)
    return count


def _load(grant: Grant, row: Mapping[str, Any]) -> Load:
    load = made_load(row, time_zone=grant.time_zone, currency=grant.currency)
    if len(load.load_id) > LONGEST_ID:
        raise FleetFlowError(
            f"FleetFlow's load {load.load_id[:40]}… has an id of more than {LONGEST_ID} "
            "characters: map a shorter one."
        )
    return load


def keep_loads(
    office: BackOffice, grant: Grant, loads: Sequence[Load], *, read_pass: int = 0
) -> None:
    """Keeps loads; a load that is there already is the same load."""
    with office.store.begin() as session:
        rows = [asdict(load) for load in loads]
        fleet_loads.keep(session, grant.tenant_id, rows, read_pass=read_pass)


def _end(work: Work) -> None:
    """What the pass did not see is gone; where it saw none at all, nothing is believed."""
    at, tenant_id, this = work.office.clock(), work.grant.tenant_id, work.link.loads_pass
    with work.office.store.begin() as session:
        held = fleet_loads.count(session, tenant_id)
        if held and not fleet_loads.count(session, tenant_id, read_pass=this):
            raise FleetFlowError(
                f"FleetFlow lists no load where {held} are known: all are kept; look whether its "
                "table or our user's rights changed."
            )
        fleet_loads.end_pass(session, tenant_id, this, at)
    work.advance(loads_after="", loads_read_at=at)
