"""Money and credits of customers' that no invoice holds."""

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["UNAPPLIED_MONEY", "unapplied_money"]

UNAPPLIED_MONEY = Metric(
    name="unapplied_money",
    title="Unapplied money",
    unit="money",
    grain="receivable payment or credit memo",
    owner="collections",
    definition=(
        "Every payment and credit memo with money that no invoice holds at the end of a day, "
        "largest first in every currency, and for how many days it has waited."
    ),
    page="Receivables",
    columns=(
        Column("since_on", "date", "Since"),
        Column("kind", "text", "Kind"),
        Column("document", "text", "Document"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Unapplied"),
        Column("days", "count", "Days"),
    ),
    parameters=("as_of", "currency", "customer", "limit"),
    is_counted=True,
    needs=Needs(("unapplied",)),
)


def unapplied_money(snapshot: Snapshot, question: Question) -> Figures:
    """Payments and credits that wait for an invoice: see UNAPPLIED_MONEY."""
    return ask(UNAPPLIED_MONEY, snapshot, question)
