"""The cash that open invoices will bring, and how well such forecasts have done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.lateness import lateness_of
from etl.metrics.projection import Part, Past, Week, project
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = [
    "CASH_FORECAST",
    "CASH_FORECAST_ACCURACY",
    "CASH_FORECAST_BACKTEST",
    "WEEKS",
    "PastWeek",
    "accuracy",
    "cash_forecast",
    "cash_forecast_accuracy",
    "cash_forecast_backtest",
    "origins",
]

WEEKS = 8
CURRENCY = Column("currency", "text", "Currency")
WEEK = (
    CURRENCY,
    Column("week_from_on", "date", "Week from"),
    Column("week_to_on", "date", "Week to"),
)
MARKS = (
    Column("p10", "money", "Low (10 %)", adds_up=False),
    Column("p50", "money", "Middle", adds_up=False),
    Column("p90", "money", "High (90 %)", adds_up=False),
    Column("naive", "money", "All on their due dates"),
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
    columns=(*WEEK, Column("actual", "money", "Came"), *MARKS, Column("inside", "text", "Inside")),
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


@dataclass(frozen=True, slots=True)
class PastWeek:
    """A past week: its forecast and what came."""

    currency: str
    origin_on: date
    actual: Decimal
    week: Week

    @property
    def is_inside(self) -> bool:
        """Whether what came lay between low and high."""
        return self.week.p10 <= self.actual <= self.week.p90


def cash_forecast(snapshot: Snapshot, question: Question) -> Figures:
    """The next eight weeks: see CASH_FORECAST."""
    forecast = _Forecasts(snapshot, question).made_on(question.as_of, WEEKS)
    rows = [
        (currency, *_span(question.as_of, at), *_marks(week))
        for currency, weeks in forecast.items()
        for at, week in enumerate(weeks)
    ]
    return answered(CASH_FORECAST, snapshot, question, rows)


def cash_forecast_backtest(snapshot: Snapshot, question: Question) -> Figures:
    """The last eight weeks: see CASH_FORECAST_BACKTEST."""
    metric = CASH_FORECAST_BACKTEST
    rows = [
        (
            test.currency,
            *_span(test.origin_on, 0),
            test.actual,
            *_marks(test.week),
            "yes" if test.is_inside else "no",
        )
        for test in _tested(metric, snapshot, question)
    ]
    return answered(metric, snapshot, question, rows)


def cash_forecast_accuracy(snapshot: Snapshot, question: Question) -> Figures:
    """How good forecasts were: see CASH_FORECAST_ACCURACY."""
    metric = CASH_FORECAST_ACCURACY
    tested = groupby(_tested(metric, snapshot, question), key=lambda test: test.currency)
    rows = [(currency, *accuracy(list(tests))) for currency, tests in tested]
    return answered(metric, snapshot, question, rows)


def accuracy(tests: Sequence[PastWeek]) -> tuple[Any, ...]:
    """Weeks, errors of forecast and due dates ÷ what came, share inside, why an error is empty."""
    came = sum((abs(test.actual) for test in tests), Decimal(0))
    missed = sum((abs(test.actual - test.week.p50) for test in tests), Decimal(0))
    naive = sum((abs(test.actual - test.week.naive) for test in tests), Decimal(0))
    inside = share_of(sum(test.is_inside for test in tests), len(tests))
    reason = None if came else "nothing came in these weeks"
    return (len(tests), share_of(missed, came), share_of(naive, came), inside, reason)


def _span(origin: date, at: int) -> tuple[date, date]:
    return origin + timedelta(days=7 * at + 1), origin + timedelta(days=7 * at + 7)


def _marks(week: Week) -> tuple[Decimal, ...]:
    return (week.p10, week.p50, week.p90, week.naive)


def _tested(metric: Metric, snapshot: Snapshot, question: Question) -> list[PastWeek]:
    came = {
        (currency, origin): amount
        for origin, currency, amount in fetch(metric, snapshot, question.parameters(ASKED))
    }
    forecasts = _Forecasts(snapshot, question)
    tests = [
        PastWeek(currency, origin, came.get((currency, origin), Decimal(0)), week)
        for origin in origins(question.as_of)
        for currency, (week,) in forecasts.made_on(origin, 1).items()
    ]
    return sorted(tests, key=lambda test: (test.currency, test.origin_on))


def origins(as_of: date) -> Iterator[date]:
    """The days at whose end the last weeks were forecast, the oldest first."""
    return (as_of - timedelta(days=7 * back) for back in range(WEEKS, 0, -1))


class _Forecasts:
    """Forecasts made on days up to that of the question, each from what was known by then."""

    def __init__(self, snapshot: Snapshot, question: Question) -> None:
        self._snapshot = snapshot
        self._currency = question.currency
        sql = read_sql("metrics/sql/days_late.sql")
        self._paid = snapshot.rows(sql, {"as_of": question.as_of})

    def made_on(self, on: date, weeks: int) -> dict[str, list[Week]]:
        asked = {"as_of": on, "currency": self._currency}
        parts = [Part(*row) for row in fetch(CASH_FORECAST, self._snapshot, asked)]
        return project(parts, self._past(on), on, weeks)

    def _past(self, on: date) -> Past:
        sql = read_sql("metrics/sql/rail_outcomes.sql")
        outcomes = {
            rail: (settled, failed)
            for rail, settled, failed in self._snapshot.rows(sql, {"as_of": on})
        }
        paid = (
            (customer_id, days)
            for customer_id, paid_on, to_on, days in self._paid
            if paid_on <= on < to_on
        )
        return Past(lateness_of(paid), outcomes)
