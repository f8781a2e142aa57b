"""The money that comes in for one invoice, worked out from its fate and its customer's habit."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from billcom.sandbox.arithmetic import rounded
from billcom.sandbox.fates import Fate
from billcom.sandbox.habits import Method, Payer
from billcom.sandbox.wire import Record

_NEVER = datetime.min.replace(tzinfo=UTC)
OPENS = 15 * 3600  # 15:00–23:59 UTC is the same calendar day in Los Angeles
CLOSES = 24 * 3600 - 60
_ONLINE_ACH = Method("ACH", online=True)
_CHECK = Method("CHECK")


@dataclass(frozen=True)
class Receipt:
    """One incoming payment, or what came of trying. Instants are UTC and never in the future,
    but for the day `pays_at` of one still on its way.
    """

    amount: Decimal
    method: Method
    status: str
    begun_at: datetime
    pays_at: datetime
    ended_at: datetime
    extra: Decimal = Decimal(0)


@dataclass
class Draft:
    """An invoice being built."""

    payer: Payer
    invoice: Record
    created_at: datetime
    due_at: datetime
    fate: Fate
    entries: list[Record] = field(default_factory=list)
    touched_at: datetime = _NEVER

    @property
    def owed(self) -> Decimal:
        """Its total less credit."""
        total: Decimal = self.invoice["totalAmount"]
        credit: Decimal = self.invoice["creditAmount"]
        return total - credit

    def touch(self, at: datetime) -> None:
        """Something happened to it."""
        self.touched_at = max(self.touched_at, at)


def office_hours(rng: random.Random, day: datetime) -> datetime:
    """A moment of the day's business hours, to the millisecond."""
    start = datetime.combine(day.date(), time(), UTC)
    return start + timedelta(seconds=rng.randrange(OPENS, CLOSES), milliseconds=rng.randrange(1000))


class Cashier:
    """Works out receipts as of `now`."""

    def __init__(self, rng: random.Random, now: datetime) -> None:
        """Draw from `rng`; nothing that happens after `now` has happened."""
        self._rng = rng
        self._now = now
        self._by_fate: dict[Fate, Callable[[Draft], list[Receipt]]] = {
            Fate.PART_PAID: self._part_paid,
            Fate.IN_FLIGHT: self._in_flight,
            Fate.RETURNED_BEFORE_CLEARING: self._returned_before,
            Fate.RETURNED_AFTER_CLEARING: self._returned_after,
            Fate.CANCELED: self._canceled,
            Fate.OVERPAID: self._overpaid,
            Fate.ARCHIVED: self._nothing,
            Fate.ARCHIVED_WITH_PAYMENT: self._part_paid,
            Fate.DISPUTED: self._nothing,
        }

    def receipts(self, draft: Draft) -> list[Receipt]:
        """The receipts for one invoice so far, in order of time."""
        if draft.owed <= 0:
            return []
        return self._by_fate.get(draft.fate, self._ordinary)(draft)

    def _nothing(self, _draft: Draft) -> list[Receipt]:
        return []

    def _ordinary(self, draft: Draft) -> list[Receipt]:
        return self._paid(draft, draft.owed, self._habitual(draft), draft.payer.method)

    def _paid(self, draft: Draft, amount: Decimal, at: datetime, method: Method) -> list[Receipt]:
        begun = self._begun(draft, at, method)
        if begun > self._now:
            return []
        if at > self._now:
            return [Receipt(amount, method, "SCHEDULED", begun, at, begun)]
        return [Receipt(amount, method, "PAID", begun, at, at)]

    def _begun(self, draft: Draft, at: datetime, method: Method) -> datetime:
        # Only a bank transfer through BILL is seen before it arrives.
        if not (method.online and method.receivables_type == "ACH"):
            return at
        lead = timedelta(days=self._rng.randrange(2, 4), minutes=self._rng.randrange(1, 90))
        return max(draft.created_at + timedelta(minutes=30), at - lead)

    def _part_paid(self, draft: Draft) -> list[Receipt]:
        part = self._part(draft, 0.3, 0.7)
        first = self._by(draft, 5)
        paid = self._paid(draft, part, first, _CHECK)
        if draft.fate is Fate.ARCHIVED_WITH_PAYMENT:
            return paid
        rest = office_hours(self._rng, first + timedelta(days=self._rng.randrange(25, 45)))
        return paid + self._paid(draft, draft.owed - part, rest, _CHECK)

    def _in_flight(self, draft: Draft) -> list[Receipt]:
        hours = self._rng.randrange(3, 30)
        begun = max(draft.created_at, self._now - timedelta(hours=hours))
        pays = self._now + timedelta(days=self._rng.randrange(4))
        whole = self._rng.random() < 0.75
        amount = draft.owed if whole else self._part(draft, 0.4, 0.6)
        return [Receipt(amount, _ONLINE_ACH, "SCHEDULED", begun, pays, begun)]

    def _returned_before(self, draft: Draft) -> list[Receipt]:
        pays = self._by(draft, 8)
        return self._fallen_through(draft, pays, "VOID", pays + timedelta(days=2, minutes=41))

    def _returned_after(self, draft: Draft) -> list[Receipt]:
        pays = self._by(draft, 20)
        late = timedelta(days=self._rng.randrange(6, 18), minutes=17)
        return self._fallen_through(draft, pays, "VOID", pays + late)

    def _canceled(self, draft: Draft) -> list[Receipt]:
        pays = self._by(draft, 6)
        return self._fallen_through(draft, pays, "CANCELED", pays - timedelta(hours=26))

    def _fallen_through(
        self, draft: Draft, pays: datetime, status: str, ended: datetime
    ) -> list[Receipt]:
        begun = max(draft.created_at, pays - timedelta(days=3, minutes=7))
        failed = Receipt(draft.owed, _ONLINE_ACH, status, begun, pays, max(begun, ended))
        if self._is_left_open(draft):
            return [failed]
        again = office_hours(
            self._rng, failed.ended_at + timedelta(days=self._rng.randrange(3, 15))
        )
        return [failed, *self._paid(draft, draft.owed, again, _CHECK)]

    def _is_left_open(self, draft: Draft) -> bool:
        age = self._now - draft.created_at
        return age < timedelta(days=80) and self._rng.random() < 0.7

    def _overpaid(self, draft: Draft) -> list[Receipt]:
        at = self._by(draft, 2)
        extra = rounded(draft.owed * Decimal(self._rng.randrange(2, 30)) / 100, draft.payer.unit)
        return [Receipt(draft.owed, _CHECK, "PAID", at, at, at, extra=extra)]

    def _habitual(self, draft: Draft) -> datetime:
        habit = draft.payer.habit
        days = habit.days + self._rng.randint(-habit.spread, habit.spread)
        earliest = draft.created_at + timedelta(hours=2)
        day = max(draft.due_at + timedelta(days=days), earliest)
        if draft.payer.method.batched:
            return _friday_run(draft.payer, day, earliest)
        return max(office_hours(self._rng, day), earliest)

    def _by(self, draft: Draft, room: int) -> datetime:
        """When the money would come by habit, or earlier to leave `room` days for what follows."""
        latest = self._now - timedelta(days=room + 1)
        day = max(min(self._habitual(draft), latest), draft.created_at + timedelta(days=1))
        return office_hours(self._rng, day)

    def _part(self, draft: Draft, low: float, high: float) -> Decimal:
        share = Decimal(round(self._rng.uniform(low, high), 2))
        return max(draft.payer.unit, rounded(draft.owed * share, draft.payer.unit))


def _friday_run(payer: Payer, day: datetime, earliest: datetime) -> datetime:
    friday = day + timedelta(days=(4 - day.weekday()) % 7)
    run = datetime.combine(friday.date(), time(), UTC) + timedelta(seconds=payer.friday_second)
    return run if run >= earliest else run + timedelta(days=7)
