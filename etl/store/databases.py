"""All that differs between the two databases the operational store can be kept in."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum
from typing import Any, Protocol, TypeVar

from filelock import FileLock
from sqlalchemy import create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.settings import Settings
from etl.store.models import Base

__all__ = ["Database", "Lock", "database_of", "insert", "locked", "serialize"]

Row = TypeVar("Row", bound=Base)
OUR_LOCKS = 7_104_368  # sets our advisory locks apart from those of others in the same database


class Lock(IntEnum):
    """What one transaction at a time may do."""

    MIGRATE = 1
    APPEND_TO_AUDIT = 2


class Database(Protocol):
    """One database: its engine, another that only reads, and how it is migrated."""

    engine: Engine
    reader: Engine

    def migrating(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction, while no other process migrates this store."""

    def told(self, failure: Exception) -> str:
        """One sentence: what failed, and what to do. It never shows the password."""


def database_of(settings: Settings) -> Database:
    """The database that the settings name; nothing is connected to yet."""
    url = make_url(settings.database_url)
    return _Sqlite(settings, url) if url.drivername == "sqlite" else _Postgresql(url)


def insert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An insert into a model's table that can say what to do `on_conflict`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


def locked(session: Session, new: Row) -> Row:
    """The row with `new`'s key, locked until the transaction ends; `new` where there is none."""
    key = inspect(type(new)).primary_key_from_instance(new)
    kept = session.get(type(new), key, with_for_update=True)
    if kept is not None:
        return kept
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:  # another transaction was quicker
        return session.get_one(type(new), key, with_for_update=True)
    return new


def serialize(session: Session, lock: Lock) -> None:
    """Waits until no other transaction holds the lock; this one then does, until it ends.

    On SQLite a transaction that writes is the only one anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        _lock(session.connection(), lock)


def _lock(connection: Connection, lock: Lock) -> None:
    connection.execute(
        text("select pg_advisory_xact_lock(:ours, :lock)"), {"ours": OUR_LOCKS, "lock": int(lock)}
    )


class _Sqlite:
    """A file; one writer at a time, and readers that wait for nobody."""

    def __init__(self, settings: Settings, url: URL) -> None:
        self._folder = settings.data_dir
        self.engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
        event.listen(self.engine, "connect", self._prepare)
        event.listen(self.engine, "begin", _begin_immediate)
        self.reader: Engine = self.engine.execution_options(reads=True)

    def _prepare(self, connection: sqlite3.Connection, _record: Any) -> None:
        # Transactions are begun below, by us: sqlite3 itself would begin them too late.
        connection.isolation_level = None
        # A new file's first turn to WAL fails at once, whatever the timeout, while another
        # connection is at it: https://sqlite.org/wal.html
        with FileLock(self._folder / "connect.lock"):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        with FileLock(self._folder / "migrate.lock"), self.engine.begin() as connection:
            yield connection

    def told(self, failure: Exception) -> str:
        return (
            f"The operational store in {self._folder} cannot be used ({_reason(failure)}): check "
            "TIEOUT_DATA_DIR and its permissions."
        )


def _begin_immediate(connection: Connection) -> None:
    # A reader that turns writer inside a transaction fails with "database is locked" at once,
    # whatever the timeout; taking the write lock first waits instead.
    only_reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


# What a connection is opened with, unless the address says otherwise. Nobody waits for a lock
# longer than on SQLite, and a process that was stopped halfway does not hold one for ever.
POSTGRESQL_DEFAULTS = {
    "connect_timeout": "10",
    "application_name": "tieout",
    "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=120s",
}
# The server's words, and what they ask for; the first that fits.
POSTGRESQL_ADVICE = (
    (r"password|role .* does not exist", "correct the user and password in TIEOUT_DATABASE_URL"),
    (
        r"database .* does not exist",
        "create that database, or correct the name in TIEOUT_DATABASE_URL",
    ),
    (r"permission denied", "let its user create tables in that database"),
    (r"too many clients|connection slots", "raise max_connections, or run fewer processes"),
    (r"lock timeout|deadlock", "try again"),
    (r"", "check that the server runs and that TIEOUT_DATABASE_URL leads to it"),
)


class _Postgresql:
    """A server; several writers at once, each seeing what others committed before it asked."""

    def __init__(self, url: URL) -> None:
        self._url = url
        defaults = {k: v for k, v in POSTGRESQL_DEFAULTS.items() if k not in url.query}
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=defaults,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        # All that one reader sees belongs together, as it does on SQLite.
        self.reader: Engine = self.engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            _lock(connection, Lock.MIGRATE)
            yield connection

    def told(self, failure: Exception) -> str:
        reason = _reason(failure)
        if self._url.password:
            reason = reason.replace(str(self._url.password), "…")
        advice = next(do for words, do in POSTGRESQL_ADVICE if re.search(words, reason))
        host = self._url.host or self._url.query.get("host", "this machine")
        place = f"{self._url.database} on {host}"
        return f"The operational store {place} cannot be used ({reason}): {advice}."


def _reason(failure: Exception) -> str:
    lines = str(getattr(failure, "orig", None) or failure).strip().splitlines()
    return (lines or [type(failure).__name__])[0].removeprefix("connection failed: ")
