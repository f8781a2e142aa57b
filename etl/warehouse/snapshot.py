"""The only opener of DuckDB: the writer's file, and published snapshots for reading."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from etl.errors import NoSnapshotError, StoreError
from etl.warehouse.places import TenantFolder

__all__ = [
    "Connection",
    "Conversion",
    "Hub",
    "Snapshot",
    "build_snapshot",
    "open_work",
    "prune",
    "roomy",
]

Connection = duckdb.DuckDBPyConnection

KEPT = 3
SESSION = ("SET enable_progress_bar = false", "SET TimeZone = 'UTC'")
# A run takes the same memory however large the book is: what is more spills to the tenant's folder.
# A commit does not rewrite what came before it. Both are measured in docs/benchmarks.md.
LANDING_MEMORY, BUILDING_MEMORY = "150MB", "300MB"
WRITING = (
    f"SET memory_limit = '{LANDING_MEMORY}'",
    "SET preserve_insertion_order = false",
    "SET checkpoint_threshold = '256MB'",
)


@contextmanager
def open_work(folder: TenantFolder) -> Iterator[Connection]:
    """The writer's file, opened for writing by this process alone.

    DuckDB 2.0 keeps a result open until it is fetched to its end: always `fetchall`.
    Raises StoreError where another process has it open or it cannot be read.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(folder.work))
    except (duckdb.IOException, duckdb.SerializationException) as error:
        raise StoreError(
            f"The history in {folder.work} cannot be opened ({_first_line(error)}): wait for the "
            "process that holds it, or restore the file from a backup."
        ) from None
    try:
        for statement in (*SESSION, *WRITING):
            connection.execute(statement)
        yield connection
    finally:
        connection.close()


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """More memory for the writer's file while tables are built, which sort and join all of it."""
    connection.execute(f"SET memory_limit = '{BUILDING_MEMORY}'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{LANDING_MEMORY}'")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@contextmanager
def build_snapshot(connection: Connection, folder: TenantFolder, seq: int) -> Iterator[str]:
    """A new file attached as `snapshot` to build marts into; published when the block ends.

    Under a temporary name until it is whole, on disk and proven readable; then renamed. A block
    that raises leaves nothing behind.
    """
    folder.snapshots.mkdir(parents=True, exist_ok=True)
    target = folder.snapshot(seq)
    fresh = target.with_suffix(".building")
    for abandoned in folder.snapshots.glob("*.building*"):
        abandoned.unlink()
    connection.execute(f"ATTACH '{_quoted(fresh)}' AS snapshot")
    try:
        yield "snapshot"
        connection.execute("CHECKPOINT snapshot")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("DETACH snapshot")
        fresh.unlink(missing_ok=True)
        raise
    connection.execute("DETACH snapshot")
    _prove_readable(fresh)
    _flush(fresh)
    fresh.replace(target)
    _flush(folder.snapshots)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _prove_readable(path: Path) -> None:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        connection.execute("SELECT count(*) FROM about").fetchall()
    finally:
        connection.close()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(folder: TenantFolder, current: int) -> None:
    """Deletes all but the newest snapshots; one that a reader still holds stays readable to it."""
    for file in sorted(folder.snapshots.glob("*.duckdb"))[:-KEPT]:
        if file != folder.snapshot(current):
            with suppress(OSError):
                file.unlink()


@dataclass(frozen=True, slots=True)
class Conversion:
    """A currency that all amounts are to come in, with so many `digits`, and the question's day.

    `only_currency`: of documents in this one currency, None for all. See etl/transform/conversion/.
    """

    reporting: str
    digits: int
    as_of: date
    only_currency: str | None = None

    def variables(self) -> tuple[tuple[str, Any], ...]:
        """What the SQL calls its parts."""
        return (
            ("reporting", self.reporting),
            ("digits", self.digits),
            ("as_of", self.as_of),
            ("only_currency", self.only_currency),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot of one tenant, to be asked with bound parameters.

    With a `conversion` the same tables hold amounts of the reporting currency, and nothing of what
    has no rate.
    """

    hub: "Hub"
    seq: int
    conversion: Conversion | None = None

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query, DECIMAL as Decimal."""
        with self.hub.cursor(self.seq, self.conversion) as cursor:
            return cursor.execute(sql, dict(parameters or {})).fetchall()


class Hub:
    """Reads one tenant's snapshots: one locked-down in-memory database, snapshots attached to it.

    Every call takes a cursor of its own: a connection shared by threads can hand one call's rows
    to another.
    """

    def __init__(self, folder: TenantFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._attached: set[int] = set()
        self._hub = duckdb.connect(":memory:")
        allowed = _quoted(folder.snapshots) + "/"
        for statement in (
            *SESSION,
            f"SET allowed_directories = ['{allowed}']",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._hub.execute(statement)

    def snapshot(self, seq: int) -> Snapshot:
        """A published snapshot; NoSnapshotError where its file is gone."""
        with self._lock:
            if seq not in self._attached:
                self._attach(seq)
        return Snapshot(self, seq)

    def _attach(self, seq: int) -> None:
        path = self._folder.snapshot(seq)
        if not path.exists():
            raise NoSnapshotError("What was published last is no longer there: sync again.")
        self._hub.execute(f"ATTACH '{_quoted(path)}' AS s{seq:d} (READ_ONLY)")
        self._attached.add(seq)
        for old in sorted(self._attached)[:-KEPT]:
            # One still being read stays attached and goes with a later snapshot.
            with suppress(duckdb.Error):
                self._hub.execute(f"DETACH s{old:d}")
                self._attached.discard(old)

    @contextmanager
    def cursor(self, seq: int, conversion: Conversion | None = None) -> Iterator[Connection]:
        """A cursor of its own, looking at one snapshot, or at one as it is converted."""
        cursor = self._hub.cursor()
        try:
            cursor.execute(f"USE s{seq:d}" if conversion is None else f"USE s{seq:d}.converted")
            for name, value in conversion.variables() if conversion else ():
                cursor.execute(f"SET VARIABLE {name} = $value", {"value": value})
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Lets go of the snapshots."""
        self._hub.close()
