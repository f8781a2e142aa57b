"""Landing pages in the writer's file: only what changed, rows and watermark in one transaction."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from billcom.paging import Page, Record
from billcom.protocol import parse_instant
from etl.extract.plan import Step
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import read_sql

__all__ = ["Lander", "counts", "prepare", "watermark_of"]

INCOMING = pa.schema(
    [
        ("bill_id", pa.string()),
        ("content_hash", pa.string()),
        ("record_updated_at", pa.timestamp("us", tz="UTC")),
        ("payload", pa.string()),
        ("position", pa.int64()),
    ]
)


def prepare(connection: Connection) -> None:
    """Makes the raw tables where they are not there yet."""
    connection.execute(read_sql("extract/sql/tables.sql"))


def watermark_of(connection: Connection, step: Step) -> datetime | None:
    """The newest change landed of a resource, or None before its first page."""
    sql = read_sql("extract/sql/watermark.sql")
    rows = connection.execute(sql, {"resource": step.resource.name}).fetchall()
    return rows[0][0].replace(tzinfo=UTC) if rows and rows[0][0] else None


def counts(connection: Connection) -> dict[str, int]:
    """Records held of each resource."""
    return dict(connection.execute(read_sql("extract/sql/counts.sql")).fetchall())


@dataclass(frozen=True, slots=True)
class Lander:
    """Lands pages for one run of one tenant."""

    connection: Connection
    tenant: str
    run_id: int

    def land(self, step: Step, pages: Sequence[Page], observed_at: datetime) -> int:
        """Adds a version of every record that is new or changed; gives their number.

        Rows and watermark commit together, so a killed run continues behind its last commit.
        A record twice in the pages counts as it was last.
        """
        incoming = pa.Table.from_pylist(
            [
                _row(step, record, position)
                for position, record in enumerate(r for page in pages for r in page.records)
            ],
            schema=INCOMING,
        )
        facts = {
            "tenant": self.tenant,
            "resource": step.resource.name,
            "run_id": self.run_id,
            "observed_at": observed_at,
        }
        with self._incoming(incoming):
            return self._merge(facts)

    @contextmanager
    def _incoming(self, table: pa.Table) -> Iterator[None]:
        self.connection.register("incoming", table)
        try:
            yield
        finally:
            self.connection.unregister("incoming")

    def _merge(self, facts: dict[str, Any]) -> int:
        self.connection.execute("BEGIN")
        try:
            added = self.connection.execute(read_sql("extract/sql/land.sql"), facts).fetchall()
            resource = {"resource": facts["resource"], "tenant": facts["tenant"]}
            self.connection.execute(
                read_sql("extract/sql/heads.sql"), resource | {"run_id": facts["run_id"]}
            )
            self.connection.execute(read_sql("extract/sql/advance.sql"), resource)
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        return int(added[0][0])


def _row(step: Step, record: Record, position: int) -> dict[str, Any]:
    # Decimals become JSON strings: DuckDB reads JSON numbers into doubles, which lose the cents
    # of amounts past fifteen digits (docs/adr/0003).
    payload = json.dumps(record, default=str, sort_keys=True, ensure_ascii=False)
    return {
        "bill_id": record[step.key],
        "content_hash": hashlib.sha256(payload.encode()).hexdigest(),
        "record_updated_at": _changed_at(record.get(step.watermark)),
        "payload": payload,
        "position": position,
    }


def _changed_at(value: object) -> datetime | None:
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
