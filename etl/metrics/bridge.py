"""What led from the receivables of one month's end to those of the next, to the cent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from etl.metrics.figures import (
    Amount,
    Column,
    Figures,
    Metric,
    Needs,
    Question,
    answered,
    fetch,
)
from etl.metrics.unconverted import UNCONVERTED, missing_parameters
from etl.warehouse.snapshot import Snapshot

__all__ = ["REVENUE_BRIDGE", "revenue_bridge"]

NO_RATES = "documents have no rate, so what exchange did cannot be told: see unconverted"
UNEXPLAINED = "the events do not add up to the balances: see the checks of the last sync"

AT_ENDS: tuple[Amount, ...] = ("open_item", "unapplied")
BRIDGED = Needs((*AT_ENDS, "invoiced", "cash", "on_account", "held"), closings="months")
End = tuple[Decimal | None, Decimal | None, str | None]  # fx, difference, reason


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
        "and net receivables at its end; the difference is what these do not explain, and is 0. In "
        "a reporting currency, fx is what comes of the days' different rates."
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
        _money("fx", "Exchange"),
        _money("closing", "Receivables after", adds_up=False),
        _money("difference", "Difference"),
        Column("reason", "reason", "Does not close because"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency"),
    needs=BRIDGED,
)


def revenue_bridge(snapshot: Snapshot, question: Question) -> Figures:
    """The bridge of every month: see REVENUE_BRIDGE."""
    unclear = _unclear_months(snapshot, question) if snapshot.conversion else None
    rows = []
    for month, currency, opening, *flows, closing in _fetched(snapshot, question):
        gap = closing - opening - sum(flows, Decimal(0))
        end = _without_exchange(gap) if unclear is None else _with_exchange(gap, unclear.get(month))
        fx, difference, reason = end
        rows.append((month, currency, opening, *flows, fx, closing, difference, reason))
    return answered(REVENUE_BRIDGE, snapshot, question, rows)


def _fetched(snapshot: Snapshot, question: Question) -> list[tuple[Any, ...]]:
    return fetch(REVENUE_BRIDGE, snapshot, question.parameters(REVENUE_BRIDGE.parameters))


def _without_exchange(gap: Decimal) -> End:
    return Decimal(0), gap, UNEXPLAINED if gap else None


def _with_exchange(gap: Decimal, unclear: str | None) -> End:
    """What the rates of different days left is exchange, but only where it can be nothing else."""
    return (None, None, unclear) if unclear else (gap, Decimal(0), None)


def _unclear_months(snapshot: Snapshot, question: Question) -> dict[str, str]:
    """Months whose gap is not all exchange, and why: a currency's own bridge does not close in
    them, or a document has no rate."""
    conversion = snapshot.conversion
    own = replace(snapshot, conversion=None)
    asked = replace(question, currency=conversion.only_currency if conversion else None)
    unclear = dict.fromkeys(_months_without_rates(own, asked), NO_RATES)
    for month, _currency, opening, *flows, closing in _fetched(own, asked):
        if closing - opening - sum(flows, Decimal(0)):
            unclear[month] = UNEXPLAINED
    return unclear


def _months_without_rates(own: Snapshot, question: Question) -> Iterator[str]:
    asked = missing_parameters(BRIDGED, own, question)
    for kind, *_document, needed_on in fetch(UNCONVERTED, own, asked):
        yield f"{needed_on:%Y-%m}"
        if kind in AT_ENDS:  # what closes a month opens the next
            yield f"{needed_on + timedelta(days=1):%Y-%m}"
