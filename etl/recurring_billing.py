"""The billing schedules of a tenant as a page shows them, whoever asks let in first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from etl.jobs.plan_issues import told
from etl.reading import today_of
from etl.store import billing_schedules
from etl.store.access import Permission, Who, authorize
from etl.store.engine import Store

__all__ = ["RecurringBilling"]


class RecurringBilling:
    """What `Desk.billing` is."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def of_tenant(self, user_id: Who, slug: str) -> list[dict[str, Any]]:
        """The schedules by name, as etl.jobs.plan_issues.told tells them."""
        at = self._clock()
        with self._store.read() as session:
            grant = authorize(session, user_id, slug, Permission.READ, at=at)
            rows = billing_schedules.schedules(session, grant)
        return [told(row, today_of(grant, at)) for row in rows]

    def pause(self, user_id: Who, slug: str, name: str) -> None:
        """Issues nothing until it is resumed; NotAllowedError for whoever may not act."""
        at = self._clock()
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=at)
            billing_schedules.pause(session, grant, name, at=at)

    def resume(self, user_id: Who, slug: str, name: str) -> None:
        """Issues again what falls due from today on; NotAllowedError for whoever may not act."""
        at = self._clock()
        with self._store.begin() as session:
            grant = authorize(session, user_id, slug, Permission.ACT, at=at)
            today = today_of(grant, at)
            billing_schedules.resume(session, grant, name, today=today, at=at)
