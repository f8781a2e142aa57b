"""Scheduled exports: which are due, who carries one out, and what came of it.

A schedule is claimed by a conditional update with a lease; one whose process ended is free again.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import alerts, audit
from etl.store.access import Grant
from etl.store.models import ExportSchedule, SnapshotRow
from etl.store.owner import is_left, this_owner
from etl.store.tenants import checked_slug

__all__ = ["add", "claim", "due", "fail", "find", "hasten", "remove", "schedules", "succeed"]

LEASE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=1)


def add(session: Session, grant: Grant, new: ExportSchedule, *, actor: str) -> None:
    """Keeps a schedule; UsageError where its name is taken or names no file safely."""
    checked_slug(new.name)
    new.tenant_id = grant.tenant_id
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        raise UsageError(f"There is an export “{new.name}” already: choose another name.") from None
    detail = {"schedule": new.name, "view": new.view, "kind": new.kind, "target": new.target}
    audit.append(
        session,
        at=new.created_at,
        actor=actor,
        what="export_schedule.added",
        tenant=grant.tenant,
        detail=detail,
    )


def remove(session: Session, grant: Grant, name: str, *, at: datetime, actor: str) -> None:
    """Forgets a schedule; what it delivered stays in the history."""
    row = find(session, grant, name)
    alerts.clear(session, grant.tenant_id, _alert(row), at)
    session.execute(delete(ExportSchedule).where(ExportSchedule.id == row.id))
    audit.append(
        session,
        at=at,
        actor=actor,
        what="export_schedule.removed",
        tenant=grant.tenant,
        detail={"schedule": name},
    )


def hasten(session: Session, grant: Grant, name: str, *, at: datetime, actor: str) -> None:
    """Makes a schedule due now; whoever carries out what is due does the rest."""
    row = find(session, grant, name)
    now = {"due_at": at, "not_before": None}
    session.execute(update(ExportSchedule).where(ExportSchedule.id == row.id).values(now))
    detail = {"schedule": name}
    what = "export_schedule.hastened"
    audit.append(session, at=at, actor=actor, what=what, tenant=grant.tenant, detail=detail)


def schedules(session: Session, grant: Grant) -> list[ExportSchedule]:
    """A tenant's schedules by name."""
    mine = select(ExportSchedule).where(ExportSchedule.tenant_id == grant.tenant_id)
    return list(session.scalars(mine.order_by(ExportSchedule.name)))


def find(session: Session, grant: Grant, name: str) -> ExportSchedule:
    """A tenant's schedule of a name; UsageError where it has none."""
    for row in schedules(session, grant):
        if row.name == name:
            return row
    raise UsageError(f"{grant.tenant} has no export “{name}”: see tieout export-schedule list.")


def due(session: Session, at: datetime) -> list[int]:
    """The schedules to carry out now, the longest waiting first."""
    ready = select(ExportSchedule).where(_is_due(at)).order_by(ExportSchedule.due_at)
    return [row.id for row in session.scalars(ready) if _is_free(row, at)]


def _is_due(at: datetime) -> ColumnElement[bool]:
    newest = (
        select(func.max(SnapshotRow.seq))
        .where(SnapshotRow.tenant_id == ExportSchedule.tenant_id)
        .scalar_subquery()
    )
    has_news = and_(
        ExportSchedule.rhythm == "after_sync", newest > func.coalesce(ExportSchedule.last_seq, 0)
    )
    may_try = or_(ExportSchedule.not_before.is_(None), ExportSchedule.not_before <= at)
    return and_(may_try, or_(ExportSchedule.due_at <= at, has_news))


def _is_free(row: ExportSchedule, at: datetime) -> bool:
    return is_left(row.owner, row.lease_expires_at, at)


def claim(session: Session, schedule_id: int, at: datetime) -> ExportSchedule | None:
    """The schedule, now this process's to carry out; None where another was faster."""
    row = session.get(ExportSchedule, schedule_id)
    if row is None or not _is_free(row, at):
        return None
    mine = session.scalar(
        update(ExportSchedule)
        .where(ExportSchedule.id == schedule_id, ExportSchedule.claims == row.claims)
        .values(owner=this_owner(), lease_expires_at=at + LEASE, claims=row.claims + 1)
        .returning(ExportSchedule.id)
    )
    session.refresh(row)
    return row if mine else None


def succeed(
    session: Session, row: ExportSchedule, *, next_due: datetime | None, seq: int, at: datetime
) -> bool:
    """Says that it arrived; False where the claim is no longer this process's."""
    is_mine = _end(session, row, due_at=next_due, last_seq=seq, failures=0, said=None)
    if is_mine:
        alerts.clear(session, row.tenant_id, _alert(row), at)
    return is_mine


def fail(session: Session, row: ExportSchedule, sentence: str, *, at: datetime) -> bool:
    """Says that it did not; it is tried again after a pause that grows to an hour."""
    pause = min(LONGEST_PAUSE, timedelta(minutes=2 ** min(row.failures, 6)))
    is_mine = _end(session, row, failures=row.failures + 1, said=sentence, not_before=at + pause)
    if is_mine:
        told = f"The scheduled export {row.name} failed: {sentence}"
        alerts.raise_alert(session, row.tenant_id, _alert(row), told, at)
    return is_mine


def _end(session: Session, row: ExportSchedule, **values: object) -> bool:
    ended = session.scalar(
        update(ExportSchedule)
        .where(
            ExportSchedule.id == row.id,
            ExportSchedule.claims == row.claims,
            ExportSchedule.owner == this_owner(),
        )
        .values({"owner": None, "lease_expires_at": None, "not_before": None} | values)
        .returning(ExportSchedule.id)
    )
    return ended is not None


def _alert(row: ExportSchedule) -> str:
    return f"export_{row.id}"
