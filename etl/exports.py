"""Figures as CSV that states what it is, safe to open in a spreadsheet, exact to the cent.

RFC 4180; the first columns are tenant, as_of, time_zone and currency; amounts are plain decimals.
Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV
injection); numbers and dates are written by us and are left alone.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Converted, Figures, Missing, Question, RatesOf
from etl.money import rounded
from etl.reading import Published
from etl.store.access import Grant

__all__ = ["Export", "as_json", "file_name", "make_export", "make_list"]

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
    leading = (*LEADING, "converted") if figures.converted else LEADING
    lines = [",".join([*leading, *(column.name for column in columns)])]
    for record, converted in _records(figures):
        lead = [grant.tenant, figures.as_of.isoformat(), grant.time_zone]
        currency = record.get("currency") or ""
        mark = [converted] if figures.converted else []
        # A converted row has no cell for what stands beside an amount in its own currency.
        cells = (_cell(column, record.get(column.name)) for column in columns)
        lines.append(",".join([*map(_safe, [*lead, currency, *mark]), *cells]))
    text = "".join(line + line_end for line in lines)
    content = text.encode("utf-8-sig" if with_bom else "utf-8")
    return Export(content, _facts(grant, figures, published, content))


def make_list(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> bytes:
    """Records that are no metric's as CSV (UTF-8), their cells as safe as a metric's."""
    lines = [[column.name for column in columns]]
    lines += [[_cell(column, record[column.name]) for column in columns] for record in records]
    return "".join(",".join(cells) + "\r\n" for cells in lines).encode()


def _records(figures: Figures) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows in their own currencies, then those in the reporting currency, marked `yes`."""
    yield from ((record, "") for record in figures.records())
    if figures.converted:
        yield from ((record, "yes") for record in figures.converted.figures.records())


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
        **(_known(figures.question) or _standing(published)),
        "rounding": "half up, to the currency's minor unit",
        "rows": len(figures.rows),
        "sums": _sums(figures),
        **({"reporting": _reporting_facts(figures.converted)} if figures.converted else {}),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _standing(published: Published) -> dict[str, Any]:
    return {"bill_read_at": _instant(published.read_at), "ties_out": published.ties_out}


def _reporting_facts(converted: Converted) -> dict[str, Any]:
    return {
        "rows": len(converted.figures.rows),
        "sums": _sums(converted.figures),
        **_conversion(converted),
    }


def _conversion(converted: Converted) -> dict[str, Any]:
    """How a total in a reporting currency came about: what is not in it, and whose rates are."""
    return {
        "currency": converted.currency,
        "is_complete": not converted.unconverted_count,
        "unconverted_count": converted.unconverted_count,
        "unconverted": [_as_json(missing, missing.currency) for missing in converted.unconverted],
        "rates": [_as_json(rates) for rates in converted.rates],
        "rounding": "each document, half up, before adding",
    }


def _as_json(value: Missing | RatesOf, currency: str | None = None) -> dict[str, Any]:
    facts = asdict(value)
    if currency:
        facts["amount"] = rounded(facts["amount"], currency)
    return {name: _json_cell(cell) for name, cell in facts.items()}


def _filters(question: Question) -> dict[str, str]:
    names = ("from_on", "to_on", "currency", "customer", "record", "search", "state", "reporting")
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
    known = "".join(f"-known-{day}" for day in _known(figures.question).values())
    return f"{grant.tenant}-{figures.metric.name}-{figures.as_of.isoformat()}{known}.csv"


def as_json(grant: Grant, figures: Figures) -> dict[str, Any]:
    """A metric's figures as `tieout metric --json` prints them, amounts as decimal texts."""
    return {
        "metric": figures.metric.name,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "unit": figures.metric.unit,
        "snapshot": figures.snapshot,
        **_known(figures.question),
        "rows": figures.texts(),
        **({"reporting": _reporting_json(figures.converted)} if figures.converted else {}),
    }


def _known(question: Question) -> dict[str, str]:
    """On which day it was known, where that is not now."""
    return {"known_on": question.known_on.isoformat()} if question.known_on else {}


def _reporting_json(converted: Converted) -> dict[str, Any]:
    return _conversion(converted) | {"rows": converted.figures.texts()}


def _json_cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
