"""Where figures of balances come from: what is open at the end of a day, and unapplied money."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Formula
from etl.metrics import aging, customers, history, invoice_parts, receivables, standing, statement
from etl.metrics.figures import Question
from etl.metrics.periods import period_of

__all__ = ["EXPLAINED", "events", "months_before", "open_on", "out_of_period", "without_balance"]


def open_on(
    question: Question, on_day: date | None = None, *, narrowed: bool = False, **counted: Any
) -> Source:
    """Invoices open at the end of a day. `counted`: columns by how long they have been due, or
    `part`, `basis`, `weigh_by`; `narrowed` to the question's customer."""
    usual: dict[str, Any] = {
        name: [] for name in ("every", "overdue", "not_due", "old", "buckets", "edges")
    }
    where = {
        "on_day": on_day or question.as_of,
        "currency": question.currency,
        "customer": question.customer if narrowed else None,
        "part": None,
        "basis": "due",
        "weigh_by": "due",
    }
    return Source("inputs/balances", usual | where | counted)


def without_balance(
    question: Question, on_day: date | None = None, *, narrowed: bool = False
) -> Source:
    """What is not open at the end of a day, and why."""
    return Source(
        "exclusions/balances",
        {
            "on_day": on_day or question.as_of,
            "currency": question.currency,
            "customer": question.customer if narrowed else None,
        },
    )


def events(
    question: Question,
    measures: dict[str, list[str]],
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    part: str | None = None,
    kinds: Sequence[str] | None = None,
    customer: str | None = None,
) -> Source:
    """Events up to a day, each measure counted in its columns."""
    return Source(
        "inputs/events",
        {
            "first_on": first_on,
            "last_on": last_on or question.as_of,
            "currency": question.currency,
            "customer": customer,
            "events": kinds,
            "part": part,
            "measures": list(measures),
            "columns": list(measures.values()),
        },
    )


def out_of_period(
    question: Question,
    measures: Sequence[str],
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    kinds: Sequence[str] | None = None,
    customer: str | None = None,
) -> Source:
    """Events that would count but for their date or currency."""
    return Source(
        "exclusions/events",
        {
            "as_of": question.as_of,
            "first_on": first_on,
            "last_on": min(last_on or question.as_of, question.as_of),
            "currency": question.currency,
            "customer": customer,
            "events": kinds,
            "measures": list(measures),
        },
    )


def _aging(question: Question) -> list[Source]:
    edges = list(question.edges or aging.EDGES)
    return [
        open_on(
            question,
            every=["gross", "net"],
            buckets=aging.bucket_names(edges),
            edges=edges,
            basis=question.basis,
            weigh_by=question.basis,
            narrowed=True,
        ),
        events(question, {"unapplied": ["unapplied", "net"]}, customer=question.customer),
    ]


def _not_open(question: Question) -> list[Source]:
    return [without_balance(question)]


def _of_customer(question: Question) -> list[Source]:
    return [without_balance(question, narrowed=True)]


def _levels(question: Question) -> list[Source]:
    return [
        Source(
            "inputs/levels",
            {
                "as_of": question.as_of,
                "first_on": question.from_on or months_before(question.as_of, 23),
                "to_on": None,
                "later": 0,
                "currency": question.currency,
                "open_columns": ["gross", "net"],
                "overdue": ["overdue"],
                "unapplied": ["unapplied", "net"],
            },
        )
    ]


def months_before(day: date, months: int) -> date:
    """The first day of the month so many before that of a day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _open_events(question: Question, *, only_positive: bool) -> Source:
    return Source(
        "inputs/open_events",
        {
            "as_of": question.as_of,
            "currency": question.currency,
            "customer": question.customer,
            "only_positive": only_positive,
        },
    )


def _invoices(question: Question) -> list[Source]:
    narrowed = {
        "currency": question.currency,
        "customer": question.customer,
        "invoice": question.invoice,
    }
    return [Source("inputs/invoices", narrowed), _open_events(question, only_positive=False)]


def _not_listed(question: Question) -> list[Source]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    return [Source("exclusions/lists", asked)]


def _summary(question: Question) -> list[Source]:
    month_on = question.as_of.replace(day=1)
    before_on = months_before(question.as_of, 1)
    last_on = month_on - timedelta(days=1)
    failed = ["failures_30_days", "failed_amount_30_days"]
    return [
        open_on(
            question, every=["outstanding", "open_count"], overdue=["overdue", "overdue_count"]
        ),
        events(question, {"collected": ["collected_this_month"]}, first_on=month_on),
        events(
            question, {"collected": ["collected_last_month"]}, first_on=before_on, last_on=last_on
        ),
        events(question, {"unapplied": ["unapplied"]}),
        events(
            question,
            {"amount": failed},
            first_on=question.as_of - timedelta(days=29),
            kinds=["payment_failed"],
        ),
    ]


def _not_at_a_glance(question: Question) -> list[Source]:
    before_on = months_before(question.as_of, 1)
    return [without_balance(question), out_of_period(question, ["collected"], first_on=before_on)]


def _customers(question: Question) -> list[Source]:
    return [
        open_on(question, every=["open_amount", "balance"], overdue=["overdue_amount"]),
        events(question, {"unapplied": ["unapplied", "balance"]}),
    ]


def _history(question: Question) -> list[Source]:
    return [events(question, {"balance": ["amount"]}, part="event", customer=question.customer)]


def _statement(question: Question) -> list[Source]:
    asked: dict[str, Any] = {"part": "event", "customer": question.customer}
    return [events(question, {"balance": ["amount"]}, first_on=period_of(question).first, **asked)]


def _not_stated(question: Question) -> list[Source]:
    first_on = period_of(question).first
    return [
        out_of_period(question, ["balance"], first_on=first_on, customer=question.customer),
    ]


def _no_history(question: Question) -> list[Source]:
    return [out_of_period(question, ["balance"], customer=question.customer)]


def _payments(question: Question) -> list[Source]:
    narrowed = {"currency": question.currency, "customer": question.customer}
    return [Source("inputs/payments", narrowed)]


def _nothing(_question: Question) -> list[Source]:
    return []


def _share_of_open(column: str) -> tuple[Formula, ...]:
    return (Formula("share", column, "gross"),)


EXPLAINED = (
    Explained(receivables.SUMMARY, _summary, _not_at_a_glance),
    Explained(aging.AR_AGING, _aging, _of_customer),
    Explained(receivables.AR_BY_MONTH, _levels, _not_open, keys=("month", "currency")),
    Explained(
        receivables.OPEN_ITEMS,
        lambda question: [_open_events(question, only_positive=True)],
        _of_customer,
        keys=("invoice_id",),
        modelled=frozenset({"days_past_due"}),
        notes=("days_past_due: days from the due date to the day the figures are true for",),
    ),
    Explained(
        receivables.INVOICES,
        _invoices,
        _not_listed,
        keys=("invoice_id",),
        modelled=frozenset({"tax_amount", "days_later"}),
        notes=(
            "tax_amount: the sales tax BILL gives with the invoice",
            "days_later: days from the due date its terms give to its due date",
        ),
    ),
    Explained(
        invoice_parts.INVOICE_LINES,
        _nothing,
        _nothing,
        keys=("invoice_id",),
        modelled=frozenset({"place", "amount"}),
        notes=("every row is a line of an invoice as BILL gives it now",),
    ),
    Explained(
        invoice_parts.INVOICE_SETTLEMENTS,
        _nothing,
        _nothing,
        keys=("invoice_id",),
        modelled=frozenset({"amount"}),
        notes=("every row is a part of a payment or credit memo that was applied to an invoice",),
    ),
    Explained(
        standing.PERCENT_CURRENT,
        lambda question: [open_on(question, every=["gross"], not_due=["current"])],
        _not_open,
        formulas=_share_of_open("current"),
    ),
    Explained(
        standing.PERCENT_OVER_91,
        lambda question: [open_on(question, every=["gross"], old=["d91_plus"])],
        _not_open,
        formulas=_share_of_open("d91_plus"),
    ),
    Explained(
        standing.WEIGHTED_AVERAGE_AGE,
        lambda question: [open_on(question, every=["gross", "amount_days"])],
        _not_open,
        formulas=(Formula("weighted_average_age", "amount_days", "gross"),),
        weighted=frozenset({"amount_days"}),
    ),
    Explained(
        customers.CUSTOMERS,
        _customers,
        _not_open,
        keys=("customer_id",),
        modelled=frozenset({"score"}),
        notes=("score: that of payment_behaviour, which explains it",),
    ),
    Explained(
        customers.CUSTOMER_CONTACTS,
        _nothing,
        _nothing,
        keys=("customer_id",),
        notes=("every row is a customer as BILL gives it now",),
    ),
    Explained(
        customers.CUSTOMER_HISTORY,
        _history,
        _no_history,
        part=("on", "event", "document"),
        modelled=frozenset({"balance"}),
        notes=("balance: the sum of the amounts of this event and all before it",),
    ),
    Explained(
        statement.CUSTOMER_STATEMENT,
        _statement,
        _not_stated,
        part=("on", "event", "document"),
        modelled=frozenset({"balance"}),
        notes=(
            "balance: the sum of the amounts of this event and all before it",
            "events before the first day are in the opening balance",
        ),
    ),
    Explained(
        history.RECORD_HISTORY,
        _nothing,
        _nothing,
        keys=(),
        modelled=frozenset({"version", "run_id"}),
        notes=("every row is what one version of the record, as BILL gave it, changed",),
    ),
    Explained(customers.PAYMENTS, _payments, _nothing, keys=("payment_id",)),
)
