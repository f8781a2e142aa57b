"""How a customer pays, as a score that being later can never raise.

What counts is weighed by amount and by how long ago it fell due, or failed: half as much for every
90 days. By the due date and not by the payment, or paying later would weigh more for being recent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from itertools import groupby

from etl.errors import UsageError
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.periods import YEAR, period_of
from etl.metrics.ratios import PRECISION, Quotient, as_days, as_ratio, divided, unknown
from etl.warehouse.snapshot import Snapshot

__all__ = ["PAYMENT_BEHAVIOUR", "payment_behaviour", "score"]

HALF_LIFE_DAYS = 90
ENOUGH_INVOICES = 3
EDGES = (15, 45, 90)
CLASSES = ("great", "good", "poor", "risk")
TOO_FEW = "not enough history"
NOTHING_DUE = "nothing fell due"

PAYMENT_BEHAVIOUR = Metric(
    name="payment_behaviour",
    title="Payment behaviour",
    unit="points",
    grain="customer",
    owner="collections",
    definition=(
        "A score from 0 to 100 of a customer's last twelve months: half for what was on time, "
        "three tenths for few days late, two tenths for electronic payments that held; and a "
        "class by days late. Empty under three settled invoices."
    ),
    page="Customers",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("settled_invoices", "count", "Settled invoices"),
        Column("on_time", "ratio", "On time"),
        Column("days_late", "days", "Days late"),
        Column("failed", "ratio", "Failed"),
        Column("score", "score", "Score"),
        Column("behaviour", "text", "Class"),
        Column("reason", "reason", "Reason"),
    ),
    parameters=("as_of", "from_on", "currency", "customer", "grace_days", "edges"),
    ways=(("edges", "behaviour_edges"), ("grace_days", "grace_days")),
)


@dataclass(frozen=True, slots=True)
class Day:
    """Of one customer: invoices due on a day, and electronic payments that failed on it."""

    customer_id: str
    customer: str
    currency: str
    on: date
    amount: Decimal
    on_time: Decimal
    amount_days: Decimal
    settled: int
    online: Decimal
    failed: Decimal


def payment_behaviour(snapshot: Snapshot, question: Question) -> Figures:
    """Every customer's score: see PAYMENT_BEHAVIOUR. `edges` are the classes' last days."""
    edges = _class_edges(question)
    period = period_of(question, YEAR)
    asked = question.parameters(("as_of", "currency", "customer", "grace_days"))
    found = fetch(PAYMENT_BEHAVIOUR, snapshot, asked | {"from_on": period.first})
    days = (Day(*row) for row in found)
    rows = [
        (*who, *_cells(list(of_one), question.as_of, edges))
        for who, of_one in groupby(days, key=lambda d: (d.customer_id, d.customer, d.currency))
    ]
    return answered(PAYMENT_BEHAVIOUR, snapshot, question, rows)


def _class_edges(question: Question) -> tuple[int, ...]:
    edges = question.edges or EDGES
    if len(edges) != len(EDGES) or sorted(set(edges)) != list(edges):
        raise UsageError("The classes take three rising numbers of days, such as 15,45,90.")
    return edges


def _cells(days: list[Day], as_of: date, edges: tuple[int, ...]) -> tuple[object, ...]:
    settled = sum(day.settled for day in days)
    amount = _weighed(((day.on, day.amount) for day in days), as_of)
    on_time = divided(_weighed(((d.on, d.on_time) for d in days), as_of), amount, NOTHING_DUE)
    late = divided(_weighed(((d.on, d.amount_days) for d in days), as_of), amount, NOTHING_DUE)
    failed = _failed_share(days, as_of)
    points = _points(settled, on_time, late, failed)
    parts = (as_ratio(on_time), as_days(late), as_ratio(failed))
    return (settled, *parts, points.value, _class(points, late, edges), points.reason)


def _weighed(amounts: Iterable[tuple[date, Decimal]], as_of: date) -> Decimal:
    """The sum of dated amounts, each half as much for every half-life since."""
    with localcontext(prec=PRECISION):
        return sum((amount * _weight((as_of - on).days) for on, amount in amounts), Decimal(0))


@cache
def _weight(age: int) -> Decimal:
    with localcontext(prec=PRECISION):
        return Decimal(2) ** (Decimal(-age) / HALF_LIFE_DAYS)


def _failed_share(days: list[Day], as_of: date) -> Quotient:
    failed = _weighed(((day.on, day.failed) for day in days), as_of)
    tried = failed + _weighed(((day.on, day.online) for day in days), as_of)
    return divided(failed, tried, "nothing was paid electronically")


def _points(settled: int, on_time: Quotient, late: Quotient, failed: Quotient) -> Quotient:
    if settled < ENOUGH_INVOICES or on_time.value is None or late.value is None:
        return unknown(TOO_FEW)
    return Quotient(score(on_time.value, late.value, failed.value or Decimal(0)))


def score(on_time: Decimal, days_late: Decimal, failed: Decimal) -> Decimal:
    """Whole points from 0 to 100 of shares of one and days; early is no better than in time."""
    lateness = (-max(days_late, Decimal(0)) / 30).exp()
    points = 50 * on_time + 30 * lateness + 20 * (1 - failed)
    return points.quantize(Decimal(1), ROUND_HALF_UP)


def _class(points: Quotient, late: Quotient, edges: tuple[int, ...]) -> str:
    if points.value is None or late.value is None:
        return ""
    return CLASSES[sum(late.value > edge for edge in edges)]
