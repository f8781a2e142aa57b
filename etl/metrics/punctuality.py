"""How long customers take to pay, and how often in time."""

from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.periods import QUARTER, period_of
from etl.metrics.ratios import Quotient, as_days, as_ratio, divided
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "DAYS_LATE",
    "DAYS_TO_PAY",
    "ON_TIME_RATE",
    "days_late",
    "days_to_pay",
    "on_time_rate",
]

NOTHING_PAID = "nothing was paid in the period"
NOTHING_DUE = "nothing fell due in the period"
CURRENCY = Column("currency", "text", "Currency")
REASON = Column("reason", "reason", "Reason")

DAYS_TO_PAY = Metric(
    name="days_to_pay",
    title="Days to pay",
    unit="days",
    grain="currency",
    owner="collections",
    definition=(
        "Days from invoice date to payment, weighted by the amount applied; beside it the median "
        "and the 90th percentile of applications. Payments that came back drop out."
    ),
    page="Overview",
    columns=(
        CURRENCY,
        Column("applied", "money", "Applied"),
        Column("days_to_pay", "days", "Days to pay"),
        Column("median", "days", "Median"),
        Column("p90", "days", "90 % within"),
        REASON,
    ),
    parameters=("as_of", "from_on", "currency", "customer"),
    needs=Needs(("cash",), days=QUARTER),
)

DAYS_LATE = Metric(
    name="days_late",
    title="Days late",
    unit="days",
    grain="currency",
    owner="collections",
    definition=(
        "Days from due date to payment, weighted by the amount applied, negative when early; "
        "lateness counts early payments as on the day."
    ),
    page="Overview",
    columns=(
        CURRENCY,
        Column("applied", "money", "Applied"),
        Column("days_late", "days", "Days late"),
        Column("lateness", "days", "Lateness"),
        Column("median", "days", "Median"),
        Column("p90", "days", "90 % within"),
        REASON,
    ),
    parameters=("as_of", "from_on", "currency", "customer"),
    needs=Needs(("cash",), days=QUARTER),
    source="days_to_pay",
)

ON_TIME_RATE = Metric(
    name="on_time_rate",
    title="On-time rate",
    unit="ratio",
    grain="currency",
    owner="collections",
    definition=(
        "Totals of invoices settled in full by their due date and days of grace, over all that "
        "fell due in the period; open and overdue counts as late."
    ),
    page="Overview",
    columns=(
        CURRENCY,
        Column("due", "money", "Fell due"),
        Column("on_time", "money", "Settled in time"),
        Column("invoices", "count", "Invoices"),
        Column("on_time_rate", "ratio", "On-time rate"),
        REASON,
    ),
    parameters=("as_of", "from_on", "currency", "grace_days"),
    needs=Needs(("invoiced",), reaches_back=True),
    ways=(("grace_days", "grace_days"),),
)


def days_to_pay(snapshot: Snapshot, question: Question) -> Figures:
    """Days from invoice to payment: see DAYS_TO_PAY."""
    rows = []
    for currency, applied, amount_days, median, p90, *_late in _paid(snapshot, question):
        weighted = divided(amount_days, applied, NOTHING_PAID)
        days = (as_days(weighted), *_whole(median, p90))
        rows.append((currency, applied, *days, weighted.reason))
    return answered(DAYS_TO_PAY, snapshot, question, rows)


def days_late(snapshot: Snapshot, question: Question) -> Figures:
    """Days from due date to payment: see DAYS_LATE."""
    rows = []
    for currency, applied, _days, _median, _p90, *late in _paid(snapshot, question):
        amount_days, late_days, median, p90 = late
        weighted = divided(amount_days, applied, NOTHING_PAID)
        lateness = divided(late_days, applied, NOTHING_PAID)
        days = (as_days(weighted), as_days(lateness), *_whole(median, p90))
        rows.append((currency, applied, *days, weighted.reason))
    return answered(DAYS_LATE, snapshot, question, rows)


def _whole(*days: int) -> list[Decimal | None]:
    return [as_days(Quotient(Decimal(count))) for count in days]


def _paid(snapshot: Snapshot, question: Question) -> list[tuple[Any, ...]]:
    return fetch(DAYS_TO_PAY, snapshot, _asked(question) | {"customer": question.customer})


def _asked(question: Question) -> dict[str, Any]:
    period = period_of(question)
    return {"as_of": period.last, "from_on": period.first, "currency": question.currency}


def on_time_rate(snapshot: Snapshot, question: Question) -> Figures:
    """The share settled in time: see ON_TIME_RATE."""
    asked = _asked(question) | {"grace_days": question.grace_days}
    rows = []
    for currency, due, on_time, invoices in fetch(ON_TIME_RATE, snapshot, asked):
        rate = divided(on_time, due, NOTHING_DUE)
        rows.append((currency, due, on_time, invoices, as_ratio(rate), rate.reason))
    return answered(ON_TIME_RATE, snapshot, question, rows)
