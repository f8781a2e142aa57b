"""Online payments that came to nothing."""

from etl.metrics.figures import Column, Figures, Metric, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "FAILED_PAYMENTS",
    "FAILED_PAYMENTS_BY_MONTH",
    "failed_payments",
    "failed_payments_by_month",
]

FAILED_PAYMENTS_BY_MONTH = Metric(
    name="failed_payments_by_month",
    title="Failed payments by month",
    unit="count, money",
    grain="month, currency",
    owner="collections",
    definition=(
        "Online payments that were scheduled or paid and then void, or scheduled and then "
        "canceled, by the day this happened."
    ),
    page="Failed payments",
    columns=(
        Column("month", "month", "Month"),
        Column("currency", "text", "Currency"),
        Column("count", "count", "Failures"),
        Column("amount", "money", "Amount"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency"),
)

FAILED_PAYMENTS = Metric(
    name="failed_payments",
    title="Failed payments",
    unit="money",
    grain="failure",
    owner="collections",
    definition=(
        "Every failed payment, newest first. BILL gives no reason, so it is unknown until a "
        "person enters one; basis says whether we saw the failure or inferred it."
    ),
    page="Failed payments",
    columns=(
        Column("failed_on", "date", "Failed"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("payment_on", "date", "Payment date"),
        Column("payment_type", "text", "Method"),
        Column("status", "text", "BILL status"),
        Column("reference_number", "text", "Reference"),
        Column("reason", "text", "Reason"),
        Column("basis", "text", "Basis"),
        Column("payment_id", "id", "Payment id"),
        Column("rail", "text", "Rail"),
    ),
    parameters=("as_of", "currency", "customer"),
)


def failed_payments_by_month(snapshot: Snapshot, question: Question) -> Figures:
    """Failures by month: see FAILED_PAYMENTS_BY_MONTH."""
    return ask(FAILED_PAYMENTS_BY_MONTH, snapshot, question)


def failed_payments(snapshot: Snapshot, question: Question) -> Figures:
    """Each failure: see FAILED_PAYMENTS."""
    return ask(FAILED_PAYMENTS, snapshot, question)
