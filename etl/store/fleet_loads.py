"""Loads as they were last read: kept by their id, never doubled, and marked when they are gone."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from etl.store.databases import insert
from etl.store.models import FleetLoad

__all__ = ["count", "delivered", "end_pass", "keep"]

AT_ONCE = 1000  # rows a statement
ITS_FACTS = ("number", "customer", "amount", "currency", "delivered_on", "fault", "read_pass")


def keep(
    session: Session, tenant_id: int, loads: Sequence[dict[str, Any]], *, read_pass: int = 0
) -> None:
    """Loads with their facts, by `load_id`: new ones, and what is known anew of old ones.

    `read_pass` is the pass over FleetFlow's table that saw them, 0 for a file.
    """
    new = insert(session, FleetLoad)
    anew: dict[str, Any] = {name: new.excluded[name] for name in ITS_FACTS}
    upsert = new.on_conflict_do_update(
        index_elements=["tenant_id", "load_id"], set_=anew | {"gone_at": None}
    )
    rows = [load | {"tenant_id": tenant_id, "read_pass": read_pass} for load in loads]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(upsert, rows[start : start + AT_ONCE])


def count(session: Session, tenant_id: int, *, read_pass: int | None = None) -> int:
    """How many loads of FleetFlow's table are there, or were seen by a pass."""
    found = select(func.count()).where(FleetLoad.tenant_id == tenant_id, FleetLoad.read_pass > 0)
    found = found.where(FleetLoad.gone_at.is_(None))
    if read_pass is not None:
        found = found.where(FleetLoad.read_pass == read_pass)
    return session.scalar(found) or 0


def end_pass(session: Session, tenant_id: int, read_pass: int, at: datetime) -> None:
    """Marks what this pass no longer saw; what came from a file stays."""
    session.execute(
        update(FleetLoad)
        .where(
            FleetLoad.tenant_id == tenant_id,
            FleetLoad.read_pass.between(1, read_pass - 1),
            FleetLoad.gone_at.is_(None),
        )
        .values(gone_at=at)
    )


def delivered(session: Session, tenant_id: int, since: date, until: date) -> Iterator[FleetLoad]:
    """The loads delivered on these days that are not gone, those with a fault too, by delivery."""
    loads = select(FleetLoad).where(
        FleetLoad.tenant_id == tenant_id,
        FleetLoad.delivered_on.between(since, until),
        FleetLoad.gone_at.is_(None),
    )
    return iter(session.scalars(loads.order_by(FleetLoad.delivered_on, FleetLoad.load_id)))
