"""Opening the operational store: an engine, its sessions, and its migrations."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from etl.errors import StoreError
from etl.settings import Settings

__all__ = ["HEAD", "Store", "open_store"]

HEAD = "0002"  # the newest file in migrations/versions; a test holds the two together
MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """Sessions of the operational store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on an error."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads, and waits for no writer."""
        with self._sessions(bind=self.engine.execution_options(reads=True)) as session:
            yield session


def open_store(settings: Settings) -> Store:
    """The store, migrated to the newest version. Raises StoreError with a sentence."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            settings.database_url, connect_args={"timeout": 30}, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin_immediate)
        _migrate(engine, settings)
    except (OSError, OperationalError) as error:
        reason = getattr(error, "orig", None) or error
        raise StoreError(
            f"The operational store in {settings.data_dir} cannot be opened ({reason}): check "
            "TIEOUT_DATA_DIR and its permissions."
        ) from None
    return Store(engine)


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun below, by us: sqlite3 itself would begin them too late.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_immediate(connection: Connection) -> None:
    # A reader that turns writer inside a transaction fails with "database is locked" at once,
    # whatever the timeout; taking the write lock first waits instead.
    only_reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _migrate(engine: Engine, settings: Settings) -> None:
    if _version(engine) == HEAD:
        return
    with FileLock(settings.data_dir / "migrate.lock"):
        if _version(engine) == HEAD:
            return
        # Alembic takes a while to import and is rarely needed.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util.exc import CommandError  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError:
            raise StoreError(
                "The operational store was written by a newer Tieout: update this one."
            ) from None


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()
