"""The addresses a store may have, what a failing server is told as, and what stays hidden."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from etl.back_office import BackOffice
from etl.errors import RunRefusedError, SettingsError, StoreError
from etl.service.app import listening
from etl.settings import load_settings
from etl.store import runs
from etl.store.engine import Store, open_store
from etl.store.models import Run, Tenant
from tests.etl.postgresql import CLERK, CLERKS_PASSWORD, TEMPLATE, Server

SECRET = "hunter2-hunter2"
NOW = datetime(2026, 11, 23, 10, 59, 30, tzinfo=UTC)


def opened(folder: Path, url: str) -> Store:
    return open_store(load_settings({"TIEOUT_DATA_DIR": str(folder), "TIEOUT_DATABASE_URL": url}))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:password@db.example/tieout",
        "postgresql://user:p%40ss%2Fword@db.example:6432/tieout?sslmode=verify-full",
        "postgresql:///tieout?host=/run/postgresql",
        "sqlite:////var/lib/tieout/tieout.db",
    ],
)
def test_an_address_of_either_database_is_taken_and_not_shown(url: str) -> None:
    settings = load_settings({"TIEOUT_DATABASE_URL": url})
    assert settings.database_url == url
    assert url not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:{}@host/db",
        "postgres://user:{}@host/db",
        "postgresql+psycopg2://user:{}@host/db",
        "postgresql://user:{}@host",
        "postgresql://user:x@{}@host/db",
        "postgresql://user@host/db?password={}",
        "{}",
        "tieout.db?{}",
    ],
)
def test_any_other_address_names_the_variable_and_not_the_password(url: str) -> None:
    with pytest.raises(SettingsError, match="TIEOUT_DATABASE_URL") as refused:
        load_settings({"TIEOUT_DATABASE_URL": url.format(SECRET)})
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            lambda _: f"postgresql://u:{SECRET}@127.0.0.1:9/tieout",
            "tieout on 127.0.0.1.*server runs",
        ),
        (
            lambda _: f"postgresql://u:{SECRET}@db.invalid/tieout",
            "tieout on db.invalid.*server runs",
        ),
        (lambda server: server.url(TEMPLATE, CLERK, SECRET), "correct the user and password"),
        (lambda server: server.url(TEMPLATE, "nobody", SECRET), "correct the user and password"),
        (lambda server: server.url("none", password=SECRET), "create that database"),
        (lambda server: server.url(TEMPLATE) + "&nonsense=1", "server runs"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, postgresql: Server, address: Callable[[Server], str], told: str
) -> None:
    with pytest.raises(StoreError, match=told) as failure:
        opened(tmp_path, address(postgresql))
    assert SECRET not in repr(failure.value)
    assert "\n" not in str(failure.value)


def test_a_user_who_may_not_create_tables_is_told_so(tmp_path: Path, postgresql: Server) -> None:
    with postgresql.new_database("template1") as url:
        name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        with pytest.raises(StoreError, match="let its user create tables"):
            opened(tmp_path, postgresql.url(name, CLERK, CLERKS_PASSWORD))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_reader_cannot_write_and_the_password_is_not_in_the_engine(office: BackOffice) -> None:
    assert "unused" not in repr(office.store.engine)
    with office.store.read() as session, pytest.raises(DBAPIError, match="read-only transaction"):
        session.execute(delete(Run))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_run_retired_by_another_session_publishes_nothing(office: BackOffice) -> None:
    run_id = a_run(office)

    def publish() -> None:
        with office.store.begin() as session:
            run = session.get_one(Run, run_id)
            with office.store.begin() as other:
                other.get_one(Run, run_id).status = "stale"
            runs.publish(session, run, seq=run_id, fingerprint="f", checks=[], at=NOW)

    with pytest.raises(RunRefusedError, match="another took its place"):
        publish()


def a_run(office: BackOffice) -> int:
    facts = {"slug": "cascade", "name": "Cascade", "environment": "sandbox", "base_url": ""}
    rest = {"organization_id": "008", "time_zone": "UTC", "currency": "USD", "credentials": ""}
    tenant = Tenant(**facts, **rest, created_at=NOW)
    with office.store.begin() as session:
        session.add(tenant)
    return runs.start(office.store, tenant, trigger="test", at=NOW)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_replaced(
    office: BackOffice, postgresql: Server
) -> None:
    with office.store.read() as session:
        session.scalars(select(Run)).all()
    postgresql.hang_up()
    with office.store.read() as session:
        assert session.scalars(select(Run)).all() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_is_gone_makes_the_back_office_not_ready(
    office: BackOffice, postgresql: Server
) -> None:
    with listening(office, 0) as address:
        assert httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
        postgresql.drop(office.settings.database_url)
        answer = httpx.get(f"{address}/readyz", trust_env=False)
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_goes_away_in_the_middle_is_told_in_one_sentence(
    office: BackOffice, postgresql: Server
) -> None:
    def read() -> None:
        with office.store.read() as session:
            session.scalars(select(Run)).all()
            postgresql.hang_up()
            session.scalars(select(Run)).all()

    with pytest.raises(StoreError, match=r"^The operational store .* cannot be used .*\.$"):
        read()
