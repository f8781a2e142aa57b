"""Where inputs are gathered: tables of one reader's own beside a published snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from etl.warehouse.snapshot import Connection, Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Found", "Gap", "Workspace", "opened"]


@dataclass(frozen=True, slots=True)
class Found:
    """An input that Python worked out; its fields are those of the table of inputs."""

    what: str
    happened_on: date | None
    currency: str
    columns: Sequence[str]
    amount: Decimal | None
    part: str | None = None
    month: str | None = None
    document: str | None = None
    customer_id: str | None = None
    invoice_id: str | None = None
    payment_id: str | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A row of figures that says why it has no figure."""

    reason: str
    currency: str | None
    month: str | None
    part: str | None
    customer_id: str | None
    document: str | None


class Workspace:
    """One connection's tables of inputs and exclusions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of an SQL file of explanations."""
        sql = read_sql(f"explanations/sql/{name}.sql")
        return self._connection.execute(sql, dict(parameters or {})).fetchall()

    def add(self, found: Sequence[Found]) -> None:
        """Inputs that were worked out."""
        if found:
            self.rows("add", _in_lists(found))

    def leave_out(self, gaps: Sequence[Gap]) -> None:
        """Rows without a figure."""
        if gaps:
            self.rows("gaps", _in_lists(gaps))


def _in_lists(values: Sequence[Any]) -> dict[str, list[Any]]:
    names = [field.name for field in fields(values[0])]
    return {name: [_as_sent(getattr(value, name)) for value in values] for name in names}


def _as_sent(value: Any) -> Any:
    """A value as DuckDB takes it in a list: exact texts, and no list of mixed types."""
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def opened(snapshot: Snapshot) -> Iterator[Workspace]:
    """A workspace over a snapshot; it is gone when the block ends."""
    with snapshot.hub.cursor(snapshot) as cursor:
        workspace = Workspace(cursor)
        workspace.rows("tables")
        yield workspace
