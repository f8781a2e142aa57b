"""What open invoices are expected to bring in the weeks to come, from how late others were paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from etl.metrics.lateness import SHARE, Habits

__all__ = ["UNIT", "OpenItems", "Scheduled", "day_number", "expected", "naive", "week_of"]

Numbers = npt.NDArray[np.int64]

UNIT = 10_000  # amounts are whole numbers of ten thousandths
CARRY = 10**6  # keeps amounts times shares within 64 bits
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Stretches of days over which invoices of one currency were open: whose, due when, from the
    end of which day until the end of the day before which, and how much."""

    item: Numbers
    customer: Numbers
    due_on: Numbers
    from_on: Numbers
    to_on: Numbers
    amount: Numbers

    def on(self, day: int) -> "OpenItems":
        """Those open at the end of a day."""
        chosen = (self.from_on <= day) & (self.to_on > day)
        return OpenItems(*(getattr(self, name)[chosen] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A payment under way for an item: on which day, and its method's (settled, failed) so far."""

    item: int
    on: int
    amount: int
    outcomes: tuple[int, int]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def week_of(day: int, origin: int) -> int:
    """Which week after `origin` a day is in: 0 is the first, below it is the past."""
    return (day - origin - 1) // 7


def expected(
    items: OpenItems, scheduled: Sequence[Scheduled], habits: Habits, origin: int, weeks: int
) -> list[int]:
    """What is expected of the open `items` in each week after `origin`."""
    amounts = _unscheduled(items, scheduled)
    shares = habits.paid_by(items.customer, origin - items.due_on, weeks)
    came = [_product(amounts, shares[:, week]) for week in range(weeks)]
    by_week = [now - before for now, before in zip(came, [0, *came], strict=False)]
    for payment in scheduled:
        settled, failed = payment.outcomes
        # A method without a past is taken at its word.
        works = payment.amount * (settled - failed) // settled if settled else payment.amount
        arrives = max(week_of(payment.on, origin), 0)
        if arrives < weeks:
            by_week[arrives] += works
    return by_week


def _unscheduled(items: OpenItems, scheduled: Sequence[Scheduled]) -> Numbers:
    amounts = items.amount.copy()
    places: Mapping[int, int] = (
        {int(item): at for at, item in enumerate(items.item)} if scheduled else {}
    )
    for payment in scheduled:
        amounts[places[payment.item]] -= payment.amount
    return np.maximum(amounts, 0)


def _product(amounts: Numbers, shares: Numbers) -> int:
    """Σ amount × share, exactly, however large the amounts."""
    high, low = np.divmod(amounts, CARRY)
    return (int(high @ shares) * CARRY + int(low @ shares)) // SHARE


def naive(items: OpenItems, origin: int, weeks: int) -> list[int]:
    """What would come in each week if everybody paid on the due date, the overdue in the first."""
    due = np.maximum((items.due_on - origin - 1) // 7, 0)
    return [int(items.amount[due == week].sum()) for week in range(weeks)]
