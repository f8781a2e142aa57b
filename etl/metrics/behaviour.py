"""How a customer pays, as a score that being later can never raise.

What counts is weighed by amount and by how long ago it fell due, or failed: half as much for every
90 days. By the due date and not by the payment, or paying later would weigh more for being recent.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache

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
NOTHING_ELECTRONIC = "nothing was paid electronically"
WEIGHT_UNIT = 10**12

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
    parameters=("as_of", "from_on", "currency", "customer", "among", "grace_days", "edges"),
    ways=(("edges", "behaviour_edges"), ("grace_days", "grace_days")),
)


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one customer: how many invoices were settled, and weighted amounts in whole numbers."""

    settled: int
    amount: int
    on_time: int
    amount_days: int
    online: int
    failed: int


def payment_behaviour(snapshot: Snapshot, question: Question) -> Figures:
    """Every customer's score: see PAYMENT_BEHAVIOUR. `edges` are the classes' last days."""
    edges = _class_edges(question)
    period = period_of(question, YEAR)
    asked = question.parameters(("as_of", "currency", "customer", "among", "grace_days"))
    weights = [_weight(age) for age in range(period.days)]
    found = fetch(
        PAYMENT_BEHAVIOUR, snapshot, asked | {"from_on": period.first, "weights": weights}
    )
    rows = [(*row[:3], *_cells(Habits(*row[3:]), edges)) for row in found]
    return answered(PAYMENT_BEHAVIOUR, snapshot, question, rows)


def _class_edges(question: Question) -> tuple[int, ...]:
    edges = question.edges or EDGES
    if len(edges) != len(EDGES) or sorted(set(edges)) != list(edges):
        raise UsageError("The classes take three rising numbers of days, such as 15,45,90.")
    return edges


def _cells(habits: Habits, edges: tuple[int, ...]) -> tuple[object, ...]:
    on_time = _ratio(habits.on_time, habits.amount, NOTHING_DUE)
    late = _ratio(habits.amount_days, habits.amount, NOTHING_DUE)
    failed = _ratio(habits.failed, habits.failed + habits.online, NOTHING_ELECTRONIC)
    points = _points(habits.settled, on_time, late, failed)
    parts = (as_ratio(on_time), as_days(late), as_ratio(failed))
    return (habits.settled, *parts, points.value, _class(points, late, edges), points.reason)


def _ratio(part: int, whole: int, reason: str) -> Quotient:
    return divided(Decimal(part), Decimal(whole), reason)


@cache
def _weight(age: int) -> int:
    """What counts so many days later: half for every half-life, in whole numbers."""
    with localcontext(prec=PRECISION):
        weight = Decimal(2) ** (Decimal(-age) / HALF_LIFE_DAYS)
        return int((weight * WEIGHT_UNIT).to_integral_value(ROUND_HALF_UP))


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
