"""What to do today: failed payments, what is long overdue, and money that waits for an invoice."""

from dataclasses import replace
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["WORKLIST", "WORKLIST_TOTALS", "worklist", "worklist_totals"]

KIND = Column("kind", "text", "Kind")
CURRENCY = Column("currency", "text", "Currency")

WORKLIST = Metric(
    name="worklist",
    title="To do today",
    unit="money",
    grain="thing to do",
    owner="collections",
    definition=(
        "Open invoices whose newest payment failed, invoices 91 days and more overdue, and money "
        "that no invoice holds, with what to do next. Failures of the last seven days come first; "
        "then the kinds in turn, the largest amounts before others."
    ),
    page="Overview",
    columns=(
        KIND,
        Column("what", "text", "What"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("invoice_id", "id", "Invoice id"),
        Column("document", "text", "Document"),
        CURRENCY,
        Column("amount", "money", "Amount"),
        Column("next", "text", "Do next"),
        Column("days", "count", "Days"),
    ),
    parameters=("as_of", "currency", "customer", "state", "limit"),
    is_counted=True,
)

WORKLIST_TOTALS = Metric(
    name="worklist_totals",
    title="What is to be done",
    source="worklist",
    unit="count, money",
    grain="kind, currency",
    owner="collections",
    definition=(
        "How many things there are to do of each kind, and what is open of them: invoices whose "
        "newest payment failed, invoices 91 days and more overdue, money that no invoice holds."
    ),
    page="Overview",
    columns=(
        KIND,
        CURRENCY,
        Column("count", "count", "To do"),
        Column("amount", "money", "Amount"),
    ),
    parameters=("as_of", "currency", "customer", "state"),
    needs=Needs(("open_item", "unapplied")),
)


def worklist(snapshot: Snapshot, question: Question) -> Figures:
    """The ranked list; `state` narrows it to a kind: see WORKLIST."""
    found = _found(snapshot, question, limit=question.limit, each=None)
    figures = answered(WORKLIST, snapshot, question, [_row(*row[:9]) for row in found])
    return replace(figures, total=found[0][-1] if found else 0)


def worklist_totals(snapshot: Snapshot, question: Question) -> Figures:
    """How many and how much of each kind: see WORKLIST_TOTALS."""
    found = _found(snapshot, question, limit=None, each=1)
    rows = sorted((row[0], row[5], row[9], row[10]) for row in found)
    return answered(WORKLIST_TOTALS, snapshot, question, rows)


def _found(snapshot: Snapshot, question: Question, **more: int | None) -> list[tuple[Any, ...]]:
    asked = question.parameters(("as_of", "currency", "customer", "state"))
    return fetch(WORKLIST, snapshot, asked | more)


def _row(
    kind: str,
    customer_id: str | None,
    customer: str,
    invoice_id: str | None,
    document: str | None,
    currency: str,
    amount: Any,
    days: int,
    detail: str | None,
) -> tuple[Any, ...]:
    what, then = _told(kind, days, detail)
    who = (customer_id or "", customer, invoice_id or "", document or "")
    return (kind, what, *who, currency, amount, then, days)


def _told(kind: str, days: int, detail: str | None) -> tuple[str, str]:
    """What there is, and what to do next."""
    if kind == "failure":
        if detail == "1":
            return "Payment failed", "Ask the bank's reason, then try again"
        return f"Payment failed {detail} times", "Agree on another way to pay"
    if kind == "overdue":
        return f"{days:,} days overdue", "Call, and hold new work until it is paid"
    if detail is None:
        return "Unapplied money", "Ask what it is for, or give it back"
    return "Unapplied money", f"Apply to {detail}"
