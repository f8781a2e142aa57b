"""Rates as CSV: `currency,quote,on,rate`, a line each."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from etl.errors import RatesError
from etl.exchange.rate import Rate, RateFaultError, made_rate

__all__ = ["COLUMNS", "read_csv"]

COLUMNS = ("currency", "quote", "on", "rate")


def read_csv(text: str, *, source: str, latest: date) -> list[Rate]:
    """Every line's rate, in the file's order; RatesError naming the first line that has none."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _names(next(lines, []))
        rates = [
            _rate(number, dict(zip(names, cells, strict=True)), source, latest)
            for number, cells in _filled(lines, len(names))
        ]
    except csv.Error as error:
        raise _at(lines.line_num, f"it is not CSV ({error})") from None
    return _without_contradictions(rates)


def _names(header: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in header]
    if sorted(names) != sorted(COLUMNS):
        raise RatesError(f"The first line must name the columns {', '.join(COLUMNS)}.")
    return names


def _filled(lines: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty; line 1 was the header."""
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            raise _at(number, f"it has {len(cells)} cells where {width} are due")
        yield number, [cell.strip() for cell in cells]


def _rate(number: int, cells: dict[str, str], source: str, latest: date) -> Rate:
    texts = [cells[name] for name in COLUMNS]
    try:
        return made_rate(*texts, source=source, latest=latest)
    except RateFaultError as fault:
        raise _at(number, str(fault)) from None


def _at(number: int, what: str) -> RatesError:
    return RatesError(f"Line {number}: {what}. Nothing was recorded.")


def _without_contradictions(rates: list[Rate]) -> list[Rate]:
    known: dict[tuple[str, str, date], Rate] = {}
    for rate in rates:
        first = known.setdefault((rate.currency, rate.quote, rate.rate_on), rate)
        if first.rate != rate.rate:
            raise RatesError(
                f"{rate.currency} in {rate.quote} has two rates for {rate.rate_on}, {first.rate} "
                f"and {rate.rate}: leave one. Nothing was recorded."
            )
    return list(known.values())
