"""Switching a tenant between BILL's worlds: never old data under the new world."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from billcom.environment import resolve
from billcom.errors import ConfigurationError
from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.session import Credentials
from etl import environments
from etl.back_office import BackOffice, open_back_office
from etl.environments import Connection, switch
from etl.errors import NoSnapshotError, RunRefusedError, StoreError, UsageError
from etl.extract.land import prepare
from etl.extract.progress import claim_lineage
from etl.jobs.sync_tenant import sync_tenant
from etl.reading import Reader
from etl.settings import Settings
from etl.store import alerts, outbox, runs
from etl.store.access import command_line_grant
from etl.store.models import Alert, AuditEntry, BillSession, CircuitRow, OutboxRow, Run, SnapshotRow
from etl.store.tenants import connection_of, enable_writes, find_tenant
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import open_work
from tests.etl.conftest import connected
from tests.worlds import written_world

pytestmark = pytest.mark.both_databases


@pytest.fixture(scope="module")
def old_world() -> Iterator[Sandbox]:
    with running_sandbox(written_world()) as running:
        yield running


@pytest.fixture(scope="module")
def new_world() -> Iterator[Sandbox]:
    with running_sandbox(written_world(BUSINESSES[2:])) as running:
        yield running


def target_at(sandbox: Sandbox, **wrong: str) -> Connection:
    known = sandbox.tenants[0]
    facts = {
        "organization_id": known.organization_id,
        "username": known.username,
        "developer_key": known.developer_key,
        "password": known.password,
    } | wrong
    return Connection(resolve("production", sandbox.base_url), Credentials(**facts))


@pytest.fixture
def synced(office: BackOffice, old_world: Sandbox) -> BackOffice:
    connected(office, old_world)
    assert sync_tenant(office, "cascade").status == "succeeded"
    return office


def propose(office: BackOffice, **facts: Any) -> None:
    known = {
        "idempotency_key": str(facts)[:80],
        "action": "invoice.archive",
        "bill_id": "00e1",
        "document": "Invoice 1",
        "input": {"id": "00e1"},
        "expected": {},
        "preview": "",
        "expires_at": office.clock() + outbox.LASTS,
        "status": "queued",
        "proposed_by": "alice@x.example",
        "proposed_at": office.clock(),
    }
    with office.store.begin() as session:
        tenant_id = find_tenant(session, "cascade").id
        receipt = session.scalar(select(func.count(OutboxRow.id))) or 0
        session.add(OutboxRow(tenant_id=tenant_id, receipt=receipt, **known | facts))


def rows(office: BackOffice, model: Any) -> list[Any]:
    with office.store.read() as session:
        return list(session.scalars(select(model).order_by(*model.__table__.primary_key)))


def holds(office: BackOffice, resource: str) -> set[str]:
    with open_work(folder_of(office.settings, "cascade")) as connection:
        found = connection.execute(
            "select bill_id from raw_heads where resource = $resource", {"resource": resource}
        ).fetchall()
    return {bill_id for (bill_id,) in found}


def test_synced_data_is_not_switched_over_without_a_word(
    synced: BackOffice, new_world: Sandbox
) -> None:
    logins = new_world.calls.total
    with pytest.raises(UsageError, match="--discard"):
        switch(synced, "cascade", target_at(new_world), discard=False, actor="test")
    assert new_world.calls.total == logins
    with synced.store.read() as session:
        assert find_tenant(session, "cascade").environment == "sandbox"


def test_credentials_of_the_other_world_change_nothing(
    synced: BackOffice, new_world: Sandbox
) -> None:
    wrong = target_at(new_world, developer_key="made-in-the-sandbox")
    with pytest.raises(ConfigurationError, match="BILL's production does not accept"):
        switch(synced, "cascade", wrong, discard=True, actor="test")
    assert len(rows(synced, SnapshotRow)) == 1
    assert sync_tenant(synced, "cascade").status == "succeeded"


def test_a_switch_leaves_nothing_of_the_world_it_left(
    synced: BackOffice, old_world: Sandbox, new_world: Sandbox
) -> None:
    with synced.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        tenant.environment = "production"  # another production, which had its writes allowed
        enable_writes(session, "cascade", at=synced.clock(), actor="test")
        alerts.raise_alert(session, tenant.id, "circuit_open", "BILL failed.", synced.clock())
        session.add(
            CircuitRow(
                tenant_id=tenant.id,
                host=tenant.base_url,
                state="open",
                failures=5,
                trips=1,
                retry_at=synced.clock(),
                changed_at=synced.clock(),
            )
        )
    propose(synced, bill_id="00e1")
    propose(synced, bill_id="00e2", is_sent=True)
    propose(synced, bill_id="00e3", status="done", outcome="Sent.")
    assert switch(synced, "cascade", target_at(new_world), discard=True, actor="test")
    assert [(row.status, row.outcome) for row in rows(synced, OutboxRow)] == [
        ("refused", "cascade left BILL's production before this was settled there."),
        ("unknown", "cascade left BILL's production before this was settled there."),
        ("done", "Sent."),
    ]
    for model in (SnapshotRow, CircuitRow, BillSession):
        assert rows(synced, model) == []
    assert [alert for alert in rows(synced, Alert) if alert.cleared_at is None] == []
    assert not folder_of(synced.settings, "cascade").path.exists()
    assert not (synced.settings.warehouse_dir / ".discarded" / "cascade").exists()
    with synced.store.read() as session:
        tenant = find_tenant(session, "cascade")
    assert (tenant.environment, tenant.writes_enabled_at) == ("production", None)
    assert connection_of(synced.box, tenant) == (
        target_at(new_world).environment,
        target_at(new_world).credentials,
    )
    assert rows(synced, AuditEntry)[-1].what == "environment.switched"
    with pytest.raises(NoSnapshotError):
        Reader(synced.settings, synced.store).published(command_line_grant(tenant))
    assert sync_tenant(synced, "cascade").status == "succeeded"
    assert holds(synced, "customers") == set(new_world.world.tenants[0].book.customers)


def test_a_tenant_without_data_is_switched_without_discarding(
    office: BackOffice, old_world: Sandbox, new_world: Sandbox
) -> None:
    connected(office, old_world)
    assert switch(office, "cascade", target_at(new_world), discard=False, actor="test")
    assert not switch(office, "cascade", target_at(new_world), discard=False, actor="test")


def test_a_switch_waits_for_a_sync_and_for_an_action(
    synced: BackOffice, new_world: Sandbox
) -> None:
    with synced.store.read() as session:
        tenant = find_tenant(session, "cascade")
    run_id = runs.start(synced.store, tenant, trigger="command", at=synced.clock())
    with pytest.raises(RunRefusedError, match="under way"):
        switch(synced, "cascade", target_at(new_world), discard=True, actor="test")
    with synced.store.begin() as session:
        runs.finish(session.get_one(Run, run_id), at=synced.clock())
    propose(
        synced,
        status="dispatching",
        owner="elsewhere:1:alive",
        lease_expires_at=synced.clock() + runs.LEASE,
    )
    with pytest.raises(RunRefusedError, match="is being carried out"):
        switch(synced, "cascade", target_at(new_world), discard=True, actor="test")
    assert folder_of(synced.settings, "cascade").work.exists()
    assert rows(synced, Run)[-1].status == "failed"
    assert sync_tenant(synced, "cascade").status == "succeeded"


def test_a_sync_that_was_overtaken_by_a_switch_publishes_nothing(
    synced: BackOffice, new_world: Sandbox
) -> None:
    (run,) = rows(synced, Run)
    with synced.store.begin() as session:
        known = session.get_one(Run, run.id)
        with pytest.raises(RunRefusedError, match="took its place"):
            runs.publish(session, known, seq=9, fingerprint="", checks=[], at=synced.clock())


MOMENTS = ["before set_aside", "before move", "before sweep", "after sweep"]


def switch_and_die(settings: Settings, target: Connection, moment: str) -> None:
    when, name = moment.split()
    step = getattr(environments, name)

    def dying(*args: Any, **more: Any) -> Any:
        if when == "after":
            step(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(environments, name, dying)
    switch(open_back_office(settings), "cascade", target, discard=True, actor="test")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_switch_killed_anywhere_is_made_whole_by_the_same_command(
    synced: BackOffice, new_world: Sandbox, moment: str
) -> None:
    target = target_at(new_world)
    child = multiprocessing.get_context("fork").Process(
        target=switch_and_die, args=(synced.settings, target, moment)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    with synced.store.read() as session:
        tenant = find_tenant(session, "cascade")
    if tenant.environment == "production":
        assert rows(synced, SnapshotRow) == []
        assert not folder_of(synced.settings, "cascade").path.exists()
    switch(synced, "cascade", target, discard=True, actor="test")
    assert not (synced.settings.warehouse_dir / ".discarded" / "cascade").exists()
    assert sync_tenant(synced, "cascade").status == "succeeded"
    assert holds(synced, "customers") == set(new_world.world.tenants[0].book.customers)


def test_a_history_belongs_to_one_world(synced: BackOffice) -> None:
    with synced.store.begin() as session:
        find_tenant(session, "cascade").environment = "production"
    report = sync_tenant(synced, "cascade")
    assert report.status == "failed"
    assert "is of BILL's sandbox, and cascade is in BILL's production" in str(report.error)


def test_a_history_of_before_worlds_were_noted_takes_its_tenants(office: BackOffice) -> None:
    folder = folder_of(office.settings, "cascade")
    with open_work(folder) as connection:
        connection.execute("create table lineage (tenant varchar, organization_id varchar)")
        connection.execute("insert into lineage values ('cascade', '008org')")
        prepare(connection)
        with pytest.raises(StoreError, match="another organization"):
            claim_lineage(connection, "cascade", "008other", "production")
        claim_lineage(connection, "cascade", "008org", "sandbox")
        prepare(connection)
        with pytest.raises(StoreError, match="BILL's sandbox"):
            claim_lineage(connection, "cascade", "008org", "production")
