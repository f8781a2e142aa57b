"""An explained figure, as small frozen values: what is shown, exported and packed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Question
from etl.money import rounded

__all__ = [
    "EVERYTHING",
    "EXCLUSIONS",
    "INPUTS",
    "RATES",
    "Age",
    "Difference",
    "Explanation",
    "Narrowing",
    "Reason",
    "listed",
]

CURRENCY = Column("currency", "text", "Currency")
AMOUNT = Column("amount", "money", "Amount", adds_up=False)
WHERE = (CURRENCY, Column("month", "text", "Month"), Column("part", "text", "Part"))
DOCUMENT = (
    Column("document", "text", "Document"),
    Column("on", "date", "On"),
    Column("customer_id", "id", "Customer id"),
    Column("customer", "text", "Customer"),
    AMOUNT,
)
IDS = (Column("invoice_id", "id", "Invoice id"), Column("payment_id", "id", "Payment id"))
CREDIT = Column("credit_memo_id", "id", "Credit memo id")


def _list_of(name: str, title: str, definition: str, *columns: Column) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit="money",
        grain="document",
        owner="finance",
        definition=definition,
        page="",
        columns=columns,
        parameters=(),
    )


INPUTS = _list_of(
    "inputs",
    "Inputs",
    "Every document or event that enters the figures, with the columns it counts in.",
    *WHERE,
    Column("columns", "text", "Counts in"),
    Column("what", "text", "What"),
    *DOCUMENT,
    Column("days", "count", "Days"),
    Column("basis", "text", "Basis"),
    *IDS,
    CREDIT,
)
EXCLUSIONS = _list_of(
    "exclusions",
    "Exclusions",
    "Every document or event that was looked at and does not enter, and why.",
    *WHERE,
    Column("reason", "text", "Left out because"),
    *DOCUMENT,
    *IDS,
    CREDIT,
)
RATES = _list_of(
    "rates",
    "Rates",
    "Where the exchange rates come from that were used, and those of the day itself.",
    CURRENCY,
    Column("quote", "text", "Into"),
    Column("source", "text", "Source"),
    Column("first_on", "date", "From"),
    Column("last_on", "date", "To"),
    Column("closing", "ratio", "At the day"),
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which of the figures is explained: rows by the texts of their cells, and one column."""

    rows: tuple[tuple[str, str], ...] = ()
    column: str | None = None


EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True)
class Reason:
    """How many documents or events one reason leaves out, and their amounts in one currency."""

    reason: str
    currency: str
    count: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of the figures that its inputs do not give."""

    row: tuple[str, ...]
    column: str
    figure: Decimal
    inputs: Decimal | None


@dataclass(frozen=True, slots=True)
class Age:
    """When a resource's changes, and all of it, were last read to the end (UTC), as published."""

    resource: str
    changes_read_at: datetime | None
    all_read_at: datetime | None
    records: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where figures come from.

    `inputs` and `exclusions` may be the largest of `input_count` and `exclusion_count`;
    `differences` is empty where the inputs add up to the figures.
    """

    figures: Figures
    narrowing: Narrowing
    formulas: tuple[str, ...]
    notes: tuple[str, ...]
    inputs: Figures
    input_count: int
    reconstructed: int
    exclusions: Figures
    exclusion_count: int
    reasons: tuple[Reason, ...]
    rates: Figures
    differences: tuple[Difference, ...]
    ages: tuple[Age, ...]
    run_id: int
    observed_from: date | None

    @property
    def adds_up(self) -> bool:
        """Whether the inputs give the figures to the cent."""
        return not self.differences


def listed(
    metric: Metric, question: Question, seq: int, rows: Sequence[tuple[Any, ...]]
) -> Figures:
    """Rows as figures of a list, every amount with its currency's digits, or more where it has."""
    at = metric.columns.index(AMOUNT) if AMOUNT in metric.columns else None
    return Figures(metric, question, seq, tuple(_exact(row, at) for row in rows), len(rows))


def _exact(row: tuple[Any, ...], at: int | None) -> tuple[Any, ...]:
    if at is None or row[at] is None:
        return row
    amount = rounded(row[at], row[0] or "")
    return (*row[:at], amount if amount == row[at] else row[at], *row[at + 1 :])
