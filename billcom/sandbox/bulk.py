"""Several records in one call: all of them or none."""

from collections.abc import Callable
from dataclasses import dataclass

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.fields import Fields
from billcom.sandbox.state import BookState, find, shelve
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record

MOST_RECORDS = 50

TableOf = Callable[[BookState], Table]
# Both make the record as it will be and leave the book alone, so that a later one may fail.
DrawUp = Callable[[BookState, Fields], Record]
Amend = Callable[[BookState, str, Fields], Record]


@dataclass(frozen=True)
class Bulk:
    """The bulk calls of one resource; answers hold the records in `array`."""

    array: str
    table_of: TableOf

    def create(self, draw_up: DrawUp, state: BookState, body: object) -> Record:
        """Add every record of a list."""
        return self._store(state, [draw_up(state, fields) for fields in _entries(body)])

    def amend(self, amend: Amend, state: BookState, body: object) -> Record:
        """Change every record of a list, each named by its `id`, none twice."""
        entries = _entries(body)
        ids = [fields.text("id", required=True) or "" for fields in entries]
        for position, (fields, record_id) in enumerate(zip(entries, ids, strict=True)):
            if record_id in ids[:position]:
                fields.problem("id", "is there twice")
            fields.check()
        pairs = zip(entries, ids, strict=True)
        return self._store(state, [amend(state, record_id, fields) for fields, record_id in pairs])

    def shelve(self, state: BookState, ids: str, *, archived: bool) -> Record:
        """Archive or restore the records of a list of ids with commas between them."""
        table = self.table_of(state)
        wanted = [part.strip() for part in ids.split(",") if part.strip()]
        _demand_count("ids", len(wanted))
        for record_id in wanted:
            find(table, record_id)
        return {self.array: [shelve(state, table, i, archived=archived) for i in wanted]}

    def _store(self, state: BookState, records: list[Record]) -> Record:
        table = self.table_of(state)
        return {self.array: [table.put(record) for record in records]}


def _entries(body: object) -> list[Fields]:
    if not isinstance(body, list):
        raise InvalidRequestError(["body: must be a list"])
    _demand_count("body", len(body))
    return [Fields(entry, f"[{position}].") for position, entry in enumerate(body)]


def _demand_count(name: str, count: int) -> None:
    if not 1 <= count <= MOST_RECORDS:
        raise InvalidRequestError([f"{name}: must hold 1 to {MOST_RECORDS} records"])
