"""Documents that have no rate into a reporting currency: listed, never counted as 0 or as 1."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args

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
from etl.metrics.periods import QUARTER, month_end
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["UNCONVERTED", "missing_parameters", "unconverted"]

EVERYTHING = Needs(get_args(Amount))

UNCONVERTED = Metric(
    name="unconverted",
    title="Without a rate",
    unit="money",
    grain="document, kind, day",
    owner="finance",
    definition=(
        "Documents whose amounts cannot be told in a reporting currency, as there is no rate of "
        "the day that was needed nor of the seven days before it."
    ),
    page="Revenue",
    columns=(
        Column("kind", "text", "Amount"),
        Column("document_id", "id", "Document id"),
        Column("document", "text", "Document"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount in its currency"),
        Column("needed_on", "date", "Rate needed for"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency", "reporting"),
)


def unconverted(snapshot: Snapshot, question: Question) -> Figures:
    """Every document without a rate into `reporting`, or the tenant's own: see UNCONVERTED."""
    asked = missing_parameters(EVERYTHING, snapshot, question)
    return answered(UNCONVERTED, snapshot, question, fetch(UNCONVERTED, snapshot, asked))


def missing_parameters(needs: Needs, snapshot: Snapshot, question: Question) -> dict[str, Any]:
    """What `unconverted` in the SQL is asked for the rates that a metric needs."""
    return {
        "reporting": question.reporting or _own_currency(snapshot),
        "kinds": list(needs.amounts),
        "days": list(dict.fromkeys(_closing_days(needs, snapshot, question))),
        "from_on": _first_event_day(needs, question),
        "to_on": question.to_on,
        "as_of": question.as_of,
        "currency": question.currency,
    }


def _own_currency(snapshot: Snapshot) -> str:
    ((currency,),) = snapshot.rows(read_sql("metrics/sql/own_currency.sql"))
    return str(currency)


def _first_event_day(needs: Needs, question: Question) -> date | None:
    if question.from_on or needs.reaches_back:
        return None if needs.reaches_back else question.from_on
    return question.as_of - timedelta(days=needs.days - 1) if needs.days else None


def _closing_days(needs: Needs, snapshot: Snapshot, question: Question) -> Iterator[date]:
    """The days at whose ends balances are converted."""
    yield question.as_of
    if needs.closings == "both":
        first = question.from_on or question.as_of - timedelta(days=QUARTER - 1)
        yield first - timedelta(days=1)
    if needs.closings == "months":
        yield from _month_ends(question.from_on or _first_day(snapshot), question.as_of)


def _first_day(snapshot: Snapshot) -> date | None:
    ((first,),) = snapshot.rows(read_sql("metrics/sql/first_event.sql"))
    return first if isinstance(first, date) else None


def _month_ends(first: date | None, last: date) -> Iterator[date]:
    """The end of the month before `first` and of every later one before `last`."""
    day = first.replace(day=1) - timedelta(days=1) if first else last
    while day < last:
        yield day
        day = month_end(day + timedelta(days=1))
