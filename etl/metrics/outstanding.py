"""Days sales outstanding, in the six forms there are of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from etl.metrics.collection import (
    NO_SALES,
    PeriodSums,
    best_possible_dso,
    period_sums,
    simple_dso,
)
from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.periods import Period, month_end, months_back, period_of
from etl.metrics.ratios import Quotient, added, as_days, divided, unknown
from etl.warehouse.snapshot import Snapshot

__all__ = ["DSO", "NONE", "Month", "Step", "dso", "steps_back"]

NONE = Decimal(0)

NO_MONTH_SALES = "nothing was invoiced, after voids and credits, in a month with open invoices"

DSO = Metric(
    name="dso",
    title="Days sales outstanding",
    unit="days",
    grain="currency, variant",
    owner="collections",
    definition=(
        "How many days of credit sales are still owed, in six forms that must never be mixed in "
        "one trend: simple, average_ar, countback, best_possible, true, sales_weighted. "
        "Receivables are gross: money on account is left out."
    ),
    page="Overview",
    columns=(
        Column("currency", "text", "Currency"),
        Column("variant", "text", "Variant"),
        Column("period_from", "date", "From"),
        Column("period_to", "date", "To"),
        Column("closing_ar", "money", "Receivables", adds_up=False),
        Column("sales", "money", "Credit sales", adds_up=False),
        Column("dso", "days", "Days"),
        Column("reason", "reason", "Reason"),
    ),
    parameters=("as_of", "from_on", "currency"),
    needs=Needs(("open_item", "invoiced"), "both", reaches_back=True),
)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of one currency: its sales and what of its invoices is still open.

    `open_days` is that amount times the invoices' age in days.
    """

    sales: Decimal
    open_amount: Decimal
    open_days: Decimal


def dso(snapshot: Snapshot, question: Question) -> Figures:
    """Days sales outstanding: see DSO."""
    period = period_of(question)
    months = _months(snapshot, question)
    rows = []
    for sums in period_sums(snapshot, question, period):
        known = (period.first, period.last, sums.closing, sums.sales)
        for variant, found in _variants(sums, months.get(sums.currency, {}), period).items():
            rows.append((sums.currency, variant, *known, as_days(found), found.reason))
    return answered(DSO, snapshot, question, rows)


def _months(snapshot: Snapshot, question: Question) -> dict[str, dict[date, Month]]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    months: dict[str, dict[date, Month]] = {}
    for currency, month_on, *sums in fetch(DSO, snapshot, asked):
        months.setdefault(currency, {})[month_on] = Month(*sums)
    return months


def _variants(
    sums: PeriodSums, months: Mapping[date, Month], period: Period
) -> dict[str, Quotient]:
    ends = (sums.opening + sums.closing) * period.days
    return {
        "simple": simple_dso(sums, period.days),
        "average_ar": divided(ends, sums.sales * 2, NO_SALES),
        "countback": countback(sums.closing, months, period.last),
        "best_possible": best_possible_dso(sums, period.days),
        "true": _by_month(months, {month_on: m.open_days for month_on, m in months.items()}),
        "sales_weighted": _by_month(
            months, {month_on: m.open_amount * 30 for month_on, m in months.items()}
        ),
    }


@dataclass(frozen=True, slots=True)
class Step:
    """A month counted back: what was left to make up, what it sold, its days up to the last."""

    month_on: date
    left: Decimal
    sales: Decimal
    days: int


def steps_back(receivables: Decimal, months: Mapping[date, Month], last: date) -> Iterator[Step]:
    """The months back from `last` until their sales make up the receivables, or history ends."""
    left = receivables
    for month_on in months_back(last):
        if left <= 0 or not months or month_on < min(months):
            return
        sales = months[month_on].sales if month_on in months else NONE
        yield Step(month_on, left, sales, (min(month_end(month_on), last) - month_on).days + 1)
        left -= sales


def countback(receivables: Decimal, months: Mapping[date, Month], last: date) -> Quotient:
    """Days back from `last` until the sales since then make up the receivables.

    The month in which they do counts pro rata. Where history ends first there is no figure.
    """
    days = 0
    for step in steps_back(receivables, months, last):
        if step.sales >= step.left:
            return divided(days * step.sales + step.left * step.days, step.sales, NO_SALES)
        days += step.days
    if receivables <= 0:
        return Quotient(NONE)
    return unknown(f"history ends first: more than {days} days")


def _by_month(months: Mapping[date, Month], numerators: Mapping[date, Decimal]) -> Quotient:
    """The sum of each month's numerator over its sales."""
    return added(
        divided(numerators[month_on], month.sales, NO_MONTH_SALES)
        for month_on, month in months.items()
        if month.open_amount
    )
