"""Letters: each is a row before it is handed to the mail server, and ends on the same row.

waiting -> sending -> sent | failed | unknown
   |  ^_______|             (back where no server took it)
   +-> dropped              (what it told of is over)

What may have been handed over is never handed over again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etl.store.models import Letter, NoticeRow
from etl.store.owner import is_left, this_owner

__all__ = [
    "KINDS",
    "STATUSES",
    "Draft",
    "begin",
    "claim",
    "drop",
    "due",
    "end_abandoned",
    "finish",
    "last_about",
    "listed",
    "narrow",
    "put_back",
    "tells",
    "told",
    "write",
    "written_on",
]

KINDS = ("failed_payment", "receipt", "reminder")  # to customers; to administrators: alert
STATUSES = ("waiting", "sending", "sent", "failed", "unknown", "dropped")
LEASE = timedelta(minutes=5)  # longer than a mail server may take
MOST_ASKED = 500  # ids a query: databases bound how many there may be
ABANDONED = (
    "The process ended while it handed this over: look into the mail server's log before writing "
    "again."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to be written: to whom, `once` for all, and the documents and steps it tells of.

    `channel`: which it goes over, none for mail; `told_as` what it tells under, its kind if empty.
    """

    kind: str
    once: str
    recipients: tuple[str, ...]
    tells: tuple[tuple[str, int], ...]
    customer_id: str = ""
    about: str = ""
    channel: str = ""
    told_as: str = ""


def write(session: Session, tenant_id: int, draft: Draft, at: datetime) -> Letter | None:
    """The letter, waiting; None where it was written, or something in it was told, before."""
    letter = Letter(
        tenant_id=tenant_id,
        kind=draft.kind,
        channel=draft.channel,
        customer_id=draft.customer_id,
        about=draft.about,
        once=draft.once,
        recipients=list(draft.recipients),
        subject="",
        text="",
        status="waiting",
        written_at=at,
    )
    try:
        with session.begin_nested():
            session.add(letter)
            session.flush()
            told_as = draft.told_as or draft.kind
            session.add_all(_notice(letter, told_as, *one) for one in draft.tells)
    except IntegrityError:
        return None
    return letter


def _notice(letter: Letter, told_as: str, document_id: str, step: int) -> NoticeRow:
    return NoticeRow(
        tenant_id=letter.tenant_id,
        letter_id=letter.id,
        customer_id=letter.customer_id,
        kind=told_as,
        document_id=document_id,
        step=step,
    )


def told(
    session: Session, tenant_id: int, kind: str, document_ids: Sequence[str]
) -> set[tuple[str, int]]:
    """What of these documents was told, or is about to be: ids with their steps."""
    found: set[tuple[str, int]] = set()
    for start in range(0, len(document_ids), MOST_ASKED):
        asked = document_ids[start : start + MOST_ASKED]
        rows = select(NoticeRow.document_id, NoticeRow.step).where(
            NoticeRow.tenant_id == tenant_id,
            NoticeRow.kind == kind,
            NoticeRow.document_id.in_(asked),
        )
        found.update((document_id, step) for document_id, step in session.execute(rows))
    return found


def tells(session: Session, letter: Letter) -> dict[str, int]:
    """What a letter tells of: documents, each with its step."""
    rows = select(NoticeRow.document_id, NoticeRow.step).where(NoticeRow.letter_id == letter.id)
    return {row.document_id: row.step for row in session.execute(rows)}


def written_on(
    session: Session, tenant_id: int, day: str, channel: str = ""
) -> dict[str, set[str]]:
    """The customers who have a letter of a day over a channel, or by mail, by kind."""
    rows = select(Letter.kind, Letter.customer_id).where(
        Letter.tenant_id == tenant_id,
        Letter.channel == channel,
        Letter.once.startswith(f"{day}:"),
        Letter.status != "dropped",
    )
    found: dict[str, set[str]] = {}
    for kind, customer_id in session.execute(rows):
        found.setdefault(kind, set()).add(customer_id)
    return found


def last_about(session: Session, tenant_id: int, about: str, channel: str = "") -> datetime | None:
    """When administrators were last written to about a kind of alert, over a channel or by mail."""
    newest = select(func.max(Letter.written_at)).where(
        Letter.tenant_id == tenant_id,
        Letter.kind == "alert",
        Letter.channel == channel,
        Letter.about == about,
        Letter.status != "dropped",
    )
    return session.scalar(newest)


def due(
    session: Session, at: datetime, kinds: Collection[str], *, with_mail: bool = True
) -> list[int]:
    """The letters of these kinds to hand over now, oldest first; mails too, or not."""
    waiting = select(Letter).where(Letter.status == "waiting", Letter.kind.in_(kinds))
    if not with_mail:
        waiting = waiting.where(Letter.channel != "")
    return [row.id for row in session.scalars(waiting.order_by(Letter.id)) if _is_free(row, at)]


def _is_free(row: Letter, at: datetime) -> bool:
    may_try = row.not_before is None or row.not_before <= at
    return row.status == "waiting" and may_try and is_left(row.owner, row.lease_expires_at, at)


def claim(session: Session, letter_id: int, at: datetime) -> Letter | None:
    """The letter, now this process's to hand over; None where another was faster."""
    row = session.get(Letter, letter_id)
    if row is None or not _is_free(row, at):
        return None
    mine = session.scalar(
        update(Letter)
        .where(Letter.id == letter_id, Letter.status == "waiting", Letter.attempts == row.attempts)
        .values(owner=this_owner(), lease_expires_at=at + LEASE, attempts=row.attempts + 1)
        .returning(Letter.id)
    )
    session.refresh(row)
    return row if mine else None


def begin(session: Session, row: Letter, said: Mapping[str, object], *, at: datetime) -> bool:
    """Says, before it happens, that it is handed over: subject, text and recipients.

    False where the letter is no longer this claim's: then it must not be.
    """
    return _write(session, row, status="sending", lease_expires_at=at + LEASE, **said)


def put_back(session: Session, row: Letter, *, reason: str, not_before: datetime) -> bool:
    """To be looked at again from `not_before` on: it surely was not handed over."""
    free = {"owner": None, "lease_expires_at": None}
    return _write(session, row, status="waiting", outcome=reason, not_before=not_before, **free)


def finish(session: Session, row: Letter, *, status: str, outcome: str, at: datetime) -> bool:
    """How it ended: sent, failed or unknown."""
    free = {"owner": None, "lease_expires_at": None, "not_before": None}
    return _write(session, row, status=status, outcome=outcome, finished_at=at, **free)


def drop(session: Session, row: Letter, *, reason: str, at: datetime) -> bool:
    """Ends a letter that was not sent, and what it told of counts as untold."""
    is_mine = finish(session, row, status="dropped", outcome=reason, at=at)
    if is_mine:
        session.execute(delete(NoticeRow).where(NoticeRow.letter_id == row.id))
    return is_mine


def narrow(session: Session, row: Letter, but: Iterable[str]) -> None:
    """Takes documents out of a letter that was not sent: they count as untold."""
    session.execute(
        delete(NoticeRow).where(NoticeRow.letter_id == row.id, NoticeRow.document_id.in_(list(but)))
    )


def end_abandoned(session: Session, at: datetime) -> int:
    """Ends as unknown what was being handed over by a process that is gone; how many."""
    sending = select(Letter).where(Letter.status == "sending")
    rows = session.scalars(sending.with_for_update())
    left = [row for row in rows if is_left(row.owner, row.lease_expires_at, at)]
    for row in left:
        row.status, row.outcome, row.finished_at = "unknown", ABANDONED, at
        row.owner, row.lease_expires_at = None, None
    return len(left)


def _write(session: Session, row: Letter, **values: object) -> bool:
    """Writes to a letter while it is this claim's."""
    mine = session.scalar(
        update(Letter)
        .where(
            Letter.id == row.id,
            Letter.owner == this_owner(),
            Letter.attempts == row.attempts,
            Letter.status.in_(("waiting", "sending")),
        )
        .values(**values)
        .returning(Letter.id)
    )
    return mine is not None


def listed(
    session: Session,
    tenant_id: int,
    *,
    customer_id: str | None = None,
    status: str | None = None,
    limit: int | None = 20,
) -> list[Letter]:
    """A tenant's newest letters first, of one customer or status or of all."""
    rows = select(Letter).where(Letter.tenant_id == tenant_id)
    if customer_id is not None:
        rows = rows.where(Letter.customer_id == customer_id)
    if status is not None:
        rows = rows.where(Letter.status == status)
    return list(session.scalars(rows.order_by(Letter.id.desc()).limit(limit)))
