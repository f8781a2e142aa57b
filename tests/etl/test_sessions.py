"""BILL's sessions, shared by every process through the store."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from billcom.errors import CallFacts, ConfigurationError, UnreachableError
from billcom.session import Credentials, Session
from etl.back_office import BackOffice
from etl.store.models import BillSession, Tenant
from etl.store.sessions import StoredSession, forget_sessions
from tests.etl.dumps import kept_in
from tests.etl.test_store import add

pytestmark = pytest.mark.both_databases
PERSON = Credentials("008org", "desk@cascade.example", "not-a-key", "not-a-password")
TOKEN = Credentials("008org", "ar-sync-token", "not-a-key", "not-a-token")


class Bill:
    """Signs in, and counts how often; `now` is moved by hand or by sleeping."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, tzinfo=UTC)
        self.logins = 0
        self.error: Exception | None = None

    def sign_in(self) -> Session:
        self.logins += 1
        if self.error:
            raise self.error
        return Session("006user", f"session-{self.logins}")

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def bill() -> Bill:
    return Bill()


@pytest.fixture
def tenant(office: BackOffice) -> Tenant:
    return add(office)


def process(
    office: BackOffice, tenant: Tenant, bill: Bill, credentials: Credentials = PERSON
) -> StoredSession:
    """As another process would have it: nothing remembered."""
    return StoredSession(
        office.store,
        office.box,
        tenant.id,
        credentials,
        clock=lambda: bill.now,
        sleep=bill.sleep,
    )


def test_one_sign_in_serves_every_process(office: BackOffice, tenant: Tenant, bill: Bill) -> None:
    sessions = {process(office, tenant, bill).current(bill.sign_in) for _ in range(3)}
    assert sessions == {Session("006user", "session-1")}
    assert bill.logins == 1


def test_threads_that_need_a_session_at_once_sign_in_once(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    found: list[Session] = []
    crowd = [
        threading.Thread(
            target=lambda: found.append(process(office, tenant, bill).current(bill.sign_in))
        )
        for _ in range(6)
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(found) == 6
    assert bill.logins == 1


def test_it_is_sealed_at_rest(office: BackOffice, tenant: Tenant, bill: Bill) -> None:
    process(office, tenant, bill).current(bill.sign_in)
    assert b"session-1" not in kept_in(office)


@pytest.mark.parametrize(
    ("credentials", "lives", "dies"),
    [
        (PERSON, timedelta(minutes=30), timedelta(minutes=34)),
        (TOKEN, timedelta(hours=46), timedelta(hours=48)),
    ],
)
def test_an_idle_session_is_renewed_before_bill_has_to_refuse_it(
    office: BackOffice,
    tenant: Tenant,
    bill: Bill,
    credentials: Credentials,
    lives: timedelta,
    dies: timedelta,
) -> None:
    first = process(office, tenant, bill, credentials)
    first.current(bill.sign_in)
    bill.now += lives
    first.current(bill.sign_in)  # each use begins the idle time anew, for other processes too
    bill.now += lives
    process(office, tenant, bill, credentials).current(bill.sign_in)
    assert bill.logins == 1
    bill.now += dies
    first.current(bill.sign_in)
    assert bill.logins == 2


def test_a_session_that_bill_refused_is_forgotten_by_all_unless_it_was_renewed(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    one, other = process(office, tenant, bill), process(office, tenant, bill)
    stale = one.current(bill.sign_in)
    assert other.current(bill.sign_in) == stale
    one.forget(stale)
    renewed = one.current(bill.sign_in)
    other.forget(stale)
    assert other.current(bill.sign_in) == renewed
    assert bill.logins == 2


def test_refused_credentials_are_not_tried_again_for_hours(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    facts = CallFacts(codes=("BDC_1101",))
    bill.error = ConfigurationError("BILL does not know this user.", facts)
    for _ in range(3):
        with pytest.raises(ConfigurationError, match="does not know this user"):
            process(office, tenant, bill).current(bill.sign_in)
    assert bill.logins == 1
    bill.error = None
    bill.now += timedelta(hours=7)
    process(office, tenant, bill).current(bill.sign_in)
    assert bill.logins == 2


def test_other_credentials_are_tried_at_once(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    bill.error = ConfigurationError("no")
    with pytest.raises(ConfigurationError):
        process(office, tenant, bill).current(bill.sign_in)
    bill.error = None
    process(office, tenant, bill, TOKEN).current(bill.sign_in)
    with office.store.begin() as session:
        forget_sessions(session, tenant.id)
    process(office, tenant, bill).current(bill.sign_in)
    assert bill.logins == 3


def test_a_doubtful_refusal_is_tried_again_sooner(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    bill.error = ConfigurationError("HTTP 403")
    with pytest.raises(ConfigurationError):
        process(office, tenant, bill).current(bill.sign_in)
    bill.error = None
    bill.now += timedelta(minutes=31)
    process(office, tenant, bill).current(bill.sign_in)
    assert bill.logins == 2


def test_a_sign_in_that_outlived_its_lease_leaves_what_came_after_it(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    slow, quick = process(office, tenant, bill), process(office, tenant, bill)

    def slowly() -> Session:
        bill.now += timedelta(minutes=5)
        assert quick.current(bill.sign_in) == Session("006user", "session-1")
        raise UnreachableError("no answer")

    with pytest.raises(UnreachableError):
        slow.current(slowly)
    assert process(office, tenant, bill).current(bill.sign_in).session_id == "session-1"
    assert bill.logins == 1


def test_a_sign_in_that_did_not_reach_bill_leaves_the_next_one_free(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    bill.error = UnreachableError("no network")
    with pytest.raises(UnreachableError):
        process(office, tenant, bill).current(bill.sign_in)
    bill.error = None
    before = bill.now
    process(office, tenant, bill).current(bill.sign_in)
    assert bill.now == before


def test_a_process_that_died_while_signing_in_is_waited_for_and_then_replaced(
    office: BackOffice, tenant: Tenant, bill: Bill
) -> None:
    keeper = process(office, tenant, bill)
    with office.store.begin() as session:
        keeper._row(session).sign_in_lease_at = bill.now + timedelta(seconds=90)
    before = bill.now
    keeper.current(bill.sign_in)
    assert timedelta(seconds=80) < bill.now - before < timedelta(seconds=100)
    with office.store.read() as session:
        (row,) = session.query(BillSession).all()
    assert row.sign_in_lease_at is None
