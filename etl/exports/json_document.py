"""Figures as one JSON document."""

from datetime import date
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Figures
from etl.store.access import Grant

__all__ = ["as_json"]


def as_json(grant: Grant, figures: Figures) -> dict[str, Any]:
    """A metric's figures as `tieout metric --json` prints them, amounts as decimal texts."""
    return {
        "metric": figures.metric.name,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "unit": figures.metric.unit,
        "snapshot": figures.snapshot,
        "rows": [
            {name: _cell(value) for name, value in record.items()} for record in figures.records()
        ],
    }


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
