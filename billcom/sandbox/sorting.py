"""The `sort` parameter, and rows put in its order with the id to break ties."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.resources import Kind, Resource
from billcom.sandbox.values import Comparable, of_record
from billcom.sandbox.wire import Record

# Absent values come first in ascending order; a pair keeps them comparable with present ones.
Key = tuple[bool, Comparable]


@dataclass(frozen=True)
class Term:
    """One field to sort by."""

    field: str
    kind: Kind
    descending: bool

    def key(self, record: Record) -> Key:
        """What the record is placed by."""
        return key_of(of_record(self.kind, record.get(self.field)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its sort values, one a term, and its id."""

    keys: tuple[Key, ...]
    record_id: str


def key_of(value: Comparable | None) -> Key:
    """A value, or its absence, as something that sorts."""
    return (False, "") if value is None else (True, value)


def parse_sort(
    text: str, resource: Resource, *, lenient: bool = False, default: str = "createdTime:asc"
) -> tuple[Term, ...]:
    """The terms in `text`, `default` for an empty one; raises InvalidRequestError.

    When `lenient`, terms that make no sense are left out.
    """
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    terms = [term for part in parts for term in _terms(part, resource, lenient=lenient)]
    if terms:
        return tuple(terms)
    field, _, direction = default.partition(":")
    return (Term(field, Kind.INSTANT, descending=direction == "desc"),)


def places(records: Iterable[Record], sort: tuple[Term, ...]) -> list[Place]:
    """The records' places in order."""
    found = [Place(tuple(t.key(record) for t in sort), record["id"]) for record in records]
    found.sort(key=lambda place: place.record_id)
    # Sorting is stable, so the least important term goes first.
    for position in range(len(sort) - 1, -1, -1):
        found.sort(key=_key_at(position), reverse=sort[position].descending)
    return found


def compare(left: Place, right: Place, sort: tuple[Term, ...]) -> int:
    """Negative, zero or positive as `left` stands before, at or after `right`."""
    for term, a, b in zip(sort, left.keys, right.keys, strict=True):
        if a != b:
            return 1 if (a > b) != term.descending else -1
    return (left.record_id > right.record_id) - (left.record_id < right.record_id)


def _key_at(position: int) -> Callable[[Place], Key]:
    return lambda place: place.keys[position]


def _terms(text: str, resource: Resource, *, lenient: bool) -> list[Term]:
    try:
        return [_term(text, resource)]
    except InvalidRequestError:
        if lenient:
            return []
        raise


def _term(text: str, resource: Resource) -> Term:
    field, _, direction = text.partition(":")
    kind = resource.sortable.get(field)
    if kind is None:
        raise InvalidRequestError([f"sort: {resource.label} cannot be sorted by {field}"])
    if direction not in ("", "asc", "desc"):
        raise InvalidRequestError([f"sort: expected asc or desc, found {direction}"])
    return Term(field, kind, direction == "desc")
