"""Whose payments fail."""

from dataclasses import replace

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot

__all__ = ["FAILURES_BY_CUSTOMER", "failures_by_customer"]

FAILURES_BY_CUSTOMER = Metric(
    name="failures_by_customer",
    title="Failed payments by customer",
    unit="count, money",
    grain="customer, currency",
    owner="collections",
    definition=(
        "Of each customer's online payments dated in the period, those that failed, and their "
        "share of those settled; most money first."
    ),
    page="Failed payments",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("attempts", "count", "Settled attempts"),
        Column("failures", "count", "Failures"),
        Column("amount", "money", "Failed amount"),
        Column("rate", "ratio", "Failure rate"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency", "limit"),
    is_counted=True,
)


def failures_by_customer(snapshot: Snapshot, question: Question) -> Figures:
    """Customers by their failures: see FAILURES_BY_CUSTOMER."""
    metric = FAILURES_BY_CUSTOMER
    found = fetch(metric, snapshot, question.parameters(metric.parameters))
    rows = [
        (*who, attempts, failures, amount, share_of(failures, attempts))
        for *who, attempts, failures, amount, _total in found
    ]
    figures = answered(metric, snapshot, question, rows)
    return replace(figures, total=found[0][-1] if found else 0)
