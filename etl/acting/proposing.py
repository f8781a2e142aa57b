"""From an input to a row of the outbox: read, looked at in the book, and put in its place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from etl.actions.action import Preview, previewed, read_input
from etl.actions.catalogue import ACTIONS, find_action
from etl.actions.facts import Book
from etl.actions.shapes import Note, Promise
from etl.store import outbox
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import CustomerNote, OutboxRow

__all__ = ["preview_one", "propose", "wanted"]


def wanted(action: str, given: Mapping[str, Any], key: str) -> outbox.Wanted:
    """An intended effect, its input in its shape; UsageError where it does not fit."""
    found = find_action(action)
    kept = msgspec.json.decode(msgspec.json.encode(read_input(found, given)))  # as it is kept
    return outbox.Wanted(action, kept, key)


def preview_one(book: Book, effect: outbox.Wanted) -> Preview:
    """What it would do; UsageError where it makes no sense."""
    action = find_action(effect.action)
    return previewed(action, read_input(action, effect.input), book)


def propose(
    store: Store,
    grant: Grant,
    book: Book,
    effect: outbox.Wanted,
    *,
    at: datetime,
    lasts: timedelta = outbox.LASTS,
    approval: str | None = None,
) -> OutboxRow:
    """Its row; the one that its key named before, whatever the book says now.

    What stays here, a note or a promise, is done with it. `approval` says why a second person is
    asked where its preview does not.
    """
    with store.read() as session:
        known = outbox.find_key(session, grant, effect)
    if known:
        return known
    preview = preview_one(book, effect)
    preview = replace(preview, approval=preview.approval or approval)
    with store.begin() as session:
        row = outbox.propose(session, grant, effect, preview, at=at, lasts=lasts)
        action = ACTIONS[row.action]
        if action.effect is None and row.status == "queued":
            session.add(_note(row, read_input(action, row.input), at))
            outbox.finish(session, row, grant.tenant, status="done", outcome=action.done, at=at)
        return row


def _note(row: OutboxRow, given: Note | Promise, at: datetime) -> CustomerNote:
    promised_on: date | None = given.promised_on if isinstance(given, Promise) else None
    return CustomerNote(
        tenant_id=row.tenant_id,
        outbox_id=row.id,
        customer_id=given.customer_id,
        text=given.text,
        promised_on=promised_on,
        amount=row.amount,
        currency=row.currency,
        noted_by=row.proposed_by,
        noted_at=at,
    )
