"""What one unit of a currency is worth in another on a day: the value, and what makes it one."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["Rate", "RateFaultError", "made_rate"]

CODE = re.compile(r"[A-Z]{3}")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
UNIT, LIMIT = Decimal("0.00000001"), Decimal(10**10)
LONGEST = 40


class RateFaultError(ValueError):
    """Why four texts are no rate: the end of a sentence that begins with where they stand."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is `rate` units of `quote` on `rate_on`, as `source` says.

    `rate` is above 0 and fits DECIMAL(18,8).
    """

    currency: str
    quote: str
    rate_on: date
    rate: Decimal
    source: str


def made_rate(
    currency: str, quote: str, on: str, number: str, *, source: str, latest: date
) -> Rate:
    """A rate of its texts, digits beyond the eighth rounded half up; RateFaultError where it is
    none."""
    for code in (currency, quote):
        if not CODE.fullmatch(code):
            raise RateFaultError(f"“{code[:LONGEST]}” is not a currency: give three capitals")
    if currency == quote:
        raise RateFaultError(f"{currency} in {quote} needs no rate: name two currencies")
    return Rate(currency, quote, _day(on, latest), _number(number), source)


def _day(text: str, latest: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat():
        raise RateFaultError(f"“{text[:LONGEST]}” is not a date: give it as YYYY-MM-DD")
    if day > latest:
        raise RateFaultError(f"{text} is still to come: give rates of days up to {latest}")
    return day


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text) or len(text) > LONGEST:
        raise RateFaultError(f"“{text[:LONGEST]}” is not a rate: give a plain number like 0.7300")
    rate = Decimal(text).quantize(UNIT, ROUND_HALF_UP)
    if not 0 < rate < LIMIT:
        raise RateFaultError(
            f"“{text}” is not a rate: give a number above 0 and below {LIMIT:,}, to eight digits"
        )
    return rate
