"""A back office on empty data, and a pretend BILL to connect it to."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billcom.environment import resolve
from billcom.sandbox import world as sandbox_world
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.commands.tenants import connect
from etl.settings import load_settings
from etl.store.tenants import NewTenant
from tests.etl.postgresql import Server, running_server
from tests.worlds import written_world

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both_databases` runs once on each."""
    both = metafunc.definition.get_closest_marker("both_databases")
    if both and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of this test process's own."""
    with running_server() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty operational store; an empty address means SQLite."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    with request.getfixturevalue("postgresql").new_database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an operational store that is empty and of the newest form."""
    folder = tmp_path_factory.mktemp("migrated")
    opened = open_back_office(load_settings({"TIEOUT_DATA_DIR": str(folder)}))
    opened.store.engine.dispose()  # who closes last puts all into the one file
    assert not (folder / "tieout.db-wal").exists()
    return folder / "tieout.db"


@pytest.fixture
def office(tmp_path: Path, database_url: str, migrated: Path) -> Iterator[BackOffice]:
    """A back office of its own, with nothing in it."""
    env = {"TIEOUT_DATA_DIR": str(tmp_path / "data"), "TIEOUT_DATABASE_URL": database_url}
    if not database_url:
        (tmp_path / "data").mkdir(mode=0o700)
        shutil.copy(migrated, tmp_path / "data")
    opened = open_back_office(load_settings(env))
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def seeded() -> Iterator[Sandbox]:
    """The seeded world, freshly made."""
    with running_sandbox(written_world()) as sandbox:
        yield sandbox


def connected(
    office: BackOffice,
    sandbox: Sandbox,
    slug: str = "cascade",
    at: int = 0,
    time_zone: str = "UTC",
) -> sandbox_world.Tenant:
    """Connects one of the sandbox's tenants under a slug, and gives its side of things."""
    tenant = sandbox.world.tenants[at]
    known = tenant.credentials
    new = NewTenant(
        slug=slug,
        name=known.name,
        environment=resolve("sandbox", sandbox.base_url),
        credentials=Credentials(
            known.organization_id, known.username, known.developer_key, known.password
        ),
        time_zone=time_zone,
        currency="USD",
    )
    connect(office, new, actor="test")
    return tenant
