"""Records that belong to another record and are listed under it: accounts, attachments."""

from billcom.sandbox.errors import UnknownRecordError
from billcom.sandbox.resources import Resource
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record


class OwnedTables:
    """A table of one resource for each owner; no record shows whose it is."""

    def __init__(self, resource: Resource) -> None:
        """Nobody owns anything yet."""
        self.resource = resource
        self._tables: dict[str, Table] = {}
        self._owners: dict[str, str] = {}

    def of(self, owner_id: str) -> Table:
        """The table of one owner."""
        return self._tables.setdefault(owner_id, Table(self.resource))

    def owner(self, record_id: str) -> str | None:
        """Whose record it is; None when there is none of this id."""
        return self._owners.get(record_id)

    def put(self, owner_id: str, record: Record) -> Record:
        """Add or replace a record of `owner_id`."""
        self._owners[record["id"]] = owner_id
        return self.of(owner_id).put(record)

    def find(self, record_id: str) -> Record:
        """The record, whoever owns it; raises UnknownRecordError."""
        owner_id = self.owner(record_id)
        if owner_id is None:
            raise UnknownRecordError(self.resource.label, record_id)
        return self.of(owner_id)[record_id]

    def remove(self, record_id: str) -> None:
        """Take a record away; raises UnknownRecordError."""
        self.find(record_id)
        owner_id = self._owners.pop(record_id)
        kept = [r for r in self.of(owner_id).values() if r["id"] != record_id]
        self._tables[owner_id] = table = Table(self.resource)
        for record in kept:
            table.put(record)
