"""What was known before: the history up to an instant, as a database to transform."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

import duckdb

from etl.errors import StoreError
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import SESSION, WRITING, Connection, build_file, first_line, quoted
from etl.warehouse.sqlfile import read_sql

__all__ = ["build_past", "open_past", "prune_past"]

KEPT = 12
SCRATCH, BUILDING = ".past-", ".building"
ABANDONED_AFTER_S = 86_400


@contextmanager
def open_past(folder: TenantFolder, until: datetime) -> Iterator[Connection]:
    """A database that holds what had been observed before `until`, and nothing it writes is kept.

    It is called `work` as the writer's file is, so the same SQL runs in it. The history is only
    read: StoreError where a sync has it open.
    """
    if not folder.work.exists():
        raise StoreError("Nothing was ever read of this tenant: start with tieout sync.")
    with _scratch(folder) as place:
        connection = duckdb.connect(str(place / folder.work.name))
        try:
            for statement in (*SESSION, *WRITING):
                connection.execute(statement)
            _attach(connection, folder)
            connection.execute("SET VARIABLE until = $until::timestamptz", {"until": until})
            connection.execute(read_sql("warehouse/sql/past.sql"))
            yield connection
        finally:
            connection.close()


def _attach(connection: Connection, folder: TenantFolder) -> None:
    try:
        connection.execute(f"ATTACH '{quoted(folder.work)}' AS history (READ_ONLY)")
    except duckdb.Error as error:
        raise StoreError(
            f"The history cannot be read just now ({first_line(error)}): a sync has it open. Ask "
            "again when it has ended; tieout runs shows it."
        ) from None


@contextmanager
def _scratch(folder: TenantFolder) -> Iterator[Path]:
    """A folder for the time being, on the tenant's own disk; of the killed, none stays."""
    for left in folder.path.glob(f"{SCRATCH}*"):
        if _is_old(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder.path) as place:
        yield Path(place)


@contextmanager
def build_past(
    connection: Connection, folder: TenantFolder, known_on: date, fingerprint: str
) -> Iterator[None]:
    """As `build_snapshot`, of what was known on a day; takes the place of that day's before."""
    folder.known.mkdir(parents=True, exist_ok=True)
    file = folder.known_file(known_on, fingerprint)
    with build_file(connection, file.with_suffix(f".{os.getpid()}{BUILDING}"), file):
        yield
    for older in folder.known_files(known_on):
        if older != file:
            older.unlink(missing_ok=True)


def prune_past(folder: TenantFolder) -> None:
    """Deletes all but the days asked for last; each can be built again."""
    found = sorted(folder.known.glob("*.duckdb"), key=_used_at)
    abandoned = [file for file in folder.known.glob(f"*{BUILDING}*") if _is_old(file)]
    for file in (*found[:-KEPT], *abandoned):
        with suppress(OSError):
            file.unlink()


def _used_at(file: Path) -> float:
    return file.stat().st_mtime


def _is_old(file: Path) -> bool:
    return time.time() - _used_at(file) > ABANDONED_AFTER_S
