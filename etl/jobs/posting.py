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
from etl.notices.composing import Composer, kept_words
from etl.notices.line import Planned
from etl.notices.links import links_of
from etl.notices.plan import Planner
from etl.notices.quiet import OLD_BOOK, quiet_until
from etl.notices.words import Words
from etl.reading import Reader, today_of
from etl.store import letters
from etl.store.access import Grant, command_line_grant
from etl.store.channels import channel_of
from etl.store.models import Alert, Letter, Tenant

__all__ = ["LinkMaker", "Posting"]

LOG = logging.getLogger(__name__)
LinkMaker = Callable[[BackOffice, Tenant, Planned], Mapping[str, str]]
LONGEST_PAUSE = timedelta(hours=1)
LASTS = timedelta(days=3)
WITHOUT_LINK_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over: in words, to whom, and how, which calls what it is given before that."""

    words: Words
    to: list[str]
    hand_over: Callable[[Callable[[], None]], None]
    sent: str = "The mail server took it."


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
            parcel = self._alert() if self.letter.kind == "alert" else self._to_customer()
            self._hand_over(parcel)
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
        return self._end("sent", parcel.sent)

    def _hand_over(self, parcel: Parcel) -> None:
        def say_so() -> None:
            with self.office.store.begin() as session:
                words = parcel.words
                said = {"subject": words.subject, "text": words.text, "recipients": parcel.to}
                is_mine = letters.begin(session, self.letter, said, at=self._now)
            if not is_mine:
                raise _EndedError("taken")
            self.may_be_taken = True

        parcel.hand_over(say_so)

    def _mail(self, words: Words, message: EmailMessage) -> Parcel:
        to = [address.addr_spec for address in message["To"].addresses]
        return Parcel(
            words, to, lambda about_to: send(message, self.office.settings, about_to=about_to)
        )

    def _message(self, words: Words, to: str, phone: str = "") -> Parcel:
        """Over the letter's channel; what waits for one that is gone is dropped."""
        from etl.mail.channel import placed, say  # noqa: PLC0415 - loading Apprise takes 0.2 s

        name = self.letter.channel
        with self.office.store.read() as session:
            channel = channel_of(session, self.tenant.id, name)
        if channel is None:
            self._drop(f"The channel {name} was removed.")
        url = placed(self.office.box.open(channel.sealed), phone)

        def hand_over(about_to: Callable[[], None]) -> None:
            say(url, words.subject, words.text, name=name, about_to=about_to)

        return Parcel(words, [to], hand_over, f"The channel {name} took it.")

    def _alert(self) -> Parcel:
        with self.office.store.read() as session:
            (known,) = letters.tells(session, self.letter)
            alert = session.get(Alert, int(known))
        if alert is None or alert.cleared_at is not None:
            self._drop("The alert ended before it was told.")
        composer = self._composer()
        words = composer.alert(self.tenant, alert)
        to = self.letter.recipients
        if self.letter.channel:
            return self._message(words, to[0])
        message = composer.to_administrators(words, to, name=self._name, at=self._now)
        return self._mail(words, message)

    def _to_customer(self) -> Parcel:
        grant = command_line_grant(self.tenant)
        planned = self._standing(grant)
        self._wait_for_morning(grant, planned.time_zone or grant.time_zone)
        composer = self._composer()
        today = today_of(grant, self._now)
        if planned.channel:
            words = composer.text_message(grant, planned, self._one_link(planned), today)
            return self._message(words, planned.phone, planned.phone)
        words = composer.letter(grant, planned, self._links(planned), today)
        message = composer.to_customer(grant, planned, words, name=self._name, at=self._now)
        return self._mail(words, message)

    def _wait_for_morning(self, grant: Grant, time_zone: str) -> None:
        until = quiet_until(grant.preferences.quiet_hours, self._now, time_zone)
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
            channel = self.letter.channel
            planner = Planner(session, grant, snapshot, today, published.read_at, channel=channel)
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

    def _one_link(self, planned: Planned) -> Mapping[str, str]:
        return self._links(planned) if len(planned.lines) == 1 else {}

    @property
    def _now(self) -> datetime:
        return self.office.clock()

    @property
    def _name(self) -> str:
        return f"{self.tenant.slug}-letter-{self.letter.id}"

    def _composer(self) -> Composer:
        with self.office.store.read() as session:
            words = kept_words(session, self.tenant.id)
        return Composer(self.office.settings, self.office.box, self.tenant.slug, words)

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
