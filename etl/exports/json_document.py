"""Figures as one JSON document."""

from typing import Any

from etl.exports.conversion import conversion_of
from etl.exports.facts import known_facts
from etl.metrics.figures import Converted, Figures
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
        **known_facts(figures.question),
        "rows": figures.texts(),
        **({"reporting": _reporting(figures.converted)} if figures.converted else {}),
    }


def _reporting(converted: Converted) -> dict[str, Any]:
    return conversion_of(converted) | {"rows": converted.figures.texts()}
