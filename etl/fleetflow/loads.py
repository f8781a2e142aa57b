"""Loads in: read from FleetFlow's table, a stretch of ids after the other."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from etl.fleetflow.mapping import LoadColumns
from etl.fleetflow.tables import LOAD_KINDS, bound

__all__ = ["AT_ONCE", "load_table", "rows_after"]

AT_ONCE = 5000  # rows a query and a transaction


def load_table(connection: Connection, columns: LoadColumns) -> Table:
    """The table of loads; FleetFlowError where it is not as the mapping says."""
    return bound(connection, "loads", columns, LOAD_KINDS)


def rows_after(
    connection: Connection, table: Table, after: str, limit: int
) -> list[Mapping[str, Any]]:
    """The rows behind an id (empty: from the first), in the order of ids, by our names."""
    named = [column.label(name) for name, column in table.c.items()]
    rows = select(*named).order_by(table.c.id).limit(limit)
    rows = rows.where(table.c.id.is_not(None))
    if after:
        rows = rows.where(table.c.id > table.c.id.type.python_type(after))
    return [dict(row) for row in connection.execute(rows).mappings()]
