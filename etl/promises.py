"""Promises to pay that were broken: their day is over, and the money is not in the snapshot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from etl.metrics.figures import Question
from etl.reading import Reader
from etl.store.access import Grant
from etl.store.outbox import Promised

__all__ = ["Broken", "broken"]

CAME = frozenset({"PAID", "ESCHEATED"})


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that was broken; `amount` is None where only a day was promised, and `came` what
    was paid of it since."""

    customer_id: str
    customer: str
    promised_on: date
    currency: str
    amount: Decimal | None
    came: Decimal
    days: int


def broken(
    reader: Reader, grant: Grant, promises: Sequence[Promised], today: date, seq: int
) -> Iterator[Broken]:
    """Those of some promises that a snapshot knows no payment for, longest over first.

    Counted is what the customer paid in the promise's currency from the day of the note on;
    without an amount any payment will do.
    """
    for one in sorted(promises, key=lambda one: (one.note.promised_on or today, one.note.id)):
        note = one.note
        if note.promised_on is None or note.promised_on >= today:
            continue
        paid = _paid(reader, grant, one, today, seq)
        if sum(paid) < note.amount if note.amount is not None else not paid:
            yield Broken(
                note.customer_id,
                one.customer,
                note.promised_on,
                note.currency or "",
                note.amount,
                sum(paid, Decimal(0)),
                (today - note.promised_on).days,
            )


def _paid(reader: Reader, grant: Grant, one: Promised, today: date, seq: int) -> list[Decimal]:
    note = one.note
    noted_on = note.noted_at.astimezone(ZoneInfo(grant.time_zone)).date()
    asks = Question(as_of=today, customer=note.customer_id, currency=note.currency)
    payments = reader.figures(grant, "payments", asks, seq).records()
    return [
        row["amount"]
        for row in payments
        if row["status"] in CAME and row["payment_on"] >= noted_on and row["amount"]
    ]
