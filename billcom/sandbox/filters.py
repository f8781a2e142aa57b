"""The `filters` parameter: clauses of field, operator and value, all of which must hold."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.resources import Kind, Resource
from billcom.sandbox.values import Comparable, of_record, of_text
from billcom.sandbox.wire import Record

_COMMA_OUTSIDE_QUOTES = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')

Test = Callable[[Comparable, Comparable], bool]
_ORDERED = frozenset({Kind.NUMBER, Kind.DAY, Kind.INSTANT})
_ORDERINGS: dict[str, Callable[[Comparable, Comparable], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_MEMBERSHIP = frozenset({"eq", "ne", "in", "nin"})


@dataclass(frozen=True)
class Clause:
    """One condition. `values` has one member for every operator but `in` and `nin`."""

    field: str
    kind: Kind
    operator: str
    values: tuple[Comparable, ...]

    def admits(self, record: Record) -> bool:
        """Whether the record meets the condition; an absent field equals nothing."""
        value = of_record(self.kind, record.get(self.field))
        if self.operator in _MEMBERSHIP:
            return (value in self.values) == (self.operator in ("eq", "in"))
        if value is None:
            return False
        if self.operator == "sw":
            return str(value).startswith(str(self.values[0]))
        return _ORDERINGS[self.operator](value, self.values[0])


def parse_filters(text: str, resource: Resource, *, lenient: bool = False) -> tuple[Clause, ...]:
    """The clauses in `text`, none for an empty one; raises InvalidRequestError.

    When `lenient`, clauses that make no sense are left out.
    """
    parts = _COMMA_OUTSIDE_QUOTES.split(text) if text.strip() else []
    return tuple(c for part in parts for c in _clauses(part.strip(), resource, lenient=lenient))


def _clauses(text: str, resource: Resource, *, lenient: bool) -> list[Clause]:
    try:
        return [_clause(text, resource)]
    except InvalidRequestError:
        if lenient:
            return []
        raise


def _clause(text: str, resource: Resource) -> Clause:
    field, name, value = _three_parts(text)
    kind = resource.filterable.get(field)
    if kind is None:
        raise InvalidRequestError([f"filters: {resource.label} cannot be filtered by {field}"])
    if not _fits(name, kind):
        raise InvalidRequestError([f"filters: operator {name} does not work on {field}"])
    shown = resource.aliases.get(field, field)
    return Clause(shown, kind, name, _values(field, name, value, resource))


def _three_parts(text: str) -> tuple[str, str, str]:
    # Only the first two colons separate: a time of day has colons of its own.
    parts = text.split(":", 2)
    if len(parts) != 3 or not parts[2]:
        raise InvalidRequestError([f"filters: expected field:operator:value, found {text}"])
    return parts[0], parts[1], _unquoted(parts[2])


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] == '"'
    inner = value[1:-1] if quoted else value
    if '"' in inner:
        raise InvalidRequestError(["filters: a quotation mark is not closed"])
    return inner


def _fits(name: str, kind: Kind) -> bool:
    if name in _ORDERINGS:
        return kind in _ORDERED
    if name == "sw":
        return kind is Kind.TEXT
    return name in _MEMBERSHIP


def _values(field: str, name: str, value: str, resource: Resource) -> tuple[Comparable, ...]:
    items = value.split(",") if name in ("in", "nin") else [value]
    return tuple(_value(field, item.strip(), resource) for item in items)


def _value(field: str, text: str, resource: Resource) -> Comparable:
    kind = resource.filterable[field]
    try:
        value = of_text(kind, text)
    except (ValueError, OverflowError):
        raise InvalidRequestError([f"filters: {text} is not a value of {field}"]) from None
    if kind is Kind.CHOICE and value not in resource.statuses:
        raise InvalidRequestError([f"filters: {text} is not a {field} of a {resource.label}"])
    return value
