"""One page of one list: which rows, and the tokens for the pages beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from billcom.sandbox.cursors import Cursor, fingerprint, read_cursor, write_cursor
from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.filters import Clause, parse_filters
from billcom.sandbox.resources import Resource
from billcom.sandbox.sorting import Place, Term, compare, parse_sort

DEFAULT_ROWS = 20
MOST_ROWS = 100


@dataclass(frozen=True)
class Query:
    """A list call, parsed. `fingerprint` names its filters and sort, not its page or size."""

    clauses: tuple[Clause, ...]
    sort: tuple[Term, ...]
    rows: int
    cursor: Cursor | None
    fingerprint: str


@dataclass(frozen=True)
class Page:
    """The ids of a page's rows in order, and tokens where there is something beside it."""

    record_ids: tuple[str, ...]
    following: str | None
    preceding: str | None


def parse_query(parameters: Mapping[str, str], resource: Resource) -> Query:
    """Read `max`, `page`, `sort` and `filters`; others are ignored. Raises InvalidRequestError."""
    filters, order = parameters.get("filters", ""), parameters.get("sort", "")
    sort = parse_sort(order, resource)
    name = fingerprint(resource.name, filters, order)
    token = parameters.get("page", "")
    return Query(
        clauses=parse_filters(filters, resource),
        sort=sort,
        rows=_rows(parameters.get("max")),
        cursor=read_cursor(token, name, sort) if token else None,
        fingerprint=name,
    )


def page(order: Sequence[Place], query: Query) -> Page:
    """Cut the page that `query` asks for out of `order`, which is filtered and sorted."""
    start, end = _bounds(order, query)
    shown = order[start:end]
    after = Cursor(shown[-1]) if shown and end < len(order) else None
    before = Cursor(shown[0], backwards=True) if shown and start > 0 else None
    return Page(
        record_ids=tuple(place.record_id for place in shown),
        following=write_cursor(after, query.fingerprint) if after else None,
        preceding=write_cursor(before, query.fingerprint) if before else None,
    )


def _bounds(order: Sequence[Place], query: Query) -> tuple[int, int]:
    if query.cursor is None:
        return 0, query.rows

    def by_order(left: Place, right: Place) -> int:
        return compare(left, right, query.sort)

    rank = cmp_to_key(by_order)
    here = rank(query.cursor.place)
    if query.cursor.backwards:
        end = bisect_left(order, here, key=rank)
        return max(0, end - query.rows), end
    start = bisect_right(order, here, key=rank)
    return start, start + query.rows


def _rows(text: str | None) -> int:
    if text is None:
        return DEFAULT_ROWS
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_ROWS):
        raise InvalidRequestError([f"max: must be a number from 1 to {MOST_ROWS}"])
    return int(text)
