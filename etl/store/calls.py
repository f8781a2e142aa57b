"""The throttle that all processes share, kept in the operational store.

Three places in flight a developer key and organization, leased so that a killed process gives
its place back; and a count of the calls a tenant made in the clock hour.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Update, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from billcom.session import Credentials
from billcom.throttle import MAX_IN_FLIGHT, budget_spent, hour_of
from etl.store.engine import Store
from etl.store.models import ApiHour, CallPlace, Tenant
from etl.store.owner import this_owner

__all__ = ["SharedThrottle"]

PLACE_LEASE = timedelta(seconds=90)  # longer than the longest call: connect plus read time-out
POLL_S = 0.02


class SharedThrottle:
    """A billcom.throttle.Throttle for one tenant, true across processes."""

    def __init__(
        self,
        store: Store,
        tenant: Tenant,
        credentials: Credentials,
        *,
        hourly_budget: int,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._tenant_id = tenant.id
        self._scope = _scope(credentials)
        self._budget = hourly_budget
        self._clock = clock
        self._sleep = sleep
        self._make_places()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Waits for a place and spends one call; BudgetSpentError when the hour's are spent."""
        self._spend()
        place = self._take()
        try:
            yield
        finally:
            self._give_back(place)

    def _make_places(self) -> None:
        rows = [{"scope": self._scope, "place": n} for n in range(MAX_IN_FLIGHT)]
        with self._store.begin() as session:
            session.execute(insert(CallPlace).on_conflict_do_nothing(), rows)

    def _spend(self) -> None:
        hour = hour_of(self._clock())
        row = insert(ApiHour).values(tenant_id=self._tenant_id, hour_at=hour, calls=1)
        counted = row.on_conflict_do_update(
            index_elements=["tenant_id", "hour_at"],
            set_={"calls": ApiHour.calls + 1},
            where=ApiHour.calls < self._budget,
        ).returning(ApiHour.calls)
        with self._store.begin() as session:
            if session.scalar(counted) is None:
                raise budget_spent(self._budget, hour)

    def _take(self) -> int:
        while True:
            place = self._try_take()
            if place is not None:
                return place
            self._sleep(POLL_S)

    def _try_take(self) -> int | None:
        now = self._clock()
        free = or_(CallPlace.holder.is_(None), CallPlace.lease_expires_at < now)
        with self._store.begin() as session:
            place = session.scalar(
                select(CallPlace.place).where(CallPlace.scope == self._scope, free).limit(1)
            )
            if place is not None:
                session.execute(
                    self._place(place).values(holder=_holder(), lease_expires_at=now + PLACE_LEASE)
                )
            return place

    def _give_back(self, place: int) -> None:
        with self._store.begin() as session:
            session.execute(
                self._place(place)
                .where(CallPlace.holder == _holder())
                .values(holder=None, lease_expires_at=None)
            )

    def _place(self, place: int) -> Update:
        return update(CallPlace).where(CallPlace.scope == self._scope, CallPlace.place == place)


def _scope(credentials: Credentials) -> str:
    # BILL counts places a key and organization; the key itself is not written down here.
    both = f"{credentials.developer_key}\n{credentials.organization_id}"
    return hashlib.sha256(both.encode()).hexdigest()


def _holder() -> str:
    return f"{this_owner()}:{threading.get_ident()}"
