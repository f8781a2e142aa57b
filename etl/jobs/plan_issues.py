"""What billing schedules would issue, and what became of what they did; nothing is written.

The key of a proposal follows from schedule and period, and so does all of its invoice.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from etl.billing.billing_periods import Period
from etl.billing.billing_terms import Terms
from etl.store import billing_schedules, billing_usage, outbox
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import BillingSchedule, BillingUsage, OutboxRow

__all__ = ["Issue", "Planned", "history", "keys_of", "plan_issues", "told"]

MOST_AT_ONCE = 400  # periods of a schedule; the next run goes on
MOST_ATTEMPTS = 9
MOST_SHOWN = 2000
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issue:
    """A period's invoice of a schedule. `state`: issued, with its `row`; due; to come; nothing (it
    comes to 0); left out (it fell due in a pause); or refused, with the sentence in `said`."""

    schedule: str
    customer: str
    period: Period
    issued_on: date
    due_on: date
    amount: Decimal
    currency: str
    key: str
    state: str
    row: OutboxRow | None = None
    said: str = ""


Planned = list[tuple[BillingSchedule, Issue]]


def keys_of(row: BillingSchedule, period: Period) -> list[str]:
    """The name of the one invoice of a schedule and period, and those of later attempts after it
    came to nothing."""
    first = f"schedule {row.id} {period.of_first}"
    return [first, *(f"{first} {attempt}" for attempt in range(2, MOST_ATTEMPTS + 1))]


def plan_issues(
    store: Store, grant: Grant, today: date, name: str | None = None, *, again: bool = False
) -> Planned:
    """What is due of one schedule, or of all of a tenant's that are not paused. `again` takes also
    periods whose proposal came to nothing."""
    return [
        (row, one)
        for row in _rows(store, grant, name)
        if row.paused_at is None
        for one in _looked_at(store, grant, row, today, again=again)
        if one.state == "due"
    ]


def history(store: Store, grant: Grant, name: str, today: date, ahead: int = 0) -> list[Issue]:
    """Every period of a schedule up to today with what became of it, and so many more."""
    (row,) = _rows(store, grant, name)
    terms = billing_schedules.terms_of(row)
    past = sum(1 for _ in _until(terms, row.start_on, today))
    shown = islice(terms.cadence.periods(), max(0, past - MOST_SHOWN), past + ahead)
    return _told(store, grant, row, shown, today)


def told(row: BillingSchedule, today: date) -> dict[str, Any]:
    """A schedule with what it issues next, amounts as texts."""
    following = _next(row, today)
    return {
        "name": row.name,
        "customer_id": row.customer_id,
        "customer": row.customer,
        "period": row.period,
        "billed": row.billed,
        "state": "paused" if row.paused_at else "going" if following else "ended",
        "next": following.issued_on if following else None,
        "amount": format(following.amount, "f") if following else None,
        "currency": row.currency,
        "has_usage": billing_schedules.terms_of(row).has_usage,
        "lines": row.lines,
        "start": row.start_on,
        "end": row.end_on,
        "anchor": row.anchor_on,
    }


def _next(row: BillingSchedule, today: date) -> Issue | None:
    """The first invoice after today; None where it is paused or over."""
    terms = billing_schedules.terms_of(row)
    if row.paused_at is not None:
        return None
    for period in terms.cadence.periods(today - A_DAY):
        if terms.issued_on(period) > today:
            return _issue(row, period, {}, _Usage(), today)
    return None


def _rows(store: Store, grant: Grant, name: str | None) -> list[BillingSchedule]:
    with store.read() as session:
        if name:
            return [billing_schedules.find(session, grant, name)]
        return billing_schedules.schedules(session, grant)


def _until(terms: Terms, since: date, today: date) -> Iterator[Period]:
    """Periods to be issued by today, from the one before a day on: what is billed in arrears is
    issued after its last day."""
    for period in terms.cadence.periods(max(terms.cadence.start, since - A_DAY)):
        if terms.issued_on(period) > today:
            return
        yield period


def _looked_at(
    store: Store, grant: Grant, row: BillingSchedule, today: date, *, again: bool
) -> list[Issue]:
    terms = billing_schedules.terms_of(row)
    if not again:
        soonest = islice(_until(terms, row.issue_from, today), MOST_AT_ONCE)
        return _told(store, grant, row, soonest, today)
    told = _told(store, grant, row, _until(terms, row.start_on, today), today)
    return [_taken_again(row, one) for one in told]


def _taken_again(row: BillingSchedule, one: Issue) -> Issue:
    """Under the next key, where all before it came to nothing."""
    if one.row is None or one.row.status not in outbox.ENDED:
        return one
    keys = keys_of(row, one.period)
    tried = keys.index(one.key) + 1
    if tried == MOST_ATTEMPTS:
        return one
    return replace(one, key=keys[tried], row=None, state="due", said="")


def _told(
    store: Store, grant: Grant, row: BillingSchedule, periods: Iterable[Period], today: date
) -> list[Issue]:
    ones = list(periods)
    known: dict[str, OutboxRow] = {}
    with store.read() as session:
        usage = _Usage(billing_usage.unbilled(session, row))
        for attempt in range(MOST_ATTEMPTS):
            keys = [keys_of(row, one)[attempt] for one in ones]
            found = outbox.by_keys(session, grant, keys)
            if not found:
                break
            known |= found
    return [_issue(row, one, known, usage, today) for one in ones]


class _Usage:
    """What no proposal bills yet, told once: to the first period that is not issued."""

    def __init__(self, entries: Sequence[BillingUsage] = ()) -> None:
        self._left = deque(entries)

    def until(self, day: date) -> dict[str, Decimal]:
        """What was used until a day and was not told before."""
        found = []
        while self._left and self._left[0].used_on <= day:
            found.append(self._left.popleft())
        return billing_usage.sums(found)


def _issue(
    row: BillingSchedule,
    period: Period,
    known: Mapping[str, OutboxRow],
    usage: _Usage,
    today: date,
) -> Issue:
    keys = keys_of(row, period)
    last = next((known[key] for key in reversed(keys) if key in known), None)
    terms = billing_schedules.terms_of(row)
    issued_on = terms.issued_on(period)
    used = {} if last or issued_on < row.issue_from else usage.until(period.last)
    amount = (last.amount if last else None) or terms.amount(period, used)
    return Issue(
        schedule=row.name,
        customer=row.customer,
        period=period,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=terms.due_days),
        amount=amount,
        currency=terms.currency,
        key=last.idempotency_key if last else keys[0],
        state="issued" if last else _state(row, issued_on, amount, today),
        row=last,
        said=(last.outcome or "") if last else "",
    )


def _state(row: BillingSchedule, issued_on: date, amount: Decimal, today: date) -> str:
    if amount <= 0:
        return "nothing"
    if issued_on < row.issue_from:
        return "left out"
    return "due" if issued_on <= today else "to come"
