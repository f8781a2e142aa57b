"""One load of FleetFlow's, out of whatever its database or a file held."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from etl.money import digits_of

__all__ = ["FIELDS", "Load", "made_load"]

FIELDS = ("id", "number", "customer", "amount", "currency", "delivered")
LARGEST, MOST_DIGITS = Decimal(10) ** 13, 6


@dataclass(frozen=True, slots=True)
class Load:
    """A load; `customer` as FleetFlow knows it. What cannot be used is None, and `fault` says why.

    `delivered_on` is the tenant's day, None while it is under way.
    """

    load_id: str
    number: str
    customer: str
    amount: Decimal | None
    currency: str
    delivered_on: date | None
    fault: str | None = None


class _FaultError(Exception):
    """What is wrong with a cell."""


def made_load(cells: Mapping[str, Any], *, time_zone: str, currency: str) -> Load:
    """The load of a row; `currency` is taken where the row names none."""
    load_id = str(cells["id"])
    faults: list[str] = []
    amount = _read(faults, _amount, cells["amount"])
    delivered_on = _read(faults, lambda value: _day(value, time_zone), cells["delivered"])
    known = _read(faults, _currency, cells.get("currency") or currency)
    customer = _text(cells["customer"])
    if not customer:
        faults.append("it names no customer")
    return Load(
        load_id,
        _text(cells.get("number")) or load_id,
        customer,
        amount,
        known or "",
        delivered_on,
        "; ".join(faults) or None,
    )


def _read(faults: list[str], read: Any, value: Any) -> Any:
    try:
        return read(value)
    except _FaultError as fault:
        faults.append(str(fault))
        return None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(_text(value))
    except InvalidOperation:
        raise _FaultError(f"its amount “{_text(value)[:40]}” is not a number") from None
    if not amount.is_finite() or not 0 <= amount < LARGEST:
        raise _FaultError(f"its amount {_text(value)[:40]} is not one of a load")
    if digits_of(amount) > MOST_DIGITS:
        raise _FaultError(
            f"its amount {_text(value)[:40]} has more than six digits after the point"
        )
    return amount


def _currency(value: Any) -> str:
    code = _text(value)
    if not re.fullmatch("[A-Z]{3}", code):
        raise _FaultError(f"its currency “{code[:10]}” is not three capitals")
    return code


def _day(value: Any, time_zone: str) -> date | None:
    """The tenant's day of a day or an instant; one without a zone is UTC."""
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=UTC)
        return at.astimezone(ZoneInfo(time_zone)).date()
    return value if isinstance(value, date) else None


def _parsed(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        raise _FaultError(f"its delivery “{text[:40]}” is not a day") from None
