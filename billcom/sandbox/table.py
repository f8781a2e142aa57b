"""The records of one resource in one book, with their JSON and their list orders kept at hand."""

from collections.abc import Callable, Iterator, Mapping

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.listing import Page, Query, page
from billcom.sandbox.resources import Resource
from billcom.sandbox.sorting import Place, places
from billcom.sandbox.wire import Record, encode

_ORDERS_KEPT = 8  # enough for the few queries a sync repeats, little enough to forget


class Table(Mapping[str, Record]):
    """Records by id. Rendered JSON and orders are made when asked for, kept until a change."""

    def __init__(
        self, resource: Resource, told: Callable[[Record | None, Record], None] | None = None
    ) -> None:
        """An empty table of `resource`; `told` hears of every record put, and what it was."""
        self.resource = resource
        self._told = told
        self._rows: dict[str, Record] = {}
        self._json: dict[str, bytes] = {}
        self._orders: dict[str, list[Place]] = {}
        self._spent_tokens: set[str] = set()

    def __getitem__(self, record_id: str) -> Record:
        return self._rows[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, record: Record, written: bytes | None = None) -> Record:
        """Add or replace a record; `written` is its JSON when that must be kept to the letter."""
        record_id = record["id"]
        before = self._rows.get(record_id)
        self._rows[record_id] = record
        self._orders.clear()
        self._json.pop(record_id, None)
        if written is not None:
            self._json[record_id] = written
        if self._told is not None:
            self._told(before, record)
        return record

    def json(self, record_id: str) -> bytes:
        """The record as it goes over the wire."""
        if record_id not in self._json:
            self._json[record_id] = encode(self._rows[record_id])
        return self._json[record_id]

    def page(self, query: Query) -> bytes:
        """One page as it goes over the wire."""
        if query.is_once and query.token:
            self._spend(query.token)
        found = page(self._order(query), query)
        return b"{%s}" % b",".join([*_tokens(found), self._results(found)])

    def _spend(self, token: str) -> None:
        if token in self._spent_tokens:
            raise InvalidRequestError(["page: has been used"])
        self._spent_tokens.add(token)

    def _results(self, found: Page) -> bytes:
        return b'"results":[%s]' % b",".join(self.json(i) for i in found.record_ids)

    def _order(self, query: Query) -> list[Place]:
        if query.fingerprint not in self._orders:
            if len(self._orders) >= _ORDERS_KEPT:
                self._orders.pop(next(iter(self._orders)))
            self._orders[query.fingerprint] = places(self._admitted(query), query.sort)
        return self._orders[query.fingerprint]

    def _admitted(self, query: Query) -> Iterator[Record]:
        return (
            record
            for record in self._rows.values()
            if all(clause.admits(record) for clause in query.clauses)
        )


def _tokens(found: Page) -> list[bytes]:
    beside = {"nextPage": found.following, "prevPage": found.preceding}
    return [b'"%s":%s' % (k.encode(), encode(v)) for k, v in beside.items() if v is not None]
