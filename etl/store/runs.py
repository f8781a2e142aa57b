"""The run ledger: one row a sync, at most one running a tenant, and what each published."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.errors import RunRefusedError, UnknownTenantError
from etl.store.engine import Store
from etl.store.models import Run, SnapshotRow, Tenant
from etl.store.owner import is_left, is_surely_dead, this_owner

__all__ = [
    "LEASE",
    "current_snapshot",
    "finish",
    "is_put_off",
    "is_running",
    "last_success",
    "publish",
    "put_off",
    "recent_runs",
    "renew",
    "snapshot_of",
    "start",
]

LEASE = timedelta(minutes=15)  # longer than one call with all its tries, and than a transform
TOOK_ITS_PLACE = "This run was held up so long that another took its place."


def start(
    store: Store,
    tenant: Tenant,
    *,
    trigger: str,
    at: datetime,
    is_full: bool = False,
    scope: dict[str, str] | None = None,
) -> int:
    """Claims a tenant for a run and gives the run's id; RunRefusedError where one runs.

    A run that waited for a limit to lift goes on under its own number. One whose process is gone,
    or whose lease ran out, is marked stale first. `scope`: the days it reads again; one that waits
    and reads other days is not put aside for them, and RunRefusedError says so.
    """
    _retire_stale(store, tenant, at)
    try:
        with store.begin() as session:
            # Ids are given out under this lock: a later run of the tenant has a higher one.
            if session.get(Tenant, tenant.id, with_for_update={"key_share": True}) is None:
                raise UnknownTenantError(f"{tenant.slug} was removed meanwhile.")
            waiting = _take_up(session, tenant.id, at)
            run_id = waiting or _begin(session, tenant.id, trigger, at)
            run = session.get_one(Run, run_id)
            run.is_full = run.is_full or is_full
            run.scope = _agreed(run.scope, scope)
            return run_id
    except IntegrityError:
        raise RunRefusedError(
            f"A sync of {tenant.slug} is under way already: wait for it to end."
        ) from None


def _agreed(waiting: dict[str, Any] | None, asked: dict[str, str] | None) -> dict[str, Any] | None:
    if waiting and asked and waiting != asked:
        raise RunRefusedError(
            f"A run that reads {waiting['from']} to {waiting['to']} again waits for a limit to "
            "lift: let it end first."
        )
    return waiting or asked


def _take_up(session: Session, tenant_id: int, at: datetime) -> int | None:
    """The id of the run that was put off, running again; None where there is none."""
    taken: int | None = session.scalar(
        update(Run)
        .where(Run.tenant_id == tenant_id, Run.status == "pending")
        .values(
            status="running",
            owner=this_owner(),
            lease_expires_at=at + LEASE,
            resumes_at=None,
            error=None,
            error_kind=None,
        )
        .returning(Run.id)
    )
    return taken


def _begin(session: Session, tenant_id: int, trigger: str, at: datetime) -> int:
    run = Run(
        tenant_id=tenant_id,
        status="running",
        trigger=trigger,
        owner=this_owner(),
        started_at=at,
        lease_expires_at=at + LEASE,
    )
    session.add(run)
    session.flush()
    return run.id


def _retire_stale(store: Store, tenant: Tenant, at: datetime) -> None:
    with store.begin() as session:
        running = select(Run).where(Run.tenant_id == tenant.id, Run.status == "running")
        # Locked before it is judged: its owner may just be renewing it.
        for run in session.scalars(running.with_for_update()):
            if run.lease_expires_at < at or is_surely_dead(run.owner):
                run.status, run.finished_at = "stale", at
                run.error = "Its process ended, or was held up too long, before the run did."


def renew(store: Store, run_id: int, at: datetime) -> None:
    """Extends the lease; RunRefusedError where the run is no longer this process's."""
    with store.begin() as session:
        renewed = session.scalar(
            update(Run)
            .where(Run.id == run_id, Run.status == "running", Run.owner == this_owner())
            .values(lease_expires_at=at + LEASE)
            .returning(Run.id)
        )
        if renewed is None:
            raise RunRefusedError(TOOK_ITS_PLACE)


def publish(
    session: Session,
    run: Run,
    *,
    seq: int,
    fingerprint: str,
    checks: Sequence[Mapping[str, Any]],
    at: datetime,
    newest_reason_id: int = 0,
) -> None:
    """Says that snapshot `seq` is the tenant's current one, and up to which reason it has them.

    RunRefusedError where the run is no longer this process's: the tenant may have been moved.
    """
    session.refresh(run, with_for_update=True)
    if run.status != "running" or run.owner != this_owner():
        raise RunRefusedError(TOOK_ITS_PLACE)
    session.add(
        SnapshotRow(
            tenant_id=run.tenant_id,
            seq=seq,
            run_id=run.id,
            published_at=at,
            fingerprint=fingerprint,
            checks=list(checks),
            newest_reason_id=newest_reason_id,
        )
    )
    run.snapshot_seq, run.checks = seq, list(checks)


def finish(
    run: Run, *, at: datetime, error: str | None = None, error_kind: str | None = None
) -> None:
    """Ends a run: succeeded, or failed with the sentence that says why and its error's class."""
    run.status = "failed" if error else "succeeded"
    run.error, run.error_kind = error, error_kind
    run.finished_at = at


def put_off(run: Run, *, until: datetime, error: str, error_kind: str) -> None:
    """Makes a run wait for a limit to lift, or for BILL to recover; the next start takes it up."""
    run.status, run.resumes_at = "pending", until
    run.error, run.error_kind = error, error_kind


def is_put_off(session: Session, tenant_id: int, now: datetime) -> bool:
    """Whether a tenant's run waits for a time that is still to come."""
    pending = select(Run.resumes_at).where(Run.tenant_id == tenant_id, Run.status == "pending")
    return any(at is not None and at > now for at in session.scalars(pending))


def is_running(session: Session, tenant_id: int, now: datetime) -> bool:
    """Whether a run of a tenant is under way whose process still lives."""
    running = select(Run).where(Run.tenant_id == tenant_id, Run.status == "running")
    return any(
        not is_left(run.owner, run.lease_expires_at, now) for run in session.scalars(running)
    )


def current_snapshot(session: Session, tenant_id: int) -> SnapshotRow | None:
    """The newest snapshot of a tenant, or None before the first."""
    newest = SnapshotRow.seq.desc()
    return session.scalar(
        select(SnapshotRow).where(SnapshotRow.tenant_id == tenant_id).order_by(newest).limit(1)
    )


def snapshot_of(session: Session, tenant_id: int, seq: int) -> SnapshotRow | None:
    """A tenant's snapshot of a sequence, or None where none was published under it."""
    return session.scalar(
        select(SnapshotRow).where(SnapshotRow.tenant_id == tenant_id, SnapshotRow.seq == seq)
    )


def last_success(session: Session, tenant_id: int) -> Run | None:
    """The newest run that succeeded: the age of what its tenant is shown."""
    return session.scalar(
        select(Run)
        .where(Run.tenant_id == tenant_id, Run.status == "succeeded")
        .order_by(Run.id.desc())
        .limit(1)
    )


def recent_runs(session: Session, tenant_id: int | None = None, limit: int = 20) -> list[Run]:
    """The newest runs first, of one tenant or of all."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if tenant_id is not None:
        query = query.where(Run.tenant_id == tenant_id)
    return list(session.scalars(query))
