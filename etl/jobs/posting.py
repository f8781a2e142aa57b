"""One letter on its way: looked at again, worded, handed over once, and its outcome written down.

Between the row that says *sending* and the server's answer the process may end: then the letter is
*unknown*, and never sent a second time.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import NoReturn

from billcom.errors import BillError
from etl.back_office import BackOffice
from etl.errors import MailLostError, MailRefusedError, TieoutError
from etl.mail.smtp import send
from etl.notices.composing import Composer
from etl.notices.line import Planned
from etl.notices.links import links_of
from etl.notices.plan import Planner
from etl.notices.quiet import OLD_BOOK, quiet_until
from etl.notices.words import Words
from etl.reading import Reader, today_of
from etl.store import letters
from etl.store.access import Grant, command_line_grant
from etl.store.models import Alert, Letter, Tenant

__all__ = ["LinkMaker", "Posting"]

LOG = logging.getLogger(__name__)
LinkMaker = Callable[[BackOffice, Tenant, Planned], Mapping[str, str]]
LONGEST_PAUSE = timedelta(hours=1)
LASTS = timedelta(days=3)
WITHOUT_LINK_AFTER = timedelta(days=1)
SENT = "The mail server took it."


class _EndedError(Exception):
    """The letter ended, or waits again, before it was handed over."""


@dataclass(slots=True)
class Posting:
    """A letter that this process has claimed, and its one turn."""

    office: BackOffice
    reader: Reader
    tenant: Tenant
    letter: Letter
    make_links: LinkMaker = links_of
    may_be_taken: bool = False

    def run(self) -> str:
        """As far as it comes now, as a status; whatever goes wrong ends on the row."""
        try:
            self._hand_over(
                *(self._alert() if self.letter.kind == "alert" else self._to_customer())
            )
        except _EndedError as ended:
            return str(ended)
        except MailRefusedError as refusal:
            return self._end("failed", str(refusal))
        except MailLostError as loss:
            return self._end("unknown", str(loss))
        except (TieoutError, BillError) as error:
            return self._put_back(str(error))
        except Exception as error:  # other letters go on; this one is tried again, if it may be
            LOG.exception("letter %d broke", self.letter.id)
            fault = f"A fault of Tieout's own ({type(error).__name__})."
            return self._end("unknown", fault) if self.may_be_taken else self._put_back(fault)
        return self._end("sent", SENT)

    def _hand_over(self, words: Words, message: EmailMessage) -> None:
        to = [address.addr_spec for address in message["To"].addresses]

        def say_so() -> None:
            with self.office.store.begin() as session:
                said = {"subject": words.subject, "text": words.text, "recipients": to}
                is_mine = letters.begin(session, self.letter, said, at=self._now)
            if not is_mine:
                raise _EndedError("taken")
            self.may_be_taken = True

        send(message, self.office.settings, about_to=say_so)

    def _alert(self) -> tuple[Words, EmailMessage]:
        with self.office.store.read() as session:
            (known,) = letters.tells(session, self.letter)
            alert = session.get(Alert, int(known))
        if alert is None or alert.cleared_at is not None:
            self._drop("The alert ended before it was told.")
        composer = self._composer()
        words = composer.alert(self.tenant, alert)
        to = self.letter.recipients
        return words, composer.to_administrators(words, to, name=self._name, at=self._now)

    def _to_customer(self) -> tuple[Words, EmailMessage]:
        grant = command_line_grant(self.tenant)
        self._wait_for_morning(grant)
        planned = self._standing(grant)
        composer = self._composer()
        today = today_of(grant, self._now)
        words = composer.letter(grant, planned, self._links(planned), today)
        return words, composer.to_customer(grant, planned, words, name=self._name, at=self._now)

    def _wait_for_morning(self, grant: Grant) -> None:
        until = quiet_until(grant.preferences.quiet_hours, self._now, grant.time_zone)
        if until:
            self._wait("It waits for the quiet hours to end.", until)

    def _standing(self, grant: Grant) -> Planned:
        """What of it still holds by what BILL said last; what does not is not told."""
        published = self.reader.published(grant)
        if self._now - published.read_at > OLD_BOOK:
            self._wait("BILL was not read for too long to write to customers.", self._later())
        snapshot, today = self.reader.snapshot(grant, published.seq), today_of(grant, self._now)
        with self.office.store.read() as session:
            told = letters.tells(session, self.letter)
            planner = Planner(session, grant, snapshot, today, published.read_at)
            planned, reason = planner.standing(self.letter.kind, self.letter.customer_id)
        lines = [
            replace(line, step=told[line.document_id])
            for line in (planned.lines if planned else ())
            if line.document_id in told
        ]
        if planned is None or not lines:
            self._drop(reason or "What it was to tell is over.")
        over = told.keys() - {line.document_id for line in lines}
        if over:
            with self.office.store.begin() as session:
                letters.narrow(session, self.letter, over)
        return replace(planned, lines=tuple(lines))

    def _links(self, planned: Planned) -> Mapping[str, str]:
        try:
            return self.make_links(self.office, self.tenant, planned)
        except BillError:
            if self._now - self.letter.written_at < WITHOUT_LINK_AFTER:
                raise
            return {}  # late is worse than without

    @property
    def _now(self) -> datetime:
        return self.office.clock()

    @property
    def _name(self) -> str:
        return f"{self.tenant.slug}-letter-{self.letter.id}"

    def _composer(self) -> Composer:
        return Composer(self.office.settings, self.office.box, self.tenant.slug)

    def _later(self) -> datetime:
        pause = timedelta(minutes=2 ** min(self.letter.attempts, 6))
        return self._now + min(LONGEST_PAUSE, pause)

    def _put_back(self, reason: str) -> str:
        if self._now - self.letter.written_at > LASTS:
            return self._end("failed", reason)
        LOG.warning("letter %d of %s waits: %s", self.letter.id, self.tenant.slug, reason)
        with self.office.store.begin() as session:
            letters.put_back(session, self.letter, reason=reason, not_before=self._later())
        return "waiting"

    def _wait(self, reason: str, until: datetime) -> NoReturn:
        with self.office.store.begin() as session:
            letters.put_back(session, self.letter, reason=reason, not_before=until)
        raise _EndedError("waiting")

    def _drop(self, reason: str) -> NoReturn:
        with self.office.store.begin() as session:
            letters.drop(session, self.letter, reason=reason, at=self._now)
        raise _EndedError("dropped")

    def _end(self, status: str, outcome: str) -> str:
        with self.office.store.begin() as session:
            letters.finish(session, self.letter, status=status, outcome=outcome, at=self._now)
        return status
