"""Revenue of this month and year up to the day, beside the month and the year before."""

from datetime import date, timedelta
from decimal import Decimal

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.ratios import as_ratio, divided
from etl.warehouse.snapshot import Snapshot

__all__ = ["REVENUE_TO_DATE", "revenue_to_date"]

VIEWS = ("invoiced", "collected", "recognised")
NOTHING_BEFORE = "nothing to compare with in the year before"

REVENUE_TO_DATE = Metric(
    name="revenue_to_date",
    title="Revenue to date",
    source="revenue_by_month",
    unit="money, ratio",
    grain="currency, view",
    owner="finance",
    definition=(
        "Revenue without tax in three views: this month and this year up to the day, the whole "
        "month before, and the year before up to the same day."
    ),
    page="Revenue",
    columns=(
        Column("currency", "text", "Currency"),
        Column("view", "text", "View"),
        Column("this_month", "money", "This month", adds_up=False),
        Column("last_month", "money", "Last month", adds_up=False),
        Column("this_year", "money", "This year", adds_up=False),
        Column("year_before", "money", "Year before, to the same day", adds_up=False),
        Column("change", "ratio", "Change"),
        Column("reason", "reason", "Reason"),
    ),
    parameters=("as_of", "currency"),
    needs=Needs(("invoiced", "cash"), days=731),
)

Sums = dict[tuple[str, str], Decimal]


def revenue_to_date(snapshot: Snapshot, question: Question) -> Figures:
    """Revenue of four periods: see REVENUE_TO_DATE."""
    each = [_sums(snapshot, question, *period) for period in _periods(question.as_of)]
    currencies = sorted({currency for sums in each for currency, _ in sums})
    rows = [
        _row(currency, view, [sums.get((currency, view), Decimal(0)) for sums in each])
        for currency in currencies
        for view in VIEWS
    ]
    return answered(REVENUE_TO_DATE, snapshot, question, rows)


def _periods(as_of: date) -> tuple[tuple[date, date], ...]:
    """First and last days of this month, the month before, this year, and the year before."""
    month, year = as_of.replace(day=1), as_of.replace(month=1, day=1)
    end_before = month - timedelta(days=1)
    same_day = _year_before(as_of)
    return (
        (month, as_of),
        (end_before.replace(day=1), end_before),
        (year, as_of),
        (same_day.replace(month=1, day=1), same_day),
    )


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _sums(snapshot: Snapshot, question: Question, first: date, last: date) -> Sums:
    asked = {
        "as_of": question.as_of,
        "from_on": first,
        "to_on": last,
        "currency": question.currency,
    }
    sums: Sums = {}
    for _month, currency, *amounts, _by in fetch(REVENUE_TO_DATE, snapshot, asked):
        for view, amount in zip(VIEWS, amounts, strict=True):
            sums[currency, view] = sums.get((currency, view), Decimal(0)) + amount
    return sums


def _row(currency: str, view: str, amounts: list[Decimal]) -> tuple[object, ...]:
    this_year, year_before = amounts[2:]
    change = divided(this_year - year_before, year_before, NOTHING_BEFORE)
    return (currency, view, *amounts, as_ratio(change), change.reason)
