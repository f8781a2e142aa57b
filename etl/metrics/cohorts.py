"""What became of each month's invoices."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.periods import month_end
from etl.metrics.ratios import Quotient, as_ratio, divided, unknown
from etl.warehouse.snapshot import Snapshot

__all__ = ["AT_RISK_RATE", "COLLECTION_RATE", "at_risk_rate", "collection_rate"]

AGES = (30, 60, 90)
NOTHING_INVOICED = "nothing was invoiced"
MONTH = Column("month", "month", "Month")
CURRENCY = Column("currency", "text", "Currency")
INVOICED = Column("invoiced", "money", "Invoiced")
REASON = Column("reason", "reason", "Reason")
PARAMETERS = ("as_of", "from_on", "to_on", "currency")

COLLECTION_RATE = Metric(
    name="collection_rate",
    title="Collection rate",
    unit="ratio",
    grain="month, currency",
    owner="collections",
    definition=(
        "Of what was billed in a month, the share collected within 30, 60 and 90 days of each "
        "invoice's date; empty until every invoice is that old."
    ),
    page="Revenue",
    columns=(
        MONTH,
        CURRENCY,
        INVOICED,
        *(Column(f"collected_{age}", "money", f"Within {age} days") for age in AGES),
        *(Column(f"rate_{age}", "ratio", f"Rate, {age} days") for age in AGES),
        REASON,
    ),
    parameters=PARAMETERS,
)

AT_RISK_RATE = Metric(
    name="at_risk_rate",
    title="At-risk rate",
    unit="ratio",
    grain="month, currency",
    owner="collections",
    definition=(
        "Of what was invoiced in a month, the share still open 90 days past due; empty until "
        "every invoice is that old."
    ),
    page="Revenue",
    columns=(
        MONTH,
        CURRENCY,
        INVOICED,
        Column("at_risk", "money", "Open 90 days past due"),
        Column("at_risk_rate", "ratio", "At-risk rate"),
        REASON,
    ),
    parameters=PARAMETERS,
)


def collection_rate(snapshot: Snapshot, question: Question) -> Figures:
    """The share collected by age: see COLLECTION_RATE."""
    rows = []
    for month_on, currency, billed, *collected in _months(COLLECTION_RATE, snapshot, question):
        rates = [
            _rate(amount, billed, month_end(month_on) + timedelta(days=age), question.as_of)
            for age, amount in zip(AGES, collected, strict=True)
        ]
        known = [_if_known(*pair) for pair in zip(collected, rates, strict=True)]
        reason = next((rate.reason for rate in rates if rate.reason), None)
        cells = (*known, *(as_ratio(rate) for rate in rates), reason)
        rows.append((f"{month_on:%Y-%m}", currency, billed, *cells))
    return answered(COLLECTION_RATE, snapshot, question, rows)


def at_risk_rate(snapshot: Snapshot, question: Question) -> Figures:
    """The share long overdue: see AT_RISK_RATE."""
    rows = []
    found = _months(AT_RISK_RATE, snapshot, question)
    for month_on, currency, invoiced, at_risk, decided_on in found:
        rate = _rate(at_risk, invoiced, decided_on, question.as_of)
        cells = (_if_known(at_risk, rate), as_ratio(rate), rate.reason)
        rows.append((f"{month_on:%Y-%m}", currency, invoiced, *cells))
    return answered(AT_RISK_RATE, snapshot, question, rows)


def _if_known(amount: Decimal, rate: Quotient) -> Decimal | None:
    """What is not yet decided is no amount either."""
    return None if rate.value is None else amount


def _months(metric: Metric, snapshot: Snapshot, question: Question) -> list[tuple[Any, ...]]:
    return fetch(metric, snapshot, question.parameters(PARAMETERS))


def _rate(part: Decimal, whole: Decimal, known_on: date, as_of: date) -> Quotient:
    if known_on > as_of:
        return unknown(f"not known before {known_on.isoformat()}")
    return divided(part, whole, NOTHING_INVOICED)
