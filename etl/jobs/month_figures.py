"""The figures of a month that are kept when it is closed, as JSON keeps them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Figures, Question
from etl.metrics.periods import Period
from etl.reading import Reader, asked
from etl.store.access import Grant
from etl.store.models import Close

__all__ = ["FIGURES", "digest_of", "figures_again", "month_figures"]

# What is kept of a month, and the columns that tell a metric's rows apart.
FIGURES: dict[str, tuple[str, ...]] = {
    "summary": ("currency",),
    "ar_aging": ("currency",),
    "ar_by_month": ("month", "currency"),
    "invoiced_by_month": ("month", "currency"),
    "collected_by_month": ("month", "currency"),
    "revenue_by_month": ("month", "currency"),
    "revenue_bridge": ("month", "currency"),
    "tax_collected": ("month", "currency", "rate"),
    "dso": ("currency", "variant"),
    "average_days_delinquent": ("currency",),
    "cei": ("currency",),
    "ar_turnover": ("currency",),
    "days_to_pay": ("currency",),
    "on_time_rate": ("currency",),
    "percent_current": ("currency",),
    "percent_over_91": ("currency",),
    "concentration": ("measure", "currency"),
    "failed_payments_by_month": ("month", "currency"),
    "failure_rates": ("currency", "rail"),
    "return_rates": ("currency", "meter"),
    "recurring_revenue_movements": ("month", "currency"),
}


def month_figures(reader: Reader, grant: Grant, period: Period, seq: int) -> dict[str, Any]:
    """Every metric of FIGURES of a month: what was asked, and its rows."""
    return {name: _figure(reader, grant, name, period, seq) for name in FIGURES}


def _figure(reader: Reader, grant: Grant, name: str, period: Period, seq: int) -> dict[str, Any]:
    parameters = find_metric(name).metric.parameters
    within = {"from_on": period.first, "to_on": period.last}
    narrowed = {field: on for field, on in within.items() if field in parameters}
    question = asked(grant, name, as_of=period.last, **narrowed)
    rows = reader.figures(grant, name, question, seq).texts()
    return {"asked": _as_texts(question), "rows": rows}


def _as_texts(question: Question) -> dict[str, Any]:
    """A question as JSON keeps it: what is not as usual."""
    usual = Question(as_of=question.as_of)
    said = {field.name: getattr(question, field.name) for field in fields(question)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in said.items()
        if name == "as_of" or value != getattr(usual, name)
    }


def _question(kept: Mapping[str, Any]) -> Question:
    read: dict[str, Any] = {
        name: date.fromisoformat(value)
        if name.endswith(("_on", "_of"))
        else tuple(value)
        if isinstance(value, list | tuple)
        else value
        for name, value in kept.items()
    }
    return Question(**read)


def digest_of(kept: Mapping[str, Any]) -> str:
    """The SHA-256 of figures as canonical JSON: keys in order, no spaces, UTF-8."""
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def figures_again(reader: Reader, grant: Grant, close: Close, name: str, seq: int) -> Figures:
    """What a metric that was kept says of a snapshot, asked as it was then."""
    question = _question(close.figures["figures"][name]["asked"])
    return reader.figures(grant, name, question, seq)
