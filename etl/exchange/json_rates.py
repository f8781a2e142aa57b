"""Rates as JSON, in the shape that the European Central Bank's mirrors and many providers share.

`{"base": "USD", "date": "2026-01-02", "rates": {"CAD": 1.36}}` for one day, and for several
`{"base": "USD", "rates": {"2026-01-02": {"CAD": 1.36}}}`: one unit of `base` in each of the others.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from etl.errors import RatesError
from etl.exchange.rate import Rate, RateFaultError, made_rate

__all__ = ["read_json"]

SHAPE = '{"base": "USD", "date": "2026-01-02", "rates": {"CAD": 1.36}}'


def read_json(text: str, *, source: str, latest: date) -> list[Rate]:
    """Every rate of an answer; RatesError where it is of another shape or one of them is none."""
    answer = _parsed(text)
    base = str(answer.get("base", ""))
    rates = [
        _rate(base, quote, day, number, source, latest)
        for day, numbers in _days(answer)
        for quote, number in numbers.items()
        if quote != base  # some list the base itself, as 1
    ]
    if not rates:
        raise _shapeless("it holds no rate")
    return rates


def _parsed(text: str) -> dict[str, Any]:
    try:
        # Numbers stay the text that was sent: no float ever holds one.
        answer = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise _shapeless("it is no JSON") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("rates"), dict):
        raise _shapeless("it has no rates")
    if _plain(answer.get("amount", "1")).removesuffix(".0") != "1":
        raise _shapeless("its rates are not for one unit of the base")
    return answer


def _days(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A day and its numbers by currency, of either form."""
    rates = answer["rates"]
    if not any(isinstance(numbers, dict) for numbers in rates.values()):
        yield str(answer.get("date", "")), rates
        return
    for day, numbers in rates.items():
        if not isinstance(numbers, dict):
            raise _shapeless(f"{day[:40]} has no rates")
        yield day, numbers


def _rate(base: str, quote: str, day: str, number: object, source: str, latest: date) -> Rate:
    try:
        return made_rate(base, quote, day, _plain(number), source=source, latest=latest)
    except RateFaultError as fault:
        raise _shapeless(str(fault)) from None


def _plain(number: object) -> str:
    """A JSON number's digits; an exponent, as in 3.9e-05, is written out."""
    text = str(number)
    if isinstance(number, str) and "e" in text.lower() and len(text) < 40:
        try:
            exact = Decimal(text)
        except ArithmeticError:
            return text
        return format(exact, "f") if abs(exact.adjusted()) < 30 else text
    return text


def _shapeless(what: str) -> RatesError:
    return RatesError(
        f"The provider's answer cannot be used, as {what}; an answer like {SHAPE} can, or CSV with "
        "the columns currency, quote, on, rate. Nothing was recorded."
    )
