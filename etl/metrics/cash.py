"""The cash that open invoices will bring, and how well such forecasts have done."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from etl.metrics.bands import Band
from etl.metrics.figures import Column, Figures, Metric, Question, answered
from etl.metrics.outlook import Outlook, Trial
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "CASH_FORECAST",
    "CASH_FORECAST_ACCURACY",
    "CASH_FORECAST_BACKTEST",
    "TOO_FEW",
    "WEEKS",
    "accuracy",
    "cash_forecast",
    "cash_forecast_accuracy",
    "cash_forecast_backtest",
]

WEEKS = 8
CURRENCY = Column("currency", "text", "Currency")
WEEK = (
    CURRENCY,
    Column("week_from_on", "date", "Week from"),
    Column("week_to_on", "date", "Week to"),
)
TOO_FEW = "fewer than eight weeks to learn from"
MARKS = (
    Column("p10", "money", "Low (10 %)", adds_up=False),
    Column("p50", "money", "Middle", adds_up=False),
    Column("p90", "money", "High (90 %)", adds_up=False),
    Column("naive", "money", "All on their due dates"),
    Column("reason", "reason", "Why no low and high"),
)
ASKED = ("as_of", "currency")

CASH_FORECAST = Metric(
    name="cash_forecast",
    title="Cash forecast",
    unit="money",
    grain="currency, week",
    owner="finance",
    definition=(
        "What the invoices open at the end of a day will bring in each of the next eight weeks, "
        "as their customers and the tenant's others have paid so far; beside it what would come "
        "if everybody paid on the due date."
    ),
    page="Overview",
    columns=(*WEEK, *MARKS),
    parameters=ASKED,
)

CASH_FORECAST_BACKTEST = Metric(
    name="cash_forecast_backtest",
    title="Past forecasts",
    unit="money",
    grain="currency, week",
    owner="finance",
    definition=(
        "The last eight weeks, each as it would have been forecast on the day before it, and what "
        "came on the invoices that were open then."
    ),
    page="Overview",
    columns=(*WEEK, Column("actual", "money", "Came"), Column("inside", "text", "Inside"), *MARKS),
    parameters=ASKED,
)

CASH_FORECAST_ACCURACY = Metric(
    name="cash_forecast_accuracy",
    title="Forecast accuracy",
    source="cash_forecast_backtest",
    unit="ratio",
    grain="currency",
    owner="finance",
    definition=(
        "Of the last eight weeks' forecasts: the errors of their middle as a share of what came, "
        "the same of paying on the due date, and how often low to high held what came."
    ),
    page="Overview",
    columns=(
        CURRENCY,
        Column("weeks", "count", "Weeks"),
        Column("wape", "ratio", "Error"),
        Column("naive_wape", "ratio", "Error, due dates"),
        Column("inside_share", "ratio", "Inside low to high"),
        Column("reason", "reason", "Why empty"),
    ),
    parameters=ASKED,
)


def cash_forecast(snapshot: Snapshot, question: Question) -> Figures:
    """The next eight weeks: see CASH_FORECAST."""
    outlook = Outlook(snapshot, question, tested=0)
    rows = [
        (currency, *_span(question.as_of, at), *_marks(band, naive))
        for currency, weeks in outlook.next_weeks(WEEKS).items()
        for at, (band, naive) in enumerate(weeks)
    ]
    return answered(CASH_FORECAST, snapshot, question, rows)


def cash_forecast_backtest(snapshot: Snapshot, question: Question) -> Figures:
    """The last eight weeks: see CASH_FORECAST_BACKTEST."""
    rows = [
        (
            test.currency,
            *_span(test.origin_on, 0),
            test.actual,
            {True: "yes", False: "no", None: ""}[test.band.holds(test.actual)],
            *_marks(test.band, test.naive),
        )
        for test in Outlook(snapshot, question, tested=WEEKS).tests(WEEKS)
    ]
    return answered(CASH_FORECAST_BACKTEST, snapshot, question, rows)


def cash_forecast_accuracy(snapshot: Snapshot, question: Question) -> Figures:
    """How good forecasts were: see CASH_FORECAST_ACCURACY."""
    tested = groupby(
        Outlook(snapshot, question, tested=WEEKS).tests(WEEKS), key=lambda test: test.currency
    )
    rows = [(currency, *accuracy(list(tests))) for currency, tests in tested]
    return answered(CASH_FORECAST_ACCURACY, snapshot, question, rows)


def accuracy(tests: Sequence[Trial]) -> tuple[Any, ...]:
    """Weeks, errors of forecast and due dates ÷ what came, share inside, why an error is empty."""
    came = sum((abs(test.actual) for test in tests), Decimal(0))
    missed = sum((abs(test.actual - test.band.middle) for test in tests), Decimal(0))
    naive = sum((abs(test.actual - test.naive) for test in tests), Decimal(0))
    held = [held for test in tests if (held := test.band.holds(test.actual)) is not None]
    inside = share_of(sum(held), len(held)) if held else None
    reason = None if came else "nothing came in these weeks"
    return (len(tests), share_of(missed, came), share_of(naive, came), inside, reason)


def _span(origin: date, at: int) -> tuple[date, date]:
    return origin + timedelta(days=7 * at + 1), origin + timedelta(days=7 * at + 7)


def _marks(band: Band, naive: Decimal) -> tuple[Decimal | str | None, ...]:
    reason = TOO_FEW if band.low is None else None
    return (band.low, band.middle, band.high, naive, reason)
