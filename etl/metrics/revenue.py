"""What was invoiced and what was collected, by month, tax excluded."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "COLLECTED_BY_MONTH",
    "INVOICED_BY_MONTH",
    "collected_by_month",
    "invoiced_by_month",
]

COLUMNS = (
    Column("month", "month", "Month"),
    Column("currency", "text", "Currency"),
    Column("amount", "money", "Amount"),
)
PARAMETERS = ("as_of", "from_on", "to_on", "currency")

INVOICED_BY_MONTH = Metric(
    name="invoiced_by_month",
    title="Invoiced by month",
    unit="money",
    grain="month, currency",
    owner="finance",
    definition=(
        "Invoice totals without tax by invoice date, less archived invoices and credit memos on "
        "their own dates."
    ),
    page="Revenue",
    columns=COLUMNS,
    parameters=PARAMETERS,
)

COLLECTED_BY_MONTH = Metric(
    name="collected_by_month",
    title="Collected by month",
    unit="money",
    grain="month, currency",
    owner="finance",
    definition=(
        "Cash applied to invoices, without its share of tax, by payment date, less returned "
        "payments on the day they came back."
    ),
    page="Revenue",
    columns=COLUMNS,
    parameters=PARAMETERS,
)


def invoiced_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Invoiced revenue: see INVOICED_BY_MONTH."""
    return ask(INVOICED_BY_MONTH, snapshot, question)


def collected_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Collected revenue: see COLLECTED_BY_MONTH."""
    return ask(COLLECTED_BY_MONTH, snapshot, question)
