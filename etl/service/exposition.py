"""The back office in numbers, in the form that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billcom.breaker import State
from etl.back_office import BackOffice
from etl.errors import StoreError
from etl.store import alerts, runs, telemetry, webhook_events, webhooks
from etl.store.circuits import all_circuits
from etl.store.models import OutboxRow, Tenant
from etl.store.tenants import all_tenants, connection_of

__all__ = ["exposition"]

LATENCY_OVER = timedelta(hours=1)
ENDPOINT = ["tenant", "endpoint", "error"]


def exposition(office: BackOffice) -> bytes:
    """All metrics as they are now."""
    registry = CollectorRegistry()
    registry.register(_Figures(office))
    return generate_latest(registry)


class _Figures(Collector):
    """Reads the store when it is asked."""

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    def describe(self) -> list[Metric]:
        """Nothing beforehand: the registry would ask the store for it."""
        return []

    def collect(self) -> Iterator[Metric]:
        with self._office.store.read() as session:
            tenants = {tenant.id: tenant for tenant in all_tenants(session)}
            slugs = {tenant_id: tenant.slug for tenant_id, tenant in tenants.items()}
            yield from _calls(session, slugs)
            yield _latencies(session, slugs, self._office)
            yield _circuits(session, slugs)
            yield _alerts(session, slugs)
            yield _freshness(session, tenants)
            yield _outbox(session, slugs)
            yield from _webhooks(session)
            yield from _budgets(self._office, tenants)


def _calls(session: Session, slugs: dict[int, str]) -> Iterator[Metric]:
    families = {
        "calls": CounterMetricFamily("tieout_bill_calls", "Calls to BILL.", labels=ENDPOINT),
        "taken_s": CounterMetricFamily(
            "tieout_bill_call_seconds", "Time until calls were answered.", labels=ENDPOINT
        ),
        "waited_s": CounterMetricFamily(
            "tieout_bill_wait_seconds", "Time calls waited to be let out.", labels=ENDPOINT
        ),
        "size_bytes": CounterMetricFamily(
            "tieout_bill_received_bytes", "Bytes of BILL's answers.", labels=ENDPOINT
        ),
    }
    for total in telemetry.totals(session):
        labels = [slugs[total.tenant_id], total.endpoint, total.error]
        for name, family in families.items():
            family.add_metric(labels, getattr(total, name))
    yield from families.values()


def _latencies(session: Session, slugs: dict[int, str], office: BackOffice) -> Metric:
    family = GaugeMetricFamily(
        "tieout_bill_call_latency_seconds",
        "Time until calls of the last hour were answered.",
        labels=["tenant", "endpoint", "quantile"],
    )
    for seen in telemetry.latencies(session, office.clock() - LATENCY_OVER):
        for quantile, value in (("0.5", seen.p50_s), ("0.95", seen.p95_s), ("0.99", seen.p99_s)):
            family.add_metric([slugs[seen.tenant_id], seen.endpoint, quantile], value)
    return family


def _circuits(session: Session, slugs: dict[int, str]) -> Metric:
    family = GaugeMetricFamily(
        "tieout_bill_circuit",
        "1 for the state a tenant's circuit to BILL is in.",
        labels=["tenant", "host", "state"],
    )
    for row in all_circuits(session):
        for state in State:
            family.add_metric(
                [slugs[row.tenant_id], row.host, state.value], float(row.state == state)
            )
    return family


def _alerts(session: Session, slugs: dict[int, str]) -> Metric:
    family = GaugeMetricFamily("tieout_alert_open", "Open alerts.", labels=["tenant", "kind"])
    for alert in alerts.open_alerts(session):
        family.add_metric([slugs[alert.tenant_id], alert.kind], 1)
    return family


def _freshness(session: Session, tenants: dict[int, Tenant]) -> Metric:
    family = GaugeMetricFamily(
        "tieout_last_success_timestamp_seconds",
        "When a tenant was last synced.",
        labels=["tenant"],
    )
    for tenant in tenants.values():
        run = runs.last_success(session, tenant.id)
        if run and run.finished_at:
            family.add_metric([tenant.slug], run.finished_at.timestamp())
    return family


def _outbox(session: Session, slugs: dict[int, str]) -> Metric:
    family = GaugeMetricFamily(
        "tieout_outbox_rows", "Rows of the outbox by status.", labels=["tenant", "status"]
    )
    counted = select(OutboxRow.tenant_id, OutboxRow.status, func.count()).group_by(
        OutboxRow.tenant_id, OutboxRow.status
    )
    for tenant_id, status, rows in session.execute(counted):
        family.add_metric([slugs[tenant_id], status], rows)
    return family


def _webhooks(session: Session) -> Iterator[Metric]:
    received = CounterMetricFamily(
        "tieout_webhook_events", "Events that BILL told.", labels=["tenant"]
    )
    refused = CounterMetricFamily(
        "tieout_webhook_refused", "Requests that BILL did not sign.", labels=["tenant"]
    )
    waiting = GaugeMetricFamily(
        "tieout_webhook_waiting", "Events that no sync has answered yet.", labels=["tenant"]
    )
    for row, slug in webhooks.all_subscriptions(session):
        received.add_metric([slug], row.received)
        refused.add_metric([slug], row.refused)
    for each in webhook_events.waiting(session):
        waiting.add_metric([each.slug], each.events)
    yield from (received, refused, waiting)


def _budgets(office: BackOffice, tenants: dict[int, Tenant]) -> Iterator[Metric]:
    spent = GaugeMetricFamily(
        "tieout_bill_hour_calls", "Calls a tenant made in this clock hour.", labels=["tenant"]
    )
    budget = GaugeMetricFamily(
        "tieout_bill_hour_budget", "Calls a tenant may make in a clock hour.", labels=["tenant"]
    )
    now = office.clock().timestamp()
    for tenant in tenants.values():
        try:
            _environment, credentials = connection_of(office.box, tenant)
        except StoreError:
            continue  # sealed with another key: the doctor tells of it
        throttle = office.throttle_of(tenant, credentials, is_urgent=True)
        spent.add_metric([tenant.slug], throttle.desk.look().calls_of(str(tenant.id), now))
        budget.add_metric([tenant.slug], throttle.allowance.tenant_calls)
    yield spent
    yield budget
