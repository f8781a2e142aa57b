"""What becomes of a charge in time: it clears some business days later, or the bank returns it."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from billcom.sandbox import payments
from billcom.sandbox.clock import HOME_ZONE
from billcom.sandbox.state import BookState, find
from billcom.sandbox.values import day

_BANKS_OPEN = time(9)


class Outcome(Enum):
    """How a charge ends. RETURNS_LATE first clears and is returned days after."""

    CLEARS = "clears"
    RETURNS = "returns"
    RETURNS_LATE = "returns late"


@dataclass(frozen=True)
class Clearing:
    """Business days from a charge's paymentDate until it clears, or is returned; the days after
    clearing until a late return; and the share of charges returned, half of them late.
    """

    days: int = 3
    days_to_return: int = 2
    days_to_late_return: int = 6
    return_rate: float = 0.0


class Clearinghouse:
    """The bank behind one book. Outcomes follow from the customer, or by chance from the rate."""

    def __init__(self, state: BookState) -> None:
        """By default everything clears."""
        self._state = state
        self.terms = Clearing()
        self._outcomes: dict[str, Outcome] = {}

    def decide(self, customer_id: str, outcome: Outcome | None) -> None:
        """From now on the customer's charges end so; with None by chance again."""
        find(self._state.customers, customer_id)
        if outcome is None:
            self._outcomes.pop(customer_id, None)
        else:
            self._outcomes[customer_id] = outcome

    def expect(self, payment_id: str) -> None:
        """Put what becomes of a scheduled payment on the agenda."""
        payment = self._state.payments[payment_id]
        outcome = self._outcomes.get(payment["customerId"]) or self._chance(payment_id)
        on = day(payment["paymentDate"])
        if outcome is Outcome.RETURNS:
            self._plan(on, self.terms.days_to_return, payment_id, "VOID")
            return
        cleared_on = self._plan(on, self.terms.days, payment_id, "PAID")
        if outcome is Outcome.RETURNS_LATE:
            self._plan(cleared_on, self.terms.days_to_late_return, payment_id, "VOID")

    def clear_after(self, payment_id: str, days: int) -> None:
        """Let a scheduled payment clear that many business days after its paymentDate."""
        self._plan(day(self._state.payments[payment_id]["paymentDate"]), days, payment_id, "PAID")

    def _plan(self, since: date, days: int, payment_id: str, status: str) -> date:
        try:
            on = business_days_after(since, days)
        except OverflowError:
            # The calendar ends before the banks open: it never comes to pass.
            return since
        at = datetime.combine(on, _BANKS_OPEN, HOME_ZONE)
        self._state.agenda.add(at, lambda: self._move(payment_id, status))
        return on

    def _move(self, payment_id: str, status: str) -> None:
        # Somebody may have canceled or returned it meanwhile; then this does not come to pass.
        now = self._state.payments[payment_id].get("status")
        if status == "PAID" and now == "SCHEDULED":
            payments.settle(self._state, payment_id)
        elif status == "VOID" and now in ("SCHEDULED", "PAID"):
            payments.void(self._state, payment_id)

    def _chance(self, payment_id: str) -> Outcome:
        # From the id, so that the same world has the same returns.
        drawn = int(hashlib.sha256(payment_id.encode()).hexdigest()[:8], 16) / 16**8
        if drawn >= self.terms.return_rate:
            return Outcome.CLEARS
        return Outcome.RETURNS if drawn < self.terms.return_rate / 2 else Outcome.RETURNS_LATE


def business_days_after(since: date, days: int) -> date:
    """The day that many Mondays to Fridays after `since`; bank holidays are not known here."""
    on = since
    while days > 0:
        on += timedelta(days=1)
        days -= on.weekday() < 5
    return on
