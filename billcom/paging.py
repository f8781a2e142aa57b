"""Lists, page by page, to their end."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from billcom.errors import ProtocolError

__all__ = ["Page", "Record", "page_from", "walk"]

Record = dict[str, Any]

# What stays as it is: an escaped sign, a whole pair of surrogates, any other escape. Else: a half.
SURROGATES = re.compile(
    r"(\\[^u]"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"
    r"|\\u[0-9a-fA-F]{4}"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the JSON text of each record as BILL wrote it, in UTF-8, and the cursor of the
    next page (None at the end)."""

    texts: tuple[bytes, ...]
    next_cursor: str | None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records, numbers with a fraction as Decimal."""
        return tuple(json.loads(text, parse_float=Decimal) for text in self.texts)


class _Body(msgspec.Struct):
    results: list[msgspec.Raw]
    nextPage: str | None = None  # noqa: N815 (BILL's name)


class _Named(msgspec.Struct):
    id: str


# An id that is a record's first field, as BILL writes it, is seen at a glance.
BEGINS_WITH_ID = re.compile(rb'\{\s*"id"\s*:\s*"[^"]').match
BODY = msgspec.json.Decoder(_Body)
NAMED = msgspec.json.Decoder(_Named)


def page_from(text: str) -> Page:
    """A page from a list's answer; raises ValueError where it is not one.

    Its records are told apart but not parsed: that takes longer than all that is done with most.
    """
    try:
        body = BODY.decode(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Half of a surrogate pair is no text: one such character must not stop a whole book.
        body = BODY.decode(SURROGATES.sub(lambda found: found[1] or "?", text))
    texts = tuple(map(bytes, body.results))
    if not all(BEGINS_WITH_ID(text) or NAMED.decode(text).id for text in texts):
        raise ValueError("a record without an id")
    return Page(texts, body.nextPage or None)


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
