"""Writes statuses back to FleetFlow: all of the current snapshot, batch by batch.

A pass begins with the snapshot that is current then, and reads on from whichever is current later:
what changed behind its back is written by the next pass, which begins at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from etl.fleetflow.database import FleetDatabase
from etl.fleetflow.mapping import FleetMapping
from etl.fleetflow.statuses import AT_ONCE, Outgoing, outgoing, write_statuses
from etl.jobs.fleet_work import Work
from etl.reading import Reader, today_of
from etl.store.access import Grant
from etl.store.models import FleetLink

__all__ = ["Pushed", "is_push_due", "push_statuses"]

READ_AT_ONCE = 10 * AT_ONCE


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: the snapshot, rows looked at and rows written, by section."""

    seq: int
    read: dict[str, int]
    written: dict[str, int]


def is_push_due(
    grant: Grant, link: FleetLink, mapping: FleetMapping, seq: int, now: datetime
) -> bool:
    """Whether a snapshot, or a day of the tenant's, has not been told to its end yet."""
    if not outgoing(mapping):
        return False
    if link.pass_seq is not None or link.pushed_seq != seq or link.pushed_at is None:
        return True
    return today_of(grant, link.pushed_at) != today_of(grant, now)


def push_statuses(work: Work, reader: Reader) -> Pushed:
    """Goes on with the pass that was cut short, or begins one.

    FleetFlowError where FleetFlow's database fails or a table is not as mapped, NoSnapshotError
    before the first sync.
    """
    seq = reader.published(work.grant).seq
    if work.link.pass_seq is None:
        work.advance(pass_seq=seq, place="", pushed_at=work.office.clock())
    begun, _, after = work.link.place.partition(" ")
    done = Pushed(work.link.pass_seq or seq, {}, {})
    for out in outgoing(work.mapping):
        done.read[out.section] = done.written[out.section] = 0
        if begun in {"", out.section} and work.database is not None:
            _push(work, work.database, reader, out, after, done)
            begun, after = "", ""
    work.advance(pass_seq=None, place="", pushed_seq=work.link.pass_seq)
    return done


def _push(
    work: Work, database: FleetDatabase, reader: Reader, out: Outgoing, after: str, done: Pushed
) -> None:
    with database.begin() as connection:
        table = out.table(connection)
    for batch in _batches(work, reader, out, after):
        with database.begin() as connection:
            written = write_statuses(connection, table, batch)
        done.read[out.section] += len(batch)
        done.written[out.section] += written
        work.advance(place=f"{out.section} {batch[-1]['id']}")


def _batches(
    work: Work, reader: Reader, out: Outgoing, after: str
) -> Iterator[Sequence[dict[str, Any]]]:
    as_of: date = today_of(work.grant, work.office.clock())
    while True:
        snapshot = reader.snapshot(work.grant, reader.published(work.grant).seq)
        rows = out.read(snapshot, as_of, after, READ_AT_ONCE)
        for start in range(0, len(rows), AT_ONCE):
            yield rows[start : start + AT_ONCE]
        if len(rows) < READ_AT_ONCE:
            return
        after = rows[-1]["id"]
