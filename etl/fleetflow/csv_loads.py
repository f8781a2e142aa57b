"""Loads as CSV: `number,customer,amount,delivered`, and `id` and `currency` where there are any."""

import csv
import io
from collections.abc import Iterator

from etl.errors import UsageError
from etl.fleetflow.load import FIELDS, Load, made_load

__all__ = ["read_loads"]

NEEDED = ("number", "customer", "amount", "delivered")


def read_loads(text: str, *, time_zone: str, currency: str) -> list[Load]:
    """Every line's load; UsageError naming the first line that is none, or is there twice."""
    loads: dict[str, Load] = {}
    for number, cells in _lines(text):
        load = made_load(cells, time_zone=time_zone, currency=currency)
        if load.fault:
            raise _at(number, load.fault)
        if load.load_id in loads:
            raise _at(number, f"load {load.load_id} is there twice")
        loads[load.load_id] = load
    return list(loads.values())


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells by name of each line that is not empty; the first names the columns."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _names(next(lines, []))
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, _cells(lines.line_num, names, cells)
    except csv.Error as error:
        raise _at(lines.line_num, f"it is not CSV ({error})") from None


def _names(header: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in header]
    if not set(NEEDED) <= set(names) <= set(FIELDS) or len(set(names)) != len(names):
        raise UsageError(
            f"The first line must name the columns {', '.join(NEEDED)}, and may name id and "
            "currency. Nothing was recorded."
        )
    return names


def _cells(number: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(names):
        raise _at(number, f"it has {len(cells)} cells where {len(names)} are due")
    named = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    named.setdefault("id", named["number"])
    if not 0 < len(named["id"]) <= 100:
        raise _at(number, "its id must have 1 to 100 characters")
    return named


def _at(number: int, what: str) -> UsageError:
    return UsageError(f"Line {number}: {what}. Nothing was recorded.")
