"""The history of exports: who took what, of which figures, with which hash. Rows are only added."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from etl.store import audit
from etl.store.access import Grant
from etl.store.models import ExportRow

__all__ = ["as_json", "history", "record_delivered", "record_taken"]


def record_taken(
    session: Session, grant: Grant, facts: Mapping[str, Any], *, went_to: str, at: datetime
) -> None:
    """Keeps, and audits, that a person took the export that `facts` tell of."""
    row = _row(grant, facts, at)
    row.taken_by, row.went_to, row.outcome = grant.user, went_to, "taken"
    session.add(row)
    _audit(session, grant, row, "export.taken")


def record_delivered(
    session: Session,
    grant: Grant,
    schedule: str,
    facts: Mapping[str, Any],
    *,
    went_to: str,
    at: datetime,
    failed: str | None = None,
) -> None:
    """Keeps, and audits, that a schedule's export arrived, or the sentence why it did not."""
    row = _row(grant, facts, at)
    row.taken_by, row.schedule, row.went_to = "tieout", schedule, went_to
    row.outcome, row.said = "failed" if failed else "delivered", failed
    session.add(row)
    _audit(session, grant, row, f"export.{row.outcome}")


def _row(grant: Grant, facts: Mapping[str, Any], at: datetime) -> ExportRow:
    return ExportRow(
        tenant_id=grant.tenant_id,
        at=at,
        view=facts["metric"],
        filters=facts["filters"] | _known(facts),
        as_of=date.fromisoformat(facts["as_of"]),
        snapshot_seq=facts.get("snapshot"),
        format=facts["format"],
        rows=facts.get("rows", 0),
        size_bytes=facts.get("size_bytes", 0),
        sha256=facts.get("sha256", ""),
    )


def _known(facts: Mapping[str, Any]) -> dict[str, str]:
    return {"known_on": facts["known_on"]} if "known_on" in facts else {}


def _audit(session: Session, grant: Grant, row: ExportRow, what: str) -> None:
    detail = {"metric": row.view, "sha256": row.sha256, "format": row.format}
    if row.schedule:
        detail["schedule"] = row.schedule
    audit.append(
        session, at=row.at, actor=row.taken_by, what=what, tenant=grant.tenant, detail=detail
    )


def history(session: Session, grant: Grant, limit: int = 50) -> list[ExportRow]:
    """A tenant's newest exports first."""
    mine = select(ExportRow).where(ExportRow.tenant_id == grant.tenant_id)
    return list(session.scalars(mine.order_by(ExportRow.id.desc()).limit(limit)))


def as_json(row: ExportRow) -> dict[str, Any]:
    """A row as `tieout export-history --json` prints it."""
    return {
        "at": row.at.isoformat(timespec="seconds"),
        "by": row.taken_by,
        "schedule": row.schedule,
        "view": row.view,
        "filters": row.filters,
        "as_of": row.as_of.isoformat(),
        "snapshot": row.snapshot_seq,
        "format": row.format,
        "rows": row.rows,
        "bytes": row.size_bytes,
        "sha256": row.sha256,
        "went_to": row.went_to,
        "outcome": row.outcome,
        "said": row.said,
    }
