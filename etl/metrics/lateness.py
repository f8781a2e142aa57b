"""How late a tenant's customers pay, and what that says of invoices that are still open.

Whole numbers throughout: chances are counts of past invoices, never floats. Days are counted from
1970-01-01 and customers are numbers, so that a book of a million invoices is a few arrays.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SHARE", "Habits", "Payoffs", "payoffs_of"]

Numbers = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]

PRIOR = 10  # a customer's own habit weighs as their invoices, the tenant's as ten
SHARE = 1_000_000  # shares are millionths
SPAN, FARTHEST = 1 << 14, 1 << 12  # days late are kept within 11 years either way; a power of two


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Invoices that payments settled: whose and how many days late as one number, sorted, and from
    which day until before which; how many days late alone; and at which of them each customer's
    begin. Small numbers, since all are looked at for every forecast."""

    keys: Numbers
    paid_on: Days
    to_on: Days
    late: Numbers
    starts: Numbers

    def known_on(self, day: int) -> "Habits":
        """What was known at the end of a day."""
        known = (self.paid_on <= day) & (self.to_on > day)
        before = np.zeros(len(known) + 1, np.int64)  # its products are beyond 32 bits
        np.cumsum(known, out=before[1:])
        late = np.bincount(self.late * known, minlength=2 * FARTHEST + 2)
        late[0] = 0  # those not known
        return Habits(self, before, np.cumsum(late))

    def start_of(self, customer: Numbers) -> Numbers:
        """Where a customer's begin; where all end for one beyond those who ever paid."""
        start: Numbers = self.starts[np.minimum(customer, len(self.starts) - 1)]
        return start


def payoffs_of(customer: Numbers, days_late: Numbers, paid_on: Numbers, to_on: Numbers) -> Payoffs:
    """From invoices in any order: whose, how late, and from which day until before which paid."""
    keys = _keys(customer, days_late)
    order = np.argsort(keys, kind="stable")
    starts = np.cumsum(np.bincount(customer + 1, minlength=1))
    keys = keys[order]
    paid, to = paid_on[order].astype(np.int32), to_on[order].astype(np.int32)
    return Payoffs(keys, paid, to, keys & (SPAN - 1), starts)


@dataclass(frozen=True, slots=True)
class Habits:
    """What was known of payoffs: how many of those before each, and how many of all were at most
    so late, from `-FARTHEST` days on."""

    payoffs: Payoffs
    known: Numbers
    every: Numbers

    def paid_by(self, customer: Numbers, late_now: Numbers, weeks: int) -> Numbers:
        """The chance in millionths that each invoice, now so many days late, is paid by the end of
        each week from now, given that it is not paid yet; a row an invoice.

        (F(then) − F(now)) ÷ (1 − F(now)) with F = (n × the customer's share + 10 × the tenant's) ÷
        (n + 10). 0 where nobody ever paid so late.
        """
        first = self.known[self.payoffs.start_of(customer)]
        last = self.known[self.payoffs.start_of(customer + 1)]
        gone = self._weight(customer, first, late_now)
        left = self.known[-1] * (last - first + PRIOR) - gone
        ends = [late_now + 7 * week for week in range(1, weeks + 1)]
        came = np.column_stack([self._weight(customer, first, end) - gone for end in ends])
        shares: Numbers = came * SHARE // np.maximum(left, 1)[:, None]
        return shares

    def _weight(self, customer: Numbers, first: Numbers, days: Numbers) -> Numbers:
        """How much of all weight lies at or below so many days late."""
        ends = np.searchsorted(self.payoffs.keys, _keys(customer, days), side="right")
        tenants = self.every[_places(days)]
        weight: Numbers = self.known[-1] * (self.known[ends] - first) + PRIOR * tenants
        return weight


def _keys(customer: Numbers, days: Numbers) -> Numbers:
    """Customer and days late as one number that sorts by both."""
    return customer * SPAN + _places(days)


def _places(days: Numbers) -> Numbers:
    """Days late counted from the earliest kept, which is 1."""
    return np.clip(days, -FARTHEST, FARTHEST) + FARTHEST + 1
