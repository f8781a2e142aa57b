"""The circuit breaker that processes share, and the alert it raises."""

from datetime import UTC, datetime, timedelta

import pytest

from billcom.breaker import FIRST_PAUSE, Health, State
from billcom.errors import CircuitOpenError
from etl.back_office import BackOffice
from etl.store import alerts
from etl.store.circuits import SEEN_FOR, StoredBreaker, all_circuits
from etl.store.models import Alert, Tenant
from tests.etl.test_store import add

pytestmark = pytest.mark.both_databases
HOST = "https://gateway.stage.bill.com/connect"


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tenant(office: BackOffice) -> Tenant:
    return add(office)


def fail(breaker: StoredBreaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.settle(Health.FAILING)


def open_alerts(office: BackOffice) -> list[Alert]:
    with office.store.read() as session:
        return list(alerts.open_alerts(session))


def test_failures_in_several_processes_open_one_circuit_for_all(
    office: BackOffice, tenant: Tenant, time: Time
) -> None:
    one, other = (StoredBreaker(office.store, tenant, HOST, clock=time) for _ in range(2))
    fail(one, 3)
    fail(other, 2)
    with pytest.raises(CircuitOpenError, match="tried again at 10:00:30 UTC"):
        other.admit()
    time.now += SEEN_FOR + timedelta(milliseconds=1)
    with pytest.raises(CircuitOpenError):
        one.admit()


def test_opening_raises_an_alert_once_and_recovering_ends_it(
    office: BackOffice, tenant: Tenant, time: Time
) -> None:
    breaker = StoredBreaker(office.store, tenant, HOST, clock=time)
    fail(breaker, 5)
    (alert,) = open_alerts(office)
    assert (alert.kind, alert.raised_at) == ("circuit_open", time.now)
    assert alert.sentence.startswith("cascade: BILL failed 5 times in a row")
    time.now += FIRST_PAUSE
    fail(breaker, 1)
    assert len(open_alerts(office)) == 1
    time.now += 2 * FIRST_PAUSE
    breaker.admit()
    breaker.settle(Health.WELL)
    assert open_alerts(office) == []
    with office.store.read() as session:
        assert [row.state for row in all_circuits(session)] == [State.CLOSED]


def test_only_one_process_probes(office: BackOffice, tenant: Tenant, time: Time) -> None:
    one, other = (StoredBreaker(office.store, tenant, HOST, clock=time) for _ in range(2))
    fail(one, 5)
    time.now += FIRST_PAUSE
    one.admit()
    with pytest.raises(CircuitOpenError):
        other.admit()
    one.settle(Health.UNTRIED)
    other.admit()


def test_a_circuit_is_of_one_tenant_and_host(
    office: BackOffice, tenant: Tenant, time: Time
) -> None:
    fail(StoredBreaker(office.store, tenant, HOST, clock=time), 5)
    StoredBreaker(office.store, tenant, "https://elsewhere.example", clock=time).admit()
    StoredBreaker(office.store, add(office, "prairie"), HOST, clock=time).admit()


def test_an_alert_lasts_until_every_host_of_the_tenant_is_well(
    office: BackOffice, tenant: Tenant, time: Time
) -> None:
    records = StoredBreaker(office.store, tenant, HOST, clock=time)
    events = StoredBreaker(office.store, tenant, HOST + "-events", clock=time)
    fail(records, 5)
    fail(events, 5)
    time.now += FIRST_PAUSE
    events.admit()
    events.settle(Health.WELL)
    assert len(open_alerts(office)) == 1
    records.admit()
    records.settle(Health.WELL)
    assert open_alerts(office) == []


def test_calls_that_succeed_write_nothing(office: BackOffice, tenant: Tenant, time: Time) -> None:
    breaker = StoredBreaker(office.store, tenant, HOST, clock=time)
    breaker.admit()
    breaker.settle(Health.WELL)
    with office.store.read() as session:
        assert all_circuits(session) == []
