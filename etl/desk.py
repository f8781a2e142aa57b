"""What a person at a page may ask for and do.

Every read and write of the dashboard goes through here, and here every one of them passes
`authorize`: a page cannot show or change what its user may not.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from etl import exports
from etl.acting import proposing
from etl.acting.books import SnapshotBook, published_book
from etl.acting.bulk import Bulk, bulk_of, propose_all
from etl.actions.action import Preview
from etl.billing.entered_reason import EnteredReason
from etl.evidence.pack import Pack
from etl.evidence.taking import take
from etl.explanations.explanation import EVERYTHING, Explanation, Narrowing
from etl.fleetflow.hold_list import Holding
from etl.holds import holds_on
from etl.jobs import close_month as closing
from etl.jobs.enter_reason import enter_reason, reasons_to_come
from etl.jobs.months import Month, months_of
from etl.jobs.restatements import documents_since, figures_since
from etl.metrics.figures import Figures, Question
from etl.operations.console import Operations
from etl.operations.gate import Gate
from etl.promises import broken
from etl.reading import Published, Reader, asked, today_of
from etl.recurring_billing import RecurringBilling
from etl.schedules import Schedules
from etl.settings import Settings
from etl.store import closes, outbox, runs
from etl.store import exports as export_history
from etl.store.access import Grant, Permission, Who, authorize, grants_of
from etl.store.engine import Store, open_store
from etl.store.models import Close, OutboxRow, Run
from etl.store.secrets import open_box
from etl.timeline import timeline_of
from etl.to_do import Task, joined, tasks_of
from etl.views import Views

__all__ = ["Desk", "Outcome", "SignedIn", "open_desk"]

MOST_WAITING = 200  # approvals, and promises, among what there is to do
PROMISES_STAND = timedelta(days=90)  # from then on the invoices themselves are called about


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who was let in; `user_id` says who and, from a browser, by which visit."""

    user_id: Who
    email: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outbox row as a page shows it. `status` is proposed (it waits for an approval), queued,
    dispatching, done, refused, failed, unknown, cancelled or expired; `said` its sentence where
    there is one, `tried_at` when it is tried next."""

    outbox_id: int
    receipt: int
    action: str
    bill_id: str
    document: str
    preview: str
    amount: Decimal | None
    currency: str | None
    status: str
    said: str | None
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    approved_by: str | None
    tried_at: datetime | None
    result_id: str | None
    link: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in outbox.OPEN


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """The one door between pages and data. `user_id` is whoever signed in.

    `operations` is what administrators see and change of a tenant's running.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._store = store
        self._reader = Reader(settings, store)
        self._clock = clock
        self.views = Views(store, clock)
        self.operations = Operations(Gate(settings, store, open_box(settings), clock))
        self.schedules = Schedules(settings, store, clock)
        self.billing = RecurringBilling(store, clock)

    def grants(self, user_id: Who) -> list[Grant]:
        """The tenants a user may choose from."""
        with self._store.read() as session:
            return grants_of(session, user_id, at=self._clock())

    def today(self, user_id: Who, slug: str) -> date:
        """The tenant's day now."""
        return today_of(self._grant(user_id, slug), self._clock())

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._clock()

    def published(self, user_id: Who, slug: str) -> Published:
        """What the tenant's pages show now; NoSnapshotError before its first sync ended."""
        return self._reader.published(self._grant(user_id, slug))

    def figures(
        self, user_id: Who, slug: str, metric: str, question: Question, seq: int
    ) -> Figures:
        """A metric's figures of one of the tenant's snapshots."""
        return self._reader.figures(self._grant(user_id, slug), metric, question, seq)

    def export(
        self,
        user_id: Who,
        slug: str,
        metric: str,
        question: Question,
        seq: int,
        *,
        format_: str = "csv",
    ) -> tuple[str, bytes]:
        """A metric as CSV, Excel (xlsx) or Parquet: the file's name and its content.

        That it was taken is kept in the history of exports, and audited.
        """
        grant = self._grant(user_id, slug)
        published = self._reader.published(grant)
        figures = self._reader.figures(grant, metric, question, seq)
        return self._exported(grant, figures, published, format_)

    def _exported(
        self, grant: Grant, figures: Figures, published: Published, format_: str = "csv"
    ) -> tuple[str, bytes]:
        made = exports.make_export(grant, figures, published, format_=format_)
        self._note_export(grant, made.facts)
        return exports.file_name(grant, figures, format_), made.content

    def _note_export(self, grant: Grant, facts: Mapping[str, Any]) -> None:
        with self._store.begin() as session:
            export_history.record_taken(
                session, grant, facts, went_to="a browser", at=self._clock()
            )

    def explain(
        self,
        user_id: Who,
        slug: str,
        metric: str,
        question: Question,
        seq: int,
        narrowing: Narrowing = EVERYTHING,
        limit: int | None = 100,
    ) -> Explanation:
        """Where a metric's figures come from: the `limit` largest inputs, and how many there are.

        UsageError where no row or column is as `narrowing` says.
        """
        grant = self._grant(user_id, slug)
        return self._reader.explanation(grant, metric, question, seq, narrowing, limit)

    def evidence(
        self,
        user_id: Who,
        slug: str,
        metric: str,
        question: Question,
        seq: int,
        narrowing: Narrowing = EVERYTHING,
    ) -> Pack:
        """A zip that proves figures: every input and exclusion. That it was taken is audited."""
        grant = self._grant(user_id, slug)
        return take(self._reader, self._store, grant, metric, question, seq, narrowing, self._clock)

    def statement_pdf(
        self,
        user_id: Who,
        slug: str,
        customer_id: str,
        from_on: date | None,
        as_of: date,
        seq: int,
    ) -> tuple[str, bytes]:
        """A customer's statement as PDF, of 90 days without `from_on`: its name and content.

        UsageError where the tenant has no such customer; noted as `export` is.
        """
        grant = self._grant(user_id, slug)
        narrowed = {"from_on": from_on, "customer": customer_id}
        question = asked(grant, "customer_statement", as_of=as_of, **narrowed)
        figures = self._reader.figures(grant, "customer_statement", question, seq)
        published = self._reader.published(grant)
        made = exports.make_statement(self._reader, grant, figures, published)
        self._note_export(grant, made.facts)
        return exports.statement_name(grant, figures), made.content

    def exported(self, user_id: Who, slug: str, limit: int = 50) -> list[dict[str, Any]]:
        """The tenant's newest exports, as etl.store.exports.as_json tells them."""
        grant = self._grant(user_id, slug)
        with self._store.read() as session:
            rows = export_history.history(session, grant, limit)
            return [export_history.as_json(row) for row in rows]

    def tasks(self, user_id: Who, slug: str) -> list[Task]:
        """What there is to do beyond the worklist of a snapshot."""
        grant = self._grant(user_id, slug)
        return self._tasks(grant, self._reader.published(grant))

    def _tasks(self, grant: Grant, published: Published) -> list[Task]:
        now = self._clock()
        today = today_of(grant, now)
        since = today - PROMISES_STAND
        with self._store.read() as session:
            waiting = outbox.listed(session, grant, statuses=("proposed",), limit=MOST_WAITING)
            over = outbox.promises_over(session, grant, today, since, limit=MOST_WAITING)
        missed = broken(self._reader, grant, over, today, published.seq)
        return tasks_of(published, waiting, now, missed)

    def export_worklist(
        self, user_id: Who, slug: str, question: Question, seq: int
    ) -> tuple[str, bytes]:
        """The worklist with all there is to do, as `export` gives a metric."""
        grant = self._grant(user_id, slug)
        published = self._reader.published(grant)
        figures = self._reader.figures(grant, "worklist", question, seq)
        return self._exported(grant, joined(figures, self._tasks(grant, published)), published)

    def last_run(self, user_id: Who, slug: str) -> Run | None:
        """The newest run of the tenant, under way or ended."""
        grant = self._grant(user_id, slug)
        with self._store.read() as session:
            latest = runs.recent_runs(session, grant.tenant_id, limit=1)
        return latest[0] if latest else None

    def preview(self, user_id: Who, slug: str, action: str, given: Mapping[str, Any]) -> Preview:
        """What an action would do, as the book was last read; UsageError where it makes no sense.

        `given` is BILL's request body, and `id` for what exists (etl.actions.shapes).
        NotAllowedError where the user's role only reads.
        """
        grant = self._grant(user_id, slug, Permission.ACT)
        return proposing.preview_one(self._book(grant), proposing.wanted(action, given, ""))

    def preview_all(
        self, user_id: Who, slug: str, action: str, givens: Sequence[Mapping[str, Any]]
    ) -> Bulk:
        """The same of many inputs, and which of them it cannot be done to (etl.acting.bulk)."""
        grant = self._grant(user_id, slug, Permission.ACT)
        return bulk_of(self._book(grant), action, givens)

    def propose(
        self, user_id: Who, slug: str, action: str, given: Mapping[str, Any], key: str
    ) -> Outcome:
        """Puts an intended effect into the outbox; the same key again is the same effect."""
        grant = self._grant(user_id, slug, Permission.ACT)
        effect = proposing.wanted(action, given, key)
        row = proposing.propose(self._store, grant, self._book(grant), effect, at=self._clock())
        return _outcome(row)

    def propose_all(self, user_id: Who, slug: str, bulk: Bulk, key: str) -> list[Outcome]:
        """Proposes all of a bulk or nothing, each under a key that follows from `key`."""
        grant = self._grant(user_id, slug, Permission.ACT)
        book, at = self._book(grant), self._clock()
        return [_outcome(row) for row in propose_all(self._store, grant, book, bulk, key, at=at)]

    def approve(self, user_id: Who, slug: str, receipt: int) -> Outcome:
        """Lets an action be carried out that waits for a second person."""
        grant = self._grant(user_id, slug, Permission.APPROVE)
        with self._store.begin() as session:
            return _outcome(outbox.approve(session, grant, receipt, at=self._clock()))

    def cancel(self, user_id: Who, slug: str, receipt: int) -> Outcome:
        """Takes back an action that was not sent."""
        grant = self._grant(user_id, slug, Permission.ACT)
        with self._store.begin() as session:
            return _outcome(outbox.cancel(session, grant, receipt, at=self._clock()))

    def outbox(
        self, user_id: Who, slug: str, statuses: Sequence[str] = (), limit: int = 20
    ) -> Sequence[Outcome]:
        """The tenant's newest actions, of some statuses or of all."""
        grant = self._grant(user_id, slug)
        with self._store.read() as session:
            found = outbox.listed(session, grant, statuses=statuses, limit=limit)
        return [_outcome(row) for row in found]

    def outcome(self, user_id: Who, slug: str, receipt: int) -> Outcome:
        """What became of one action, to whoever may act: a payment link is in it."""
        grant = self._grant(user_id, slug, Permission.ACT)
        with self._store.read() as session:
            row = outbox.find_receipt(session, grant, receipt)
            return replace(_outcome(row), link=row.link)

    def _book(self, grant: Grant) -> SnapshotBook:
        return published_book(self._reader, grant, self._clock())

    def enter_reason(
        self, user_id: Who, slug: str, payment_id: str, code: str, note: str | None = None
    ) -> EnteredReason:
        """Why a payment failed (etl.jobs.enter_reason); NotAllowedError for whoever only reads."""
        grant = self._grant(user_id, slug, Permission.ACT)
        at, by = self._clock(), grant.user
        return enter_reason(self._reader, self._store, grant, payment_id, code, note, at=at, by=by)

    def reasons_to_come(self, user_id: Who, slug: str) -> dict[str, EnteredReason]:
        """By payment, the reasons that were entered and count with the next reading."""
        return reasons_to_come(self._store, self._grant(user_id, slug))

    def months(self, user_id: Who, slug: str) -> list[Month]:
        """The months that are over, newest first: which are closed, by whom and when."""
        grant = self._grant(user_id, slug)
        with self._store.read() as session:
            known = closes.all_closes(session, grant.tenant_id)
        return months_of(known, today_of(grant, self._clock()), grant.time_zone)

    def close_month(self, user_id: Who, slug: str, month: str, *, again: bool = False) -> Close:
        """Pins a month (etl.jobs.close_month); NotAllowedError but for whoever may approve."""
        grant = self._grant(user_id, slug, Permission.APPROVE)
        at, by = self._clock(), grant.user
        return closing.close_month(
            self._reader, self._store, grant, month, at=at, by=by, again=again
        )

    def restated_documents(self, user_id: Who, slug: str, month: str, seq: int) -> Figures:
        """The documents of a closed month that one of the snapshots has otherwise."""
        grant = self._grant(user_id, slug)
        return documents_since(self._reader, grant, self._close(grant, month), seq)

    def restated_figures(self, user_id: Who, slug: str, month: str, seq: int) -> Figures:
        """The figures of a closed month that would be others by one of the snapshots."""
        grant = self._grant(user_id, slug)
        return figures_since(self._reader, grant, self._close(grant, month), seq)

    def export_restated(self, user_id: Who, slug: str, month: str, seq: int) -> tuple[str, bytes]:
        """The restated documents as CSV, as `export` gives a metric."""
        grant = self._grant(user_id, slug)
        figures = documents_since(self._reader, grant, self._close(grant, month), seq)
        return self._exported(grant, figures, self._reader.published(grant))

    def export_close(self, user_id: Who, slug: str, month: str) -> tuple[str, bytes]:
        """The figures of a closed month as JSON, as they were kept; that is noted too."""
        grant = self._grant(user_id, slug)
        close = self._close(grant, month)
        document = json.dumps(closing.as_json(grant, close), indent=2, ensure_ascii=False)
        made = exports.sealed(document.encode(), closing.facts_of(close))
        self._note_export(grant, made.facts)
        return f"{grant.tenant}-close-{month}.json", made.content

    def timeline(self, user_id: Who, slug: str, customer_id: str, as_of: date, seq: int) -> Figures:
        """Everything that happened with a customer (etl.timeline)."""
        grant = self._grant(user_id, slug)
        return timeline_of(self._reader, self._store, grant, customer_id, as_of, seq)

    def holding(
        self, user_id: Who, slug: str, customer_id: str, as_of: date, seq: int
    ) -> Holding | None:
        """Whether a customer is held or watched on a day, and why; None where nothing says so, and
        nobody said otherwise."""
        grant = self._grant(user_id, slug)
        with self._store.read() as session:
            holds = holds_on(session, grant, as_of)
        if holds.rule is None and customer_id not in holds.overrides:
            return None
        listed = holds.listed(self._reader.snapshot(grant, seq), customer_id)
        return next((one for one in listed if one.reason), None)

    def export_timeline(
        self, user_id: Who, slug: str, customer_id: str, as_of: date, seq: int
    ) -> tuple[str, bytes]:
        """The same as CSV, as `export` gives a metric."""
        grant = self._grant(user_id, slug)
        figures = timeline_of(self._reader, self._store, grant, customer_id, as_of, seq)
        return self._exported(grant, figures, self._reader.published(grant))

    def _close(self, grant: Grant, month: str) -> Close:
        return closing.find_close(self._store, grant, month)

    def _grant(self, user_id: Who, slug: str, permission: Permission = Permission.READ) -> Grant:
        with self._store.read() as session:
            return authorize(session, user_id, slug, permission, at=self._clock())


def _outcome(row: OutboxRow) -> Outcome:
    return Outcome(
        outbox_id=row.id,
        receipt=row.receipt,
        action=row.action,
        bill_id=row.bill_id,
        document=row.document,
        preview=row.preview,
        amount=row.amount,
        currency=row.currency,
        status=row.status,
        said=row.outcome,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        approved_by=row.approved_by,
        tried_at=row.not_before,
        result_id=row.result_id,
    )


def open_desk(settings: Settings) -> Desk:
    """The desk over these settings' store and snapshots."""
    return Desk(settings, open_store(settings))
