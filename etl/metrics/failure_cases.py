"""Failed payments as cases: what became of the money, why it failed, what to do next."""

from dataclasses import replace
from datetime import date
from typing import Any

from etl.billing.failure_codes import Match, match_told
from etl.billing.retry_law import allowance
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = [
    "FAILURE_CASES",
    "FAILURE_CASE_TOTALS",
    "failure_case_totals",
    "failure_cases",
]

STATES = ("open", "retrying", "recovered", "lost")
AMOUNTS = ("amount", "open_amount", "recovered_amount")
MONEY = (
    Column("amount", "money", "Amount"),
    Column("open_amount", "money", "Still owed"),
    Column("recovered_amount", "money", "Paid since"),
)

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
        *MONEY,
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

FAILURE_CASE_TOTALS = Metric(
    name="failure_case_totals",
    title="Cases of failed payments by state",
    source="failure_cases",
    unit="count, money",
    grain="currency, state",
    owner="collections",
    definition=(
        "The cases of failed payments added up by what became of the money: what is still owed of "
        "open ones is at stake. Without a reason are those of which nobody entered the bank's."
    ),
    page="Failed payments",
    columns=(
        Column("currency", "text", "Currency"),
        Column("state", "text", "State"),
        Column("cases", "count", "Cases"),
        Column("without_reason", "count", "Without a reason"),
        *MONEY,
    ),
    parameters=("as_of", "from_on", "to_on", "currency", "customer"),
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


def failure_case_totals(snapshot: Snapshot, question: Question) -> Figures:
    """Cases added up by state: see FAILURE_CASE_TOTALS."""
    cases = failure_cases(snapshot, replace(question, state=None, limit=None)).records()
    sums: dict[tuple[str, str], list[Any]] = {}
    for case in cases:
        counted = (1, int(case["source"] != "person"), *(case[name] for name in AMOUNTS))
        before = sums.get((case["currency"], case["state"]), (0,) * len(counted))
        sums[case["currency"], case["state"]] = [
            a + b for a, b in zip(before, counted, strict=True)
        ]
    rows = [(*key, *sums[key]) for key in sorted(sums, key=_by_state)]
    return answered(FAILURE_CASE_TOTALS, snapshot, question, rows)


def _by_state(key: tuple[str, str]) -> tuple[str, int]:
    return key[0], STATES.index(key[1])
