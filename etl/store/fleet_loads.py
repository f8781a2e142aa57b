"""Loads as they were last read: kept by their id, never doubled, and marked when they are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from etl.store.databases import insert
from etl.store.models import FleetLoad, Tenant

__all__ = [
    "StoredLoad",
    "assign",
    "count",
    "delivered",
    "end_pass",
    "free",
    "keep",
    "keys",
    "of_key",
]


@dataclass(frozen=True, slots=True)
class StoredLoad:
    """A load as it is kept; see FleetLoad."""

    load_id: str
    number: str
    customer: str
    amount: Decimal | None
    currency: str
    delivered_on: date | None
    fault: str | None
    bill_key: str | None


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


def delivered(session: Session, tenant_id: int, since: date, until: date) -> list[StoredLoad]:
    """The loads delivered on these days that are not gone, by delivery; and those with a fault
    and no day, which may be what is wrong."""
    in_time = FleetLoad.delivered_on.between(since, until)
    without_day = and_(FleetLoad.delivered_on.is_(None), FleetLoad.fault.is_not(None))
    loads = _stored().where(
        FleetLoad.tenant_id == tenant_id,
        FleetLoad.gone_at.is_(None),
        or_(in_time, without_day),
    )
    rows = session.execute(loads.order_by(FleetLoad.delivered_on, FleetLoad.load_id))
    return [StoredLoad(*row) for row in rows]


def of_key(session: Session, tenant_id: int, key: str) -> list[StoredLoad]:
    """The loads that a proposal's key bills, by delivery."""
    loads = _stored().where(FleetLoad.tenant_id == tenant_id, FleetLoad.bill_key == key)
    rows = session.execute(loads.order_by(FleetLoad.delivered_on, FleetLoad.load_id))
    return [StoredLoad(*row) for row in rows]


def keys(session: Session, tenant_id: int) -> list[str]:
    """The keys that loads are billed by."""
    found = select(FleetLoad.bill_key).where(
        FleetLoad.tenant_id == tenant_id, FleetLoad.bill_key.is_not(None)
    )
    return [key for key in session.scalars(found.distinct().order_by(FleetLoad.bill_key)) if key]


def assign(session: Session, tenant_id: int, key: str, load_ids: Sequence[str]) -> None:
    """Has a key bill these loads, all at once and once only: a key that has loads gets no more, and
    a load that has a key keeps it."""
    # The outbox takes the same lock before it makes a row.
    session.get_one(Tenant, tenant_id, with_for_update=True)
    if of_key(session, tenant_id, key):
        return
    session.execute(
        update(FleetLoad)
        .where(
            FleetLoad.tenant_id == tenant_id,
            FleetLoad.load_id.in_(load_ids),
            FleetLoad.bill_key.is_(None),
        )
        .values(bill_key=key)
    )


def free(session: Session, tenant_id: int, key: str) -> None:
    """Lets the loads of a key be billed by another: it came to nothing."""
    session.execute(
        update(FleetLoad)
        .where(FleetLoad.tenant_id == tenant_id, FleetLoad.bill_key == key)
        .values(bill_key=None)
    )


def _stored() -> Select[*tuple[Any, ...]]:
    return select(
        FleetLoad.load_id,
        FleetLoad.number,
        FleetLoad.customer,
        FleetLoad.amount,
        FleetLoad.currency,
        FleetLoad.delivered_on,
        FleetLoad.fault,
        FleetLoad.bill_key,
    )
