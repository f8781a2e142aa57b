"""A customer's statement: from what they owed to what they owe."""

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.periods import period_of
from etl.warehouse.snapshot import Snapshot

__all__ = ["CUSTOMER_STATEMENT", "customer_statement"]

CUSTOMER_STATEMENT = Metric(
    name="customer_statement",
    title="Customer statement",
    unit="money",
    grain="line",
    owner="collections",
    definition=(
        "What a customer owed before a stretch of days, every document in it that changed that "
        "with the balance after it, and what they owe at its end."
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
    parameters=("as_of", "from_on", "currency", "customer"),
    needs_customer=True,
)


def customer_statement(snapshot: Snapshot, question: Question) -> Figures:
    """Lines of a period, of 90 days without `from_on`: see CUSTOMER_STATEMENT."""
    asked = question.parameters(CUSTOMER_STATEMENT.parameters)
    asked["from_on"] = period_of(question).first
    rows = fetch(CUSTOMER_STATEMENT, snapshot, asked)
    return answered(CUSTOMER_STATEMENT, snapshot, question, rows)
