"""JSON in and out with money kept exact: numbers with a point are Decimal on both sides."""

from collections.abc import Callable
from typing import Any, cast

import simplejson

# One record as the API shows it. A plain dict because fields we do not know must survive a
# round trip; never changed in place, a change puts a new dict in its stead.
Record = dict[str, Any]


class NotJsonError(ValueError):
    """The text is not one JSON value. Carries no part of the text."""


def decode(text: str | bytes) -> Any:
    """Parse one JSON value; raises NotJsonError."""
    try:
        return simplejson.loads(text, use_decimal=True, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise NotJsonError("not valid JSON") from error


def encode(value: object) -> bytes:
    """Write one JSON value without spaces; a Decimal keeps its digits (120.00 stays 120.00)."""
    return _encode(value).encode()


def rows(record: Record, field: str) -> list[Record]:
    """A list of objects within a record; empty when it is absent or null."""
    found: list[Record] = record.get(field) or []
    return found


_encode = cast(
    "Callable[[object], str]",
    simplejson.JSONEncoder(use_decimal=True, separators=(",", ":"), ensure_ascii=True).encode,
)
