"""What a tenant's calls to BILL of some time come to: by endpoint, and by what went wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from etl.store.models import BillCall

__all__ = ["CallErrors", "EndpointCalls", "calls_by_endpoint", "errors_by_class"]


@dataclass(frozen=True, slots=True)
class EndpointCalls:
    """An endpoint's calls: how many, how many failed, seconds BILL took and calls waited, bytes."""

    endpoint: str
    calls: int
    failed: int
    taken_s: float
    waited_s: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CallErrors:
    """Calls that ended in an error of one class (billcom.errors) with the same codes of BILL's."""

    error: str
    codes: str
    calls: int
    latest_at: datetime


def calls_by_endpoint(
    session: Session, tenant_id: int, since: datetime, until: datetime
) -> list[EndpointCalls]:
    """A tenant's calls from one instant to another."""
    summed = select(
        BillCall.endpoint,
        func.count().label("calls"),
        func.count().filter(BillCall.error != "").label("failed"),
        func.sum(BillCall.taken_s).label("taken_s"),
        func.sum(BillCall.waited_s).label("waited_s"),
        func.sum(BillCall.size_bytes).label("size_bytes"),
    ).where(*_within(tenant_id, since, until))
    rows = session.execute(summed.group_by(BillCall.endpoint).order_by(BillCall.endpoint)).all()
    return [
        EndpointCalls(
            row.endpoint, row.calls, row.failed, row.taken_s, row.waited_s, int(row.size_bytes)
        )
        for row in rows
    ]


def errors_by_class(
    session: Session, tenant_id: int, since: datetime, until: datetime
) -> list[CallErrors]:
    """What went wrong with a tenant's calls, the most frequent first."""
    calls = func.count()
    counted = (
        select(BillCall.error, BillCall.codes, calls, func.max(BillCall.at))
        .where(*_within(tenant_id, since, until), BillCall.error != "")
        .group_by(BillCall.error, BillCall.codes)
        .order_by(calls.desc(), BillCall.error, BillCall.codes)
    )
    return [CallErrors(*row) for row in session.execute(counted)]


def _within(tenant_id: int, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    return [BillCall.tenant_id == tenant_id, BillCall.at >= since, BillCall.at <= until]
