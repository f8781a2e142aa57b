"""One page of one list: which rows, and the tokens for the pages beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from billcom.sandbox.cursors import Cursor, fingerprint, read_cursor, write_cursor
from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.filters import Clause, parse_filters
from billcom.sandbox.knobs import AS_ASSUMED, Knobs
from billcom.sandbox.resources import Kind, Resource
from billcom.sandbox.sorting import Place, Term, compare, parse_sort

DEFAULT_ROWS = 20
MOST_ROWS = 100


@dataclass(frozen=True)
class Query:
    """A list call, parsed. `fingerprint` names its filters and sort, not its page or size;
    `token_name` what its page tokens are good for. With `is_once` a `token` is good one time.
    """

    clauses: tuple[Clause, ...]
    sort: tuple[Term, ...]
    rows: int
    cursor: Cursor | None
    fingerprint: str
    token_name: str
    token: str = ""
    is_once: bool = False


@dataclass(frozen=True)
class Page:
    """The ids of a page's rows in order, and tokens where there is something beside it."""

    record_ids: tuple[str, ...]
    following: str | None
    preceding: str | None


def parse_query(
    parameters: Mapping[str, str], resource: Resource, knobs: Knobs = AS_ASSUMED
) -> Query:
    """Read `max`, `page`, `sort` and `filters`; others are ignored. Raises InvalidRequestError."""
    filters, order = parameters.get("filters", ""), parameters.get("sort", "")
    lenient = knobs.unknown_filter == "ignore"
    sort = parse_sort(order, resource, lenient=lenient, default=knobs.list_order)
    clauses = parse_filters(filters, resource, lenient=lenient)
    hides = not knobs.archived_in_lists and "archived" in resource.filterable
    if hides and not any(clause.field == "archived" for clause in clauses):
        clauses += (Clause("archived", Kind.FLAG, "eq", (False,)),)
    token = parameters.get("page", "")
    name = fingerprint(resource.name, repr(sort), repr(clauses))
    token_name = name if knobs.page_tokens_bound else fingerprint(resource.name, repr(sort))
    return Query(
        clauses=clauses,
        sort=sort,
        rows=row_count(parameters.get("max")),
        cursor=_cursor(token, token_name, sort, knobs),
        fingerprint=name,
        token_name=token_name,
        token=token,
        is_once=knobs.page_tokens_once,
    )


def page(order: Sequence[Place], query: Query) -> Page:
    """Cut the page that `query` asks for out of `order`, which is filtered and sorted."""
    start, end = _bounds(order, query)
    shown = order[start:end]
    after = Cursor(shown[-1]) if shown and end < len(order) else None
    before = Cursor(shown[0], backwards=True) if shown and start > 0 else None
    return Page(
        record_ids=tuple(place.record_id for place in shown),
        following=write_cursor(after, query.token_name) if after else None,
        preceding=write_cursor(before, query.token_name) if before else None,
    )


def _cursor(token: str, name: str, sort: tuple[Term, ...], knobs: Knobs) -> Cursor | None:
    if not token:
        return None
    try:
        return read_cursor(token, name, sort)
    except InvalidRequestError:
        if knobs.bad_page == "first_page":
            return None
        raise


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


def row_count(text: str | None) -> int:
    """The number of rows in a page that `max` asks for; raises InvalidRequestError."""
    if text is None:
        return DEFAULT_ROWS
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_ROWS):
        raise InvalidRequestError([f"max: must be a number from 1 to {MOST_ROWS}"])
    return int(text)
