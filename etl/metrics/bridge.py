"""What led from the receivables of one month's end to those of the next, to the cent."""

from decimal import Decimal

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["REVENUE_BRIDGE", "revenue_bridge"]

UNEXPLAINED = "the events do not add up to the balances: see the checks of the last sync"


def _money(name: str, heading: str, *, adds_up: bool = True) -> Column:
    return Column(name, "money", heading, adds_up=adds_up)


REVENUE_BRIDGE = Metric(
    name="revenue_bridge",
    title="From revenue to receivables",
    unit="money",
    grain="month, currency",
    owner="finance",
    definition=(
        "Net receivables before a month, what was invoiced, taxed, credited and collected in it, "
        "and net receivables at its end; the difference is what these do not explain, and is 0."
    ),
    page="Revenue",
    columns=(
        Column("month", "month", "Month"),
        Column("currency", "text", "Currency"),
        _money("opening", "Receivables before", adds_up=False),
        _money("invoiced", "Invoiced"),
        _money("tax", "Tax invoiced"),
        _money("credits", "Credits"),
        _money("collected", "Collected"),
        _money("tax_collected", "Tax collected"),
        _money("on_account", "On account"),
        _money("held", "Paid beyond what is owed"),
        _money("closing", "Receivables after", adds_up=False),
        _money("difference", "Difference"),
        Column("reason", "reason", "Does not close because"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency"),
)


def revenue_bridge(snapshot: Snapshot, question: Question) -> Figures:
    """The bridge of every month: see REVENUE_BRIDGE."""
    rows = []
    found = fetch(REVENUE_BRIDGE, snapshot, question.parameters(REVENUE_BRIDGE.parameters))
    for month, currency, opening, *flows, closing in found:
        difference = closing - opening - sum(flows, Decimal(0))
        reason = UNEXPLAINED if difference else None
        rows.append((month, currency, opening, *flows, closing, difference, reason))
    return answered(REVENUE_BRIDGE, snapshot, question, rows)
