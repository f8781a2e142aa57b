"""Reading what was published: for a grant, the current snapshot, its age and its tie-out."""

import threading
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from etl.errors import NoSnapshotError
from etl.explanations.explainer import explain
from etl.explanations.explanation import Explanation, Narrowing
from etl.metrics.catalogue import answer, find_metric
from etl.metrics.figures import Figures, Question
from etl.settings import Settings
from etl.store import runs
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import SnapshotRow
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import Hub, Snapshot, digest
from etl.warehouse.snapshot_pair import SnapshotPair

__all__ = ["Published", "Reader", "asked", "today_of"]


@dataclass(frozen=True, slots=True)
class Published:
    """What a tenant's pages show: snapshot `seq`, when BILL was last read, what checks found."""

    seq: int
    published_at: datetime
    read_at: datetime
    last_error: str | None
    checks: tuple[dict[str, Any], ...]

    @property
    def ties_out(self) -> bool:
        """Whether every check found nothing."""
        return not any(check["count"] for check in self.checks)


def today_of(grant: Grant, now: datetime) -> date:
    """The tenant's day: its time zone decides."""
    return now.astimezone(ZoneInfo(grant.time_zone)).date()


def asked(grant: Grant, name: str, *, as_of: date, **narrowed: Any) -> Question:
    """What is asked of a metric, in the tenant's own way where nothing else is said (None)."""
    usual = grant.preferences.of(find_metric(name).metric.ways)
    said = {field: value for field, value in narrowed.items() if value is not None}
    return Question(as_of=as_of, **(usual | said))


class Reader:
    """Answers metrics from published snapshots, one locked-down hub a tenant."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._hubs: dict[int, Hub] = {}
        self._lock = threading.Lock()

    def published(self, grant: Grant) -> Published:
        """The tenant's current snapshot; NoSnapshotError before its first sync ended."""
        with self._store.read() as session:
            row = runs.current_snapshot(session, grant.tenant_id)
            if row is None:
                raise NoSnapshotError(
                    f"Nothing is published for {grant.tenant_name} yet: its first sync has not "
                    "ended. See it with tieout runs, start one with tieout sync."
                )
            return _published(session, row)

    def published_as(self, grant: Grant, seq: int) -> Published | None:
        """One of the tenant's snapshots, current or not; None where there never was such a one."""
        with self._store.read() as session:
            row = runs.snapshot_of(session, grant.tenant_id, seq)
            return _published(session, row) if row else None

    def figures(self, grant: Grant, name: str, question: Question, seq: int) -> Figures:
        """A metric's figures of one of the tenant's snapshots; where the question says `known_on`,
        of what was known then. NoSnapshotError where that was not built (etl.jobs.know_past).
        """
        return answer(name, self._of(grant, question, seq), question)

    def explanation(
        self,
        grant: Grant,
        name: str,
        question: Question,
        seq: int,
        narrowing: Narrowing,
        limit: int | None = None,
    ) -> Explanation:
        """Where a metric's figures of one of the tenant's snapshots come from."""
        return explain(self._of(grant, question, seq), name, question, narrowing, limit)

    def _of(self, grant: Grant, question: Question, seq: int) -> Snapshot:
        if question.known_on:
            return self._hub(grant).known_on(question.known_on)
        return self.snapshot(grant, seq)

    def snapshot(self, grant: Grant, seq: int) -> Snapshot:
        """One of the tenant's snapshots, for what is no metric."""
        return self._hub(grant).snapshot(seq)

    def file_digest(self, grant: Grant, seq: int) -> str | None:
        """The SHA-256 of a snapshot's file; None where it is gone."""
        return digest(folder_of(self._settings, grant.tenant).snapshot(seq))

    def compared(self, grant: Grant, then: int, now: int) -> SnapshotPair:
        """Two of the tenant's snapshots side by side."""
        return SnapshotPair(self.snapshot(grant, then), self.snapshot(grant, now))

    def _hub(self, grant: Grant) -> Hub:
        with self._lock:
            if grant.tenant_id not in self._hubs:
                self._hubs[grant.tenant_id] = Hub(folder_of(self._settings, grant.tenant))
            return self._hubs[grant.tenant_id]


def _published(session: Session, row: SnapshotRow) -> Published:
    success = runs.last_success(session, row.tenant_id)
    latest = runs.recent_runs(session, row.tenant_id, limit=1)
    return Published(
        seq=row.seq,
        published_at=row.published_at,
        read_at=(success and success.finished_at) or row.published_at,
        last_error=latest[0].error if latest and latest[0].status == "failed" else None,
        checks=tuple(row.checks),
    )
