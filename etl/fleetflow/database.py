"""FleetFlow's own database: opened by an address, and told in one sentence where it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from etl.errors import FleetFlowError, UsageError

__all__ = ["FleetDatabase", "checked_url"]

# Nobody there waits for us, and we wait for nobody for long: the next try goes on where this ends.
POSTGRESQL_WAITS = {
    "connect_timeout": "10",
    "application_name": "tieout",
    "options": "-c statement_timeout=60s -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=60s",
}
SQLITE_WAIT_S = 10


def checked_url(name: str, text: str) -> str:
    """The address; UsageError, without showing it, where it leads to no database we speak to."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"postgresql", "sqlite"} or not url.database:
        raise UsageError(
            f"{name} must read postgresql://user:password@host/database or sqlite:///file."
        )
    return text


class FleetDatabase:
    """One database of FleetFlow's. What fails in it raises FleetFlowError."""

    def __init__(self, address: str) -> None:
        self._url = make_url(address)
        self._engine = _engine(self._url)

    @property
    def is_sqlite(self) -> bool:
        """Whether it keeps numbers and days as texts."""
        return self._url.drivername == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in one transaction: committed at the end, rolled back on an error."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as failure:
            raise FleetFlowError(self._told(failure)) from None

    def close(self) -> None:
        """Lets go of its connections."""
        self._engine.dispose()

    def _told(self, failure: SQLAlchemyError) -> str:
        reason = _reason(failure)
        if self._url.password:
            reason = reason.replace(str(self._url.password), "…")
        where = self._url.host or self._url.query.get("host") or "this machine"
        return (
            f"FleetFlow's database {self._url.database} on {where} cannot be used ({reason}): "
            "mend that; what was done so far stays, and the rest goes on from there."
        )


def _engine(url: URL) -> Engine:
    if url.drivername == "sqlite":
        # Opened as a file that must be there: a mistyped path is not to become a new database.
        there = url.set(
            database=f"file:{url.database}", query=dict(url.query) | {"uri": "true", "mode": "rw"}
        )
        engine = create_engine(there, connect_args={"timeout": SQLITE_WAIT_S}, hide_parameters=True)
        event.listen(engine, "connect", _begin_ourselves)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    waits = {name: value for name, value in POSTGRESQL_WAITS.items() if name not in url.query}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=waits,
        pool_size=1,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _begin_ourselves(connection: object, _record: object) -> None:
    # sqlite3 would begin a transaction only before the first write, and read outside of it.
    connection.isolation_level = None  # type: ignore[attr-defined]


def _reason(failure: SQLAlchemyError) -> str:
    origin = failure.orig if isinstance(failure, DBAPIError) else None
    lines = str(origin or failure).strip().splitlines()
    return (lines or [type(failure).__name__])[0].removeprefix("connection failed: ")
