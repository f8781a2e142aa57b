"""Values made comparable: of a record's field, and of the text in a filter or a cursor.

Instants become text of one fixed form, so that comparing a hundred thousand of them is cheap.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from billcom.sandbox.resources import Kind

Comparable = str | bool | Decimal

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{3,6})?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)
_MILLISECONDS_UTC = 29  # the length of 2026-12-15T23:15:23.127+00:00


def of_record(kind: Kind, value: Any) -> Comparable | None:
    """The comparable form of a field of a record; None when it is absent or of another type."""
    if kind is Kind.FLAG:
        return bool(value)
    if kind is Kind.NUMBER:
        return Decimal(value) if isinstance(value, int | Decimal) else None
    if not isinstance(value, str):
        return None
    return _instant_of_record(value) if kind is Kind.INSTANT else value


def of_text(kind: Kind, text: str) -> Comparable:
    """The comparable form of text in a request; raises ValueError when it does not fit."""
    if kind is Kind.FLAG:
        return _flag(text)
    if kind is Kind.NUMBER:
        return _number(text)
    if kind is Kind.DAY:
        return _moment(text).date().isoformat()
    return instant(text) if kind is Kind.INSTANT else text


def instant(text: str) -> str:
    """Any accepted date-time form as UTC with microseconds; without an offset it is UTC."""
    moment = _moment(text)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def day(text: str) -> date:
    """A calendar day written yyyy-MM-dd; raises ValueError for anything else."""
    if len(text) != 10:
        _refuse()
    return date.fromisoformat(text)


def _instant_of_record(text: str) -> str | None:
    if len(text) == _MILLISECONDS_UTC and text.endswith("+00:00"):
        return text[:23] + "000"
    try:
        return instant(text)
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        _refuse()
    return datetime.fromisoformat(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        _refuse()
    return text == "true"


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        _refuse()
    if not number.is_finite():
        _refuse()
    return number


def _refuse() -> NoReturn:
    raise ValueError("The value does not fit the field.")
