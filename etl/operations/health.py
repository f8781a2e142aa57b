"""How the way to BILL is: what is left of the hour, circuits, latencies, errors, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from etl.operations.gate import Gate
from etl.store import alerts
from etl.store.access import Who
from etl.store.call_sums import CallErrors, errors_by_class
from etl.store.circuits import circuits_of
from etl.store.desks import allowance_of, seen_desk
from etl.store.models import Alert, CircuitRow, Tenant
from etl.store.telemetry import Latency, latencies
from etl.store.tenants import connection_of

__all__ = ["LOOKED_BACK", "Health", "Limits"]

LOOKED_BACK = timedelta(hours=24)
NEAR_PERCENT = 90


@dataclass(frozen=True, slots=True)
class Limits:
    """What this clock hour's calls came to and may come to; it ends at `renewed_at`.

    The key's numbers are of every tenant that calls with the same developer key.
    """

    tenant_calls: int
    tenant_most: int
    key_calls: int
    key_most: int
    sign_ins: int
    sign_ins_most: int
    in_flight: int
    places: int
    waiting: int
    renewed_at: datetime

    @property
    def is_near(self) -> bool:
        """Whether nine tenths of anything that is counted by the hour are spent."""
        spent = (
            (self.tenant_calls, self.tenant_most),
            (self.key_calls, self.key_most),
            (self.sign_ins, self.sign_ins_most),
        )
        return any(100 * used >= most * NEAR_PERCENT for used, most in spent)


class Health:
    """All of one tenant; other tenants' calls only as part of their common key's sum."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def limits(self, who: Who, slug: str) -> Limits:
        """The hour of the tenant and its key; StoreError where its credentials cannot be read."""
        grant = self._gate.admin(who, slug)
        allowed = allowance_of(self._gate.settings)
        now = self._gate.clock().timestamp()
        with self._gate.store.read() as session:
            tenant = session.get_one(Tenant, grant.tenant_id)
            _environment, credentials = connection_of(self._gate.box, tenant)
            desk = seen_desk(session, credentials.developer_key)
            lane = tenant.organization_id
        return Limits(
            tenant_calls=desk.calls_of(str(grant.tenant_id), now),
            tenant_most=allowed.tenant_calls,
            key_calls=desk.calls(now),
            key_most=allowed.key_calls,
            sign_ins=desk.sign_ins(now),
            sign_ins_most=allowed.key_logins,
            in_flight=desk.in_flight(lane, now),
            places=allowed.in_flight,
            waiting=desk.in_line(lane, now),
            renewed_at=desk.ends_at(now),
        )

    def circuits(self, who: Who, slug: str) -> Sequence[CircuitRow]:
        """The circuits that ever had a failure; every other one is closed."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return circuits_of(session, grant.tenant_id)

    def latencies(self, who: Who, slug: str) -> Sequence[Latency]:
        """By endpoint, of the last 24 hours."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return latencies(session, self._gate.clock() - LOOKED_BACK, grant.tenant_id)

    def errors(self, who: Who, slug: str) -> Sequence[CallErrors]:
        """What went wrong in the last 24 hours, by class."""
        grant, now = self._gate.admin(who, slug), self._gate.clock()
        with self._gate.store.read() as session:
            return errors_by_class(session, grant.tenant_id, now - LOOKED_BACK, now)

    def alerts(self, who: Who, slug: str) -> Sequence[Alert]:
        """What administrators must know: open ones, then the newest that are over."""
        grant = self._gate.admin(who, slug)
        with self._gate.store.read() as session:
            return alerts.recent_alerts(session, grant.tenant_id)
