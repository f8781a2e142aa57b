"""Where figures of speed and punctuality come from: balances and sales of a period, settlements."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Cell, Formula, number
from etl.explanations.receivables import events, open_on, out_of_period, without_balance
from etl.metrics import behaviour, cohorts, collection, outstanding, punctuality
from etl.metrics.figures import Question
from etl.metrics.outstanding import steps_back
from etl.metrics.periods import YEAR, Period, period_of

__all__ = ["EXPLAINED"]

BY_MONTH = ("month", "currency")


def _period_sums(question: Question) -> list[Source]:
    period = period_of(question)
    opening_on = period.first - timedelta(days=1)
    return [
        open_on(question, opening_on, every=["opening_ar"]),
        open_on(question, every=["closing_ar"], not_due=["current_ar"]),
        events(question, {"sales": ["sales"]}, first_on=period.first),
    ]


def _months(question: Question) -> list[Source]:
    """What the forms of days sales outstanding that go by months need besides."""
    return [
        *_period_sums(question),
        open_on(question, every=["month_open", "month_open_days"], weigh_by="invoice"),
        events(question, {"sales": ["month_sales"]}),
    ]


def _not_in_period(question: Question) -> list[Source]:
    first_on = period_of(question).first
    return [without_balance(question), out_of_period(question, ["sales"], first_on=first_on)]


def _with_days(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "days": Period(row["period_from"], row["period_to"]).days}


def _countback(cell: Cell) -> Sequence[str]:
    if cell.row["variant"] != "countback":
        return ()
    months = {
        date.fromisoformat(f"{month}-01"): outstanding.Month(
            sums.get("month_sales", outstanding.NONE),
            sums.get("month_open", outstanding.NONE),
            sums.get("month_open_days", outstanding.NONE),
        )
        for month, sums in cell.by_month.items()
        if "month_sales" in sums or "month_open" in sums
    }
    return tuple(_told(cell, months))


def _told(cell: Cell, months: Mapping[date, outstanding.Month]) -> Iterator[str]:
    closing = cell.row["closing_ar"]
    for step in steps_back(closing, months, cell.row["period_to"]):
        whole = "all" if step.sales < step.left else "pro rata"
        yield (
            f"countback: {step.month_on:%Y-%m} sold {number(step.sales)} of {number(step.left)} "
            f"still to make up, {step.days} days, {whole}"
        )


def _settled(question: Question, basis: str, *columns: str) -> list[Source]:
    return [Source("inputs/settlements", _days(question) | {"basis": basis, "columns": [*columns]})]


def _days(question: Question) -> dict[str, Any]:
    period = period_of(question)
    return {"as_of": period.last, "first_on": period.first, "currency": question.currency}


def _not_settled(question: Question) -> list[Source]:
    return [Source("exclusions/settlements", _days(question))]


def _due(question: Question) -> list[Source]:
    return [Source("inputs/due", _days(question) | {"grace_days": question.grace_days})]


def _not_due(question: Question) -> list[Source]:
    asked = _days(question) | {"grace_days": question.grace_days, "customer": None}
    return [Source("exclusions/due", asked)]


def _cohort(question: Question) -> dict[str, Any]:
    return {
        "as_of": question.as_of,
        "first_on": question.from_on,
        "to_on": question.to_on,
        "currency": question.currency,
    }


def _not_billed(question: Question) -> list[Source]:
    return [Source("exclusions/billed", _cohort(question))]


def _behaviour(question: Question) -> list[Source]:
    return [Source("inputs/behaviour", _year(question))]


def _year(question: Question) -> dict[str, Any]:
    period = period_of(question, YEAR)
    return {
        "as_of": period.last,
        "first_on": period.first,
        "currency": question.currency,
        "customer": question.customer,
        "grace_days": question.grace_days,
    }


def _not_behaved(question: Question) -> list[Source]:
    return [Source("exclusions/due", _year(question))]


def _score(cell: Cell) -> Sequence[str]:
    """The score's parts, as rounded."""
    row = cell.row
    if row["score"] is None:
        return (f"score = nothing: {row['reason']}",)
    failed = "0" if row["failed"] is None else number(row["failed"])
    return (
        (
            f"score = 50 × on_time {number(row['on_time'])} + 30 × e^(−days_late "
            f"{number(row['days_late'])} ÷ 30) + 20 × (1 − failed {failed}) = {row['score']}"
        ),
    )


AMOUNT_DAYS = frozenset({"amount_days"})
MIDDLES = "median and p90: the days that half, and nine tenths, of the inputs do not exceed"

EXPLAINED = (
    Explained(
        outstanding.DSO,
        _months,
        _not_in_period,
        formulas=(
            Formula("dso", "closing_ar × days", "sales", ("variant", "simple")),
            Formula(
                "dso",
                "opening_ar × days + closing_ar × days",
                "2 × sales",
                ("variant", "average_ar"),
            ),
            Formula("dso", "current_ar × days", "sales", ("variant", "best_possible")),
            Formula("dso", "month_open_days", "month_sales", ("variant", "true"), each_month=True),
            Formula(
                "dso",
                "month_open × 30",
                "month_sales",
                ("variant", "sales_weighted"),
                each_month=True,
            ),
        ),
        weighted=frozenset({"month_open_days"}),
        notes=(
            (
                "countback: from the last month back, each month's sales make up what is owed and "
                "add its days; the month that makes up the rest counts pro rata"
            ),
        ),
        terms=_with_days,
        steps=_countback,
    ),
    Explained(
        collection.AVERAGE_DAYS_DELINQUENT,
        _period_sums,
        _not_in_period,
        formulas=(
            Formula("average_days_delinquent", "closing_ar × days − current_ar × days", "sales"),
        ),
        terms=_with_days,
    ),
    Explained(
        collection.CEI,
        _period_sums,
        _not_in_period,
        formulas=(
            Formula(
                "cei",
                "100 × opening_ar × months + 100 × sales − 100 × closing_ar × months",
                "opening_ar × months + sales − current_ar × months",
            ),
        ),
        modelled=frozenset({"months"}),
        notes=("months: as many as the days of the period come closest to",),
    ),
    Explained(
        collection.AR_TURNOVER,
        _period_sums,
        _not_in_period,
        formulas=(Formula("ar_turnover", "2 × sales", "opening_ar + closing_ar"),),
    ),
    Explained(
        punctuality.DAYS_TO_PAY,
        lambda question: _settled(question, "invoice", "applied", "amount_days"),
        _not_settled,
        formulas=(Formula("days_to_pay", "amount_days", "applied"),),
        weighted=AMOUNT_DAYS,
        modelled=frozenset({"median", "p90"}),
        notes=(MIDDLES,),
    ),
    Explained(
        punctuality.DAYS_LATE,
        lambda question: _settled(question, "due", "applied", "amount_days", "late_days"),
        _not_settled,
        formulas=(
            Formula("days_late", "amount_days", "applied"),
            Formula("lateness", "late_days", "applied"),
        ),
        weighted=AMOUNT_DAYS,
        late=frozenset({"late_days"}),
        modelled=frozenset({"median", "p90"}),
        notes=(MIDDLES,),
    ),
    Explained(
        punctuality.ON_TIME_RATE,
        _due,
        _not_due,
        formulas=(Formula("on_time_rate", "on_time", "due"),),
    ),
    Explained(
        cohorts.COLLECTION_RATE,
        lambda question: [
            Source("inputs/billed", _cohort(question)),
            Source("inputs/collected_within", _cohort(question)),
        ],
        _not_billed,
        keys=BY_MONTH,
        formulas=tuple(
            Formula(f"rate_{age}", f"collected_{age}", "invoiced") for age in cohorts.AGES
        ),
    ),
    Explained(
        cohorts.AT_RISK_RATE,
        lambda question: [
            Source("inputs/billed", _cohort(question)),
            Source("inputs/at_risk", _cohort(question)),
        ],
        _not_billed,
        keys=BY_MONTH,
        formulas=(Formula("at_risk_rate", "at_risk", "invoiced"),),
    ),
    Explained(
        behaviour.PAYMENT_BEHAVIOUR,
        _behaviour,
        _not_behaved,
        keys=("customer_id", "currency"),
        weighted=frozenset({"weighed_days"}),
        modelled=frozenset({"on_time", "days_late", "failed", "score"}),
        notes=(
            (
                f"every amount weighs half as much for each {behaviour.HALF_LIFE_DAYS} days since "
                "it fell due, or failed; the weighed_ columns say what an input counts in"
            ),
            "on_time: weighed_on_time ÷ weighed_amount",
            "days_late: weighed_days (amount × days) ÷ weighed_amount",
            "failed: weighed_failed ÷ (weighed_failed + weighed_online)",
            (
                "score: 50 × on_time + 30 × e^(−days_late ÷ 30, early as 0) + 20 × (1 − failed), "
                f"from {behaviour.ENOUGH_INVOICES} settled invoices on"
            ),
        ),
        steps=_score,
    ),
)
