"""Two snapshots of one tenant side by side, to be asked in one query what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from etl.errors import StoreError
from etl.warehouse.snapshot import Snapshot

__all__ = ["SnapshotPair"]

TABLES = ("about", "ledger", "invoices", "invoice_balances", "payments", "customers")


@dataclass(frozen=True, slots=True)
class SnapshotPair:
    """The tables of an earlier snapshot as `then_NAME`, those of a later one as `now_NAME`."""

    then: Snapshot
    now: Snapshot

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query; StoreError where an older Tieout made one of the two otherwise."""
        with self.now.hub.cursor(self.now, self.then) as cursor:
            try:
                for name, snapshot in (("then", self.then), ("now", self.now)):
                    for table in TABLES:  # views of this cursor alone
                        cursor.execute(
                            f"CREATE TEMP VIEW {name}_{table} AS FROM {snapshot.catalog}.{table}"
                        )
                return cursor.execute(sql, dict(parameters or {})).fetchall()
            except (duckdb.BinderException, duckdb.CatalogException):
                raise StoreError(
                    f"Snapshots {self.then.seq} and {self.now.seq} cannot be compared: an older "
                    "Tieout made one of them. Close the month again to compare from here on."
                ) from None
