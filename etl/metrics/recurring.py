"""Recurring revenue by month: what schedules bring, normalised to a month, and how it moves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.money import rounded
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "MOVES",
    "RECURRING_REVENUE_BY_CUSTOMER",
    "RECURRING_REVENUE_MOVEMENTS",
    "Stretch",
    "is_asked",
    "month_ends",
    "monthly",
    "movement",
    "recurring_revenue_by_customer",
    "recurring_revenue_movements",
]

# How many times a year each period comes; a day is a 365th of a year.
A_YEAR = {"DAILY": 365, "WEEKLY": 52, "MONTHLY": 12, "YEARLY": 1}
MOVES = ("new", "expansion", "reactivation", "contraction", "churn")
MONTH = Column("month", "month", "Month")
CURRENCY = Column("currency", "text", "Currency")
MONEY = tuple(
    Column(name, "money", heading, adds_up=name in MOVES)
    for name, heading in (
        ("start_amount", "Start"),
        ("new", "New"),
        ("expansion", "Expansion"),
        ("reactivation", "Reactivation"),
        ("contraction", "Contraction"),
        ("churn", "Churn"),
        ("end_amount", "End"),
    )
)
PERIOD = ("as_of", "from_on", "to_on", "currency")
DEFINITION = (
    "What BILL's recurring invoices bring in a month, tax excluded, at the end of each month, and "
    "how it moved since the month before: new, more, back again, less, gone."
)

RECURRING_REVENUE_MOVEMENTS = Metric(
    name="recurring_revenue_movements",
    title="Recurring revenue",
    source="recurring_stretches",
    unit="money",
    grain="month, currency",
    owner="finance",
    definition=DEFINITION,
    page="Revenue",
    columns=(MONTH, CURRENCY, *MONEY),
    parameters=PERIOD,
)

RECURRING_REVENUE_BY_CUSTOMER = Metric(
    name="recurring_revenue_by_customer",
    title="Recurring revenue by customer",
    source="recurring_stretches",
    unit="money",
    grain="month, customer",
    owner="finance",
    definition=DEFINITION,
    page="Revenue",
    columns=(
        MONTH,
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        CURRENCY,
        *MONEY,
    ),
    parameters=PERIOD,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days over which one schedule was written as it was."""

    currency: str
    customer_id: str
    customer: str
    period: str
    frequency: int
    amount: Decimal
    from_on: date
    to_on: date

    def holds(self, day: date) -> bool:
        """Whether it was running at the end of a day."""
        return self.from_on <= day < self.to_on


def recurring_revenue_movements(snapshot: Snapshot, question: Question) -> Figures:
    """Movements by month and currency: see RECURRING_REVENUE_MOVEMENTS."""
    metric = RECURRING_REVENUE_MOVEMENTS
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for month, key, _, amounts in _moved(metric, snapshot, question):
        of_month = sums.setdefault((month, key[0]), [Decimal(0)] * len(amounts))
        sums[month, key[0]] = [a + b for a, b in zip(of_month, amounts, strict=True)]
    return answered(metric, snapshot, question, [(*key, *sums[key]) for key in sorted(sums)])


def recurring_revenue_by_customer(snapshot: Snapshot, question: Question) -> Figures:
    """Movements by month and customer: see RECURRING_REVENUE_BY_CUSTOMER."""
    metric = RECURRING_REVENUE_BY_CUSTOMER
    rows = [
        (month, customer_id, customer, currency, *amounts)
        for month, (currency, customer_id), customer, amounts in _moved(metric, snapshot, question)
    ]
    return answered(metric, snapshot, question, sorted(rows))


def _moved(
    metric: Metric, snapshot: Snapshot, question: Question
) -> Iterator[tuple[str, tuple[str, str], str, tuple[Decimal, ...]]]:
    """Month, (currency, customer id), customer's name and amounts, where there are any."""
    narrowed = {"as_of": question.as_of, "currency": question.currency}
    stretches = [Stretch(*row) for row in fetch(metric, snapshot, narrowed)]
    if not stretches:
        return
    ends = month_ends(min(s.from_on for s in stretches), question.as_of)
    names = {(s.currency, s.customer_id): s.customer for s in stretches}
    for key, of_customer in _by_customer(stretches).items():
        for end, amounts in _history(of_customer, ends):
            if any(amounts) and is_asked(end, question):
                yield end.strftime("%Y-%m"), key, names[key], amounts


def is_asked(end: date, question: Question) -> bool:
    """Whether the month that ends so is within the days asked for."""
    first = end.replace(day=1)
    return not (
        (question.from_on and end < question.from_on) or (question.to_on and first > question.to_on)
    )


def _by_customer(stretches: Iterable[Stretch]) -> Mapping[tuple[str, str], list[Stretch]]:
    found: dict[tuple[str, str], list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        found[stretch.currency, stretch.customer_id].append(stretch)
    return found


def _history(
    stretches: Sequence[Stretch], ends: Sequence[date]
) -> Iterator[tuple[date, tuple[Decimal, ...]]]:
    before, ever = Decimal(0), False
    for end in ends:
        after = sum((monthly(s) for s in stretches if s.holds(end)), Decimal(0))
        moves = movement(before, after, was_ever=ever)
        yield end, (before, *(moves[name] for name in MOVES), after)
        before, ever = after, ever or after > 0


def monthly(stretch: Stretch) -> Decimal:
    """A schedule's amount a month, in its currency's digits: weekly × 52 ÷ 12, yearly ÷ 12."""
    with localcontext(prec=60):
        yearly: Decimal = stretch.amount * A_YEAR[stretch.period]
        return rounded(yearly / (12 * stretch.frequency), stretch.currency)


def movement(before: Decimal, after: Decimal, *, was_ever: bool) -> dict[str, Decimal]:
    """One customer's change between two months by its name, none of them negative.

    before + new + expansion + reactivation − contraction − churn = after.
    """
    moves = dict.fromkeys(MOVES, Decimal(0))
    if before <= 0 < after:
        moves["reactivation" if was_ever else "new"] = after - before
    elif after <= 0 < before:
        moves["churn"] = before - after
    elif after > before:
        moves["expansion"] = after - before
    else:
        moves["contraction"] = before - after
    return moves


def month_ends(first: date, last: date) -> list[date]:
    """The last days of the months from that of `first`; `last` itself for the one it is in."""
    ends = []
    day = first
    while day <= last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        ends.append(min(following - timedelta(days=1), last))
        day = following
    return ends
