"""Figures as tables to be drawn: exact text in every cell, numbers underneath to sort by.

Cells are Arrow decimals and dates, so a heading sorts them as what they are; what is read is the
text beside them, made from the Decimal itself. No amount passes through a float.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.io.formats.style import Styler

from dashboard import display
from etl.metrics.figures import Column, Figures
from etl.money import rounded

__all__ = ["DRAWN", "chosen_columns", "styled", "styled_rows"]

DRAWN = 500  # rows: more is not read but searched for; the CSV has them all
TYPES = {
    "money": pa.decimal128(38, 4),
    "date": pa.date32(),
    "month": pa.date32(),
    "count": pa.int64(),
    "ratio": pa.decimal128(38, 8),
    "percent": pa.decimal128(38, 8),
    "days": pa.decimal128(38, 4),
    "score": pa.decimal128(38, 4),
}
WRITERS: dict[str, Any] = {
    "ratio": display.percent,
    "percent": display.rate,
    "days": display.days,
    "score": display.points,
}
QUIET = "#8b9690"  # reads on white and on the dark page
CHIPS = frozenset({"state", "status", "reason", "basis", "behaviour", "standing"})
TEXTS = {"event": display.event, "field": display.field, "observed_at": display.instant}
NOT_KNOWN = frozenset({"meaning"})  # empty where nobody has found out yet


def chosen_columns(figures: Figures, names: Sequence[str]) -> list[Column]:
    """The columns of these names, in their order."""
    known = {column.name: column for column in figures.metric.columns}
    return [known[name] for name in names]


def styled(figures: Figures, names: Sequence[str], rows: int = DRAWN) -> Styler:
    """The first rows of some figures in these columns."""
    ordered = figures.rows[::-1] if _is_timeline(figures) else figures.rows
    first = replace(figures, rows=ordered[:rows])
    return styled_rows(chosen_columns(figures, names), first.records())


def _is_timeline(figures: Figures) -> bool:
    """Whether its rows are months, which a page shows newest first, and none of them opens."""
    kinds = [column.kind for column in figures.metric.columns]
    return kinds[0] == "month" and "id" not in kinds


def styled_rows(columns: Sequence[Column], records: Sequence[dict[str, Any]]) -> Styler:
    """Rows in these columns; each may carry a `currency`, which its money is written in."""
    table = pd.DataFrame({c.name: _cells(c, [row[c.name] for row in records]) for c in columns})
    money = [column.name for column in columns if column.kind == "money"]
    style = table.style
    currencies = pd.Series([row.get("currency", "") for row in records], dtype="object")
    for currency in sorted(set(currencies)):
        rows = pd.IndexSlice[currencies == currency, money]
        style = style.format(_writer(currency), subset=rows, na_rep="–")
    for column in columns:
        if column.kind in WRITERS:
            style = style.format(WRITERS[column.kind], subset=[column.name], na_rep="–")
    return style.apply(_quiet_zeros, subset=pd.Index(money))


def _quiet_zeros(amounts: "pd.Series[Any]") -> list[str]:
    return [f"color: {QUIET}" if amount is not pd.NA and not amount else "" for amount in amounts]


def _writer(currency: str) -> Any:
    return lambda amount: display.money(rounded(amount, currency), currency)


def _cells(column: Column, values: list[Any]) -> Any:
    if column.kind == "month":
        values = [date.fromisoformat(f"{value}-01") for value in values]
    if column.kind in TYPES:
        return pd.Series(values, dtype=pd.ArrowDtype(TYPES[column.kind]))
    if column.name in CHIPS:
        return [[display.state(value)] if value else [] for value in values]
    write = TEXTS.get(column.name, str)
    none = display.state("unknown") if column.name in NOT_KNOWN else ""
    return [none if value is None else write(value) for value in values]
