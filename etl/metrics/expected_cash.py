"""The cash of the next four weeks in one line, with how often such forecasts held."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from etl.metrics.bands import Band
from etl.metrics.cash import TOO_FEW, WEEKS
from etl.metrics.figures import Column, Figures, Metric, Question, answered
from etl.metrics.outlook import Outlook
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot

__all__ = ["EXPECTED_CASH", "expected_cash"]

AHEAD = 4

EXPECTED_CASH = Metric(
    name="expected_cash",
    title="Expected in four weeks",
    source="cash_forecast",
    unit="money",
    grain="currency",
    owner="finance",
    definition=(
        "What open invoices will bring in the next four weeks: the forecasts of the single weeks "
        "added up, and of the last eight weeks the share in which what came lay within its low "
        "and high. Low and high are those of four equally low or high weeks."
    ),
    page="Overview",
    columns=(
        Column("currency", "text", "Currency"),
        Column("from_on", "date", "From"),
        Column("to_on", "date", "To"),
        Column("p10", "money", "Low (10 %)", adds_up=False),
        Column("p50", "money", "Middle", adds_up=False),
        Column("p90", "money", "High (90 %)", adds_up=False),
        Column("weeks", "count", "Weeks tested"),
        Column("inside", "count", "Inside"),
        Column("inside_share", "ratio", "Inside low to high"),
        Column("reason", "reason", "Why no low and high"),
    ),
    parameters=("as_of", "currency"),
)


def expected_cash(snapshot: Snapshot, question: Question) -> Figures:
    """The next four weeks together: see EXPECTED_CASH."""
    outlook = Outlook(snapshot, question, tested=WEEKS)
    held: dict[str, list[bool]] = {}
    for test in outlook.tests(WEEKS):
        is_inside = test.band.holds(test.actual)
        if is_inside is not None:
            held.setdefault(test.currency, []).append(is_inside)
    span = (question.as_of + timedelta(days=1), question.as_of + timedelta(days=7 * AHEAD))
    rows = [
        (currency, *span, *_cells([band for band, _ in weeks], held.get(currency, [])))
        for currency, weeks in outlook.next_weeks(AHEAD).items()
    ]
    return answered(EXPECTED_CASH, snapshot, question, rows)


def _cells(bands: Sequence[Band], held: Sequence[bool]) -> tuple[Any, ...]:
    low, high = _added([band.low for band in bands]), _added([band.high for band in bands])
    marks = (low, _added([band.middle for band in bands]), high)
    known = (len(held), sum(held), share_of(sum(held), len(held)))
    return (*marks, *known, TOO_FEW if low is None else None)


def _added(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
