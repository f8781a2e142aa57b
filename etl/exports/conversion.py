"""How a total in a reporting currency came about, as side files and JSON tell it."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Converted, Missing, RatesOf
from etl.money import rounded

__all__ = ["conversion_of"]


def conversion_of(converted: Converted) -> dict[str, Any]:
    """What is not in it, and whose rates are."""
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
    return {name: _text(cell) for name, cell in facts.items()}


def _text(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, date) else cell
