"""Receivables by age, customer by customer."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from etl.metrics.aging import EDGES, bucket_columns, checked_edges
from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["AR_AGING_BY_CUSTOMER", "ar_aging_by_customer"]


def _columns(edges: Sequence[int]) -> tuple[Column, ...]:
    return (
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        *bucket_columns(edges),
        Column("gross", "money", "Gross"),
        Column("overdue", "money", "Overdue"),
        Column("oldest_days", "count", "Oldest, days"),
    )


AR_AGING_BY_CUSTOMER = Metric(
    name="ar_aging_by_customer",
    title="Aging by customer",
    unit="money",
    grain="customer, currency",
    owner="collections",
    definition=(
        "What each customer owes at the end of a day by days past due, in the buckets of the "
        "receivables aging, and what is past due of it; the most overdue of each currency first."
    ),
    page="Receivables",
    columns=_columns(EDGES),
    parameters=("as_of", "currency", "customer", "basis", "edges", "limit"),
    is_counted=True,
    needs=Needs(("open_item",)),
    ways=(("basis", "aging_basis"), ("edges", "aging_edges")),
)


def ar_aging_by_customer(snapshot: Snapshot, question: Question) -> Figures:
    """Open amounts by customer and bucket, other edges in other columns: see
    AR_AGING_BY_CUSTOMER."""
    edges = checked_edges(question.edges or EDGES)
    asked = question.parameters(AR_AGING_BY_CUSTOMER.parameters) | {"edges": list(edges)}
    found = fetch(AR_AGING_BY_CUSTOMER, snapshot, asked)
    rows = [(*row[:3], *_amounts(row[3], len(edges) + 2), *row[4:7]) for row in found]
    metric = replace(AR_AGING_BY_CUSTOMER, columns=_columns(edges))
    figures = answered(metric, snapshot, question, rows)
    return replace(figures, total=found[0][-1] if found else 0)


def _amounts(buckets: Sequence[tuple[int, Decimal]], count: int) -> list[Any]:
    held = dict(buckets)
    return [held.get(bucket, Decimal(0)) for bucket in range(count)]
