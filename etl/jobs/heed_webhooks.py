"""Events of BILL lead to a sync: one for all that wait, and again until one has succeeded."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from etl.back_office import BackOffice
from etl.store import runs, webhooks
from etl.store.models import Tenant
from etl.store.tenants import find_tenant
from etl.store.webhooks import Waiting

__all__ = ["Hints", "is_awaited"]

AGAIN_AFTER = timedelta(minutes=1)  # where a sync failed, and nothing new was told
MustWait = Callable[[BackOffice, Session, Tenant], bool]


class Hints:
    """Whose events ask for a sync now. What waits is in the store, so that none is lost with the
    process; what was asked for lately is known here alone."""

    def __init__(self, office: BackOffice, must_wait: MustWait) -> None:
        """`must_wait`: whether no sync of a tenant may begin now."""
        self._office = office
        self._must_wait = must_wait
        self._asked: dict[int, tuple[int, datetime]] = {}

    def due(self) -> list[str]:
        """The tenants to be synced, each of which counts as asked for by this."""
        with self._office.store.read() as session:
            found = webhooks.waiting(session)
        return [each.slug for each in found if self._is_due(each)]

    def _is_due(self, each: Waiting) -> bool:
        office, now = self._office, self._office.clock()
        if not is_awaited(office, each.slug):
            return False
        newest, asked_at = self._asked.get(each.tenant_id, (0, now))
        if newest == each.newest_id and now < asked_at + AGAIN_AFTER:
            return False
        with office.store.read() as session:
            tenant = find_tenant(session, each.slug)
            is_held = runs.is_running(session, tenant.id, now)
            if is_held or self._must_wait(office, session, tenant):
                return False
        self._asked[each.tenant_id] = (each.newest_id, now)
        return True


def is_awaited(office: BackOffice, slug: str) -> bool:
    """Whether events of a tenant still wait once those are handled that a sync has answered."""
    with office.store.begin() as session:
        tenant = find_tenant(session, slug)
        webhooks.settle(session, tenant.id, office.clock())
        return webhooks.is_awaited(session, tenant.id)
