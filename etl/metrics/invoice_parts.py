"""What an invoice is made of: its lines, and what settled it."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["INVOICE_LINES", "INVOICE_SETTLEMENTS", "invoice_lines", "invoice_settlements"]

INVOICE = (
    Column("invoice_id", "id", "Invoice id"),
    Column("invoice_number", "text", "Invoice"),
    Column("customer_id", "id", "Customer id"),
    Column("customer", "text", "Customer"),
    Column("currency", "text", "Currency"),
)
PARAMETERS = ("as_of", "from_on", "currency", "customer", "invoice", "limit")

INVOICE_LINES = Metric(
    name="invoice_lines",
    title="Invoice lines",
    unit="money",
    grain="line",
    owner="billing",
    definition=(
        "Every line of every invoice as it is now, its amount without tax; quantity and price as "
        "BILL says them. An invoice's lines and its sales tax add up to its total."
    ),
    page="Invoices",
    columns=(
        *INVOICE,
        Column("invoice_on", "date", "Invoiced"),
        Column("place", "count", "Line", adds_up=False),
        Column("description", "text", "Description"),
        Column("item", "text", "Item"),
        # Prices have more digits than their currency's money, so they are kept as they are said.
        Column("quantity", "text", "Quantity"),
        Column("price", "text", "Price"),
        Column("rate", "text", "Rate, per cent"),
        Column("taxable", "text", "Taxed"),
        Column("amount", "money", "Amount"),
    ),
    parameters=PARAMETERS,
    is_counted=True,
)

INVOICE_SETTLEMENTS = Metric(
    name="invoice_settlements",
    title="What settled invoices",
    unit="money",
    grain="part of a payment or credit memo",
    owner="collections",
    definition=(
        "Every part of a payment or credit memo that was applied to an invoice up to a day, newest "
        "first, and the day it was taken back where it was."
    ),
    page="Invoices",
    columns=(
        *INVOICE,
        Column("settled_on", "date", "Applied"),
        Column("settled_by", "text", "By"),
        Column("document", "text", "Document"),
        Column("payment_type", "text", "Method"),
        # What was taken back is still listed.
        Column("amount", "money", "Amount", adds_up=False),
        Column("reversed_on", "date", "Taken back"),
    ),
    parameters=PARAMETERS,
    is_counted=True,
)


def invoice_lines(snapshot: Snapshot, question: Question) -> Figures:
    """The lines of invoices: see INVOICE_LINES."""
    return ask(INVOICE_LINES, snapshot, question)


def invoice_settlements(snapshot: Snapshot, question: Question) -> Figures:
    """What settled invoices: see INVOICE_SETTLEMENTS."""
    return ask(INVOICE_SETTLEMENTS, snapshot, question)
