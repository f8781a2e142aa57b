"""How old what is owed is, in one number a currency."""

from decimal import Decimal

from etl.metrics.figures import Column, Figures, Kind, Metric, Needs, Question, answered, fetch
from etl.metrics.ratios import Quotient, as_days, as_ratio, divided
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "PERCENT_CURRENT",
    "PERCENT_OVER_91",
    "WEIGHTED_AVERAGE_AGE",
    "percent_current",
    "percent_over_91",
    "weighted_average_age",
]

NOTHING_OPEN = "nothing is open"
GROSS = Column("gross", "money", "Gross")


def _metric(name: str, title: str, definition: str, *cells: Column) -> Metric:
    kind: Kind = cells[-1].kind
    return Metric(
        name=name,
        title=title,
        unit="days" if kind == "days" else "ratio",
        grain="currency",
        owner="collections",
        definition=definition,
        page="Overview",
        columns=(
            Column("currency", "text", "Currency"),
            *cells,
            Column("reason", "reason", "Reason"),
        ),
        parameters=("as_of", "currency"),
        source="open_age",
        needs=Needs(("open_item",)),
    )


PERCENT_CURRENT = _metric(
    "percent_current",
    "Share not overdue",
    "What is open and not overdue over all that is open, as a share of one.",
    Column("current", "money", "Current"),
    GROSS,
    Column("share", "ratio", "Share"),
)

PERCENT_OVER_91 = _metric(
    "percent_over_91",
    "Share 91 days and more overdue",
    "What is 91 days and more past due over all that is open, as a share of one.",
    Column("d91_plus", "money", "91+"),
    GROSS,
    Column("share", "ratio", "Share"),
)

WEIGHTED_AVERAGE_AGE = _metric(
    "weighted_average_age",
    "Weighted average age",
    "Days past due of all that is open, weighted by amount; negative before it is due.",
    GROSS,
    Column("weighted_average_age", "days", "Days past due"),
)


def percent_current(snapshot: Snapshot, question: Question) -> Figures:
    """The share not overdue: see PERCENT_CURRENT."""
    rows = [
        (currency, current, gross, *_share(current, gross))
        for currency, gross, current, _old, _days in _open_age(snapshot, question)
    ]
    return answered(PERCENT_CURRENT, snapshot, question, rows)


def percent_over_91(snapshot: Snapshot, question: Question) -> Figures:
    """The share long overdue: see PERCENT_OVER_91."""
    rows = [
        (currency, old, gross, *_share(old, gross))
        for currency, gross, _current, old, _days in _open_age(snapshot, question)
    ]
    return answered(PERCENT_OVER_91, snapshot, question, rows)


def weighted_average_age(snapshot: Snapshot, question: Question) -> Figures:
    """Days past due by amount: see WEIGHTED_AVERAGE_AGE."""
    rows = []
    for currency, gross, _current, _old, amount_days in _open_age(snapshot, question):
        age: Quotient = divided(amount_days, gross, NOTHING_OPEN)
        rows.append((currency, gross, as_days(age), age.reason))
    return answered(WEIGHTED_AVERAGE_AGE, snapshot, question, rows)


def _share(part: Decimal, whole: Decimal) -> tuple[Decimal | None, str | None]:
    share = divided(part, whole, NOTHING_OPEN)
    return as_ratio(share), share.reason


def _open_age(
    snapshot: Snapshot, question: Question
) -> list[tuple[str, Decimal, Decimal, Decimal, Decimal]]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    return [(a, b, c, d, e) for a, b, c, d, e in fetch(PERCENT_CURRENT, snapshot, asked)]
