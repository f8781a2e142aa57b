"""The circuit breaker that all processes share; opening it raises an alert."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from billcom.breaker import CLOSED, Circuit, Health, State, refusal
from etl.errors import StoreError
from etl.store import alerts
from etl.store.databases import locked
from etl.store.engine import Store
from etl.store.models import CircuitRow, Tenant

__all__ = ["CIRCUIT_OPEN", "StoredBreaker", "all_circuits", "circuits_of"]

LOG = logging.getLogger(__name__)
CIRCUIT_OPEN = "circuit_open"
SEEN_FOR = timedelta(seconds=1)  # what another process did is known after this


class StoredBreaker:
    """A billcom.breaker.Breaker over the operational store, for one tenant and host."""

    def __init__(
        self, store: Store, tenant: Tenant, host: str, *, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._tenant_id = tenant.id
        self._slug = tenant.slug
        self._host = host
        self._clock = clock
        self._lock = threading.Lock()
        self._circuit = CLOSED
        self._seen_at: datetime | None = None

    def admit(self) -> None:
        """See Breaker.admit."""
        now = self._clock()
        circuit = self._seen(now)
        if circuit.state is not State.CLOSED:
            self._change(_claim_probe, now)

    def settle(self, health: Health) -> None:
        """See Breaker.settle."""
        now = self._clock()
        try:
            if self._seen(now).after(health, now) != self._seen(now):
                self._change(lambda circuit, at: circuit.after(health, at), now)
        except StoreError as error:  # the call has ended: what came of it counts for more
            LOG.warning("the circuit of %s was not kept: %s", self._slug, error)

    def _seen(self, now: datetime) -> Circuit:
        with self._lock:
            if self._seen_at is None or now - self._seen_at > SEEN_FOR:
                with self._store.read() as session:
                    row = session.get(CircuitRow, (self._tenant_id, self._host))
                    self._circuit, self._seen_at = _circuit_of(row), now
            return self._circuit

    def _change(self, move: Callable[[Circuit, datetime], Circuit], now: datetime) -> None:
        """Moves the circuit as it is in the store, whatever was seen of it."""
        with self._lock, self._store.begin() as session:
            row = self._row(session, now)
            before = _circuit_of(row)
            self._seen_at = None  # should `move` refuse, what is in the store is looked at anew
            after = move(before, now)
            row.state, row.failures, row.trips = after.state.value, after.failures, after.trips
            row.retry_at, row.changed_at = after.retry_at, now
            self._tell(session, before, after, now)
            self._circuit, self._seen_at = after, now

    def _row(self, session: Session, now: datetime) -> CircuitRow:
        new = CircuitRow(
            tenant_id=self._tenant_id,
            host=self._host,
            state=State.CLOSED.value,
            failures=0,
            trips=0,
            changed_at=now,
        )
        return locked(session, new)

    def _tell(self, session: Session, before: Circuit, after: Circuit, now: datetime) -> None:
        if after.state is State.OPEN and before.state is State.CLOSED:
            sentence = f"{self._slug}: {refusal(after)}"
            alerts.raise_alert(session, self._tenant_id, CIRCUIT_OPEN, sentence, now)
        is_mended = after.state is State.CLOSED and before.state is not State.CLOSED
        if is_mended and _all_closed(session, self._tenant_id):
            alerts.clear(session, self._tenant_id, CIRCUIT_OPEN, now)


def _claim_probe(circuit: Circuit, now: datetime) -> Circuit:
    if circuit.state is State.CLOSED:
        return circuit
    if not circuit.may_call(now):
        raise refusal(circuit)
    return circuit.probing(now)


def _circuit_of(row: CircuitRow | None) -> Circuit:
    if row is None:
        return CLOSED
    return Circuit(State(row.state), row.failures, row.trips, row.retry_at)


def all_circuits(session: Session) -> Sequence[CircuitRow]:
    """Every circuit that had a failure, whatever it is now."""
    return session.scalars(select(CircuitRow).order_by(CircuitRow.tenant_id)).all()


def _all_closed(session: Session, tenant_id: int) -> bool:
    return all(row.state == State.CLOSED for row in circuits_of(session, tenant_id))


def circuits_of(session: Session, tenant_id: int) -> Sequence[CircuitRow]:
    """Those of one tenant, by host."""
    of_tenant = select(CircuitRow).where(CircuitRow.tenant_id == tenant_id)
    return session.scalars(of_tenant.order_by(CircuitRow.host)).all()
