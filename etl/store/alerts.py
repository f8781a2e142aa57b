"""What administrators must know: raised once, open until it is over."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.store.models import Alert

__all__ = ["clear", "clear_all", "open_alerts", "raise_alert", "recent_alerts"]

LOG = logging.getLogger(__name__)


def raise_alert(
    session: Session, tenant_id: int, kind: str, sentence: str, at: datetime
) -> Alert | None:
    """Opens an alert and logs it; None where one of the kind is open already."""
    alert = Alert(tenant_id=tenant_id, kind=kind, sentence=sentence, raised_at=at)
    try:
        with session.begin_nested():
            session.add(alert)
    except IntegrityError:
        return None
    LOG.error("alert %s: %s", kind, sentence)
    return alert


def clear(session: Session, tenant_id: int, kind: str, at: datetime) -> None:
    """Ends the open alert of a kind, where there is one."""
    for alert in session.scalars(_open().where(Alert.tenant_id == tenant_id, Alert.kind == kind)):
        alert.cleared_at = at
        LOG.info("alert %s is over: %s", kind, alert.sentence)


def clear_all(session: Session, tenant_id: int, at: datetime) -> None:
    """Ends every open alert of a tenant."""
    for alert in session.scalars(_open().where(Alert.tenant_id == tenant_id)):
        alert.cleared_at = at


def open_alerts(session: Session) -> Sequence[Alert]:
    """All open alerts, oldest first."""
    return session.scalars(_open().order_by(Alert.id)).all()


def recent_alerts(session: Session, tenant_id: int, limit: int = 20) -> Sequence[Alert]:
    """A tenant's alerts: open ones first, then the newest that are over."""
    is_over = Alert.cleared_at.is_not(None)
    of_tenant = select(Alert).where(Alert.tenant_id == tenant_id)
    return session.scalars(of_tenant.order_by(is_over, Alert.id.desc()).limit(limit)).all()


def _open() -> Select[Alert]:
    return select(Alert).where(Alert.cleared_at.is_(None))
