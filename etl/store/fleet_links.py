"""A tenant's link to FleetFlow: kept, claimed by one process at a time, and how far it is.

A link is claimed by a conditional update with a lease; one whose process ended is free again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from etl.errors import UsageError
from etl.store import alerts, audit
from etl.store.access import Grant
from etl.store.databases import locked
from etl.store.models import FleetLink
from etl.store.owner import is_left, this_owner

__all__ = [
    "ALERT",
    "advance",
    "all_links",
    "claim",
    "connect",
    "disconnect",
    "fail",
    "link_of",
    "release",
]

ALERT = "fleetflow"
LEASE = timedelta(minutes=3)
LONGEST_PAUSE = timedelta(minutes=15)
# What a new mapping makes begin anew; loads stay, and with them what may still be billed.
FRESH: dict[str, Any] = {
    "pass_seq": None,
    "place": "",
    "pushed_seq": None,
    "loads_after": "",
    "loads_read_at": None,
    "hold_digest": None,
    "hold_place": None,
    "bill_not_before": None,
    "not_before": None,
    "failures": 0,
    "said": None,
}


def connect(
    session: Session,
    grant: Grant,
    mapping: dict[str, Any],
    sealed: str,
    *,
    at: datetime,
    actor: str,
) -> FleetLink:
    """Keeps a mapping with its sealed secrets, in place of the one there was."""
    new = FleetLink(
        tenant_id=grant.tenant_id,
        mapping=mapping,
        sealed=sealed,
        connected_by=actor,
        connected_at=at,
    )
    link = locked(session, new)
    for name, value in FRESH.items():
        setattr(link, name, value)
    link.mapping, link.sealed, link.connected_by, link.connected_at = mapping, sealed, actor, at
    bills_itself = bool((mapping.get("fees") or {}).get("bill"))
    # A corrected mapping does not begin anew: what was to be billed before it still is.
    link.billing_since = (link.billing_since or at) if bills_itself else None
    alerts.clear(session, grant.tenant_id, ALERT, at)
    _audit(session, grant, "fleetflow.connected", at, actor)
    return link


def disconnect(session: Session, grant: Grant, *, at: datetime, actor: str) -> None:
    """Forgets the mapping and its secrets; loads stay, so that none is billed again later."""
    link_of(session, grant)
    session.execute(delete(FleetLink).where(FleetLink.tenant_id == grant.tenant_id))
    alerts.clear(session, grant.tenant_id, ALERT, at)
    _audit(session, grant, "fleetflow.disconnected", at, actor)


def _audit(session: Session, grant: Grant, what: str, at: datetime, actor: str) -> None:
    audit.append(session, at=at, actor=actor, what=what, tenant=grant.tenant)


def link_of(session: Session, grant: Grant) -> FleetLink:
    """A tenant's link; UsageError where it has none."""
    link = session.get(FleetLink, grant.tenant_id)
    if link is None:
        raise UsageError(
            f"{grant.tenant} has no FleetFlow yet: tieout fleetflow connect MAPPING.toml "
            f"--tenant {grant.tenant}."
        )
    return link


def all_links(session: Session) -> list[FleetLink]:
    """Every link, by tenant."""
    return list(session.scalars(select(FleetLink).order_by(FleetLink.tenant_id)))


def claim(session: Session, tenant_id: int, at: datetime) -> FleetLink | None:
    """The link, now this process's to work at; None where another is at it."""
    link = session.get(FleetLink, tenant_id)
    if link is None or not is_left(link.owner, link.lease_expires_at, at):
        return None
    mine = session.scalar(
        update(FleetLink)
        .where(FleetLink.tenant_id == tenant_id, FleetLink.claims == link.claims)
        .values(owner=this_owner(), lease_expires_at=at + LEASE, claims=link.claims + 1)
        .returning(FleetLink.tenant_id)
    )
    session.refresh(link)
    return link if mine else None


def advance(session: Session, link: FleetLink, at: datetime, **values: object) -> bool:
    """Writes how far it is, with a new lease; False where the claim is no longer this one's."""
    return _write(session, link, values | {"lease_expires_at": at + LEASE})


def release(session: Session, link: FleetLink, at: datetime, *, is_proven: bool = True) -> bool:
    """Ends a claim at which all went well; that proves FleetFlow's database well, or nothing of it,
    and then an alert and the pause there may be go on."""
    ended: dict[str, object] = {"owner": None, "lease_expires_at": None}
    if is_proven:
        alerts.clear(session, link.tenant_id, ALERT, at)
        ended |= {"failures": 0, "said": None, "not_before": None}
    return _write(session, link, ended)


def fail(session: Session, link: FleetLink, sentence: str, at: datetime) -> bool:
    """Ends a claim that failed: one alert, and another try after a pause that grows."""
    pause = min(LONGEST_PAUSE, timedelta(seconds=20 * 2 ** min(link.failures, 6)))
    alerts.raise_alert(session, link.tenant_id, ALERT, sentence, at)
    ended: dict[str, object] = {"owner": None, "lease_expires_at": None}
    ended |= {"failures": link.failures + 1}
    return _write(session, link, ended | {"said": sentence, "not_before": at + pause})


def _write(session: Session, link: FleetLink, values: Mapping[str, object]) -> bool:
    mine = session.scalar(
        update(FleetLink)
        .where(
            FleetLink.tenant_id == link.tenant_id,
            FleetLink.claims == link.claims,
            FleetLink.owner == this_owner(),
        )
        .values(values)
        .returning(FleetLink.tenant_id)
    )
    for name, value in values.items() if mine is not None else ():
        setattr(link, name, value)
    return mine is not None
