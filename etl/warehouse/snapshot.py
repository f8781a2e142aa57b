"""The writer's file, and published snapshots for reading; nothing but this folder opens DuckDB."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import NoSnapshotError, StoreError
from etl.warehouse.places import TenantFolder

__all__ = [
    "Connection",
    "Conversion",
    "Hub",
    "Snapshot",
    "build_file",
    "build_snapshot",
    "digest",
    "first_line",
    "open_work",
    "prune",
    "quoted",
    "roomy",
]

Connection = duckdb.DuckDBPyConnection

KEPT = 3
MOST_ATTACHED = 8  # a closed month and what is current are read side by side
PAUSE_S, TRIES = 0.1, 600  # whoever builds what was known before reads the history for a while
SESSION = ("SET enable_progress_bar = false", "SET TimeZone = 'UTC'")
# A run takes the same memory however large the book is: what is more spills to the tenant's folder.
# A commit does not rewrite what came before it. A commit that fills a group of rows goes to the
# file as it stays, and not to the log first, from where it would be read and written once more.
# All are measured in docs/benchmarks.md.
ROW_GROUP = 10_240
LANDING_MEMORY, BUILDING_MEMORY = "150MB", "205MB"
WRITING = (
    f"SET memory_limit = '{LANDING_MEMORY}'",
    "SET preserve_insertion_order = false",
    "SET checkpoint_threshold = '256MB'",
)


@contextmanager
def open_work(
    folder: TenantFolder, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Connection]:
    """The writer's file, opened for writing by this process alone, once its readers have left.

    DuckDB 2.0 keeps a result open until it is fetched to its end: always `fetchall`.
    Raises StoreError where another process has it open or it cannot be read.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(":memory:")
    try:
        _attach(connection, folder.work, sleep)
        for statement in (*SESSION, *WRITING):
            connection.execute(statement)
        yield connection
    finally:
        connection.close()


def _attach(connection: Connection, work: Path, sleep: Callable[[float], None]) -> None:
    connection.execute(f"SET temp_directory = '{quoted(work)}.tmp'")
    for left in reversed(range(TRIES)):
        try:
            connection.execute(f"ATTACH '{quoted(work)}' AS work (ROW_GROUP_SIZE {ROW_GROUP})")
            connection.execute("USE work")
        except (duckdb.IOException, duckdb.SerializationException) as error:
            if not left or "lock is held" not in str(error):
                reason = first_line(error)
                break
            sleep(PAUSE_S)
        else:
            return
    raise StoreError(
        f"The history in {work} cannot be opened ({reason}): wait for the process that holds it, "
        "or restore the file from a backup."
    )


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """More memory for the writer's file while tables are built, which sort and join all of it.

    One thread takes half the memory of two, and as long: what it builds is bound by the disk.
    """
    connection.execute(f"SET memory_limit = '{BUILDING_MEMORY}'")
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute("RESET threads")
        connection.execute(f"SET memory_limit = '{LANDING_MEMORY}'")


def first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@contextmanager
def build_snapshot(connection: Connection, folder: TenantFolder, seq: int) -> Iterator[str]:
    """A new file attached as `snapshot` to build marts into; published when the block ends.

    Under a temporary name until it is whole, on disk and proven readable; then renamed. A block
    that raises leaves nothing behind.
    """
    folder.snapshots.mkdir(parents=True, exist_ok=True)
    for abandoned in folder.snapshots.glob("*.building*"):
        abandoned.unlink()
    target = folder.snapshot(seq)
    with build_file(connection, target.with_suffix(".building"), target):
        yield "snapshot"


@contextmanager
def build_file(connection: Connection, fresh: Path, target: Path) -> Iterator[None]:
    """`fresh` attached as `snapshot` to be filled; renamed to `target` once it is proven."""
    connection.execute(f"ATTACH '{quoted(fresh)}' AS snapshot")
    try:
        yield
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
    _flush(target.parent)


def quoted(path: Path) -> str:
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


def prune(folder: TenantFolder, current: int, pinned: Collection[int] = ()) -> None:
    """Deletes all but the newest snapshots and the pinned; one still read stays readable."""
    kept = {folder.snapshot(seq) for seq in (current, *pinned)}
    for file in sorted(folder.snapshots.glob("*.duckdb"))[:-KEPT]:
        if file not in kept:
            with suppress(OSError):
                file.unlink()


def digest(file: Path) -> str | None:
    """The SHA-256 of a snapshot's file; None where it is gone."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return None


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
    """One snapshot of one tenant, to be asked with bound parameters.

    `catalog` is what its file is called where it is attached: made of digits, never of a text. With
    a `conversion` the same tables hold amounts of the reporting currency, and nothing of what has
    no rate.
    """

    hub: "Hub"
    seq: int
    file: Path
    catalog: str
    conversion: Conversion | None = None

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query, DECIMAL as Decimal."""
        with self.hub.cursor(self) as cursor:
            return cursor.execute(sql, dict(parameters or {})).fetchall()

    def table(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        """The rows of a query as an Arrow table, for what is too much to be rows."""
        with self.hub.cursor(self) as cursor:
            return cursor.sql(sql, params=dict(parameters)).to_arrow_table()


class Hub:
    """Reads one tenant's snapshots: one locked-down in-memory database, snapshots attached to it.

    Every call takes a cursor of its own: a connection shared by threads can hand one call's rows
    to another.
    """

    def __init__(self, folder: TenantFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._attached: list[str] = []  # what was used last comes last
        self._hub = duckdb.connect(":memory:")
        allowed = quoted(folder.snapshots) + "/"
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
        found = Snapshot(self, seq, self._folder.snapshot(seq), f"s{seq:d}")
        self._attach(found)
        return found

    def known_on(self, day: date) -> Snapshot:
        """What was known at the end of a day; NoSnapshotError where nobody built it."""
        files = self._folder.known_files(day)
        if not files:
            raise NoSnapshotError(
                f"What was known on {day} is not made ready: tieout metric NAME --known-on {day} "
                "does that."
            )
        unnumbered = Snapshot(self, 0, files[-1], f"k{files[-1].stem.replace('-', '_')}")
        ((seq,),) = unnumbered.rows("SELECT seq FROM about")
        return replace(unnumbered, seq=seq)

    def _attach(self, snapshot: Snapshot) -> None:
        with self._lock:
            if snapshot.catalog in self._attached:
                self._attached.remove(snapshot.catalog)
            elif not snapshot.file.exists():
                raise NoSnapshotError("What was published last is no longer there: sync again.")
            else:
                self._hub.execute(
                    f"ATTACH '{quoted(snapshot.file)}' AS {snapshot.catalog} (READ_ONLY)"
                )
            self._attached.append(snapshot.catalog)
            for old in self._attached[:-MOST_ATTACHED]:
                # One still being read stays attached and goes with a later snapshot.
                with suppress(duckdb.Error):
                    self._hub.execute(f"DETACH {old}")
                    self._attached.remove(old)

    @contextmanager
    def cursor(self, *snapshots: Snapshot) -> Iterator[Connection]:
        """A cursor of its own, looking at the first of these snapshots, or at it as it is
        converted; the others at hand."""
        for snapshot in reversed(snapshots):
            self._attach(snapshot)
        first = snapshots[0]
        cursor = self._hub.cursor()
        try:
            schema = ".converted" if first.conversion else ""
            cursor.execute(f"USE {first.catalog}{schema}")
            for name, value in first.conversion.variables() if first.conversion else ():
                cursor.execute(f"SET VARIABLE {name} = $value", {"value": value})
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Lets go of the snapshots."""
        self._hub.close()
