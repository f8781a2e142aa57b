"""BILL's recurring invoices as they are now."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["RECURRING_INVOICES", "recurring_invoices"]

RECURRING_INVOICES = Metric(
    name="recurring_invoices",
    title="Recurring invoices",
    unit="money",
    grain="recurring invoice",
    owner="finance",
    definition=(
        "Every recurring invoice of BILL's as it was when last read, the next due first: what one "
        "comes to before tax, how often it is written, and whether it is paused or ended."
    ),
    page="Revenue",
    columns=(
        Column("recurring_invoice_id", "id", "Recurring invoice id"),
        Column("description", "text", "Description"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount", adds_up=False),
        Column("every", "text", "Every"),
        Column("next_due_on", "date", "Next due"),
        Column("end_on", "date", "Ends"),
        Column("state", "text", "State"),
    ),
    parameters=("currency", "customer", "limit"),
    is_counted=True,
)


def recurring_invoices(snapshot: Snapshot, question: Question) -> Figures:
    """All recurring invoices: see RECURRING_INVOICES."""
    return ask(RECURRING_INVOICES, snapshot, question)
