"""Statuses out: what invoices and payments have come to, into FleetFlow's tables.

Each row is compared with what is there, and only what differs is written, found by its id: the same
batch twice writes nothing the second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from etl.errors import FleetFlowError
from etl.fleetflow.mapping import FleetMapping, InvoiceColumns, PaymentColumns
from etl.fleetflow.tables import INVOICE_KINDS, PAYMENT_KINDS, Kind, bound, same, scale_of
from etl.money import digits_of, rounded
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["AT_ONCE", "Outgoing", "outgoing", "write_statuses"]

AT_ONCE = 1000  # rows a transaction: what a cut connection undoes
# The columns of each SQL file, as the mapping calls them.
INVOICE_FIELDS = (
    "id",
    "number",
    "customer_id",
    "currency",
    "total",
    "open_amount",
    "due_on",
    "status",
    "paid_on",
    "failed_payment",
    "failed_on",
)
PAYMENT_FIELDS = ("id", "customer_id", "currency", "amount", "status", "paid_on", "failed_on")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One kind of statuses: the columns its SQL gives, by FleetFlow's fields."""

    section: str
    columns: InvoiceColumns | PaymentColumns
    kinds: Mapping[str, Kind]
    sql: str
    given: tuple[str, ...]

    def read(self, snapshot: Snapshot, as_of: date, after: str, limit: int) -> list[dict[str, Any]]:
        """The rows behind an id, in the order of ids; amounts with their currency's digits."""
        asked = {"as_of": as_of, "after": after, "limit": limit}
        return [self._record(row) for row in snapshot.rows(read_sql(self.sql), asked)]

    def _record(self, row: tuple[Any, ...]) -> dict[str, Any]:
        found = dict(zip(self.given, row, strict=True))
        return {
            name: rounded(value, found["currency"]) if isinstance(value, Decimal) else value
            for name, value in found.items()
        }

    def table(self, connection: Connection) -> Table:
        """Its table; FleetFlowError where that is not as the mapping says."""
        return bound(connection, self.section, self.columns, self.kinds)


def outgoing(mapping: FleetMapping) -> list[Outgoing]:
    """What a mapping wants written, in the order it is written in."""
    wanted = []
    if mapping.invoices:
        wanted.append(
            Outgoing(
                "invoices",
                mapping.invoices,
                INVOICE_KINDS,
                "fleetflow/sql/invoice_statuses.sql",
                INVOICE_FIELDS,
            )
        )
    if mapping.payments:
        wanted.append(
            Outgoing(
                "payments",
                mapping.payments,
                PAYMENT_KINDS,
                "fleetflow/sql/payment_statuses.sql",
                PAYMENT_FIELDS,
            )
        )
    return wanted


def write_statuses(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Writes the rows that differ from what is there; how many. FleetFlowError for a column that
    cannot hold its amount."""
    names = list(table.c.keys())
    known = _known(connection, table, [row["id"] for row in rows])
    changed = [
        {name: row[name] for name in names}
        for row in rows
        if not _is_there(known.get(row["id"]), row, names)
    ]
    if changed:
        _refuse_rounding(table, changed)
        connection.execute(_upsert(connection, table), changed)
    return len(changed)


def _known(
    connection: Connection, table: Table, ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    columns = [column.label(name) for name, column in table.c.items()]
    found = connection.execute(select(*columns).where(table.c.id.in_(ids)))
    return {row["id"]: dict(row) for row in found.mappings()}


def _is_there(kept: Mapping[str, Any] | None, row: Mapping[str, Any], names: Sequence[str]) -> bool:
    return kept is not None and all(same(kept[name], row[name]) for name in names)


def _refuse_rounding(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for name, column in table.c.items():
        scale = scale_of(column)
        for row in rows if scale is not None else ():
            _refuse_rounded(column, scale or 0, row["id"], row[name])


def _refuse_rounded(
    column: Column[Any], scale: int, record_id: str, amount: Decimal | None
) -> None:
    if amount is not None and digits_of(amount) > scale:
        raise FleetFlowError(
            f"FleetFlow's column {column.table.name}.{column.name} keeps {scale} digits after the "
            f"point, and {amount} of {record_id} has more: widen it."
        )


def _upsert(connection: Connection, table: Table) -> Any:
    """New where there is no such id, else the mapped columns anew; others are left alone."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table)
    others = {name: new.excluded[name] for name in table.c.keys() if name != "id"}  # noqa: SIM118
    return new.on_conflict_do_update(index_elements=[table.c.id], set_=others)
