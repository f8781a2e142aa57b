"""Where figures of revenue, cash and tax come from: events of a period, by what they measure."""

from collections.abc import Callable
from datetime import date
from typing import Any

from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Formula
from etl.explanations.receivables import events, open_on, out_of_period, without_balance
from etl.metrics import (
    bridge,
    concentration,
    differences,
    dimensions,
    revenue,
    revenue_to_date,
    tax,
    unconverted,
)
from etl.metrics.figures import Metric, Question
from etl.metrics.periods import YEAR, period_of

__all__ = ["EXPLAINED"]

BY_MONTH = ("month", "currency")


def _last(question: Question) -> date:
    return min(question.to_on or question.as_of, question.as_of)


def _asked(question: Question, measures: dict[str, list[str]]) -> Source:
    return events(question, measures, first_on=question.from_on, last_on=_last(question))


def _passed_over(question: Question, *measures: str) -> Source:
    return out_of_period(question, measures, first_on=question.from_on, last_on=_last(question))


def _days(question: Question) -> dict[str, Any]:
    return {"first_on": question.from_on, "last_on": _last(question), "currency": question.currency}


def _recognised(question: Question) -> Source:
    narrowed = {
        "as_of": question.as_of,
        "first_on": question.from_on,
        "to_on": question.to_on,
        "currency": question.currency,
    }
    return Source("inputs/recognised", narrowed)


def _bridge(question: Question) -> list[Source]:
    narrowed = {
        "as_of": question.as_of,
        "first_on": question.from_on,
        "to_on": question.to_on,
        "currency": question.currency,
    }
    return [
        Source("inputs/bridge", narrowed),
        *(
            Source(
                "inputs/levels",
                narrowed
                | {"later": later, "open_columns": [column], "overdue": [], "unapplied": [column]},
            )
            for later, column in ((0, "closing"), (1, "opening"))
        ),
    ]


def _year(question: Question) -> dict[str, Any]:
    period = period_of(question, YEAR)
    return {"first_on": period.first, "as_of": period.last, "currency": question.currency}


def _concentration(question: Question) -> list[Source]:
    return [
        Source("inputs/positive_revenue", _year(question)),
        open_on(question, every=["amount"], part="open"),
        open_on(question, overdue=["amount"], part="overdue"),
    ]


def _not_concentrated(question: Question) -> list[Source]:
    overdue = {"on_day": question.as_of, "currency": question.currency, "part": "overdue"}
    return [
        without_balance(question),
        out_of_period(question, ["revenue"], first_on=_year(question)["first_on"]),
        Source("exclusions/not_overdue", overdue),
        Source("exclusions/no_revenue", _year(question)),
    ]


def _at_places(dimension: str) -> Callable[[Question], list[Source]]:
    return lambda question: [Source("inputs/places", _days(question) | {"dimension": dimension})]


def _of_dimension(metric: Metric) -> Explained:
    dimension = metric.name.removeprefix("revenue_by_")
    return Explained(
        metric,
        _at_places(dimension),
        lambda question: [_passed_over(question, "revenue", "collected")],
        part=(f"{dimension}_id",),
        notes=("an event is split along its document's lines as they are now, to the cent",),
    )


def _of_invoices(name: str) -> Callable[[Question], list[Source]]:
    return lambda question: [Source(name, _days(question) | {"customer": question.customer})]


def _none(_question: Question) -> list[Source]:
    return []


OF_CUSTOMERS = "only customers with a positive amount count; the shares are theirs"
SPREAD = frozenset(
    {"customers", "top_1", "top_5", "top_10", "hhi", "effective_customers", "major_customers"}
)

EXPLAINED = (
    Explained(
        revenue.INVOICED_BY_MONTH,
        lambda question: [_asked(question, {"revenue": ["amount"]})],
        lambda question: [_passed_over(question, "revenue")],
        keys=BY_MONTH,
    ),
    Explained(
        revenue.COLLECTED_BY_MONTH,
        lambda question: [_asked(question, {"collected": ["amount"]})],
        lambda question: [_passed_over(question, "collected")],
        keys=BY_MONTH,
    ),
    Explained(
        revenue.REVENUE_BY_MONTH,
        lambda question: [
            _asked(question, {"revenue": ["invoiced"], "collected": ["collected"]}),
            _recognised(question),
        ],
        lambda question: [_passed_over(question, "revenue", "collected")],
        keys=BY_MONTH,
    ),
    Explained(
        revenue_to_date.REVENUE_TO_DATE,
        _none,
        _none,
        part=("view",),
        modelled=frozenset({"this_month", "last_month", "this_year", "year_before", "change"}),
        notes=(
            "the amounts of revenue_by_month over these days, which it explains",
            "change: this_year ÷ year_before − 1",
        ),
    ),
    Explained(
        revenue.REVENUE_BY_CUSTOMER,
        lambda question: [_asked(question, {"revenue": ["invoiced"], "collected": ["collected"]})],
        lambda question: [_passed_over(question, "revenue", "collected")],
        keys=("customer_id", "currency"),
    ),
    Explained(
        bridge.REVENUE_BRIDGE,
        _bridge,
        lambda question: [_passed_over(question, "revenue", "collected", "unapplied")],
        keys=BY_MONTH,
        formulas=(
            Formula(
                "difference",
                "closing − opening − invoiced − tax − credits − collected − tax_collected"
                " − on_account − held",
            ),
        ),
    ),
    *(_of_dimension(metric) for metric, _ in dimensions.REVENUE_BY_DIMENSION),
    Explained(
        differences.TAX_DIFFERENCES,
        _of_invoices("inputs/tax_differences"),
        _none,
        keys=("invoice_id",),
        formulas=(Formula("difference", "bill_tax − computed_tax"),),
        modelled=frozenset({"tax_rate"}),
        notes=("computed_tax: taxable_amount × tax_rate ÷ 100, rounded to the currency's digits",),
    ),
    Explained(
        differences.TERMS_DIFFERENCES,
        _of_invoices("inputs/terms_differences"),
        _none,
        keys=("invoice_id",),
        modelled=frozenset({"days_later"}),
        notes=("days_later: days from the date that the terms give to the due date",),
    ),
    Explained(
        unconverted.UNCONVERTED,
        _none,
        _none,
        keys=(),
        modelled=frozenset({"amount"}),
        notes=("amount: what a document holds on the day whose rate is missing, in its currency",),
    ),
    Explained(
        tax.TAX_COLLECTED,
        lambda question: [Source("inputs/tax", _days(question))],
        lambda question: [_passed_over(question, "tax_in_cash")],
        keys=BY_MONTH,
        part=("rate",),
        modelled=frozenset({"rate"}),
        notes=("rate: what BILL gives as the invoice's rate, in per cent",),
    ),
    Explained(
        concentration.CONCENTRATION,
        _concentration,
        _not_concentrated,
        part=("measure",),
        modelled=SPREAD,
        notes=(
            OF_CUSTOMERS,
            "top_n: the largest n customers' amounts ÷ all amounts",
            "hhi: the sum of squared amounts × 10,000 ÷ the square of their sum",
            "effective_customers: the square of the sum ÷ the sum of squares",
        ),
    ),
    Explained(
        concentration.CUSTOMER_SHARES,
        _concentration,
        _not_concentrated,
        keys=("customer_id", "currency"),
        part=("measure",),
        modelled=frozenset({"share"}),
        notes=(OF_CUSTOMERS, "share: the customer's amount ÷ that of all of them"),
    ),
)
