"""How fast receivables turn into cash, from balances and sales of a period."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from etl.metrics.figures import Column, Figures, Kind, Metric, Needs, Question, answered, fetch
from etl.metrics.periods import QUARTER, Period, period_of
from etl.metrics.ratios import Quotient, as_days, as_ratio, as_score, divided
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "AR_TURNOVER",
    "AVERAGE_DAYS_DELINQUENT",
    "CEI",
    "NO_SALES",
    "PeriodSums",
    "ar_turnover",
    "average_days_delinquent",
    "best_possible_dso",
    "cei",
    "period_sums",
    "simple_dso",
]

NO_SALES = "nothing was invoiced in the period"
NOTHING_COLLECTABLE = "nothing was there to collect in the period"
NO_RECEIVABLES = "nothing was owed at either end of the period"
PARAMETERS = ("as_of", "from_on", "currency")


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """Exact sums of one currency: receivables are gross, sales have tax in them."""

    currency: str
    opening: Decimal
    closing: Decimal
    not_due: Decimal
    sales: Decimal


def _metric(
    name: str, title: str, definition: str, kind: Kind, cells: tuple[Column, ...]
) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit={"days": "days", "ratio": "ratio"}.get(kind, "points"),
        grain="currency",
        owner="collections",
        definition=definition,
        page="Overview",
        columns=(
            Column("currency", "text", "Currency"),
            Column("period_from", "date", "From"),
            Column("period_to", "date", "To"),
            *cells,
            Column(name, kind, title),
            Column("reason", "reason", "Reason"),
        ),
        parameters=PARAMETERS,
        source="period_sums",
        needs=Needs(("open_item", "invoiced"), "both", QUARTER),
    )


def _money(name: str, heading: str) -> Column:
    return Column(name, "money", heading)


OPENING = _money("opening_ar", "Receivables before")
CLOSING = _money("closing_ar", "Receivables")
NOT_DUE = _money("current_ar", "Not overdue")
SALES = _money("sales", "Credit sales")

AVERAGE_DAYS_DELINQUENT = _metric(
    "average_days_delinquent",
    "Average days delinquent",
    "Days sales outstanding less the best possible, both by the simple form.",
    "days",
    (CLOSING, NOT_DUE, SALES),
)

CEI = _metric(
    "cei",
    "Collection effectiveness",
    (
        "Of what could be collected in a period, how much was: 100 when nothing overdue is left. "
        "Opening receivables and a month's sales less closing receivables, over the same less "
        "those not overdue."
    ),
    "score",
    (OPENING, CLOSING, NOT_DUE, SALES, Column("months", "count", "Months")),
)

AR_TURNOVER = _metric(
    "ar_turnover",
    "Receivables turnover",
    "Credit sales of a period over the average of receivables at its two ends.",
    "ratio",
    (OPENING, CLOSING, SALES),
)


def period_sums(snapshot: Snapshot, question: Question, period: Period) -> list[PeriodSums]:
    """The sums of every currency."""
    asked = {
        "as_of": period.last,
        "from_on": period.first,
        "currency": question.currency,
    }
    return [PeriodSums(*row) for row in fetch(CEI, snapshot, asked)]


def simple_dso(sums: PeriodSums, days: int) -> Quotient:
    """Closing receivables in days of the period's sales."""
    return divided(sums.closing * days, sums.sales, NO_SALES)


def best_possible_dso(sums: PeriodSums, days: int) -> Quotient:
    """The same, had all that is overdue been paid."""
    return divided(sums.not_due * days, sums.sales, NO_SALES)


def average_days_delinquent(snapshot: Snapshot, question: Question) -> Figures:
    """How much later than due: see AVERAGE_DAYS_DELINQUENT."""

    def cells(sums: PeriodSums, period: Period) -> tuple[object, ...]:
        late = divided((sums.closing - sums.not_due) * period.days, sums.sales, NO_SALES)
        return sums.closing, sums.not_due, sums.sales, as_days(late), late.reason

    return _answer(AVERAGE_DAYS_DELINQUENT, snapshot, question, cells)


def cei(snapshot: Snapshot, question: Question) -> Figures:
    """Collection effectiveness: see CEI."""

    def cells(sums: PeriodSums, period: Period) -> tuple[object, ...]:
        months = period.months
        found = _effectiveness(sums, months)
        known = (sums.opening, sums.closing, sums.not_due, sums.sales, months)
        return *known, as_score(found), found.reason

    return _answer(CEI, snapshot, question, cells)


def _effectiveness(sums: PeriodSums, months: int) -> Quotient:
    # Everything times the months, so that the month's part of the sales is not divided first.
    came_in = sums.opening * months + sums.sales
    collected = came_in - sums.closing * months
    collectable = came_in - sums.not_due * months
    return divided(collected * 100, collectable, NOTHING_COLLECTABLE)


def ar_turnover(snapshot: Snapshot, question: Question) -> Figures:
    """How often receivables turned over: see AR_TURNOVER."""

    def cells(sums: PeriodSums, period: Period) -> tuple[object, ...]:  # noqa: ARG001
        turns = divided(sums.sales * 2, sums.opening + sums.closing, NO_RECEIVABLES)
        return sums.opening, sums.closing, sums.sales, as_ratio(turns), turns.reason

    return _answer(AR_TURNOVER, snapshot, question, cells)


def _answer(
    metric: Metric,
    snapshot: Snapshot,
    question: Question,
    cells: Callable[[PeriodSums, Period], tuple[object, ...]],
) -> Figures:
    period = period_of(question)
    rows = [
        (sums.currency, period.first, period.last, *cells(sums, period))
        for sums in period_sums(snapshot, question, period)
    ]
    return answered(metric, snapshot, question, rows)
