"""Figures as CSV that states what it is, safe to open in a spreadsheet, exact to the cent.

RFC 4180; the first columns are tenant, as_of, time_zone and currency; amounts are plain decimals.
Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV
injection); numbers and dates are written by us and are left alone.
"""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Figures, Question
from etl.reading import Published
from etl.store.access import Grant

__all__ = ["Export", "as_json", "file_name", "json_rows", "make_export"]

LEADING = ("tenant", "as_of", "time_zone", "currency")
FORMULA_STARTS = frozenset("=+-@\t\r\n")


@dataclass(frozen=True, slots=True)
class Export:
    """A CSV (UTF-8) and what its side file says of it."""

    content: bytes
    facts: dict[str, Any]

    @property
    def facts_json(self) -> str:
        """The side file."""
        return json.dumps(self.facts, indent=2) + "\n"


def make_export(
    grant: Grant,
    figures: Figures,
    published: Published,
    *,
    line_end: str = "\r\n",
    with_bom: bool = False,
) -> Export:
    """The CSV of a metric's figures."""
    columns = [column for column in figures.metric.columns if column.name != "currency"]
    lines = [",".join([*LEADING, *(column.name for column in columns)])]
    for record in figures.records():
        lead = [grant.tenant, figures.as_of.isoformat(), grant.time_zone]
        currency = _safe(record.get("currency") or "")
        cells = (_cell(column, record[column.name]) for column in columns)
        lines.append(",".join([*map(_safe, lead), currency, *cells]))
    text = "".join(line + line_end for line in lines)
    content = text.encode("utf-8-sig" if with_bom else "utf-8")
    return Export(content, _facts(grant, figures, published, content))


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if column.kind in {"count", "month"} else _safe(str(value))


def _safe(text: str) -> str:
    """A text cell: quoted where it must be, and disarmed where a spreadsheet would run it."""
    # Spreadsheets skip leading spaces and read full-width signs as their plain ones.
    first = unicodedata.normalize("NFKC", text).lstrip(" ")[:1]
    is_formula = first != "" and first in FORMULA_STARTS
    armed = f"'{text}" if is_formula else text
    if is_formula or any(sign in armed for sign in ',"\r\n'):
        return '"' + armed.replace('"', '""') + '"'
    return armed


def _facts(grant: Grant, figures: Figures, published: Published, content: bytes) -> dict[str, Any]:
    return {
        "metric": figures.metric.name,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "time_zone": grant.time_zone,
        "filters": _filters(figures.question),
        "snapshot": figures.snapshot,
        "bill_read_at": _instant(published.read_at),
        "ties_out": published.ties_out,
        "rounding": "half up, to the currency's minor unit",
        "rows": len(figures.rows),
        "sums": _sums(figures),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _filters(question: Question) -> dict[str, str]:
    names = ("from_on", "to_on", "currency", "customer", "search", "state")
    given = {name: str(value) for name in names if (value := getattr(question, name)) is not None}
    return given | _ways(question)


def _ways(question: Question) -> dict[str, str]:
    """How the tenant counts, where it is not the usual way."""
    return {
        **({"basis": question.basis} if question.basis != "due" else {}),
        **({"edges": ",".join(map(str, question.edges))} if question.edges else {}),
        **({"grace_days": str(question.grace_days)} if question.grace_days else {}),
    }


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _sums(figures: Figures) -> dict[str, dict[str, str]]:
    """Column sums a currency; two currencies are never added."""
    sums: dict[str, dict[str, Decimal]] = {}
    money = [
        column.name
        for column in figures.metric.columns
        if column.kind == "money" and column.adds_up
    ]
    for record in figures.records():
        of_currency = sums.setdefault(record.get("currency") or "", {})
        for name in money:
            of_currency[name] = of_currency.get(name, Decimal(0)) + (record[name] or 0)
    return {
        currency: {name: format(total, "f") for name, total in columns.items()}
        for currency, columns in sums.items()
    }


def file_name(grant: Grant, figures: Figures) -> str:
    """A name for the file: tenant, metric and day, nothing that a person typed."""
    return f"{grant.tenant}-{figures.metric.name}-{figures.as_of.isoformat()}.csv"


def as_json(grant: Grant, figures: Figures) -> dict[str, Any]:
    """A metric's figures as `tieout metric --json` prints them, amounts as decimal texts."""
    return {
        "metric": figures.metric.name,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "unit": figures.metric.unit,
        "snapshot": figures.snapshot,
        "rows": json_rows(figures),
    }


def json_rows(figures: Figures) -> list[dict[str, Any]]:
    """The rows of figures by column, amounts as decimal texts and days as ISO dates."""
    return [
        {name: _json_cell(value) for name, value in record.items()} for record in figures.records()
    ]


def _json_cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
