"""Where the lists one works by, and the first page's figures, come from."""

from datetime import date, timedelta

from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Formula
from etl.explanations.outlook import EXPECTED
from etl.explanations.receivables import (
    events,
    months_before,
    open_on,
    out_of_period,
    without_balance,
)
from etl.metrics import (
    aging,
    collected,
    collectors,
    customer_aging,
    dso_trend,
    expected_cash,
    unapplied,
    worklist,
)
from etl.metrics.figures import Question

__all__ = ["EXPLAINED"]

OF_CUSTOMER = ("customer_id", "currency")


def _nothing(_question: Question) -> list[Source]:
    return []


def _not_open(question: Question) -> list[Source]:
    return [without_balance(question)]


def _of_customer(question: Question) -> list[Source]:
    return [without_balance(question, narrowed=True)]


def _aging(question: Question) -> list[Source]:
    edges = list(question.edges or aging.EDGES)
    return [
        open_on(
            question,
            every=["gross"],
            buckets=aging.bucket_names(edges),
            edges=edges,
            basis=question.basis,
            weigh_by=question.basis,
            narrowed=True,
        ),
        open_on(question, overdue=["overdue"], narrowed=True),
    ]


def _to_call(question: Question) -> list[Source]:
    return [open_on(question, overdue=["overdue_amount", "overdue_count"], narrowed=True)]


def _spans(day: date) -> dict[str, tuple[date, date, date]]:
    """First day of each span, and first and last of as much of the one before."""
    monday, month_on = day - timedelta(days=day.weekday()), day.replace(day=1)
    yesterday, week = day - timedelta(days=1), timedelta(days=7)
    before_on = months_before(day, 1)
    same_day = min(before_on + timedelta(days=day.day - 1), month_on - timedelta(days=1))
    return {
        "today": (day, yesterday, yesterday),
        "week": (monday, monday - week, day - week),
        "month": (month_on, before_on, same_day),
    }


def _collected(question: Question) -> list[Source]:
    found = []
    for span, (first, before_from, before_to) in _spans(question.as_of).items():
        now, before = {"collected": ["amount"]}, {"collected": ["before_amount"]}
        found += [
            events(question, now, first_on=first, part=span),
            events(question, before, first_on=before_from, last_on=before_to, part=span),
        ]
    return found


def _not_collected(question: Question) -> list[Source]:
    first_on = months_before(question.as_of, 1)
    return [out_of_period(question, ["collected"], first_on=first_on)]


def _month_ends(question: Question) -> list[Source]:
    asked = {
        "as_of": question.as_of,
        "first_on": question.from_on or months_before(question.as_of, 12),
        "to_on": None,
        "later": 0,
        "currency": question.currency,
        "open_columns": ["closing_ar"],
        "overdue": [],
        "unapplied": [],
    }
    return [Source("inputs/levels", asked)]


TO_DO = (
    (
        "failure: open invoices whose newest attempt failed; overdue: others 91 days and more past "
        "due; unapplied: payments and credit memos with money that no invoice holds"
    ),
    "amount: what is open of the invoice, or unapplied, at the end of the day",
)

EXPLAINED = (
    Explained(
        customer_aging.AR_AGING_BY_CUSTOMER,
        _aging,
        _of_customer,
        keys=OF_CUSTOMER,
        modelled=frozenset({"oldest_days"}),
        notes=("oldest_days: past due of the invoice that was due first",),
    ),
    Explained(
        collectors.COLLECTORS_WORKLIST,
        _to_call,
        _of_customer,
        keys=OF_CUSTOMER,
        modelled=frozenset({"open_amount", "oldest_days", "score"}),
        notes=(
            "open_amount: all that is open of the customer, overdue or not",
            "oldest_days: past due of the invoice that was due first",
            "score: that of payment_behaviour",
        ),
    ),
    Explained(
        unapplied.UNAPPLIED_MONEY,
        _nothing,
        _nothing,
        keys=OF_CUSTOMER,
        modelled=frozenset({"amount", "days"}),
        notes=(
            (
                "amount: what the document's money on account comes to by the end of the day, with "
                "the other sign than in the aging"
            ),
            "days: since the first day on which any of it was on no invoice",
        ),
    ),
    Explained(
        worklist.WORKLIST,
        _nothing,
        _of_customer,
        keys=OF_CUSTOMER,
        modelled=frozenset({"amount", "days"}),
        notes=(*TO_DO, "days: since the failure, the due date, or the money came"),
    ),
    Explained(
        worklist.WORKLIST_TOTALS,
        _nothing,
        _of_customer,
        part=("kind",),
        modelled=frozenset({"count", "amount"}),
        notes=(*TO_DO, "both are those of the rows of worklist"),
    ),
    Explained(
        collected.COLLECTED_SO_FAR,
        _collected,
        _not_collected,
        part=("span",),
        formulas=(Formula("change", "amount − before_amount"),),
    ),
    Explained(
        dso_trend.DSO_BY_MONTH,
        _month_ends,
        _not_open,
        keys=("month", "currency"),
        modelled=frozenset({"sales", "dso", "change"}),
        notes=(
            (
                "sales: invoiced with tax, less voids and credits, in the 90 days up to the "
                "month's end"
            ),
            "dso: closing_ar × 90 ÷ sales; change: dso less that of the month before",
        ),
    ),
    Explained(
        expected_cash.EXPECTED_CASH,
        _nothing,
        _not_open,
        modelled=frozenset({"p10", "p50", "p90", "weeks", "inside", "inside_share"}),
        notes=(
            EXPECTED,
            "each is added up over the next four weeks of cash_forecast",
            "inside: of the last weeks, those in which what came lay between p10 and p90",
        ),
    ),
)
