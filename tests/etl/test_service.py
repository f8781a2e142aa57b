"""The back office's own small server."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from billcom.breaker import Health
from billcom.sandbox.server import Sandbox
from etl.back_office import BackOffice
from etl.errors import TieoutError
from etl.jobs.sync_tenant import sync_tenant
from etl.service.app import listening
from etl.store.circuits import StoredBreaker
from etl.store.tenants import find_tenant
from tests.etl.conftest import connected

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


def read(address: str, path: str) -> httpx.Response:
    return httpx.get(address + path, trust_env=False)


def test_it_says_that_it_lives_and_is_ready_until_it_stops(office: BackOffice) -> None:
    with listening(office, 0) as address:
        assert read(address, "/healthz").text == "ok\n"
        assert read(address, "/readyz").status_code == 200
        office.stopping.set()
        stopping = read(address, "/readyz")
        assert (stopping.status_code, stopping.text) == (503, "stopping\n")


def test_a_store_that_is_gone_makes_it_not_ready(office: BackOffice) -> None:
    with listening(office, 0) as address:
        office.store.engine.dispose()
        for file in office.settings.data_dir.glob("tieout.db*"):
            file.unlink()
        (office.settings.data_dir / "tieout.db").mkdir()
        assert read(address, "/readyz").status_code == 503


@pytest.mark.both_databases
def test_metrics_tell_calls_latency_circuits_alerts_and_budgets(
    office: BackOffice, seeded: Sandbox
) -> None:
    office = replace(office, clock=lambda: NOW)  # else the hour may turn between call and count
    connected(office, seeded)
    report = sync_tenant(office, "cascade")
    with office.store.read() as session:
        tenant = find_tenant(session, "cascade")
    breaker = StoredBreaker(office.store, tenant, tenant.base_url, clock=office.clock)
    for _ in range(5):
        breaker.admit()
        breaker.settle(Health.FAILING)
    with listening(office, 0) as address:
        answer = read(address, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    seen = {
        (sample.name, *(v for k, v in sorted(sample.labels.items()) if k != "host")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    total = sum(value for key, value in seen.items() if key[0] == "tieout_bill_calls_total")
    assert total == report.api_calls
    assert seen["tieout_bill_calls_total", "POST /v3/login", "", "cascade"] == 1
    assert seen["tieout_bill_call_latency_seconds", "GET /v3/invoices", "0.5", "cascade"] > 0
    assert seen["tieout_bill_circuit", "open", "cascade"] == 1
    assert seen["tieout_bill_circuit", "closed", "cascade"] == 0
    assert seen["tieout_alert_open", "circuit_open", "cascade"] == 1
    assert seen["tieout_bill_hour_calls", "cascade"] == report.api_calls
    assert seen["tieout_bill_hour_budget", "cascade"] == 1000
    assert seen["tieout_last_success_timestamp_seconds", "cascade"] > 1_700_000_000


def test_a_taken_port_is_told_in_one_sentence(office: BackOffice) -> None:
    with listening(office, 0) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(TieoutError, match=f"Port {port} is taken"), listening(office, port):
            pass
