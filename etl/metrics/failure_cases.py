"""Failed payments as cases: what became of the money, why it failed, what to do next."""

from dataclasses import replace
from datetime import date
from typing import Any

from etl.billing.failure_codes import Match, match_told
from etl.billing.retry_law import allowance
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["FAILURE_CASES", "failure_cases"]

FAILURE_CASES = Metric(
    name="failure_cases",
    title="Cases of failed payments",
    unit="money",
    grain="failed payment",
    owner="collections",
    definition=(
        "Failed payments that are the newest failure of an invoice: open while something of it is "
        "owed, retrying while another attempt is under way, then recovered in cash or lost; with "
        "the reason, what to do, and how often and how long it may be tried again."
    ),
    page="Failed payments",
    columns=(
        Column("failed_on", "date", "Failed"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("invoice_id", "id", "First invoice's id"),
        Column("invoices", "text", "Invoices"),
        Column("currency", "text", "Currency"),
        Column("amount", "money", "Amount"),
        Column("open_amount", "money", "Still owed"),
        Column("recovered_amount", "money", "Paid since"),
        Column("state", "text", "State"),
        Column("rail", "text", "Method"),
        Column("code", "text", "Code"),
        Column("meaning", "text", "Reason"),
        Column("source", "text", "Known from"),
        Column("advice", "text", "What to do"),
        Column("attempts_left", "count", "Tries left"),
        Column("days_left", "count", "Days left"),
        Column("not_before", "date", "Not before"),
        Column("payment_id", "id", "Payment id"),
    ),
    parameters=("as_of", "from_on", "to_on", "currency", "customer", "state", "limit"),
    is_counted=True,
)


def failure_cases(snapshot: Snapshot, question: Question) -> Figures:
    """Cases, the newest failure first: see FAILURE_CASES."""
    found = fetch(FAILURE_CASES, snapshot, question.parameters(FAILURE_CASES.parameters))
    rows = [_case(*row[:-1], as_of=question.as_of) for row in found]
    figures = answered(FAILURE_CASES, snapshot, question, rows)
    return replace(figures, total=found[0][-1] if found else 0)


def _case(*row: Any, as_of: date) -> tuple[Any, ...]:
    *facts, rail, change, said, entered, made, first_on, payment_id = row
    match = match_told(rail, change, said, entered)
    left = allowance(
        rail, match.code, made=made, first_on=first_on, failed_on=facts[0], as_of=as_of
    )
    tries = (left.attempts_left, left.days_left, left.not_before)
    told = (match.code.code, _meaning(match), match.source, match.code.advice)
    return (*facts, rail, *told, *tries, payment_id)


def _meaning(match: Match) -> str | None:
    """What the code says; nothing where no code was found."""
    return None if match.source == "unknown" else match.code.meaning
