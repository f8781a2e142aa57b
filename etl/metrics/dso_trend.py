"""Days sales outstanding at months' ends, in one form only."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from etl.metrics.collection import NO_SALES
from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.periods import QUARTER
from etl.metrics.ratios import as_days, divided
from etl.warehouse.snapshot import Snapshot

__all__ = ["DSO_BY_MONTH", "dso_by_month"]

DSO_BY_MONTH = Metric(
    name="dso_by_month",
    title="Days sales outstanding by month",
    unit="days",
    grain="month, currency",
    owner="collections",
    definition=(
        "The simple form of days sales outstanding at the end of each month, over the 90 days up "
        "to it, and how it changed from the month before; at the end of the day asked for in the "
        "last."
    ),
    page="Overview",
    columns=(
        Column("month", "month", "Month"),
        Column("currency", "text", "Currency"),
        Column("closing_ar", "money", "Receivables", adds_up=False),
        Column("sales", "money", "Credit sales", adds_up=False),
        Column("dso", "days", "Days"),
        Column("change", "days", "Change"),
        Column("reason", "reason", "Reason"),
    ),
    parameters=("as_of", "from_on", "currency"),
    needs=Needs(("open_item", "invoiced"), "months", reaches_back=True),
)


def dso_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Thirteen months without `from_on`: see DSO_BY_MONTH."""
    found = fetch(DSO_BY_MONTH, snapshot, question.parameters(DSO_BY_MONTH.parameters))
    rows = [
        row
        for _, months in groupby(found, key=lambda row: row[1])
        for row in _changes(list(months))
    ]
    return answered(DSO_BY_MONTH, snapshot, question, rows)


def _changes(months: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """One currency's months, oldest first."""
    before: Decimal | None = None
    for month, currency, closing, sales in months:
        found = divided(closing * QUARTER, sales, NO_SALES)
        days = as_days(found)
        change = None if days is None or before is None else days - before
        yield month, currency, closing, sales, days, change, found.reason
        before = days
