"""What is owed: open items, invoices, and the figures at a glance."""

from dataclasses import replace

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, ask
from etl.money import exponent_of
from etl.warehouse.snapshot import Conversion, Snapshot

__all__ = [
    "AR_BY_MONTH",
    "INVOICES",
    "OPEN_ITEMS",
    "SUMMARY",
    "ar_by_month",
    "invoices",
    "open_items",
    "summary",
]

CURRENCY = Column("currency", "text", "Currency")

OPEN_ITEMS = Metric(
    name="open_items",
    title="Open items",
    unit="money",
    grain="invoice",
    owner="collections",
    definition="Every invoice with an open amount at the end of a day, longest overdue first.",
    page="Overview",
    columns=(
        Column("invoice_id", "id", "Invoice id"),
        Column("invoice_number", "text", "Invoice"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        CURRENCY,
        Column("invoice_on", "date", "Invoiced"),
        Column("due_on", "date", "Due"),
        Column("days_past_due", "count", "Days past due"),
        Column("open_amount", "money", "Open"),
    ),
    parameters=("as_of", "currency", "customer", "limit"),
    is_counted=True,
    needs=Needs(("open_item",)),
)

AR_BY_MONTH = Metric(
    name="ar_by_month",
    title="Receivables by month",
    unit="money",
    grain="month, currency",
    owner="collections",
    definition=(
        "Gross receivables, what of them is overdue, unapplied money and net receivables at the "
        "end of each month; at the end of the day asked for in the last."
    ),
    page="Overview",
    columns=(
        Column("month", "month", "Month"),
        CURRENCY,
        Column("gross", "money", "Gross", adds_up=False),
        Column("overdue", "money", "Overdue", adds_up=False),
        Column("unapplied", "money", "Unapplied", adds_up=False),
        Column("net", "money", "Net", adds_up=False),
    ),
    parameters=("as_of", "from_on", "currency"),
    needs=Needs(("open_item", "unapplied"), "months"),
)

INVOICES = Metric(
    name="invoices",
    title="Invoices",
    unit="money",
    grain="invoice",
    owner="billing",
    definition=(
        "Every invoice, newest first, with what is open of it at the end of a day, its tax and its "
        "payment terms. Its state is upcoming, open, overdue, paid or archived."
    ),
    page="Invoices",
    columns=(
        Column("invoice_id", "id", "Invoice id"),
        Column("invoice_number", "text", "Invoice"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        CURRENCY,
        Column("invoice_on", "date", "Invoiced"),
        Column("due_on", "date", "Due"),
        Column("total_amount", "money", "Total"),
        Column("open_amount", "money", "Open"),
        Column("state", "text", "State"),
        Column("bill_open_amount", "money", "Open in BILL now"),
        Column("customer_email", "text", "E-mail"),
        Column("tax_amount", "money", "Sales tax"),
        Column("payment_term", "text", "Terms"),
        Column("term_of", "text", "Terms of"),
        Column("due_by_terms_on", "date", "Due by terms"),
        Column("days_later", "count", "Days later than terms", adds_up=False),
        Column("bill_status", "text", "BILL status"),
    ),
    parameters=(
        "as_of",
        "from_on",
        "to_on",
        "due_from",
        "due_to",
        "amount_from",
        "amount_to",
        "currency",
        "customer",
        "invoice",
        "among",
        "state",
        "search",
        "limit",
    ),
    is_counted=True,
)

SUMMARY = Metric(
    name="summary",
    title="At a glance",
    unit="money",
    grain="currency",
    owner="finance",
    definition=(
        "Collected this calendar month and last, outstanding and overdue, unapplied money, and "
        "the failed payments of the last 30 days."
    ),
    page="Overview",
    columns=(
        CURRENCY,
        Column("collected_this_month", "money", "Collected this month"),
        Column("collected_last_month", "money", "Collected last month"),
        Column("outstanding", "money", "Outstanding"),
        Column("overdue", "money", "Overdue"),
        Column("open_count", "count", "Open invoices"),
        Column("overdue_count", "count", "Overdue invoices"),
        Column("unapplied", "money", "Unapplied"),
        Column("failures_30_days", "count", "Failed, 30 days"),
        Column("failed_amount_30_days", "money", "Failed amount, 30 days"),
    ),
    parameters=("as_of", "currency"),
    needs=Needs(("open_item", "unapplied", "cash", "failed")),
)


def open_items(snapshot: Snapshot, question: Question) -> Figures:
    """Invoices with an open amount: see OPEN_ITEMS.

    With a reporting currency each has what it comes to in it, empty where there is no rate.
    """
    figures = ask(OPEN_ITEMS, snapshot, question)
    if question.reporting is None or snapshot.conversion:
        return figures
    return _beside(figures, snapshot, question, question.reporting)


def _beside(figures: Figures, snapshot: Snapshot, question: Question, reporting: str) -> Figures:
    """The items with a last column of their amounts in the reporting currency."""
    conversion = Conversion(reporting, exponent_of(reporting), question.as_of)
    found = ask(
        OPEN_ITEMS, replace(snapshot, conversion=conversion), replace(question, currency=None)
    )
    amounts = {row[0]: row[-1] for row in found.rows}
    column = Column("converted_amount", "money", f"Open, {reporting}", currency=reporting)
    metric = replace(OPEN_ITEMS, columns=(*OPEN_ITEMS.columns, column))
    rows = tuple((*row, amounts.get(row[0])) for row in figures.rows)
    return replace(figures, metric=metric, rows=rows)


def ar_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Receivables at months' ends, of two years without `from_on`: see AR_BY_MONTH."""
    return ask(AR_BY_MONTH, snapshot, question)


def invoices(snapshot: Snapshot, question: Question) -> Figures:
    """All invoices: see INVOICES."""
    return ask(INVOICES, snapshot, question)


def summary(snapshot: Snapshot, question: Question) -> Figures:
    """The figures at a glance: see SUMMARY."""
    return ask(SUMMARY, snapshot, question)
