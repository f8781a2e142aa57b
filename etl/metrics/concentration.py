"""How much hangs on few customers: of revenue, of what is open, of what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.metrics.periods import YEAR, period_of
from etl.metrics.ratios import Quotient, as_ratio, as_score, divided
from etl.warehouse.snapshot import Snapshot

__all__ = ["CONCENTRATION", "CUSTOMER_SHARES", "concentration", "customer_shares"]

MAJOR_SHARE = Decimal("0.10")
NOTHING = "nobody has a positive amount"
MEASURE = Column("measure", "text", "Of")
CURRENCY = Column("currency", "text", "Currency")

CONCENTRATION = Metric(
    name="concentration",
    title="Concentration",
    unit="ratio",
    grain="measure, currency",
    owner="finance",
    definition=(
        "The shares of the largest 1, 5 and 10 customers in revenue of a year, in what is open "
        "and in what is overdue; the sum of squared shares times 10,000 (HHI), and how many "
        "customers of equal size would give it."
    ),
    page="Customers",
    columns=(
        MEASURE,
        CURRENCY,
        Column("amount", "money", "Amount", adds_up=False),
        Column("customers", "count", "Customers"),
        Column("top_1", "ratio", "Largest"),
        Column("top_5", "ratio", "Largest 5"),
        Column("top_10", "ratio", "Largest 10"),
        Column("hhi", "score", "HHI"),
        Column("effective_customers", "score", "Effective customers"),
        Column("major_customers", "count", "With 10 % and more"),
    ),
    parameters=("as_of", "from_on", "currency"),
    needs=Needs(("open_item", "invoiced"), days=YEAR),
)

CUSTOMER_SHARES = Metric(
    name="customer_shares",
    title="Customers' shares",
    unit="ratio",
    grain="measure, customer",
    owner="finance",
    definition=(
        "Each customer's share in revenue of a year, in what is open and in what is overdue; "
        "major from 10 % on."
    ),
    page="Customers",
    columns=(
        MEASURE,
        CURRENCY,
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("amount", "money", "Amount", adds_up=False),
        Column("share", "ratio", "Share"),
        Column("standing", "text", "Standing"),
    ),
    parameters=("as_of", "from_on", "currency", "customer"),
    needs=Needs(("open_item", "invoiced"), days=YEAR),
    source="concentration",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer with a positive amount of what is measured."""

    measure: str
    currency: str
    customer_id: str
    customer: str
    amount: Decimal


def concentration(snapshot: Snapshot, question: Question) -> Figures:
    """Shares of the largest: see CONCENTRATION."""
    rows = [
        (measure, currency, *_spread([holder.amount for holder in holders]))
        for (measure, currency), holders in _holders(snapshot, question)
    ]
    return answered(CONCENTRATION, snapshot, question, rows)


def customer_shares(snapshot: Snapshot, question: Question) -> Figures:
    """Each one's share, or that of the customer asked for: see CUSTOMER_SHARES."""
    rows = []
    for (measure, currency), holders in _holders(snapshot, question):
        total = sum((holder.amount for holder in holders), Decimal(0))
        for holder in _asked_for(holders, question.customer):
            share = as_ratio(divided(holder.amount, total, NOTHING))
            standing = "major" if _is_major(holder.amount, total) else ""
            who = (holder.customer_id, holder.customer)
            rows.append((measure, currency, *who, holder.amount, share, standing))
    return answered(CUSTOMER_SHARES, snapshot, question, rows)


def _asked_for(holders: Sequence[Holder], customer_id: str | None) -> Sequence[Holder]:
    if customer_id is None:
        return holders
    return [holder for holder in holders if holder.customer_id == customer_id]


def _holders(snapshot: Snapshot, question: Question) -> list[tuple[tuple[str, str], list[Holder]]]:
    """By measure and currency, the largest first."""
    period = period_of(question, YEAR)
    asked = {"as_of": period.last, "from_on": period.first, "currency": question.currency}
    found = [Holder(*row) for row in fetch(CONCENTRATION, snapshot, asked)]
    return [
        (of, list(holders))
        for of, holders in groupby(found, key=lambda one: (one.measure, one.currency))
    ]


def _is_major(amount: Decimal, total: Decimal) -> bool:
    return amount >= total * MAJOR_SHARE


def _spread(amounts: Sequence[Decimal]) -> tuple[object, ...]:
    """The figures of amounts that fall: total, how many, shares of the first, HHI and so on."""
    total = sum(amounts, Decimal(0))
    squares = sum((amount * amount for amount in amounts), Decimal(0))
    return (
        total,
        len(amounts),
        *(as_ratio(_top(amounts, total, count)) for count in (1, 5, 10)),
        as_score(divided(squares * 10_000, total * total, NOTHING)),
        as_score(divided(total * total, squares, NOTHING)),
        sum(_is_major(amount, total) for amount in amounts),
    )


def _top(amounts: Sequence[Decimal], total: Decimal, count: int) -> Quotient:
    return divided(sum(amounts[:count], Decimal(0)), total, NOTHING)
