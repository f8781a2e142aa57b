"""Hold lists to be told by webhook: written down first, then sent until they are taken.

A list tells all, so that a newer one takes the place of one that is still to be told.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from etl.store import alerts
from etl.store.models import FleetEvent

__all__ = ["ALERT", "add", "deliver", "due", "newest", "put_off", "refuse"]

ALERT = "fleetflow_webhook"
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


def add(session: Session, tenant_id: int, webhook_id: str, body: str, at: datetime) -> None:
    """Writes down what is to be told, in place of what was not told yet."""
    session.execute(
        update(FleetEvent)
        .where(FleetEvent.tenant_id == tenant_id, FleetEvent.status == "pending")
        .values(status="replaced")
    )
    session.add(
        FleetEvent(
            tenant_id=tenant_id, webhook_id=webhook_id, body=body, status="pending", made_at=at
        )
    )


def due(session: Session, tenant_id: int, at: datetime) -> FleetEvent | None:
    """What is to be sent now."""
    found = newest(session, tenant_id)
    if found is None or found.status != "pending":
        return None
    return found if found.not_before is None or found.not_before <= at else None


def newest(session: Session, tenant_id: int) -> FleetEvent | None:
    """The newest list that was, or is to be, told."""
    mine = select(FleetEvent).where(FleetEvent.tenant_id == tenant_id)
    return session.scalar(mine.order_by(FleetEvent.id.desc()).limit(1))


def deliver(session: Session, event: FleetEvent, at: datetime) -> None:
    """It was taken."""
    alerts.clear(session, event.tenant_id, ALERT, at)
    _write(session, event, status="delivered", delivered_at=at, said=None, not_before=None)


def put_off(session: Session, event: FleetEvent, sentence: str, at: datetime) -> None:
    """It was not: one alert, and the same bytes again after a pause that grows."""
    alerts.raise_alert(session, event.tenant_id, ALERT, sentence, at)
    pause = PAUSES[min(event.attempts, len(PAUSES) - 1)]
    _write(session, event, said=sentence, not_before=at + pause)


def refuse(session: Session, event: FleetEvent, sentence: str, at: datetime) -> None:
    """It is not wanted there (any more): nothing is sent until there is something new."""
    alerts.raise_alert(session, event.tenant_id, ALERT, sentence, at)
    _write(session, event, status="refused", said=sentence, not_before=None)


def _write(session: Session, event: FleetEvent, **values: object) -> None:
    session.execute(
        update(FleetEvent)
        .where(FleetEvent.id == event.id, FleetEvent.status == "pending")
        .values({"attempts": FleetEvent.attempts + 1} | values)
    )
