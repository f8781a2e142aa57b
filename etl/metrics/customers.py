"""Customers: what each owes, and one's whole history."""

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "CUSTOMERS",
    "CUSTOMER_HISTORY",
    "PAYMENTS",
    "customer_history",
    "customers",
    "payments",
]

CUSTOMER_HISTORY = Metric(
    name="customer_history",
    title="Customer history",
    unit="money",
    grain="event",
    owner="collections",
    definition=(
        "Every event that changed what a customer owes, oldest first: invoices, payments, "
        "returns, credits; with the balance after each."
    ),
    page="Customers",
    columns=(
        Column("on", "date", "Date"),
        Column("event", "text", "Event"),
        Column("document", "text", "Document"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("balance", "money", "Balance", adds_up=False),
    ),
    parameters=("as_of", "customer"),
    needs_customer=True,
)

CUSTOMERS = Metric(
    name="customers",
    title="Customers",
    unit="money",
    grain="customer",
    owner="collections",
    definition=(
        "Every customer with what is open, overdue and unapplied at the end of a day, largest "
        "balance first."
    ),
    page="Customers",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("open_amount", "money", "Open"),
        Column("overdue_amount", "money", "Overdue"),
        Column("unapplied", "money", "Unapplied"),
        Column("balance", "money", "Balance"),
        Column("last_paid_on", "date", "Last payment"),
        Column("email", "text", "E-mail"),
    ),
    parameters=("as_of", "currency", "customer", "search"),
    needs=Needs(("open_item", "unapplied")),
)

PAYMENTS = Metric(
    name="payments",
    title="Payments",
    unit="money",
    grain="receivable payment",
    owner="collections",
    definition="Every receivable payment with the status BILL gives it now, newest first.",
    page="Customers",
    columns=(
        Column("payment_id", "id", "Payment id"),
        Column("payment_on", "date", "Payment date"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("unapplied_amount", "money", "Unapplied"),
        Column("payment_type", "text", "Method"),
        Column("status", "text", "BILL status"),
        Column("reference_number", "text", "Reference"),
    ),
    parameters=("currency", "customer", "limit"),
    is_counted=True,
)


def customer_history(snapshot: Snapshot, question: Question) -> Figures:
    """One customer's events: see CUSTOMER_HISTORY."""
    return ask(CUSTOMER_HISTORY, snapshot, question)


def customers(snapshot: Snapshot, question: Question) -> Figures:
    """All customers: see CUSTOMERS."""
    return ask(CUSTOMERS, snapshot, question)


def payments(snapshot: Snapshot, question: Question) -> Figures:
    """All receivable payments: see PAYMENTS."""
    return ask(PAYMENTS, snapshot, question)
