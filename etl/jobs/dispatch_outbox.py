"""Carries out what is queued in the outbox: each intended effect once, or not at all."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

from billcom.client import Client
from billcom.errors import CircuitOpenError, RateLimitedError, UnreachableError
from etl.back_office import BackOffice
from etl.errors import StoreError
from etl.jobs.dispatching import Dispatching, Step
from etl.store import claims
from etl.store.models import OutboxRow, Tenant

__all__ = ["QUIET", "dispatch_outbox", "dispatch_tenant"]

LOG = logging.getLogger(__name__)
TENANTS_AT_ONCE = 3
PASS = timedelta(seconds=5)  # then other tenants' rows, and new ones, have their turn
RENEW_EVERY_S = 30
# BILL may still be at work on a call whose answer was given up; what is not in the book before
# this has gone by may still come.
QUIET = timedelta(minutes=2)
ALL_WAIT = (RateLimitedError, CircuitOpenError, UnreachableError)


def dispatch_outbox(office: BackOffice, quiet: timedelta = QUIET) -> list[str]:
    """Dispatches what is due, oldest first, several tenants at a time; what expired is ended.

    Gives the tenants whose book changed. Returns after a few seconds with what is left to a next
    call.
    """
    now = office.clock()
    with office.store.begin() as session:
        claims.expire(session, now)
    with office.store.read() as session:
        waiting = dict.fromkeys(row.tenant_id for row in claims.due(session, now))
    if not waiting:
        return []
    with ThreadPoolExecutor(TENANTS_AT_ONCE) as crowd:
        changed = list(crowd.map(lambda one: dispatch_tenant(office, one, quiet=quiet), waiting))
    return [slug for slug in changed if slug]


def dispatch_tenant(
    office: BackOffice, tenant_id: int, *, only: int | None = None, quiet: timedelta = QUIET
) -> str | None:
    """Dispatches a tenant's rows that are due, or `only` one; its slug where its book changed."""
    with office.store.read() as session:
        tenant = session.get_one(Tenant, tenant_id)
        rows = [
            row.id
            for row in claims.due(session, office.clock(), tenant_id)
            if only is None or row.id == only
        ]
    if not rows:
        return None
    try:
        with office.client_of(tenant, is_urgent=True) as client:
            return _Pass(office, tenant, client, quiet).go_through(rows)
    except StoreError as error:
        # Its credentials cannot be read, or the store failed: other tenants must not wait for it.
        LOG.warning("the outbox of %s waits: %s", tenant.slug, error)
        return None


class _Pass:
    """One walk through a tenant's rows."""

    def __init__(
        self, office: BackOffice, tenant: Tenant, client: Client, quiet: timedelta
    ) -> None:
        self._office = office
        self._tenant = tenant
        self._client = client
        self._quiet = quiet

    def go_through(self, rows: list[int]) -> str | None:
        ends_at, is_changed = self._office.clock() + PASS, False
        for row_id in rows:
            if self._office.stopping.is_set() or self._office.clock() >= ends_at:
                break
            step = self._take(row_id)
            if step is None:
                continue
            is_changed = is_changed or step.status == "done"
            if isinstance(step.error, ALL_WAIT) and step.not_before:
                with self._office.store.begin() as session:
                    claims.hold(
                        session, self._tenant.id, reason=step.said, not_before=step.not_before
                    )
                break
        return self._tenant.slug if is_changed else None

    def _take(self, row_id: int) -> Step | None:
        with self._office.store.begin() as session:
            row = claims.claim(session, row_id, self._office.clock())
        if row is None:
            return None
        with _renewed(self._office, row):
            return Dispatching(self._office, self._tenant, row, self._client, self._quiet).run()


@contextmanager
def _renewed(office: BackOffice, row: OutboxRow) -> Iterator[None]:
    """While this lasts nobody else may take the row, however long BILL lets us wait."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEW_EVERY_S):
            with suppress(StoreError), office.store.begin() as session:
                claims.renew(session, row, office.clock())

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
