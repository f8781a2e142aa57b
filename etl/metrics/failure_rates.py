"""How often attempts to collect fail, and how often failures get paid after all."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.shares import answered_shares, quantile
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "FAILURE_RATES",
    "FAILURE_RATES_BY_MONTH",
    "FAILURE_RECOVERY",
    "RECOVERY_RATES",
    "failure_rates",
    "failure_rates_by_month",
    "failure_recovery",
    "recovery_rates",
]

CURRENCY = Column("currency", "text", "Currency")
PERIOD = ("as_of", "from_on", "to_on", "currency")
NOTHING_SETTLED = "nothing has settled yet"

RATES = (
    CURRENCY,
    Column("rail", "text", "Method"),
    Column("attempts", "count", "Settled attempts"),
    Column("failures", "count", "Failed attempts"),
    Column("attempt_failure_rate", "ratio", "Attempt failure rate"),
    Column("amount", "money", "Amount", adds_up=False),
    Column("failed_amount", "money", "Failed amount", adds_up=False),
    Column("invoices", "count", "Invoices attempted"),
    Column("failed_invoices", "count", "Invoices failed"),
    Column("invoice_failure_rate", "ratio", "Invoice failure rate"),
    Column("first_attempts", "count", "First attempts"),
    Column("failed_first_attempts", "count", "Failed first attempts"),
    Column("first_attempt_failure_rate", "ratio", "First-attempt failure rate"),
    Column("pending", "count", "Pending"),
    Column("canceled", "count", "Called off"),
    Column("reason", "reason", "Why empty"),
)
SHARES = {
    "attempt_failure_rate": ("failures", "attempts"),
    "invoice_failure_rate": ("failed_invoices", "invoices"),
    "first_attempt_failure_rate": ("failed_first_attempts", "first_attempts"),
}

FAILURE_RATES = Metric(
    name="failure_rates",
    title="Failure rates",
    unit="ratio",
    grain="currency, method",
    owner="collections",
    definition=(
        "Failed attempts of those settled, invoices with a failed attempt of those attempted, "
        "and failed first attempts of first attempts. Pending and called off ones count nowhere."
    ),
    page="Failed payments",
    columns=RATES,
    parameters=PERIOD,
)

FAILURE_RATES_BY_MONTH = Metric(
    name="failure_rates_by_month",
    title="Failure rates by month",
    unit="ratio",
    grain="month, currency, method",
    owner="collections",
    definition="The failure rates of the attempts dated in each month.",
    page="Failed payments",
    columns=(Column("month", "month", "Month"), *RATES),
    parameters=PERIOD,
)

RECOVERY_RATES = Metric(
    name="recovery_rates",
    title="Recovery rates",
    unit="ratio",
    grain="currency, days",
    owner="collections",
    definition=(
        "Of the invoices whose first failure is at least 7, 14, 30 or 60 days old, those paid in "
        "full within as many days, by the same method, another one, or past BILL."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("within_days", "count", "Within days"),
        Column("invoices", "count", "Invoices"),
        Column("recovered", "count", "Recovered"),
        Column("same_method", "count", "Same method"),
        Column("other_method", "count", "Other method"),
        Column("manual", "count", "Past BILL"),
        Column("recovery_rate", "ratio", "Recovery rate"),
        Column("reason", "reason", "Why empty"),
    ),
    parameters=PERIOD,
)

FAILURE_RECOVERY = Metric(
    name="failure_recovery",
    title="Time to recover",
    unit="days",
    grain="currency",
    owner="collections",
    definition=(
        "Days from an invoice's first failure to its full payment, median and 90th percentile of "
        "those paid; how many are still waiting; and the cash since the failures, less returns."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("invoices", "count", "Invoices"),
        Column("recovered", "count", "Recovered"),
        Column("waiting", "count", "Still waiting"),
        Column("median_days", "days", "Median days"),
        Column("p90_days", "days", "90th percentile, days"),
        Column("failed_amount", "money", "Failed amount"),
        Column("net_recovered", "money", "Net recovered"),
        Column("reason", "reason", "Why empty"),
    ),
    parameters=PERIOD,
)


def failure_rates(snapshot: Snapshot, question: Question) -> Figures:
    """Failure rates of a period: see FAILURE_RATES."""
    return answered_shares(FAILURE_RATES, snapshot, question, SHARES, reason=NOTHING_SETTLED)


def failure_rates_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Failure rates by month: see FAILURE_RATES_BY_MONTH."""
    metric = FAILURE_RATES_BY_MONTH
    return answered_shares(metric, snapshot, question, SHARES, reason=NOTHING_SETTLED)


def recovery_rates(snapshot: Snapshot, question: Question) -> Figures:
    """Failures paid within days: see RECOVERY_RATES."""
    shares = {"recovery_rate": ("recovered", "invoices")}
    return answered_shares(
        RECOVERY_RATES, snapshot, question, shares, reason="no failure is that old yet"
    )


def failure_recovery(snapshot: Snapshot, question: Question) -> Figures:
    """How long it took, and what came: see FAILURE_RECOVERY."""
    metric = FAILURE_RECOVERY
    found = fetch(metric, snapshot, question.parameters(metric.parameters))
    rows = [_recovery(currency, list(of)) for currency, of in groupby(found, itemgetter(0))]
    return answered(metric, snapshot, question, rows)


def _recovery(currency: str, failures: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    _, parts, days, recovered = zip(*failures, strict=True)
    known = [count for count in days if count is not None]
    return (
        currency,
        len(failures),
        len(known),
        len(failures) - len(known),
        quantile(known, 50),
        quantile(known, 90),
        sum(parts, Decimal(0)),
        sum(recovered, Decimal(0)),
        None if known else "none is paid yet",
    )
