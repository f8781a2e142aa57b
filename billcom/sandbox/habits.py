"""How customers pay: each has terms, a habit it keeps to, and a way of sending money."""

import random
from dataclasses import dataclass
from decimal import Decimal

from billcom.sandbox.freight import Tariff
from billcom.sandbox.wire import Record


@dataclass(frozen=True)
class Habit:
    """Days after the due date that money arrives: usually `days`, give or take `spread`."""

    days: int
    spread: int


@dataclass(frozen=True)
class Method:
    """How money is sent. `online` moves through BILL; `batched` pays on Fridays, all at once."""

    receivables_type: str
    online: bool = False
    batched: bool = False


_HABITS = (
    (Habit(-6, 3), 22),  # early
    (Habit(0, 1), 30),  # to the day
    (Habit(5, 3), 24),  # usually a few days late
    (Habit(14, 5), 13),
    (Habit(40, 9), 9),  # chronically late
    (Habit(85, 15), 2),
)
_METHODS = (
    (Method("CHECK"), 24),
    (Method("CHECK", batched=True), 20),
    (Method("ACH", online=True), 34),
    (Method("ACH"), 8),
    (Method("CREDIT_CARD", online=True), 9),
    (Method("CASH"), 3),
    (Method("OTHER"), 2),
)


def draw_habit(rng: random.Random) -> Habit:
    """One habit, the ordinary ones more often."""
    return rng.choices([habit for habit, _ in _HABITS], [share for _, share in _HABITS])[0]


def draw_method(rng: random.Random) -> Method:
    """One way of paying."""
    return rng.choices([method for method, _ in _METHODS], [share for _, share in _METHODS])[0]


@dataclass(frozen=True)
class Payer:
    """A customer as the history of its invoices needs to know it."""

    customer: Record
    terms_days: int
    term_id: str
    habit: Habit
    method: Method
    tariff: Tariff
    bank_account_id: str | None
    # Where the customer's time with the business lies: 0 two years ago, 1 now.
    first: float
    last: float
    weight: float
    # The second of the day at which it sends what it pays on Fridays.
    friday_second: int

    @property
    def customer_id(self) -> str:
        """BILL's id of the customer."""
        return str(self.customer["id"])

    @property
    def unit(self) -> Decimal:
        """The smallest amount of its currency."""
        return self.tariff.unit
