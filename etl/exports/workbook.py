"""Figures as an Excel workbook: one sheet of data, one that says what it is.

Excel keeps numbers as doubles, exact to 15 digits: an amount with more stands there as text.
https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
"""

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from etl.errors import UsageError
from etl.exports.layout import YES, Layout, Line, layout_of
from etl.metrics.figures import Column, Figures
from etl.money import exponent_of
from etl.store.access import Grant

__all__ = ["MOST_ROWS", "workbook"]

MOST_ROWS = 1_048_575  # and one of headings
LONGEST_TEXT = 32_767
EXACT_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)  # before it, Excel's calendar has a day that never was
CUT = "… (cut: longer than a cell of Excel)"
LONG_NUMBERS = "Amounts of more than 15 digits are kept as text, as Excel would round them."
# Nothing that a person typed becomes a formula, a link or a number.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDTHS = {"text": 30, "id": 24, "money": 16, "date": 12, "reason": 34}


def workbook(grant: Grant, figures: Figures, facts: Mapping[str, Any]) -> bytes:
    """The .xlsx of a metric's figures; UsageError where they are more than Excel takes."""
    count = len(figures.rows) + (len(figures.converted.figures.rows) if figures.converted else 0)
    if count > MOST_ROWS:
        raise UsageError(
            f"{count:,} rows are more than Excel takes ({MOST_ROWS:,}): narrow them "
            "down, or take CSV or Parquet."
        )
    target = io.BytesIO()
    with Workbook(target, OPTIONS) as book:
        # Made when its figures were read, not now: the same figures are the same file.
        made_at = datetime.fromisoformat(facts.get("bill_read_at") or facts["known_on"])
        created = made_at.replace(tzinfo=None)
        book.set_properties({"title": facts["title"], "created": created})
        _Data(book, layout_of(grant, figures)).write(figures)
        _About(book).write(facts)
    return target.getvalue()


class _Data:
    """The sheet of data. Rows are written in order: each leaves the memory as the next comes."""

    def __init__(self, book: Workbook, layout: Layout) -> None:
        self._book = book
        self._layout = layout
        self._sheet: Worksheet = book.add_worksheet("Data")
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._ratio = book.add_format({"num_format": "0.00####"})
        self._money: dict[str, Format] = {}

    def write(self, figures: Figures) -> None:
        self._head()
        at = 0
        for at, line in enumerate(self._layout.lines(figures), start=1):
            self._lead(at, line, figures.as_of)
            first = len(self._layout.names) - len(line.cells)
            cells = zip(self._layout.columns, line.cells, strict=True)
            for place, (column, cell) in enumerate(cells, start=first):
                self._write(at, place, cell, self._number_of(column, line.currency))
        self._sheet.autofilter(0, 0, max(1, at), len(self._layout.names) - 1)

    def _lead(self, at: int, line: Line, as_of: date) -> None:
        tenant, _as_of, time_zone = self._layout.lead
        _write_text(self._sheet, at, 0, tenant)
        self._write_day(at, 1, as_of)
        _write_text(self._sheet, at, 2, time_zone)
        _write_text(self._sheet, at, 3, line.currency)
        if line.is_converted:
            _write_text(self._sheet, at, 4, YES)

    def _head(self) -> None:
        heading = self._book.add_format({"bold": True, "bottom": 1})
        mark = [11] if self._layout.has_conversion else []
        widths = [16, 12, 20, 10, *mark, *(_width(column) for column in self._layout.columns)]
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, width)
        for place, name in enumerate(self._layout.names):
            self._sheet.write_string(0, place, name, heading)
        self._sheet.freeze_panes(1, 0)

    def _write(self, at: int, place: int, cell: Any, number: Format) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            _write_text(self._sheet, at, place, str(cell))
        elif isinstance(cell, Decimal):
            self._write_decimal(at, place, cell, number)
        elif isinstance(cell, int):
            self._sheet.write_number(at, place, cell)
        elif isinstance(cell, date):
            self._write_day(at, place, cell)
        else:
            _write_text(self._sheet, at, place, str(cell))

    def _write_decimal(self, at: int, place: int, cell: Decimal, number: Format) -> None:
        if _fits(cell):
            self._sheet.write_number(at, place, float(cell), number)  # Excel's own kind of number
        else:
            _write_text(self._sheet, at, place, format(cell, "f"))

    def _write_day(self, at: int, place: int, day: date) -> None:
        if day < FIRST_DAY:
            _write_text(self._sheet, at, place, day.isoformat())
        else:
            self._sheet.write_datetime(at, place, day, self._day)

    def _number_of(self, column: Column, currency: str) -> Format:
        return (
            self._money_of(column.currency or currency) if column.kind == "money" else self._ratio
        )

    def _money_of(self, currency: str) -> Format:
        if currency not in self._money:
            digits = exponent_of(currency)
            shown = "#,##0" + ("." + "0" * digits if digits else "")
            self._money[currency] = self._book.add_format({"num_format": shown})
        return self._money[currency]


class _About:
    """The sheet that says what the data is."""

    def __init__(self, book: Workbook) -> None:
        self._sheet: Worksheet = book.add_worksheet("About")
        self._bold = book.add_format({"bold": True, "valign": "top"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, facts: Mapping[str, Any]) -> None:
        self._sheet.set_column(0, 0, 22)
        self._sheet.set_column(1, 1, 90)
        for at, (name, text) in enumerate(_told(facts)):
            _write_text(self._sheet, at, 0, name, self._bold)
            _write_text(self._sheet, at, 1, text, self._wrapped)


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, fact in facts.items():
        if name == "sums":
            yield from _told_sums(fact)
        elif name == "reporting":
            yield from _told_conversion(fact)
        elif name == "filters":
            yield "filters", ", ".join(f"{key}={value}" for key, value in fact.items()) or "none"
        elif name == "ties_out":
            yield "ties out to BILL", "yes" if fact else "no: see the differences of the tie-out"
        else:
            yield name, str(fact)
    yield "note", LONG_NUMBERS


def _told_sums(sums: Mapping[str, Mapping[str, str]], mark: str = "") -> Iterator[tuple[str, str]]:
    for currency, columns in sums.items():
        for column, total in columns.items():
            yield f"sum of {column}, {currency}{mark}", total


def _told_conversion(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "converted to", f"{facts['currency']}, {facts['rounding']}"
    yield from _told_sums(facts["sums"], mark=" (all converted)")
    for missing in facts["unconverted"]:
        yield "not in it, without a rate", " ".join(str(fact) for fact in missing.values())
    for rates in facts["rates"]:
        yield f"rates of {rates['currency']}", ", ".join(f"{k}={v}" for k, v in rates.items())


def _width(column: Column) -> int:
    return max(WIDTHS.get(column.kind, 12), min(40, len(column.name) + 3))


def _fits(amount: Decimal) -> bool:
    """Whether a double gives the amount back as it is written."""
    _sign, digits, exponent = amount.as_tuple()
    return isinstance(exponent, int) and len(digits) <= EXACT_DIGITS


def _write_text(
    sheet: Worksheet, at: int, place: int, text: str, format_: Format | None = None
) -> None:
    if text == "":
        return
    # A NUL has no place in XML, not even escaped.
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(CUT)] + CUT
    sheet.write_string(at, place, text, format_)
