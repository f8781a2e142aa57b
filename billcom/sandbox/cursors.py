"""The opaque `page` token: the place of a row, bound to the list, filters and sort it was made for.

It holds sort values and not an offset, so a page stays right while the book changes.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from billcom.sandbox.errors import InvalidRequestError
from billcom.sandbox.sorting import Key, Place, Term, key_of
from billcom.sandbox.values import Comparable, of_text
from billcom.sandbox.wire import NotJsonError, decode, encode


@dataclass(frozen=True)
class Cursor:
    """Go on after (or, backwards, before) this place."""

    place: Place
    backwards: bool = False


def fingerprint(*parts: str) -> str:
    """A short name for one query, to tell its cursors from those of others."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def write_cursor(cursor: Cursor, query: str) -> str:
    """The token for `cursor` within the query of this fingerprint."""
    keys = [_written(key) for key in cursor.place.keys]
    body = {"q": query, "b": cursor.backwards, "k": keys, "i": cursor.place.record_id}
    return base64.urlsafe_b64encode(encode(body)).decode()


def read_cursor(token: str, query: str, sort: tuple[Term, ...]) -> Cursor:
    """The cursor in `token`; raises InvalidRequestError when it is not one of this query."""
    try:
        body = decode(base64.b64decode(token, altchars=b"-_", validate=True))
        return _cursor(body, query, sort)
    except (NotJsonError, binascii.Error, ValueError, KeyError, TypeError):
        raise InvalidRequestError(["page: not a page of this list"]) from None


def _cursor(body: Any, query: str, sort: tuple[Term, ...]) -> Cursor:
    if body["q"] != query:
        raise ValueError("made for another query")
    pairs = zip(sort, body["k"], strict=True)
    keys = tuple(key_of(_read(term, written)) for term, written in pairs)
    return Cursor(Place(keys, str(body["i"])), bool(body["b"]))


def _written(key: Key) -> str | None:
    present, value = key
    if not present:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(term: Term, written: str | None) -> Comparable | None:
    return None if written is None else of_text(term.kind, written)
