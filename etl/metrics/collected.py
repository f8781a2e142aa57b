"""What came in so far of a day, week and month, against as much of the one before."""

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, ask
from etl.warehouse.snapshot import Snapshot

__all__ = ["COLLECTED_SO_FAR", "collected_so_far"]

COLLECTED_SO_FAR = Metric(
    name="collected_so_far",
    title="Collected so far",
    unit="money",
    grain="currency, span",
    owner="finance",
    definition=(
        "Cash collected without tax on a day, in its week from Monday and in its calendar month, "
        "up to the end of the day; beside it what had come in by the same day of the one before."
    ),
    page="Overview",
    columns=(
        Column("currency", "text", "Currency"),
        Column("span", "text", "Span"),
        Column("from_on", "date", "From"),
        Column("to_on", "date", "To"),
        Column("amount", "money", "Collected", adds_up=False),
        Column("before_from_on", "date", "Before, from"),
        Column("before_to_on", "date", "Before, to"),
        Column("before_amount", "money", "Collected before", adds_up=False),
        Column("change", "money", "Change", adds_up=False),
    ),
    parameters=("as_of", "currency"),
    needs=Needs(("cash",), days=62),  # a month and the one before
)


def collected_so_far(snapshot: Snapshot, question: Question) -> Figures:
    """Collected today, this week and this month: see COLLECTED_SO_FAR."""
    return ask(COLLECTED_SO_FAR, snapshot, question)
