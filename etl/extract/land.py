"""Landing pages in the writer's file: only what changed, rows and watermark in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from etl.extract.incoming import Change, Incoming, changes_between
from etl.extract.plan import AMOUNTS, Step
from etl.warehouse.snapshot import Connection
from etl.warehouse.sqlfile import read_sql

__all__ = ["Lander", "prepare", "transaction"]


def prepare(connection: Connection) -> None:
    """Makes the raw tables where they are not there yet."""
    connection.execute(read_sql("extract/sql/tables.sql"))


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of a block is kept, or nothing of it."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # What went wrong is told, not that nothing was left to roll back.
        with suppress(Exception):
            connection.execute("ROLLBACK")
        raise


@dataclass(frozen=True, slots=True)
class Lander:
    """Lands pages for one run of one tenant."""

    connection: Connection
    tenant: str
    run_id: int

    def land(
        self,
        step: Step,
        incoming: Incoming,
        observed_at: datetime,
        *,
        advances: bool,
        lists: bool = False,
    ) -> int:
        """Adds a version of every record that is new or changed; gives their number.

        Rows and watermark commit together, so a killed run continues behind its last commit. The
        watermark `advances` only where everything before these pages was read. Where all of a
        resource is read, it remembers what these pages list (`lists`).
        A record twice in the pages counts as it was last.
        """
        facts = {
            "tenant": self.tenant,
            "resource": step.resource.name,
            "run_id": self.run_id,
            "observed_at": observed_at,
        }
        with self._registered("incoming", incoming.table):
            return self._merge(facts, advances=advances, lists=lists)

    @contextmanager
    def _registered(self, name: str, table: pa.Table) -> Iterator[None]:
        self.connection.register(name, table)
        try:
            yield
        finally:
            self.connection.unregister(name)

    def _merge(self, facts: dict[str, Any], *, advances: bool, lists: bool) -> int:
        named = {name: facts[name] for name in ("tenant", "resource")}
        with transaction(self.connection):
            self._execute("keyed")
            self._execute("held")
            self._execute("fresh", {"resource": facts["resource"]})
            self._note_changes(facts)
            self._execute("new_heads", named)
            ((added,),) = self._execute("land", facts)
            if lists:
                self._note_listed(facts)
            if advances:
                self._execute("advance", named | {"observed_at": facts["observed_at"]})
        return int(added)

    def _note_listed(self, facts: dict[str, Any]) -> None:
        paths = [f"$.{field}" for field in AMOUNTS.get(facts["resource"], ())]
        named = {name: facts[name] for name in ("resource", "observed_at")}
        self._execute("listed", named | {"paths": paths})

    def _note_changes(self, facts: dict[str, Any]) -> None:
        """Of the records held before: keeps those that say something else, not the reordered,
        and of those which fields changed."""
        of_resource = {"resource": facts["resource"]}
        if not self._execute("changed")[0][0]:
            return
        pairs = self._execute("reworded", of_resource)
        found = {bill_id: changes_between(held, text) for bill_id, text, held in pairs}
        self._execute(
            "same", {"same": [bill_id for bill_id, changes in found.items() if not changes]}
        )
        self._keep_changes(facts, [(i, c) for i, changes in found.items() for c in changes])
        self._execute("changed_heads", of_resource)

    def _keep_changes(self, facts: dict[str, Any], changes: list[tuple[str, Change]]) -> None:
        columns = {
            "ids": [bill_id for bill_id, _ in changes],
            "fields": [change.field for _, change in changes],
            "befores": [change.before for _, change in changes],
            "afters": [change.after for _, change in changes],
        }
        named = {name: facts[name] for name in ("tenant", "resource", "observed_at")}
        with self._registered(
            "changes", pa.table({n: pa.array(v, pa.string()) for n, v in columns.items()})
        ):
            self._execute("changes", named)

    def _execute(self, name: str, facts: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(read_sql(f"extract/sql/{name}.sql"), facts).fetchall()
