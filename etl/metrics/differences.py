"""Where BILL's own figures do not follow from its own rules: sales tax, and due dates."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["TAX_DIFFERENCES", "TERMS_DIFFERENCES", "tax_differences", "terms_differences"]

INVOICE = (
    Column("invoice_id", "id", "Invoice id"),
    Column("invoice_number", "text", "Invoice"),
    Column("customer_id", "id", "Customer id"),
    Column("customer", "text", "Customer"),
    Column("currency", "text", "Currency"),
    Column("invoice_on", "date", "Invoiced"),
)
PARAMETERS = ("as_of", "from_on", "currency", "customer")

TAX_DIFFERENCES = Metric(
    name="tax_differences",
    title="Sales tax that does not follow",
    unit="money",
    grain="invoice",
    owner="finance",
    definition=(
        "Invoices whose sales tax at BILL is not their taxable lines times their rate, rounded "
        "half up once; largest difference first."
    ),
    page="Revenue",
    columns=(
        *INVOICE,
        Column("tax_rate", "ratio", "Rate, per cent"),
        Column("taxable_amount", "money", "Taxable"),
        Column("computed_tax", "money", "Tax by lines"),
        Column("bill_tax", "money", "Tax at BILL"),
        Column("difference", "money", "Difference"),
        Column("counted", "text", "Counted"),
    ),
    parameters=PARAMETERS,
)

TERMS_DIFFERENCES = Metric(
    name="terms_differences",
    title="Due dates off their terms",
    unit="days",
    grain="invoice",
    owner="collections",
    definition=(
        "Invoices that are not due when their payment terms say, or their customer's where they "
        "have none of their own; furthest off first."
    ),
    page="Invoices",
    columns=(
        *INVOICE,
        Column("payment_term", "text", "Terms"),
        Column("term_of", "text", "Terms of"),
        Column("due_by_terms_on", "date", "Due by terms"),
        Column("due_on", "date", "Due"),
        Column("days_later", "count", "Days later"),
        Column("total_amount", "money", "Total"),
    ),
    parameters=PARAMETERS,
)


def tax_differences(snapshot: Snapshot, question: Question) -> Figures:
    """Invoices whose tax is not that of their lines: see TAX_DIFFERENCES."""
    return ask(TAX_DIFFERENCES, snapshot, question)


def terms_differences(snapshot: Snapshot, question: Question) -> Figures:
    """Invoices due on another day than their terms say: see TERMS_DIFFERENCES."""
    return ask(TERMS_DIFFERENCES, snapshot, question)
