"""Every call to BILL, kept for thirty days: counted, timed, and without anything secret."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from billcom.telemetry import Call, Observer
from etl.errors import StoreError
from etl.store.databases import insert as store_insert
from etl.store.engine import Store
from etl.store.models import BillCall, BillCallTotal

__all__ = ["KEPT_FOR", "Latency", "Recorder", "latencies", "prune", "totals"]

LOG = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
MEASURES = ("taken_s", "waited_s", "size_bytes")
MOST_UNWRITTEN = 50
LONGEST_UNWRITTEN = timedelta(seconds=2)


class Recorder:
    """Collects calls and writes them in batches: at once would cost every call a transaction."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._unwritten: list[tuple[int, Call]] = []
        self._written_at = clock()

    def observer_of(self, tenant_id: int) -> Observer:
        """Hears of a tenant's calls."""

        def observe(call: Call) -> None:
            with self._lock:
                self._unwritten.append((tenant_id, call))
                is_due = (
                    len(self._unwritten) >= MOST_UNWRITTEN
                    or self._clock() - self._written_at > LONGEST_UNWRITTEN
                )
            if is_due:
                self.flush()

        return observe

    def flush(self) -> None:
        """Writes what is collected; what cannot be written is let go with a line in the log.

        The calls have ended: whatever is wrong with the store, what came of them counts for more.
        """
        with self._lock:
            unwritten, self._unwritten = self._unwritten, []
            self._written_at = self._clock()
        by_tenant: dict[int, list[tuple[int, Call]]] = {}
        for tenant_id, call in unwritten:
            by_tenant.setdefault(tenant_id, []).append((tenant_id, call))
        for tenant_id, calls in by_tenant.items():
            try:
                self._write(calls)
            except (StoreError, SQLAlchemyError) as error:
                kind = type(error).__name__
                LOG.warning("%d calls of tenant %d not counted: %s", len(calls), tenant_id, kind)

    def _write(self, calls: Sequence[tuple[int, Call]]) -> None:
        with self._store.begin() as session:
            session.execute(insert(BillCall), [_row(tenant_id, c) for tenant_id, c in calls])
            _add_up(session, calls)


def _row(tenant_id: int, call: Call) -> dict[str, object]:
    return {**asdict(call), "tenant_id": tenant_id, "codes": " ".join(call.codes)[:120]}


def _add_up(session: Session, calls: Sequence[tuple[int, Call]]) -> None:
    sums: dict[tuple[int, str, str], Counter[str]] = {}
    for tenant_id, call in calls:
        of_one = sums.setdefault((tenant_id, call.endpoint, call.error), Counter())
        of_one.update({"calls": 1} | {name: getattr(call, name) for name in MEASURES})
    # In one order: two processes that lock the same rows in different ones would deadlock.
    for key in sorted(sums):
        names = dict(zip(("tenant_id", "endpoint", "error"), key, strict=True))
        grown = {name: getattr(BillCallTotal, name) + more for name, more in sums[key].items()}
        new = store_insert(session, BillCallTotal).values(**names, **sums[key])
        session.execute(new.on_conflict_do_update(index_elements=[*names], set_=grown))


@dataclass(frozen=True, slots=True)
class Latency:
    """An endpoint's calls of a tenant: how many, and the seconds that p of them took at most."""

    tenant_id: int
    endpoint: str
    calls: int
    failed: int
    p50_s: float
    p95_s: float
    p99_s: float


def latencies(session: Session, since: datetime, tenant_id: int | None = None) -> list[Latency]:
    """By tenant (one, or each) and endpoint, the calls since then; percentiles are of the nearest
    rank."""
    rows = session.execute(_latencies(since, tenant_id)).all()
    return [Latency(**row._mapping) for row in rows]  # noqa: SLF001 - its public mapping


def _latencies(
    since: datetime, tenant_id: int | None
) -> Select[tuple[int, str, int, int, float, float, float]]:
    of_one = (BillCall.tenant_id, BillCall.endpoint)
    ranked = (
        select(
            *of_one,
            BillCall.taken_s,
            BillCall.error,
            func.row_number().over(partition_by=of_one, order_by=BillCall.taken_s).label("rank"),
            func.count().over(partition_by=of_one).label("calls"),
        )
        .where(BillCall.at >= since, *_of(tenant_id))
        .subquery()
    )
    taken, rank, calls = ranked.c.taken_s, ranked.c.rank, ranked.c.calls

    def percentile(p: int) -> ColumnElement[float]:
        return func.min(taken).filter(rank * 100 >= calls * p).label(f"p{p}_s")

    return (
        select(
            ranked.c.tenant_id,
            ranked.c.endpoint,
            func.max(calls).label("calls"),
            func.count().filter(ranked.c.error != "").label("failed"),
            percentile(50),
            percentile(95),
            percentile(99),
        )
        .group_by(ranked.c.tenant_id, ranked.c.endpoint)
        .order_by(ranked.c.tenant_id, ranked.c.endpoint)
    )


def _of(tenant_id: int | None) -> list[ColumnElement[bool]]:
    return [] if tenant_id is None else [BillCall.tenant_id == tenant_id]


def totals(session: Session) -> Sequence[BillCallTotal]:
    """All sums."""
    return session.scalars(select(BillCallTotal)).all()


def prune(session: Session, now: datetime) -> None:
    """Forgets calls that are older than thirty days; the sums stay."""
    session.execute(delete(BillCall).where(BillCall.at < now - KEPT_FOR))
