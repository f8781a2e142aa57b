"""How late a tenant's customers pay, and what that says of invoices that are still open.

Whole numbers throughout: chances are counts of past invoices, never floats. Days are counted from
1970-01-01 and customers are numbers, so that a book of a million invoices is a few arrays.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SHARE", "Habits", "Payoffs", "payoffs_of"]

Numbers = npt.NDArray[np.int64]

PRIOR = 10  # a customer's own habit weighs as their invoices, the tenant's as ten
SHARE = 1_000_000  # shares are millionths
SPAN, FARTHEST = 1 << 17, 1 << 15  # days late are kept within 90 years either way; a power of two


@dataclass(frozen=True, slots=True)
class Payoffs:
    """Invoices that payments settled: whose and how many days late as one number, sorted, and from
    which day until before which."""

    keys: Numbers
    paid_on: Numbers
    to_on: Numbers

    def known_on(self, day: int) -> "Habits":
        """What was known at the end of a day."""
        keys = self.keys[(self.paid_on <= day) & (self.to_on > day)]
        return Habits(keys, np.cumsum(np.bincount(keys & (SPAN - 1), minlength=2 * FARTHEST + 1)))


def payoffs_of(customer: Numbers, days_late: Numbers, paid_on: Numbers, to_on: Numbers) -> Payoffs:
    """From invoices in any order: whose, how late, and from which day until before which paid."""
    keys = _keys(customer, days_late)
    order = np.argsort(keys, kind="stable")
    return Payoffs(keys[order], paid_on[order], to_on[order])


@dataclass(frozen=True, slots=True)
class Habits:
    """Days late of paid invoices: each customer's, sorted (as one number with it), and how many of
    all were at most so late, from `-FARTHEST` days on."""

    by_customer: Numbers
    every: Numbers

    def paid_by(self, customer: Numbers, late_now: Numbers, weeks: int) -> Numbers:
        """The chance in millionths that each invoice, now so many days late, is paid by the end of
        each week from now, given that it is not paid yet; a row an invoice.

        (F(then) − F(now)) ÷ (1 − F(now)) with F = (n × the customer's share + 10 × the tenant's) ÷
        (n + 10). 0 where nobody ever paid so late.
        """
        first = np.searchsorted(self.by_customer, customer * SPAN)
        last = np.searchsorted(self.by_customer, (customer + 1) * SPAN)
        gone = self._weight(customer, first, late_now)
        left = len(self.by_customer) * (last - first + PRIOR) - gone
        ends = [late_now + 7 * week for week in range(1, weeks + 1)]
        came = np.column_stack([self._weight(customer, first, end) - gone for end in ends])
        shares: Numbers = came * SHARE // np.maximum(left, 1)[:, None]
        return shares

    def _weight(self, customer: Numbers, first: Numbers, days: Numbers) -> Numbers:
        """How much of all weight lies at or below so many days late."""
        own = np.searchsorted(self.by_customer, _keys(customer, days), side="right") - first
        tenants = self.every[np.clip(days, -FARTHEST, FARTHEST) + FARTHEST]
        weight: Numbers = len(self.by_customer) * own + PRIOR * tenants
        return weight


def _keys(customer: Numbers, days: Numbers) -> Numbers:
    """Customer and days late as one number that sorts by both."""
    return customer * SPAN + np.clip(days, -FARTHEST, FARTHEST) + FARTHEST
