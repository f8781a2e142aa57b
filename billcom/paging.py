"""Lists, page by page, to their end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from billcom.errors import ProtocolError

__all__ = ["Page", "Record", "page_from", "walk"]

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one page, money as Decimal, and the cursor of the next (None at the end)."""

    records: tuple[Record, ...]
    next_cursor: str | None


def page_from(payload: Any, path: str) -> Page:
    """A page from a list's answer; raises ProtocolError where it is not one."""
    records = payload.get("results") if isinstance(payload, dict) else None
    if not isinstance(records, list) or not all(_has_id(r) for r in records):
        raise ProtocolError(f"The answer to a list of {path} holds no records with an id.")
    cursor = payload.get("nextPage")
    if cursor is not None and not isinstance(cursor, str):
        raise ProtocolError(f"The cursor in a list of {path} is not a text.")
    return Page(tuple(records), cursor or None)


def _has_id(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get("id"), str) and bool(record["id"])


def walk(fetch: Callable[[str | None], Page], path: str) -> Iterator[Page]:
    """Pages until one names no next. A cursor that comes twice would never end: ProtocolError."""
    seen: set[str] = set()
    cursor: str | None = None
    while True:
        page = fetch(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
        if cursor in seen:
            raise ProtocolError(f"BILL gave the same cursor twice in a list of {path}.")
        seen.add(cursor)
