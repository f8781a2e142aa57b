"""Whom to call: customers with overdue invoices, how they pay, and the next step."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from etl.metrics.behaviour import PAYMENT_BEHAVIOUR, payment_behaviour
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["COLLECTORS_WORKLIST", "collectors_worklist", "next_step"]

COLLECTORS_WORKLIST = Metric(
    name="collectors_worklist",
    title="Collector's worklist",
    unit="money",
    grain="customer, currency",
    owner="collections",
    definition=(
        "Customers with overdue invoices, the largest overdue amounts first, with how they have "
        "paid so far and the step that their oldest invoice asks for."
    ),
    page="Receivables",
    columns=(
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("open_amount", "money", "Open"),
        Column("overdue_amount", "money", "Overdue"),
        Column("overdue_count", "count", "Overdue invoices"),
        Column("oldest_days", "count", "Oldest, days"),
        Column("score", "score", "Score of 100"),
        Column("behaviour", "text", "By days late"),
        Column("last_paid_on", "date", "Last payment"),
        Column("next", "text", "Do next"),
    ),
    parameters=("as_of", "currency", "customer", "grace_days", "edges", "limit"),
    is_counted=True,
    ways=PAYMENT_BEHAVIOUR.ways,
)
LOW_SCORE = 40
STEPS = (
    (91, "Call, and hold new work until it is paid"),
    (61, "Call and agree on a date"),
    (31, "Send a second reminder"),
)


def collectors_worklist(snapshot: Snapshot, question: Question) -> Figures:
    """Customers to call, ranked: see COLLECTORS_WORKLIST. `edges` are those of behaviour."""
    asked = question.parameters(("as_of", "currency", "customer", "limit"))
    found = fetch(COLLECTORS_WORKLIST, snapshot, asked)
    habits = _habits(snapshot, replace(question, among=tuple({row[0] for row in found})))
    rows = [_row(row[:-1], *habits.get((row[0], row[2]), (None, ""))) for row in found]
    figures = answered(COLLECTORS_WORKLIST, snapshot, question, rows)
    return replace(figures, total=found[0][-1] if found else 0)


def _habits(snapshot: Snapshot, question: Question) -> dict[tuple[str, str], tuple[Any, str]]:
    """By customer and currency, score and class of the customers asked about."""
    found = payment_behaviour(snapshot, question).records()
    return {
        (row["customer_id"], row["currency"]): (row["score"], row["behaviour"]) for row in found
    }


def _row(known: tuple[Any, ...], score: Any, behaviour: str) -> tuple[Any, ...]:
    *until_oldest, last_paid_on = known
    step = next_step(until_oldest[-1], behaviour, score)
    return (*until_oldest, score, behaviour, last_paid_on, step)


def next_step(days_past_due: int, behaviour: str, score: Decimal | None) -> str:
    """What the oldest invoice asks for; up to 30 days, how the customer pays decides."""
    for days, step in STEPS:
        if days_past_due >= days:
            return step
    if behaviour in {"poor", "risk"}:
        return "Call: pays late on average"
    if score is not None and score < LOW_SCORE:
        return f"Call: score below {LOW_SCORE}"
    return "Send a friendly reminder"
