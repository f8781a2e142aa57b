"""What was invoiced, collected and recognised, tax excluded."""

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "COLLECTED_BY_MONTH",
    "INVOICED_BY_MONTH",
    "REVENUE_BY_CUSTOMER",
    "REVENUE_BY_MONTH",
    "collected_by_month",
    "invoiced_by_month",
    "revenue_by_customer",
    "revenue_by_month",
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
    needs=Needs(("invoiced",)),
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
    needs=Needs(("cash",)),
)


REVENUE_BY_MONTH = Metric(
    name="revenue_by_month",
    title="Revenue by month",
    unit="money",
    grain="month, currency",
    owner="finance",
    definition=(
        "Three views of revenue without tax, never blended: invoiced with corrections on their "
        "own dates; collected by payment date; recognised by invoice date, as a proxy for the "
        "day of performance."
    ),
    page="Revenue",
    columns=(
        Column("month", "month", "Month"),
        Column("currency", "text", "Currency"),
        Column("invoiced", "money", "Invoiced"),
        Column("collected", "money", "Collected"),
        Column("recognised", "money", "Recognised"),
        Column("recognised_by", "text", "Recognised by"),
    ),
    parameters=PARAMETERS,
    needs=Needs(("invoiced", "cash")),
)

REVENUE_BY_CUSTOMER = Metric(
    name="revenue_by_customer",
    title="Revenue by customer",
    unit="money",
    grain="customer",
    owner="finance",
    definition="Invoiced and collected without tax, by customer; most invoiced first.",
    page="Revenue",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("invoiced", "money", "Invoiced"),
        Column("collected", "money", "Collected"),
    ),
    parameters=PARAMETERS,
    needs=Needs(("invoiced", "cash")),
)


def invoiced_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Invoiced revenue: see INVOICED_BY_MONTH."""
    return ask(INVOICED_BY_MONTH, snapshot, question)


def collected_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Collected revenue: see COLLECTED_BY_MONTH."""
    return ask(COLLECTED_BY_MONTH, snapshot, question)


def revenue_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Invoiced, collected and recognised: see REVENUE_BY_MONTH."""
    return ask(REVENUE_BY_MONTH, snapshot, question)


def revenue_by_customer(snapshot: Snapshot, question: Question) -> Figures:
    """Invoiced and collected by customer: see REVENUE_BY_CUSTOMER."""
    return ask(REVENUE_BY_CUSTOMER, snapshot, question)
