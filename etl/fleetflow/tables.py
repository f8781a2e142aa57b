"""FleetFlow's tables as a mapping names them: found, looked at, and bound to our names.

Columns are only ever SQLAlchemy's constructs: no name of a mapping becomes part of a text of SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import Column, Connection, MetaData, Table, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import (
    Date,
    DateTime,
    Float,
    Integer,
    Numeric,
    String,
    TypeDecorator,
    TypeEngine,
    Uuid,
)

from etl.errors import FleetFlowError
from etl.fleetflow.mapping import InvoiceColumns, LoadColumns, PaymentColumns

__all__ = [
    "INVOICE_KINDS",
    "LOAD_KINDS",
    "PAYMENT_KINDS",
    "Kind",
    "Written",
    "bound",
    "same",
    "scale_of",
]

Kind = Literal["key", "text", "money", "day", "any_key", "any_day"]
Columns = InvoiceColumns | PaymentColumns | LoadColumns

INVOICE_KINDS: Mapping[str, Kind] = {
    "id": "key",
    "status": "text",
    "number": "text",
    "customer_id": "text",
    "currency": "text",
    "total": "money",
    "open_amount": "money",
    "due_on": "day",
    "paid_on": "day",
    "failed_payment": "text",
    "failed_on": "day",
}
PAYMENT_KINDS: Mapping[str, Kind] = {
    "id": "key",
    "status": "text",
    "customer_id": "text",
    "currency": "text",
    "amount": "money",
    "paid_on": "day",
    "failed_on": "day",
}
LOAD_KINDS: Mapping[str, Kind] = {
    "id": "any_key",
    "number": "any_key",
    "customer": "any_key",
    "amount": "money",
    "currency": "text",
    "delivered": "any_day",
}
# What a column may be, and the words for it where it is something else.
TAKEN: Mapping[Kind, tuple[tuple[type[TypeEngine[Any]], ...], str]] = {
    "key": ((String,), "text"),
    "text": ((String,), "text"),
    "money": ((Numeric, String), "NUMERIC or text: money is exact"),
    "day": ((Date, String), "DATE or text"),
    "any_key": ((String, Integer, Uuid), "text, a whole number or a UUID"),
    "any_day": ((Date, DateTime, String), "DATE, TIMESTAMP or text"),
}


class Written(TypeDecorator[Any]):
    """Money and days where a column holds text, or SQLite, which has no other way to be exact."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """To plain digits, and days as YYYY-MM-DD."""
        if isinstance(value, Decimal):
            return format(value, "f")
        return value.isoformat() if isinstance(value, date) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """As text, however SQLite kept it."""
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class _Place:
    section: str
    field: str
    column: str

    def wrong(self, table: str, what: str) -> FleetFlowError:
        return FleetFlowError(
            f"FleetFlow's column {table}.{self.column} {what}: correct it, or {self.field} of "
            f"[{self.section}] in the mapping."
        )


def bound(
    connection: Connection, section: str, columns: Columns, kinds: Mapping[str, Kind]
) -> Table:
    """The table with its columns by our names; FleetFlowError for what is not as the mapping says.

    A table that is written to needs its id to be unique.
    """
    there = _reflected(connection, section, columns)
    is_sqlite = connection.dialect.name == "sqlite"
    named = [
        _column(_Place(section, field, name), columns.table, kind, there, is_sqlite=is_sqlite)
        for field, kind in kinds.items()
        if (name := getattr(columns, field)) is not None
    ]
    if kinds["id"] == "key" and not _is_unique(connection, columns):
        raise _Place(section, "id", columns.id).wrong(columns.table, "is not unique by itself")
    return Table(columns.table, MetaData(), *named, schema=columns.db_schema)


def _reflected(
    connection: Connection, section: str, columns: Columns
) -> dict[str, ReflectedColumn]:
    try:
        found = inspect(connection).get_columns(columns.table, schema=columns.db_schema)
    except NoSuchTableError:
        found = []
    if not found:
        raise FleetFlowError(
            f"FleetFlow has no table {columns.table} that its user may see: correct [{section}] "
            "in the mapping, or grant it."
        )
    return {column["name"]: column for column in found}


def _column(
    place: _Place,
    table: str,
    kind: Kind,
    there: dict[str, ReflectedColumn],
    *,
    is_sqlite: bool,
) -> Column[Any]:
    if place.column not in there:
        raise place.wrong(table, "is not there")
    found = there[place.column]["type"]
    taken, words = TAKEN[kind]
    if not isinstance(found, taken) or isinstance(found, Float):
        raise place.wrong(table, f"is {found}, where it must be {words}")
    is_written = kind in {"money", "day", "any_day"} and (is_sqlite or isinstance(found, String))
    return Column(place.column, Written() if is_written else found, key=place.field)


def _is_unique(connection: Connection, columns: Columns) -> bool:
    about, table, schema = inspect(connection), columns.table, columns.db_schema
    keys: list[Sequence[str | None]] = [
        about.get_pk_constraint(table, schema)["constrained_columns"],
        *(one["column_names"] for one in about.get_unique_constraints(table, schema)),
        *(one["column_names"] for one in about.get_indexes(table, schema) if one["unique"]),
    ]
    return [columns.id] in [list(key) for key in keys]


def scale_of(column: Column[Any]) -> int | None:
    """Digits after the point that a column keeps; None where it keeps all."""
    found = column.type
    return found.scale if isinstance(found, Numeric) and not isinstance(found, Written) else None


def same(kept: Any, wanted: Any) -> bool:
    """Whether what a column holds is what it should hold, however it is written there."""
    if isinstance(wanted, Decimal) and isinstance(kept, str):
        try:
            return Decimal(kept) == wanted
        except InvalidOperation:
            return False
    if isinstance(wanted, date) and isinstance(kept, str):
        return kept == wanted.isoformat()
    return bool(kept == wanted)
