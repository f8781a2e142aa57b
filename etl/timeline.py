"""Everything that happened with one customer, newest first: what changed what they owe, payments
that failed, what was done from here, and what they were told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from etl.metrics.figures import Column, Figures, Metric, Question
from etl.reading import Reader
from etl.store import letters, outbox
from etl.store.access import Grant
from etl.store.engine import Store
from etl.store.models import CustomerNote

__all__ = ["TIMELINE", "timeline_of"]

TIMELINE = Metric(
    name="customer_timeline",
    title="Timeline",
    unit="money",
    grain="event",
    owner="collections",
    definition=(
        "Every event that changed what a customer owes with the balance after it, every payment "
        "that failed, every action on their invoices, and every letter to them, newest first."
    ),
    page="Customers",
    columns=(
        Column("on", "date", "Date"),
        Column("event", "text", "What happened"),
        Column("document", "text", "Document"),
        Column("currency", "text", "Currency"),
        # What failed changed nothing.
        Column("amount", "money", "Amount", adds_up=False),
        Column("balance", "money", "Balance", adds_up=False),
        Column("status", "text", "Status"),
        Column("by", "text", "By"),
        Column("said", "text", "Outcome"),
        Column("invoice_id", "id", "Invoice id"),
    ),
    parameters=("as_of", "customer"),
)
OF_THE_LEDGER, OF_A_FAILURE, OF_AN_ACTION, OF_A_LETTER = range(4)  # later ones of a day come later


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """When it was: a day, and within it the kind's turn and the order within the kind."""

    on: date
    kind: int
    place: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: Moment
    event: str
    document: str
    currency: str = ""
    amount: Decimal | None = None
    balance: Decimal | None = None
    status: str = ""
    by: str = ""
    said: str = ""
    invoice_id: str = ""

    @property
    def row(self) -> tuple[Any, ...]:
        """Its cells, in the order of TIMELINE's columns."""
        money = (self.currency, self.amount, self.balance)
        rest = (self.status, self.by, self.said, self.invoice_id)
        return (self.at.on, self.event, self.document, *money, *rest)


def timeline_of(
    reader: Reader, store: Store, grant: Grant, customer_id: str, as_of: date, seq: int
) -> Figures:
    """One customer's timeline up to the end of a day: see TIMELINE.

    What is done from here is looked for by the ids of the customer and of their invoices, so that
    an action on either has its line as soon as the outbox knows it.
    """
    question = Question(as_of=as_of, customer=customer_id)

    def records(metric: str) -> list[dict[str, Any]]:
        return reader.figures(grant, metric, question, seq).records()

    ids = [customer_id, *(row["invoice_id"] for row in records("invoices"))]
    entries = [
        *_events(records("customer_history")),
        *_failures(records("failed_payments")),
        *(entry for entry in _actions(store, grant, customer_id, ids) if entry.at.on <= as_of),
        *(entry for entry in _letters(store, grant, customer_id) if entry.at.on <= as_of),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    rows = tuple(entry.row for entry in entries)
    return Figures(TIMELINE, question, seq, rows, len(rows))


def _events(records: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    for place, row in enumerate(records):
        yield Entry(
            Moment(row["on"], OF_THE_LEDGER, place),
            row["event"],
            row["document"],
            currency=row["currency"],
            amount=row["amount"],
            balance=row["balance"],
            invoice_id=row["invoice_id"],
        )


def _failures(records: list[dict[str, Any]]) -> Iterator[Entry]:
    for place, row in enumerate(reversed(records)):
        yield Entry(
            Moment(row["failed_on"], OF_A_FAILURE, place),
            "payment_failed",
            row["reference_number"] or row["payment_id"],
            currency=row["currency"],
            amount=row["amount"],
            status=row["status"],
            said="" if row["reason"] == "unknown" else row["reason"],
        )


def _actions(store: Store, grant: Grant, customer_id: str, bill_ids: list[str]) -> Iterator[Entry]:
    zone = ZoneInfo(grant.time_zone)
    with store.read() as session:
        notes = {note.outbox_id: note for note in outbox.notes_of(session, grant, customer_id)}
        for row in outbox.of_records(session, grant, bill_ids):
            yield Entry(
                Moment(row.proposed_at.astimezone(zone).date(), OF_AN_ACTION, row.id),
                row.action,
                row.document,
                status=row.status,
                by=row.proposed_by,
                said=_noted(notes[row.id]) if row.id in notes else row.outcome or "",
                invoice_id=row.bill_id if row.action.startswith("invoice.") else "",
            )


def _noted(note: CustomerNote) -> str:
    """What was noted, and before it what was promised."""
    if note.promised_on is None:
        return note.text
    amount = "" if note.amount is None else f"{note.amount:,f} {note.currency} "
    promise = f"Pays {amount}on {note.promised_on}"
    return f"{promise}: {note.text}" if note.text else promise


def _letters(store: Store, grant: Grant, customer_id: str) -> Iterator[Entry]:
    zone = ZoneInfo(grant.time_zone)
    with store.read() as session:
        for row in letters.listed(session, grant.tenant_id, customer_id=customer_id, limit=None):
            yield Entry(
                Moment(row.written_at.astimezone(zone).date(), OF_A_LETTER, row.id),
                f"letter.{row.kind}",
                row.subject or row.about,
                status=row.status,
                said=row.outcome or "",
            )
