"""What is kept of every call: enough to count and time it, and nothing secret."""

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from billcom.errors import BillError
from billcom.resources import BANK_ACCOUNTS, CUSTOMERS, INVOICES
from billcom.sandbox.clock import system_clock
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.world import World, empty_tenant
from billcom.telemetry import Call
from etl.back_office import BackOffice
from etl.store import telemetry
from etl.store.models import BillCall, Tenant
from etl.store.tenants import find_tenant
from tests.etl.conftest import connected
from tests.etl.dumps import kept_in
from tests.etl.test_store import add

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def call(taken_s: float, error: str = "", at: datetime = NOW, endpoint: str = "GET /x") -> Call:
    return Call(at, endpoint, 503 if error else 200, (), error, 1, 0.25, taken_s, 10)


@pytest.fixture
def tenant(office: BackOffice) -> Tenant:
    return add(office)


def record(office: BackOffice, tenant: Tenant, *calls: Call) -> None:
    recorder = telemetry.Recorder(office.store, lambda: NOW)
    for one in calls:
        recorder.observer_of(tenant.id)(one)
    recorder.flush()


def test_percentiles_and_failures_are_told_by_endpoint(office: BackOffice, tenant: Tenant) -> None:
    slow = [call(n / 100, "ServerError" if n > 90 else "") for n in range(1, 101)]
    record(office, tenant, *slow, call(3.0, endpoint="GET /y"))
    with office.store.read() as session:
        first, second = telemetry.latencies(session, NOW - timedelta(hours=1))
    assert first == telemetry.Latency(tenant.id, "GET /x", 100, 10, 0.5, 0.95, 0.99)
    assert second == telemetry.Latency(tenant.id, "GET /y", 1, 0, 3.0, 3.0, 3.0)


def test_calls_are_kept_for_thirty_days_and_their_sums_for_good(
    office: BackOffice, tenant: Tenant
) -> None:
    record(office, tenant, call(1.0, at=NOW - timedelta(days=31)), call(2.0))
    with office.store.begin() as session:
        telemetry.prune(session, NOW)
    with office.store.read() as session:
        assert [row.taken_s for row in session.query(BillCall)] == [2.0]
        (total,) = telemetry.totals(session)
    assert (total.calls, total.taken_s, total.waited_s, total.size_bytes) == (2, 3.0, 0.5, 20)


def test_calls_are_written_in_batches(office: BackOffice, tenant: Tenant) -> None:
    recorder = telemetry.Recorder(office.store, lambda: NOW)
    observe = recorder.observer_of(tenant.id)
    for _ in range(telemetry.MOST_UNWRITTEN - 1):
        observe(call(1.0))
    with office.store.read() as session:
        assert session.query(BillCall).count() == 0
    observe(call(1.0))
    with office.store.read() as session:
        assert session.query(BillCall).count() == telemetry.MOST_UNWRITTEN


SECRETS = (
    "sandbox-devkey-cascade",
    "not-a-secret-cascade",
    "000123456789",
    "Please pay at once",
    "ap@harlow.example",
)


def test_no_secret_bank_number_or_mail_body_reaches_a_log_an_error_or_the_store(
    office: BackOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    world = World([empty_tenant("cascade", "Cascade Dispatch", system_clock)], system_clock)
    with running_sandbox(world) as sandbox:
        connected(office, sandbox)
        with office.store.read() as session:
            tenant = find_tenant(session, "cascade")
        with office.client_of(tenant, lambda c: said.append(repr(c))) as client:
            body = {"name": "Harlow", "email": "ap@harlow.example"}
            customer = client.do(CUSTOMERS, "create", body=body)["id"]
            line = {"quantity": 1, "price": Decimal(1), "description": "Dispatch"}
            invoice = client.do(
                INVOICES,
                "create",
                body={"customer": {"id": customer}, "invoiceLineItems": [line]},
            )["id"]
            bank = {"nameOnAccount": "Harlow", "accountNumber": "000123456789"}
            mail = {"recipient": {"to": "ap@harlow.example"}, "message": "Please pay at once"}
            for resource, verb, ids, sent in (
                (BANK_ACCOUNTS, "create", {"customer_id": customer}, bank),
                (INVOICES, "email", {"id": invoice}, mail),
                (CUSTOMERS, "create", {}, {**bank, "email": "ap@harlow.example"}),
            ):
                with pytest.raises(BillError) as caught:
                    client.do(resource, verb, body=sent, **ids)
                said += [str(caught.value), repr(caught.value), repr(caught.value.facts)]
            session_id = client.sign_in().session_id
        said += [record.getMessage() for record in caplog.records]
    with office.store.read() as session:
        rows = [vars(row) for row in session.query(BillCall)]
        rows += [vars(row) for row in telemetry.totals(session)]
    kept = kept_in(office)
    assert len(said) > 6
    assert len(rows) > 6
    for secret in (*SECRETS, session_id):
        assert secret not in "\n".join(said)
        assert secret not in repr(rows)
        assert secret.encode() not in kept


def test_ids_are_no_part_of_an_endpoint(office: BackOffice) -> None:
    heard: list[Call] = []
    world = World([empty_tenant("cascade", "Cascade Dispatch", system_clock)], system_clock)
    with running_sandbox(world) as sandbox:
        connected(office, sandbox)
        with office.store.read() as session:
            tenant = find_tenant(session, "cascade")
        with office.client_of(tenant, heard.append) as client, pytest.raises(BillError):
            client.get(CUSTOMERS, "0cu02AAAAAAAAAAAAAAA")
    assert [(c.endpoint, c.status, c.error) for c in heard] == [
        ("POST /v3/login", 200, ""),
        ("GET /v3/customers/{id}", 404, "NotFoundError"),
    ]
