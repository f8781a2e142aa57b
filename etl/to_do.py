"""What there is to do that no snapshot holds, set before what a snapshot's worklist says.

Whatever else asks for a person (an approval that waits, a promise that was broken) becomes a Task
in `tasks_of`; lists, filters and exports take it from there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Figures, Question
from etl.promises import Broken
from etl.reading import Published
from etl.store.models import OutboxRow

__all__ = ["APPROVAL", "DIFFERENCE", "PROMISE", "Task", "joined", "tasks_of"]

APPROVAL, DIFFERENCE, PROMISE = "approval", "difference", "promise"
COMPARE = "Compare with BILL, then sync again"


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the worklist, its fields those of the metric's columns; `amount` is None where
    there is none."""

    kind: str
    what: str
    document: str
    next: str
    customer_id: str = ""
    customer: str = ""
    invoice_id: str = ""
    currency: str = ""
    amount: Decimal | None = None
    days: int = 0


def tasks_of(
    published: Published,
    waiting: Sequence[OutboxRow],
    now: datetime,
    promises: Iterable[Broken] = (),
) -> list[Task]:
    """What a tenant's people have to do beyond its worklist, most urgent first.

    `waiting` are actions that somebody has to approve, `promises` those that were broken.
    """
    approvals = [_approval(row, now) for row in sorted(waiting, key=lambda row: row.id)]
    differences = [task for check in published.checks for task in _differences(check)]
    return [*approvals, *differences, *map(_promise, promises)]


def _approval(row: OutboxRow, now: datetime) -> Task:
    about = "invoice_id" if row.action.startswith("invoice.") else "customer_id"
    return Task(
        APPROVAL,
        "Approval",
        row.document,
        f"Approve or cancel receipt {row.receipt}, proposed by {row.proposed_by}",
        currency=row.currency or "",
        amount=row.amount,
        days=(now - row.proposed_at).days,
        **{about: row.bill_id},
    )


def _promise(one: Broken) -> Task:
    return Task(
        PROMISE,
        "Promise broken",
        f"Promised for {one.promised_on}",
        _what_came(one),
        customer_id=one.customer_id,
        customer=one.customer,
        currency=one.currency,
        amount=one.amount,
        days=one.days,
    )


def _what_came(one: Broken) -> str:
    if not one.came:
        return "Call: nothing came since"
    return f"Call: only {one.came:,f} {one.currency} came since"


def _differences(check: Mapping[str, Any]) -> Iterator[Task]:
    """One for every sum that is off; else one for all that a check found."""
    wrong = [one for one in check.get("compared", ()) if Decimal(one["difference"])]
    for one in wrong:
        amount = Decimal(one["difference"]) if one["currency"] else None
        yield _difference(one["what"], one["currency"], amount)
    if check["count"] and not wrong:
        yield _about(check, _difference(_found(check), "", None))


def _about(check: Mapping[str, Any], task: Task) -> Task:
    """The task, opening the one record that the check is about, where it has a page."""
    record = next(iter(check.get("records", ())), "") if check["count"] == 1 else ""
    page, _, bill_id = record.partition("/")
    if page == "invoice":
        return replace(task, invoice_id=bill_id)
    return replace(task, customer_id=bill_id) if page == "customer" else task


def _difference(document: str, currency: str, amount: Decimal | None) -> Task:
    return Task(
        DIFFERENCE, "Tie-out difference", document, COMPARE, currency=currency, amount=amount
    )


def _found(check: Mapping[str, Any]) -> str:
    """The first record that a check is about, and how many others."""
    named = [subject for subject, _ in check["findings"]][:1] or [check["check"]]
    others = check["count"] - 1
    return f"{named[0]}, and {others:,} more" if others else str(named[0])


def joined(figures: Figures, tasks: Sequence[Task]) -> Figures:
    """The worklist with these tasks before it, as far as its question asks for them."""
    rows = [
        tuple(getattr(task, name) for name in figures.names)
        for task in tasks
        if _is_asked(task, figures.question)
    ]
    return replace(figures, rows=(*rows, *figures.rows), total=figures.total + len(rows))


def _is_asked(task: Task, question: Question) -> bool:
    narrowed = (
        (question.state, task.kind),
        (question.currency, task.currency or question.currency),
        (question.customer, task.customer_id),
    )
    return all(wanted is None or wanted == has for wanted, has in narrowed)
