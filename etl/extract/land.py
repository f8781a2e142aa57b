"""Landing pages in the writer's file: only what changed, rows and watermark in one transaction."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from billcom.paging import Page, Record
from billcom.protocol import parse_instant
from etl.extract.plan import Step
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import read_sql

__all__ = ["Lander", "instant_of", "prepare"]

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


@dataclass(frozen=True, slots=True)
class Lander:
    """Lands pages for one run of one tenant."""

    connection: Connection
    tenant: str
    run_id: int

    def land(
        self, step: Step, pages: Sequence[Page], observed_at: datetime, *, advances: bool
    ) -> int:
        """Adds a version of every record that is new or changed; gives their number.

        Rows and watermark commit together, so a killed run continues behind its last commit. The
        watermark `advances` only where everything before these pages was read.
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
            return self._merge(facts, advances=advances)

    @contextmanager
    def _incoming(self, table: pa.Table) -> Iterator[None]:
        self.connection.register("incoming", table)
        try:
            yield
        finally:
            self.connection.unregister("incoming")

    def _merge(self, facts: dict[str, Any], *, advances: bool) -> int:
        named = {name: facts[name] for name in ("tenant", "resource")}
        self.connection.execute("BEGIN")
        try:
            added = self.connection.execute(read_sql("extract/sql/land.sql"), facts).fetchall()
            run = named | {"run_id": facts["run_id"]}
            self.connection.execute(read_sql("extract/sql/heads.sql"), run)
            if advances:
                mark = named | {"observed_at": facts["observed_at"]}
                self.connection.execute(read_sql("extract/sql/advance.sql"), mark)
            self.connection.execute("COMMIT")
        except BaseException:
            # What went wrong is told, not that nothing was left to roll back.
            with suppress(Exception):
                self.connection.execute("ROLLBACK")
            raise
        return int(added[0][0])


def _row(step: Step, record: Record, position: int) -> dict[str, Any]:
    # Decimals become JSON strings: DuckDB reads JSON numbers into doubles, which lose the cents
    # of amounts past fifteen digits (docs/adr/0003).
    text = json.dumps(record, default=str, sort_keys=True, ensure_ascii=False)
    # Half of a surrogate pair is no text: one such character must not stop a whole book.
    payload = text.encode("utf-8", "replace").decode()
    return {
        "bill_id": record[step.key],
        "content_hash": hashlib.sha256(payload.encode()).hexdigest(),
        "record_updated_at": instant_of(record, step.watermark),
        "payload": payload,
        "position": position,
    }


def instant_of(record: Record, field: str) -> datetime | None:
    """What BILL says in a field that holds an instant, or None where it does not."""
    value = record.get(field)
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
