"""Formulas that show their sums: written in the names of terms, told with what these are.

A formula is a sum of products over another: `opening_ar × months + sales` ÷ `2 × sales`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any

from etl.metrics.figures import Kind
from etl.metrics.ratios import PRECISION, Quotient, as_days, as_ratio, as_score, divided

__all__ = ["Cell", "Formula", "number", "tell", "valued"]

ROUNDED = {"ratio": as_ratio, "days": as_days, "score": as_score}
TERM = re.compile(r"[a-z][a-z_0-9]*")


@dataclass(frozen=True, slots=True)
class Formula:
    """How a column follows from terms; `when`: a row's column, and the text for which it does.

    `each_month`: the quotient is worked out for every month that has the term `over` and added.
    """

    column: str
    over: str
    under: str = ""
    when: tuple[str, str] | None = None
    each_month: bool = False

    @property
    def terms(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(TERM.findall(f"{self.over} {self.under}"))

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether it is the formula of this row."""
        return self.when is None or str(row[self.when[0]]) == self.when[1]


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of figures with its inputs' sums, of all and by month, and how many each column has."""

    row: Mapping[str, Any]
    sums: Mapping[str, Decimal]
    by_month: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def values(self, month: str | None = None) -> dict[str, Decimal]:
        """What every term stands for: a sum, or a number of the row."""
        numbers = {name: Decimal(v) for name, v in self.row.items() if isinstance(v, int | Decimal)}
        return numbers | dict(self.sums if month is None else self.by_month[month])


def valued(formula: Formula, cell: Cell, kind: Kind) -> Decimal | None:
    """What the formula gives, rounded as its column is; None where it cannot be divided."""
    found = _by_month(formula, cell) if formula.each_month else _quotient(formula, cell.values())
    return ROUNDED[kind](found) if kind in ROUNDED else found.value


def _by_month(formula: Formula, cell: Cell) -> Quotient:
    total = Decimal(0)
    for month in _months(formula, cell):
        part = _quotient(formula, cell.values(month))
        if part.value is None:
            return part
        with localcontext(prec=PRECISION):
            total += part.value
    return Quotient(total)


def _months(formula: Formula, cell: Cell) -> Iterator[str]:
    """The months that hold something of what is divided."""
    names = TERM.findall(formula.over)
    for month, sums in sorted(cell.by_month.items()):
        if any(name in sums for name in names):
            yield month


def _quotient(formula: Formula, values: Mapping[str, Decimal]) -> Quotient:
    over = _sum(formula.over, values)
    if not formula.under:
        return Quotient(over)
    return divided(over, _sum(formula.under, values), "nothing to divide by")


def _sum(side: str, values: Mapping[str, Decimal]) -> Decimal:
    """A sum of products, − before a product taking it away."""
    total = Decimal(0)
    for sign, product in re.findall(r"([+−]?)\s*([^+−]+)", side):
        part = Decimal(-1 if sign == "−" else 1)
        for factor in product.split("×"):
            name = factor.strip()
            with localcontext(prec=PRECISION):
                part *= Decimal(name) if name.isdecimal() else values.get(name, Decimal(0))
        total += part
    return total


def tell(formula: Formula, cell: Cell) -> str:
    """The formula with the numbers in it, and what it comes to."""
    told = f"{formula.column} = {_in_words(formula, cell)}"
    found = cell.row.get(formula.column)
    return f"{told} = {'nothing' if found is None else number(found)}"


def _in_words(formula: Formula, cell: Cell) -> str:
    if not formula.each_month:
        return _divided(formula, cell.values())
    parts = [
        f"{month}: {_divided(formula, cell.values(month))}" for month in _months(formula, cell)
    ]
    return " + ".join(f"({part})" for part in parts) or "0"


def _divided(formula: Formula, values: Mapping[str, Decimal]) -> str:
    over = _filled(formula.over, values)
    if not formula.under:
        return over
    return f"{_grouped(over)} ÷ {_grouped(_filled(formula.under, values))}"


def _grouped(side: str) -> str:
    return f"({side})" if any(sign in side for sign in "+−×") else side


def _filled(side: str, values: Mapping[str, Decimal]) -> str:
    return TERM.sub(lambda name: f"{name[0]} {number(values.get(name[0], Decimal(0)))}", side)


def number(value: Any) -> str:
    """A number for a person: thousands apart, no digits that say nothing beyond two."""
    if not isinstance(value, Decimal):
        return f"{value:,}" if isinstance(value, int) else str(value)
    shortest = value.normalize()
    digits = max(2, -int(shortest.as_tuple().exponent)) if value.as_tuple().exponent else 0
    return f"{value:,.{digits}f}"
