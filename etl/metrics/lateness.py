"""How late a tenant's customers pay, and what that says of an invoice that is still open.

Whole numbers throughout: chances are counts of past invoices, never floats.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Lateness", "lateness_of"]

PRIOR = 10  # a customer's own habit weighs as their invoices, the tenant's as ten


@dataclass(frozen=True, slots=True)
class Lateness:
    """Days late of paid invoices, sorted: each customer's, and all of them."""

    by_customer: dict[str, list[int]]
    every: list[int]

    def weight(self, customer_id: str, days: int | None) -> int:
        """How much of the weight lies at or below so many days late; None: all of it.

        F = (n × customer's share + 10 × tenant's share) ÷ (n + 10), times what makes it whole.
        """
        own = self.by_customer.get(customer_id, [])
        if days is None:
            return len(self.every) * (len(own) + PRIOR)
        return len(self.every) * bisect_right(own, days) + PRIOR * bisect_right(self.every, days)

    def by_week(self, customer_id: str, late_now: int, weeks: int) -> list[int]:
        """Running weights of payment by the end of each week, then of payment ever.

        Only what is later than today can still happen; all zero where nobody ever paid so late.
        """
        gone = self.weight(customer_id, late_now)
        ends: list[int | None] = [late_now + 7 * week for week in range(1, weeks + 1)]
        return [self.weight(customer_id, days) - gone for days in (*ends, None)]


def lateness_of(paid: Iterable[tuple[str, int]]) -> Lateness:
    """From customers and days late of paid invoices, in any order."""
    by_customer: dict[str, list[int]] = defaultdict(list)
    every: list[int] = []
    for customer_id, days in paid:
        by_customer[customer_id].append(days)
        every.append(days)
    return Lateness({name: sorted(days) for name, days in by_customer.items()}, sorted(every))
