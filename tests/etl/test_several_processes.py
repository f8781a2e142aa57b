"""What several threads or processes may do to one store at the same moment, on both databases."""

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from billcom.environment import resolve
from billcom.session import Credentials
from billcom.telemetry import Call
from etl.actions.action import Preview
from etl.back_office import BackOffice
from etl.errors import RunRefusedError, TieoutError, UsageError
from etl.settings import Settings
from etl.store import audit, claims, outbox, runs, tenants, users
from etl.store.access import Grant, command_line_grant
from etl.store.engine import open_store
from etl.store.models import AuditEntry, OutboxRow, Run, SnapshotRow, Tenant, User
from etl.store.telemetry import Recorder, totals

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 23, 10, 59, 30, tzinfo=UTC)
PREVIEW = Preview("Archive INV-1.", "", "INV-1")
PASSWORD = "a-long-password"


def added(office: BackOffice, name: str = "Cascade Dispatch") -> Tenant:
    credentials = Credentials("008org", "desk@cascade.example", "not-a-key", "not-a-password")
    new = tenants.NewTenant("cascade", name, resolve("sandbox"), credentials, "UTC", "USD")
    with office.store.begin() as session:
        return tenants.add_tenant(session, office.box, new, at=NOW, actor="test")


def together(times: int, work: Callable[[int], object]) -> list[object]:
    """What `work` gave in each of that many threads, or the error it ended with."""
    gate, given = threading.Barrier(times), []

    def run(number: int) -> None:
        gate.wait()
        try:
            given.append(work(number))
        except TieoutError as error:
            given.append(type(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == times
    return given


def _append(settings: Settings, actor: str, times: int) -> None:
    store = open_store(settings)
    for number in range(times):
        with store.begin() as session:
            audit.append(session, at=NOW, actor=actor, what="test.done", detail={"n": number})


def test_the_audit_chain_of_three_processes_is_whole(office: BackOffice) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_append, args=(office.settings, f"process-{number}", 40))
        for number in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with office.store.read() as session:
        assert audit.first_break(session) is None
        by_actor = select(AuditEntry.actor, func.count()).group_by(AuditEntry.actor)
        assert [count for _, count in session.execute(by_actor)] == [40, 40, 40]


def test_one_of_eight_runs_that_start_at_once_is_let_in(office: BackOffice) -> None:
    tenant = added(office)
    for _ in range(3):
        given = together(
            8, lambda _: runs.start(office.store, tenant, trigger="test", at=datetime.now(UTC))
        )
        [run_id] = [one for one in given if isinstance(one, int)]
        assert given.count(RunRefusedError) == 7
        with office.store.begin() as session:
            runs.finish(session.get_one(Run, run_id), at=NOW)


def test_a_run_that_is_just_being_renewed_is_not_taken_for_stale(office: BackOffice) -> None:
    tenant = added(office)
    run_id = runs.start(office.store, tenant, trigger="test", at=NOW)
    much_later = NOW + runs.LEASE * 3
    given: list[object] = []

    def start() -> None:
        try:
            given.append(runs.start(office.store, tenant, trigger="test", at=much_later))
        except RunRefusedError:
            given.append("refused")

    with office.store.begin() as session:
        run = session.get_one(Run, run_id, with_for_update=True)
        run.lease_expires_at = much_later + runs.LEASE
        session.flush()
        other = threading.Thread(target=start)
        other.start()
        time.sleep(0.3)
        assert given == []  # it waits for the renewal to be over
    other.join()
    assert given == ["refused"]


def test_a_run_whose_place_was_taken_publishes_nothing(office: BackOffice) -> None:
    tenant = added(office)
    run_id = runs.start(office.store, tenant, trigger="test", at=NOW)
    runs.start(office.store, tenant, trigger="test", at=NOW + runs.LEASE * 2)

    def publish() -> None:
        with office.store.begin() as session:
            run = session.get_one(Run, run_id)
            runs.publish(session, run, seq=run_id, fingerprint="f", checks=[], at=NOW)

    with pytest.raises(RunRefusedError, match="another took its place"):
        publish()
    with office.store.read() as session:
        assert session.scalars(select(SnapshotRow)).all() == []


def proposed(office: BackOffice, grant: Grant, key: str, preview: Preview = PREVIEW) -> int:
    with office.store.begin() as session:
        return outbox.propose(
            session,
            grant,
            outbox.Wanted("invoice.archive", {"id": "00e1"}, key),
            preview,
            at=NOW,
        ).id


@pytest.mark.parametrize("status", ["queued", "dispatching"])
def test_every_row_of_the_outbox_is_claimed_once(office: BackOffice, status: str) -> None:
    grant = command_line_grant(added(office))
    rows = [proposed(office, grant, f"key-{number}") for number in range(12)]
    with office.store.begin() as session:  # "dispatching", but nobody holds the lease any more
        session.execute(update(OutboxRow).values(status=status))

    def claim_all(_: int) -> list[int]:
        mine = []
        for row_id in rows:
            with office.store.begin() as session:
                if claims.claim(session, row_id, NOW):
                    mine.append(row_id)
        return mine

    claimed = Counter(row for mine in together(6, claim_all) for row in mine)  # type: ignore[attr-defined]
    assert claimed == dict.fromkeys(rows, 1)


def test_one_key_proposed_at_once_is_one_row(office: BackOffice) -> None:
    grant = command_line_grant(added(office))
    given = together(8, lambda _: proposed(office, grant, "key-1"))
    assert len(set(given)) == 1
    with office.store.read() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == 1
        told = select(AuditEntry).where(AuditEntry.what == "invoice.archive_proposed")
        assert len(session.scalars(told).all()) == 1


def test_one_name_given_at_once_is_one_tenant(office: BackOffice) -> None:
    given = together(6, lambda _: added(office).slug)
    assert Counter(given) == {"cascade": 1, UsageError: 5}


def test_one_person_added_at_once_is_one_user(office: BackOffice) -> None:
    tenant = added(office)

    def add(number: int) -> int:
        role = ("viewer", "operator")[number % 2]
        with office.store.begin() as session:
            return users.add_membership(
                session, "a@x.example", tenant, role, password=PASSWORD, at=NOW, actor="test"
            ).id

    assert len(set(together(6, add))) == 1
    with office.store.read() as session:
        assert len(session.scalars(select(User)).all()) == 1
        assert audit.first_break(session) is None


def test_five_wrong_passwords_at_once_are_five(office: BackOffice) -> None:
    tenant = added(office)
    with office.store.begin() as session:
        users.add_membership(
            session, "a@x.example", tenant, "viewer", password=PASSWORD, at=NOW, actor="test"
        )

    def guess(number: int) -> object:
        with office.store.begin() as session:
            return users.check_password(session, "a@x.example", f"guess-{number}-guess", at=NOW)

    told = Counter(str(sentence)[:8] for sentence in together(8, guess))
    assert told == {"The e-ma": 5, "Too many": 3}


def test_what_others_wrote_is_kept_whatever_it_holds(office: BackOffice) -> None:
    tenant = added(office)
    document = "INV\0" + "9" * 200
    preview = replace(PREVIEW, document=document)
    row_id = proposed(office, command_line_grant(tenant), "key-1", preview)
    with office.store.begin() as session:
        outbox.finish(
            session,
            session.get_one(OutboxRow, row_id),
            "cascade",
            status="failed",
            outcome="a\0b",
            at=NOW,
        )
    with office.store.read() as session:
        row = session.get_one(OutboxRow, row_id)
        assert row.document == ("INV�" + "9" * 200)[:120]
        assert row.outcome == "a�b"


def test_a_name_too_long_to_keep_is_refused(office: BackOffice) -> None:
    with pytest.raises(UsageError, match="at most 200"):
        added(office, "x" * 201)


def test_a_removed_tenant_takes_no_new_run(office: BackOffice) -> None:
    tenant = added(office)
    with office.store.begin() as session:
        tenants.remove_tenant(session, session.get_one(Tenant, tenant.id), at=NOW, actor="test")
    with pytest.raises(TieoutError, match="removed meanwhile"):
        runs.start(office.store, tenant, trigger="test", at=NOW + timedelta(seconds=1))


def test_calls_told_by_several_at_once_are_all_added_up(office: BackOffice) -> None:
    tenant = added(office)
    endpoints = [f"GET /v3/{name}" for name in ("invoices", "customers", "credit-memos")]

    def tell(number: int) -> None:
        recorder = Recorder(office.store, lambda: NOW)
        for step in range(30):  # each begins with another endpoint
            endpoint = endpoints[(number + step) % 3]
            recorder.observer_of(tenant.id)(Call(NOW, endpoint, 200, (), "", 1, 0.5, 0.25, 100))
            recorder.flush()

    together(6, tell)
    with office.store.read() as session:
        told = {row.endpoint: row for row in totals(session)}
    assert {endpoint: told[endpoint].calls for endpoint in endpoints} == dict.fromkeys(
        endpoints, 60
    )
    assert {row.size_bytes for row in told.values()} == {6000}
    assert {(row.waited_s, row.taken_s) for row in told.values()} == {(30.0, 15.0)}
