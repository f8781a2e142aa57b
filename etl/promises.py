"""Promises to pay that were broken: their day is over, and the money is not in the snapshot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from etl.metrics.payments_that_came import Came, payments_that_came
from etl.reading import Reader, today_of
from etl.store.access import Grant
from etl.store.models import CustomerNote
from etl.store.outbox import Promised

__all__ = ["Broken", "broken"]


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
    if not promises:
        return
    customer_ids = sorted({one.note.customer_id for one in promises})
    since = min(_noted_on(one.note, grant) for one in promises)
    came = payments_that_came(reader.snapshot(grant, seq), customer_ids, since)
    for one in sorted(promises, key=lambda one: (one.note.promised_on or today, one.note.id)):
        note = one.note
        if note.promised_on is None or note.promised_on >= today:
            continue
        paid = _paid(note, came, _noted_on(note, grant))
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


def _noted_on(note: CustomerNote, grant: Grant) -> date:
    return today_of(grant, note.noted_at)


def _paid(note: CustomerNote, came: Sequence[Came], noted_on: date) -> list[Decimal]:
    return [
        one.amount
        for one in came
        if one.customer_id == note.customer_id
        and one.paid_on >= noted_on
        and note.currency in {None, one.currency}
    ]
