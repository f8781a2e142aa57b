"""The credit memos of a seeded book: some used up, some in part, some waiting."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from billcom.sandbox.arithmetic import memo_status, rounded
from billcom.sandbox.book import Book
from billcom.sandbox.clock import local_day, timestamp
from billcom.sandbox.fates import Fate
from billcom.sandbox.receipts import Draft
from billcom.sandbox.wire import Record

_REASONS = (
    "Detention billed twice",
    "Rate confirmation difference",
    "Load tendered and not ours",
    "Cargo claim settled",
    "Fuel surcharge correction",
)
_IDLE_SHARE = 0.003
_FEWEST_IDLE = 3


def write_memos(rng: random.Random, book: Book, drafts: Sequence[Draft], now: datetime) -> None:
    """Put memos into the book; the invoices they were applied to get their creditAmount."""
    number = 0
    for draft in drafts:
        if draft.fate in (Fate.CREDITED, Fate.CREDITED_IN_PART):
            number += 1
            _apply_one(rng, book, draft, number)
    wanted = max(_FEWEST_IDLE, round(_IDLE_SHARE * len(drafts)))
    old = [draft for draft in drafts if now - draft.created_at > timedelta(days=3)]
    for draft in rng.sample(old, wanted):
        number += 1
        given_at = draft.created_at + (now - draft.created_at) * rng.uniform(0.2, 0.9)
        book.credit_memos.put(_memo(rng, book, draft, number, given_at))


def _apply_one(rng: random.Random, book: Book, draft: Draft, number: int) -> None:
    given_at = draft.created_at - timedelta(days=rng.randrange(1, 9), minutes=rng.randrange(200))
    memo = _memo(rng, book, draft, number, given_at)
    amount: Decimal = memo["amount"]
    in_part = draft.fate is Fate.CREDITED_IN_PART
    applied = max(draft.payer.unit, rounded(amount * Decimal("0.6"), draft.payer.unit))
    used = applied if in_part else amount
    draft.invoice["creditAmount"] = used
    usage = [{"invoiceId": draft.invoice["id"], "amount": used}]
    changed = {"appliedAmount": used, "status": memo_status(amount, used), "usage": usage}
    book.credit_memos.put({**memo, **changed, "updatedTime": timestamp(draft.created_at)})


def _memo(rng: random.Random, book: Book, draft: Draft, number: int, given_at: datetime) -> Record:
    unit = draft.payer.unit
    total: Decimal = draft.invoice["totalAmount"]
    share = Decimal(rng.choice((5, 8, 10, 12, 20, 35))) / 100
    amount = max(unit * 2, rounded(total * share, unit))
    reason = rng.choice(_REASONS)
    line = {"id": book.ids.new("ccl"), "description": reason, "price": amount, "quantity": 1}
    return {
        "id": book.ids.new("ccr"),
        "customerId": draft.payer.customer_id,
        "referenceNumber": f"CM-{1000 + number}",
        "creditDate": local_day(given_at).isoformat(),
        "description": reason,
        "archived": False,
        "amount": amount,
        "appliedAmount": unit * 0,
        "salesTaxTotal": unit * 0,
        "status": "NOT_APPLIED",
        "createdTime": timestamp(given_at),
        "updatedTime": timestamp(given_at),
        "creditMemoLineItems": [{**line, "amount": amount, "taxable": False}],
        "usage": [],
    }
