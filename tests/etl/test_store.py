"""The operational store: its migrations, tenants, people, runs and shared throttle."""

import multiprocessing
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.errors import (
    NotAllowedError,
    RunRefusedError,
    SettingsError,
    StoreError,
    UnknownTenantError,
    UsageError,
)
from etl.settings import Settings, load_settings
from etl.store import runs, tenants, users
from etl.store.access import Permission, authorize, grants_of
from etl.store.engine import HEAD, MIGRATIONS, open_store
from etl.store.models import Base, Run, Tenant
from etl.store.owner import is_surely_dead, this_owner
from etl.store.secrets import open_box
from tests.etl.dumps import kept_in

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 23, 10, 59, 30, tzinfo=UTC)
CREDENTIALS = Credentials("008cascade", "desk@cascade.example", "not-a-key", "not-a-password")


def add(office: BackOffice, slug: str = "cascade", name: str = "Cascade Dispatch") -> Tenant:
    of_its_own = replace(CREDENTIALS, organization_id=f"008{slug}")
    new = tenants.NewTenant(slug, name, resolve("sandbox"), of_its_own, "UTC", "USD")
    with office.store.begin() as session:
        return tenants.add_tenant(session, office.box, new, at=NOW, actor="test")


@pytest.fixture
def empty_url(database_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with nothing in it, not even tables."""
    if not database_url:
        yield ""
        return
    with request.getfixturevalue("postgresql").new_database("template1") as url:
        yield url


def test_the_migrations_make_exactly_the_tables_of_the_models(office: BackOffice) -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD
    with office.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_processes_that_start_together_make_one_store(tmp_path: Path, empty_url: str) -> None:
    settings = load_settings({"TIEOUT_DATA_DIR": str(tmp_path), "TIEOUT_DATABASE_URL": empty_url})
    failures: list[Exception] = []

    def start() -> None:
        try:
            open_store(settings)
            keys.add(open_box(settings).seal("x")[:0] + (tmp_path / "secret.key").read_text())
        except Exception as error:  # noqa: BLE001 - collected for the assertion
            failures.append(error)

    keys: set[str] = set()
    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(keys) == 1


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="TIEOUT_DATA_DIR"):
        open_store(load_settings({"TIEOUT_DATA_DIR": str(tmp_path / "file")}))


def test_credentials_are_sealed_at_rest_and_the_key_is_its_owners(office: BackOffice) -> None:
    tenant = add(office)
    data = office.settings.data_dir
    kept = kept_in(office)
    for secret in (b"not-a-key", b"not-a-password", b"desk@cascade.example"):
        assert secret not in kept
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    assert tenants.connection_of(office.box, tenant)[1] == CREDENTIALS


def test_credentials_of_another_key_are_told_in_one_sentence(office: BackOffice) -> None:
    tenant = add(office)
    (office.settings.data_dir / "secret.key").unlink()
    other = open_back_office(office.settings)
    with pytest.raises(StoreError, match="TIEOUT_SECRET_KEY"):
        tenants.connection_of(other.box, tenant)


def test_a_key_that_is_none_names_its_variable(tmp_path: Path) -> None:
    settings = load_settings({"TIEOUT_DATA_DIR": str(tmp_path), "TIEOUT_SECRET_KEY": "too short"})
    with pytest.raises(SettingsError, match="TIEOUT_SECRET_KEY"):
        open_box(settings)


@pytest.mark.parametrize(
    "slug",
    ["", "../x", "a/b", "A", ".hidden", "-x", "x-", "ä", "a" * 64, "con\x00", "a b", "..%2f"],
)
def test_a_slug_that_could_leave_its_folder_is_refused(office: BackOffice, slug: str) -> None:
    with pytest.raises(UsageError, match="cannot name a tenant"):
        add(office, slug)


def test_a_slug_is_taken_once(office: BackOffice) -> None:
    add(office)
    with pytest.raises(UsageError, match="already"):
        add(office)


def person(office: BackOffice, email: str, tenant: Tenant, role: str) -> int:
    with office.store.begin() as session:
        return users.add_membership(
            session, email, tenant, role, password="a-long-password", at=NOW, actor="test"
        ).id


def test_alice_and_bob_see_cascade_and_charlie_hears_it_does_not_exist(office: BackOffice) -> None:
    cascade, prairie = add(office), add(office, "prairie", "Cascade Dispatch")
    alice = person(office, "Alice@X.example", cascade, "operator")
    bob = person(office, "bob@x.example", cascade, "viewer")
    charlie = person(office, "charlie@x.example", prairie, "admin")
    with office.store.read() as session:
        assert [g.tenant for g in grants_of(session, alice, at=NOW)] == ["cascade"]
        assert authorize(session, bob, "cascade", Permission.READ, at=NOW).role == "viewer"
        with pytest.raises(NotAllowedError, match="viewer"):
            authorize(session, bob, "cascade", Permission.ACT, at=NOW)
        with pytest.raises(UnknownTenantError) as stranger:
            authorize(session, charlie, "cascade", Permission.READ, at=NOW)
        with pytest.raises(UnknownTenantError) as nothing:
            authorize(session, charlie, "no-such-tenant", Permission.READ, at=NOW)
        assert str(stranger.value) == str(nothing.value)


def test_a_password_is_checked_and_five_wrong_ones_lock_the_user_out(office: BackOffice) -> None:
    person(office, "alice@x.example", add(office), "viewer")

    def sign_in(password: str, at: datetime, email: str = " ALICE@x.example ") -> object:
        with office.store.begin() as session:
            return users.check_password(session, email, password, at=at)

    assert not isinstance(sign_in("a-long-password", NOW), str)
    wrong = [sign_in("a-wrong-password", NOW) for _ in range(5)]
    assert set(wrong) == {sign_in("whatever", NOW, "nobody@x.example")}
    assert "Too many wrong passwords" in str(sign_in("a-long-password", NOW))
    assert not isinstance(sign_in("a-long-password", NOW + timedelta(minutes=16)), str)


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("not an address", "viewer", "a-long-password"),
        ("a@x.example", "king", "a-long-password"),
        ("a@x.example", "viewer", "short"),
        ("a@x.example", "viewer", None),
    ],
)
def test_a_person_that_makes_no_sense_is_refused(
    office: BackOffice, email: str, role: str, password: str | None
) -> None:
    tenant = add(office)
    with office.store.begin() as session, pytest.raises(UsageError):
        users.add_membership(session, email, tenant, role, password=password, at=NOW, actor="test")


def test_a_run_excludes_any_other_until_it_ends(office: BackOffice) -> None:
    tenant = add(office)
    run_id = runs.start(office.store, tenant, trigger="test", at=NOW)
    with pytest.raises(RunRefusedError, match="under way"):
        runs.start(office.store, tenant, trigger="test", at=NOW)
    with office.store.begin() as session:
        runs.finish(session.get_one(Run, run_id), at=NOW)
    assert runs.start(office.store, tenant, trigger="test", at=NOW) > run_id


def test_the_store_itself_refuses_a_second_running_run(office: BackOffice) -> None:
    tenant = add(office)
    runs.start(office.store, tenant, trigger="test", at=NOW)
    columns = "tenant_id, status, trigger, owner, started_at, lease_expires_at, rows, api_calls"
    with (
        pytest.raises(IntegrityError, match=r"runs\.tenant_id|one_running_run_a_tenant"),
        office.store.begin() as session,
    ):
        session.execute(text(f"insert into runs ({columns}) select {columns} from runs"))


def _start_and_die(settings: Settings, slug: str) -> None:
    office = open_back_office(settings)
    with office.store.read() as session:
        tenant = tenants.find_tenant(session, slug)
    runs.start(office.store, tenant, trigger="test", at=datetime.now(UTC))
    os._exit(9)


def test_a_run_whose_process_died_gives_way_at_once(office: BackOffice) -> None:
    tenant = add(office)
    process = multiprocessing.get_context("spawn").Process(
        target=_start_and_die, args=(office.settings, "cascade")
    )
    process.start()
    process.join()
    runs.start(office.store, tenant, trigger="test", at=datetime.now(UTC))
    with office.store.read() as session:
        assert [run.status for run in runs.recent_runs(session, tenant.id)] == ["running", "stale"]


def test_a_run_on_another_machine_gives_way_when_its_lease_ends(office: BackOffice) -> None:
    tenant = add(office)
    run_id = runs.start(office.store, tenant, trigger="test", at=NOW)
    with office.store.begin() as session:
        session.get_one(Run, run_id).owner = "another-host:1:abc"
    with pytest.raises(RunRefusedError):
        runs.start(office.store, tenant, trigger="test", at=NOW + runs.LEASE / 2)
    runs.start(office.store, tenant, trigger="test", at=NOW + runs.LEASE * 2)
    with pytest.raises(RunRefusedError, match="another took its place"):
        runs.renew(office.store, run_id, NOW)


def test_a_process_is_known_dead_only_where_that_is_sure() -> None:
    host, pid, _ = this_owner().rsplit(":", 2)
    assert not is_surely_dead(this_owner())
    assert is_surely_dead(f"{host}:{pid}:another-start")
    assert is_surely_dead(f"{host}:4194000:x")
    assert not is_surely_dead("another-host:4194000:x")
    assert not is_surely_dead(f"{host}:1:x")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIEOUT_SYNC_EVERY_S", "0"),
        ("TIEOUT_SYNC_EVERY_S", "soon"),
        ("TIEOUT_HOURLY_BUDGET", "-1"),
        ("TIEOUT_LOOKBACK_S", "1.5"),
        ("TIEOUT_DATABASE_URL", "mysql://host/db"),
    ],
)
def test_a_wrong_setting_stops_with_its_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_settings({variable: value})
