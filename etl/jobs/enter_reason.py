"""Entering the bank's reason of a failed payment, and which reasons no snapshot has yet."""

from datetime import datetime

from etl.billing.entered_reason import EnteredReason, checked_code, checked_note
from etl.errors import UsageError
from etl.metrics.figures import Question
from etl.reading import Reader, today_of
from etl.store import failure_reasons, runs
from etl.store.access import Grant
from etl.store.engine import Store

__all__ = ["enter_reason", "reasons_to_come"]


def enter_reason(
    reader: Reader,
    store: Store,
    grant: Grant,
    payment_id: str,
    code: str,
    note: str | None = None,
    *,
    at: datetime,
    by: str,
) -> EnteredReason:
    """Keeps a reason, which counts with the next reading; audited, and those before it are kept.

    UsageError for a payment that did not fail, or a code that is none of its method's.
    """
    found = checked_code(_rail(reader, grant, payment_id, at), code)
    text = checked_note(note)
    with store.begin() as session:
        return failure_reasons.record_reason(
            session, grant, payment_id, found.code, text, at=at, by=by
        )


def _rail(reader: Reader, grant: Grant, payment_id: str, at: datetime) -> str:
    question = Question(as_of=today_of(grant, at))
    figures = reader.figures(grant, "failed_payments", question, reader.published(grant).seq)
    for record in figures.records():
        if record["payment_id"] == payment_id:
            return str(record["rail"])
    raise UsageError(
        f"No payment “{payment_id}” failed at {grant.tenant_name}, as far as was read: tieout "
        "metric failed_payments lists those that did."
    )


def reasons_to_come(store: Store, grant: Grant) -> dict[str, EnteredReason]:
    """By payment, the reasons entered since the current snapshot was made."""
    with store.read() as session:
        current = runs.current_snapshot(session, grant.tenant_id)
        newest = current.newest_reason_id if current else 0
        reasons = failure_reasons.current_reasons(session, grant.tenant_id)
    return {reason.payment_id: reason for reason in reasons if reason.reason_id > newest}
