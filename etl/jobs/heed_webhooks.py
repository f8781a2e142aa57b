"""Events of BILL lead to a sync: one for all that wait, and again until one has succeeded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from etl.back_office import BackOffice
from etl.store import runs, webhook_events
from etl.store.models import Tenant
from etl.store.tenants import find_tenant
from etl.store.webhook_events import Waiting

__all__ = ["Hints", "is_awaited"]

FIRST_PAUSE = timedelta(seconds=4)
# Between two syncs while events keep coming, so that a busy hour costs a few calls a minute; and
# before one that failed is tried again, where nothing new was told.
LONGEST_PAUSE = timedelta(minutes=1)
MustWait = Callable[[BackOffice, Session, Tenant], bool]


@dataclass(frozen=True, slots=True)
class _Asked:
    newest_id: int
    at: datetime
    pause: timedelta


class Hints:
    """Whose events ask for a sync now: at once, then after pauses that double up to a minute while
    more come. What waits is in the store, so that none is lost with the process; what was asked
    for lately is known here alone."""

    def __init__(self, office: BackOffice, must_wait: MustWait) -> None:
        """`must_wait`: whether no sync of a tenant may begin now."""
        self._office = office
        self._must_wait = must_wait
        self._asked: dict[int, _Asked] = {}

    def due(self) -> list[str]:
        """The tenants to be synced, each of which counts as asked for by this."""
        with self._office.store.read() as session:
            found = webhook_events.waiting(session)
        return [each.slug for each in found if self._is_due(each)]

    def _is_due(self, each: Waiting) -> bool:
        office, now = self._office, self._office.clock()
        last = self._asked.get(each.tenant_id)
        if not is_awaited(office, each.slug):
            return False
        if last and now < last.at + _pause(last, each):
            return False
        with office.store.read() as session:
            tenant = find_tenant(session, each.slug)
            is_held = runs.is_running(session, tenant.id, now)
            if is_held or self._must_wait(office, session, tenant):
                return False
        self._asked[each.tenant_id] = _Asked(each.newest_id, now, _next_pause(last, now))
        return True


def _pause(last: _Asked, each: Waiting) -> timedelta:
    return last.pause if each.newest_id != last.newest_id else LONGEST_PAUSE


def _next_pause(last: _Asked | None, now: datetime) -> timedelta:
    if last is None or now >= last.at + 2 * LONGEST_PAUSE:
        return FIRST_PAUSE  # it was quiet
    return min(2 * last.pause, LONGEST_PAUSE)


def is_awaited(office: BackOffice, slug: str) -> bool:
    """Whether events of a tenant still wait once those are handled that a sync has answered."""
    with office.store.begin() as session:
        tenant = find_tenant(session, slug)
        webhook_events.settle(session, tenant.id, office.clock())
        return webhook_events.is_awaited(session, tenant.id)
