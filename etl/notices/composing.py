"""From what is planned to a message: what `preview` shows is what is sent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from email.message import EmailMessage

from sqlalchemy.orm import Session

from etl.mail.smtp import sender_of
from etl.notices.alerts import alert_facts
from etl.notices.facts import facts_of
from etl.notices.line import Planned
from etl.notices.message import message_of
from etl.notices.own_words import OwnWords, own_worded
from etl.notices.unsubscribing import link_of
from etl.notices.words import Words, texted, worded
from etl.settings import Settings
from etl.store import letter_words
from etl.store.access import Grant
from etl.store.letters import KINDS
from etl.store.models import Alert, Tenant
from etl.store.secrets import SecretBox

__all__ = ["Composer", "kept_words"]


def kept_words(session: Session, tenant_id: int) -> dict[str, OwnWords]:
    """The words a tenant keeps, by kind of letter."""
    found = ((kind, letter_words.current(session, tenant_id, kind)) for kind in KINDS)
    return {kind: OwnWords(row.subject, row.text) for kind, row in found if row}


class Composer:
    """Words and messages of one tenant's letters."""

    def __init__(
        self, settings: Settings, box: SecretBox, tenant: str, words: Mapping[str, OwnWords]
    ) -> None:
        self._words = words
        self._settings = settings
        self._box = box
        self._own = settings.data_dir / "templates" / tenant

    def letter(
        self, grant: Grant, planned: Planned, links: Mapping[str, str], today: date
    ) -> Words:
        """A letter to a customer in words: those the tenant keeps, has in a file, or ours.

        UsageError where a template fails.
        """
        facts = facts_of(grant, planned, links, today)
        facts |= {"unsubscribe": self._out(grant, planned)}
        kept = self._words.get(planned.kind)
        return own_worded(kept, facts) if kept else worded(planned.kind, facts, self._own)

    def text_message(
        self, grant: Grant, planned: Planned, links: Mapping[str, str], today: date
    ) -> Words:
        """A text message to a customer, with where to pay if it is about one invoice."""
        facts = facts_of(grant, planned, links, today)
        link = next(iter(links.values()), "") if len(planned.lines) == 1 else ""
        return texted(planned.kind, facts | {"link": link}, self._own)

    def alert(self, tenant: Tenant, alert: Alert) -> Words:
        """An alert in words."""
        facts = alert_facts(tenant, alert, self._settings.public_url)
        return worded("alert", facts, self._own)

    def to_customer(
        self, grant: Grant, planned: Planned, words: Words, *, name: str, at: datetime
    ) -> EmailMessage:
        """The message to a customer; DeliveryError where nobody said from whom mail comes."""
        return message_of(
            words,
            [planned.address],
            sender=sender_of(self._settings),
            name=name,
            at=at,
            on_behalf_of=grant.tenant_name,
            reply_to=grant.preferences.reply_to,
            unsubscribe=self._out(grant, planned),
        )

    def to_administrators(
        self, words: Words, recipients: Sequence[str], *, name: str, at: datetime
    ) -> EmailMessage:
        """The message to administrators; DeliveryError as above."""
        sender = sender_of(self._settings)
        return message_of(words, recipients, sender=sender, name=name, at=at)

    def _out(self, grant: Grant, planned: Planned) -> str:
        """The link to unsubscribe by; empty where there is none."""
        out = link_of(self._settings, self._box, grant.tenant_id, planned.address)
        return out or ""
