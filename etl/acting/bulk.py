"""One action on many records: what it would do, and of which of them it cannot be done."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from etl.acting.books import SnapshotBook
from etl.acting.proposing import preview_one, propose, wanted
from etl.actions.action import Preview
from etl.actions.facts import known_customer, known_invoice
from etl.errors import UsageError
from etl.store import outbox
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import OutboxRow

__all__ = ["MOST_AT_ONCE", "Bulk", "bulk_of", "propose_all"]

MOST_AT_ONCE = 200
NO_ADDRESS = "Its customer has no e-mail address in BILL."
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What would be proposed, an input and a preview each; what is left out, and why.

    `open_amounts`: what is open of the invoices, or else what the action moves, a currency each.
    """

    action: str
    givens: tuple[dict[str, Any], ...]
    previews: tuple[Preview, ...]
    left_out: tuple[tuple[str, str], ...]
    open_amounts: tuple[tuple[str, Decimal], ...]


def bulk_of(book: SnapshotBook, action: str, givens: Sequence[Given]) -> Bulk:
    """One preview for all; an invoice without a recipient is mailed to its own customer.

    UsageError where there are too many, or an invoice is unknown.
    """
    if len(givens) > MOST_AT_ONCE:
        raise UsageError(f"Choose at most {MOST_AT_ONCE} at once.")
    about_invoices = action.startswith("invoice.") and action != "invoice.create"
    if about_invoices:
        book.remember([str(given.get("id")) for given in givens])
    taken, previews, left_out = [], [], []
    for given in givens:
        named = known_invoice(book, str(given.get("id"))).number if about_invoices else action
        try:
            whole = _addressed(book, given) if action == "invoice.email" else dict(given)
            previews.append(preview_one(book, wanted(action, whole, "")))
            taken.append(whole)
        except UsageError as why:
            left_out.append((named, str(why)))
    amounts = _sums(book, previews)
    return Bulk(action, tuple(taken), tuple(previews), tuple(left_out), amounts)


def _addressed(book: SnapshotBook, given: Given) -> dict[str, Any]:
    if "recipient" in given:
        return dict(given)
    address = known_customer(book, known_invoice(book, given["id"]).customer_id).email
    if not address:
        raise UsageError(NO_ADDRESS)
    return {**given, "recipient": {"to": [address]}}


def _sums(book: SnapshotBook, previews: Sequence[Preview]) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    for preview in previews:
        invoice = book.invoice(preview.subject)
        owner = book.customer(invoice.customer_id) if invoice else None
        amount = invoice.open if invoice else preview.amount
        currency = owner.currency if owner else preview.currency
        if amount is not None and currency:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(sorted(sums.items()))


def propose_all(
    store: Store, grant: Grant, book: SnapshotBook, bulk: Bulk, key: str, *, at: datetime
) -> list[OutboxRow]:
    """The rows of a bulk, each under a key that follows from `key`: the same bulk, the same rows.

    UsageError, and none of them, where one makes no sense (any more) or its key is another's.
    """
    effects = [wanted(bulk.action, given, "") for given in bulk.givens]
    effects = [replace(effect, key=_key_of(key, effect)) for effect in effects]
    with store.read() as session:
        known = [outbox.find_key(session, grant, effect) for effect in effects]
    for effect, row in zip(effects, known, strict=True):
        if row is None:
            preview_one(book, effect)
    return [propose(store, grant, book, effect, at=at) for effect in effects]


def _key_of(bulk_key: str, effect: outbox.Wanted) -> str:
    """By the record, or by the whole input where it is a new one."""
    text = json.dumps(effect.input, sort_keys=True)
    name = effect.input.get("id") or hashlib.sha256(text.encode()).hexdigest()
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{bulk_key}/{name}").hex
