"""How far each resource has been read, kept in the writer's file beside the rows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from etl.errors import StoreError
from etl.extract.plan import Step
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import read_sql

__all__ = [
    "Progress",
    "claim_lineage",
    "holds",
    "note_finished",
    "note_probe",
    "note_reached",
    "note_refused",
    "progress_of",
]

ENUMERATE_EVERY = timedelta(days=7)
PROBE_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where reading of one resource stands; all None before its first page.

    `enumerated_to` is how far a full read came that has not ended. `overlap` counts the records
    held that changed within the look-back before the watermark. `remembers`: what a read of all
    records listed so far is noted. `refused_at`: when BILL last did not give the list.
    """

    updated_to: datetime | None = None
    read_at: datetime | None = None
    enumerated_at: datetime | None = None
    probed_at: datetime | None = None
    lists_archived_apart: bool | None = None
    enumerated_to: datetime | None = None
    overlap: int = 0
    remembers: bool = False
    refused_at: datetime | None = None

    @property
    def is_first(self) -> bool:
        """Whether all records are still to be read for the first time, or that has not ended.

        A file of before could break off a first read and not tell: it is to be read in full.
        """
        return self.enumerated_at is None and (self.updated_to is None or self.remembers)

    @property
    def asked_at(self) -> datetime | None:
        """When BILL last gave the list, or said that it does not."""
        return max(filter(None, (self.read_at, self.refused_at)), default=None)

    def is_due(self, step: Step, now: datetime, full_since: datetime | None) -> bool:
        """Whether to ask BILL at all: of a list that seldom changes, not at every run."""
        if step.read_every is None or self.asked_at is None:
            return True
        is_forced = full_since is not None and self.asked_at < full_since
        return is_forced or now - self.asked_at >= step.read_every

    def is_due_in_full(self, now: datetime, since: datetime | None) -> bool:
        """Whether all records are to be read again, to find what incremental reads missed: because
        such a read was not ended, or there was none since then, or for a week.
        """
        if self.enumerated_to is not None:
            return True
        if self.enumerated_at is None or (since and self.enumerated_at < since):
            return True
        return now - self.enumerated_at > ENUMERATE_EVERY

    def is_probe_due(self, now: datetime) -> bool:
        """Whether to look if archived records come in a list of their own."""
        if self.lists_archived_apart is not None:
            return False
        return self.probed_at is None or now - self.probed_at > PROBE_EVERY


def progress_of(connection: Connection, step: Step, lookback: timedelta) -> Progress:
    """Where reading of a resource stands."""
    asked = {"resource": step.resource.name, "lookback_s": lookback.total_seconds()}
    rows = connection.execute(read_sql("extract/sql/watermark.sql"), asked).fetchall()
    if not rows:
        return Progress()
    updated_to, read_at, enumerated_at, probed_at, apart, enumerated_to, *more = rows[0]
    overlap, remembers, refused_at = more
    return Progress(
        updated_to=_utc(updated_to),
        read_at=_utc(read_at),
        enumerated_at=_utc(enumerated_at),
        probed_at=_utc(probed_at),
        lists_archived_apart=apart,
        enumerated_to=_utc(enumerated_to),
        overlap=overlap,
        remembers=remembers,
        refused_at=_utc(refused_at),
    )


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None


def note_finished(
    connection: Connection,
    step: Step,
    tenant: str,
    read_at: datetime,
    *,
    is_full: bool,
    moves: bool,
) -> None:
    """A list was read to its end: of all records (`is_full`), of the changes (`moves`), or both."""
    facts = {"tenant": tenant, "resource": step.resource.name, "read_at": read_at}
    connection.execute(
        read_sql("extract/sql/finished.sql"), facts | {"is_full": is_full, "moves": moves}
    )


def note_reached(connection: Connection, step: Step, tenant: str, reached: datetime) -> None:
    """A full read landed all records that were created before `reached`."""
    facts = {"tenant": tenant, "resource": step.resource.name, "reached": reached}
    connection.execute(read_sql("extract/sql/reached.sql"), facts)


def note_refused(connection: Connection, step: Step, tenant: str, refused_at: datetime) -> None:
    """BILL does not give this list to this organization or user."""
    facts = {"tenant": tenant, "resource": step.resource.name, "refused_at": refused_at}
    connection.execute(read_sql("extract/sql/refused.sql"), facts)


def note_probe(
    connection: Connection, step: Step, probed_at: datetime, *, apart: bool | None
) -> None:
    """What a look for archived records found; None: there are none to tell by."""
    facts = {"resource": step.resource.name, "probed_at": probed_at, "apart": apart}
    connection.execute(read_sql("extract/sql/probed.sql"), facts)


def holds(connection: Connection, step: Step, bill_id: str) -> bool:
    """Whether a record is in the book."""
    asked = {"resource": step.resource.name, "bill_id": bill_id}
    return bool(connection.execute(read_sql("extract/sql/holds.sql"), asked).fetchall())


def claim_lineage(
    connection: Connection, tenant: str, organization_id: str, environment: str
) -> None:
    """StoreError where the file is the history of another organization or another world."""
    organization = {"organization_id": organization_id, "environment": environment}
    connection.execute(read_sql("extract/sql/lineage.sql"), {"tenant": tenant, **organization})
    connection.execute(read_sql("extract/sql/world.sql"), organization)
    ((owner, world),) = connection.execute(read_sql("extract/sql/owner.sql")).fetchall()
    if owner != organization_id:
        raise StoreError(
            f"The history kept for {tenant} is another organization's: move its folder away, or "
            "connect this organization under another name."
        )
    if world != environment:
        raise StoreError(
            f"The history kept for {tenant} is of BILL's {world}, and {tenant} is in BILL's "
            f"{environment}: move its folder away, or switch back with tieout tenant environment."
        )
