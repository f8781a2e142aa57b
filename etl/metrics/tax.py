"""Sales tax in what was collected."""

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.ratios import Quotient, as_ratio
from etl.warehouse.snapshot import Snapshot

__all__ = ["TAX_COLLECTED", "tax_collected"]

TAX_COLLECTED = Metric(
    name="tax_collected",
    title="Tax collected",
    unit="money",
    grain="month, currency, rate",
    owner="finance",
    definition=(
        "The sales tax in cash applied to invoices, by payment date and by the invoice's rate in "
        "per cent, less what came back on the day it did."
    ),
    page="Revenue",
    columns=(
        Column("month", "month", "Month"),
        Column("currency", "text", "Currency"),
        Column("rate", "percent", "Rate, %"),
        Column("amount", "money", "Tax collected"),
        Column("reason", "reason", "Reason"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency"),
    needs=Needs(("cash",)),
)


def tax_collected(snapshot: Snapshot, question: Question) -> Figures:
    """Tax by rate: see TAX_COLLECTED."""
    rows = []
    found = fetch(TAX_COLLECTED, snapshot, question.parameters(TAX_COLLECTED.parameters))
    for month, currency, rate, amount in found:
        reason = "BILL gives no rate" if rate is None else None
        rows.append((month, currency, as_ratio(Quotient(rate)), amount, reason))
    return answered(TAX_COLLECTED, snapshot, question, rows)
