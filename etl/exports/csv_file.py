"""Figures as CSV that states what it is, safe to open in a spreadsheet, exact to the cent.

RFC 4180; amounts are plain decimals. Text that a spreadsheet would take for a formula gets an
apostrophe in front (OWASP, CSV injection); numbers and dates are written by us and are left alone.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from etl.exports.layout import YES, layout_of
from etl.metrics.figures import Column, Figures
from etl.store.access import Grant

__all__ = ["csv_file", "csv_of_records"]

FORMULA_STARTS = frozenset("=+-@\t\r\n")


def csv_file(
    grant: Grant, figures: Figures, *, line_end: str = "\r\n", with_bom: bool = False
) -> bytes:
    """The CSV of a metric's figures, UTF-8."""
    layout = layout_of(grant, figures)
    lead = ",".join(map(_safe, layout.lead))
    written = [_written(column) for column in layout.columns]
    lines = [",".join(layout.names)]
    for line in layout.lines(figures):
        texts = [write(cell) for write, cell in zip(written, line.cells, strict=True)]
        mark = [YES if line.is_converted else ""] if layout.has_conversion else []
        lines.append(",".join([lead, _safe(line.currency), *mark, *texts]))
    text = line_end.join([*lines, ""])
    return text.encode("utf-8-sig" if with_bom else "utf-8")


def csv_of_records(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> bytes:
    """Records that are no metric's as CSV (UTF-8), their cells as safe as a metric's."""
    written = [(column.name, _written(column)) for column in columns]
    lines = [",".join(name for name, _ in written)]
    lines += [",".join(write(record[name]) for name, write in written) for record in records]
    return "\r\n".join([*lines, ""]).encode()


def _written(column: Column) -> Callable[[Any], str]:
    """How a column's cells are written."""
    plain = column.kind in {"count", "month"}

    def write(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if plain else _safe(str(value))

    return write


def _safe(text: str) -> str:
    """A text cell: quoted where it must be, and disarmed where a spreadsheet would run it."""
    # Spreadsheets skip leading spaces and read full-width signs as their plain ones.
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    is_formula = plain.lstrip(" ")[:1] in FORMULA_STARTS
    armed = f"'{text}" if is_formula else text
    if is_formula or any(sign in armed for sign in ',"\r\n'):
        return '"' + armed.replace('"', '""') + '"'
    return armed
