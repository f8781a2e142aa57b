"""Closing a month: its snapshot is kept for good, and its figures as they were then."""

from datetime import datetime
from typing import Any

from etl.errors import UsageError
from etl.jobs.know_past import end_of
from etl.jobs.month_figures import digest_of, figures_again, month_figures
from etl.metrics.periods import Period, month_named
from etl.reading import Reader, today_of
from etl.store import closes, runs
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import Close

__all__ = ["as_json", "close_month", "facts_of", "find_close", "verify"]


def close_month(
    reader: Reader,
    store: Store,
    grant: Grant,
    month: str,
    *,
    at: datetime,
    by: str,
    again: bool = False,
) -> Close:
    """Pins what is published now as that month's, with its figures, and says so in the audit trail.

    UsageError where the month is not over in the tenant's zone, was not synced since, or is closed
    already and not to be closed `again`. NoSnapshotError before the first sync.
    """
    period = month_named(month)
    _refuse_early(store, grant, month, period, at)
    published = reader.published(grant)
    kept = {
        "tenant": grant.tenant,
        "month": month,
        "as_of": period.last.isoformat(),
        "time_zone": grant.time_zone,
        "snapshot": published.seq,
        "snapshot_sha256": reader.file_digest(grant, published.seq),
        "ties_out": published.ties_out,
        "figures": month_figures(reader, grant, period, published.seq),
    }
    with store.begin() as session:
        return closes.add_close(
            session,
            grant,
            month,
            seq=published.seq,
            figures=kept,
            sha256=digest_of(kept),
            at=at,
            by=by,
            again=again,
        )


def _refuse_early(store: Store, grant: Grant, month: str, period: Period, at: datetime) -> None:
    if today_of(grant, at) <= period.last:
        raise UsageError(
            f"{month} is not over in {grant.time_zone}: it can be closed once a sync has run after "
            f"{period.last}."
        )
    with store.read() as session:
        success = runs.last_success(session, grant.tenant_id)
    if success is None or success.started_at < end_of(period.last, grant.time_zone):
        raise UsageError(
            f"BILL was not read since {month} ended: run tieout sync {grant.tenant}, then close it."
        )


def find_close(store: Store, grant: Grant, month: str) -> Close:
    """The close of a month that counts; UsageError where it was never closed."""
    month_named(month)
    with store.read() as session:
        close = closes.newest_close(session, grant.tenant_id, month)
    if close is None:
        raise UsageError(
            f"{month} of {grant.tenant_name} is not closed: close it with tieout close "
            f"{grant.tenant} {month}."
        )
    return close


def verify(reader: Reader, store: Store, grant: Grant, close: Close) -> list[str]:
    """What is wrong with a close, a sentence each; none where it stands as it was made."""
    findings = []
    with store.read() as session:
        if digest_of(close.figures) != close.sha256:
            findings.append("The figures kept are not those that were closed: their hash differs.")
        if not closes.is_audited(session, close, grant.tenant):
            findings.append("The audit trail does not tell of this close with this hash.")
    found = reader.file_digest(grant, close.seq)
    if found is None:
        return [*findings, f"Snapshot {close.seq} is gone: restore its file from a backup."]
    if found != close.figures["snapshot_sha256"]:
        return [*findings, f"The file of snapshot {close.seq} was changed: restore it."]
    differing = [
        name
        for name, kept in close.figures["figures"].items()
        if figures_again(reader, grant, close, name, close.seq).texts() != kept["rows"]
    ]
    if differing:
        findings.append(
            f"The pinned snapshot gives other figures now for {', '.join(differing)}: a newer "
            "Tieout counts them otherwise (see its changelog)."
        )
    return findings


def as_json(grant: Grant, close: Close) -> dict[str, Any]:
    """A close as commands and downloads give it."""
    return {
        "tenant": grant.tenant,
        "month": close.month,
        "snapshot": close.seq,
        "closed_at": close.closed_at.isoformat(timespec="seconds"),
        "closed_by": close.closed_by,
        "sha256": close.sha256,
        "figures": close.figures,
    }


def facts_of(close: Close) -> dict[str, Any]:
    """What the history of exports keeps of a close that somebody takes."""
    return {
        "metric": f"close {close.month}",
        "filters": {},
        "as_of": close.figures["as_of"],
        "snapshot": close.seq,
        "format": "json",
    }
