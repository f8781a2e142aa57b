"""A letter as a message: who it is from, where answers go, and its two forms."""

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime

from etl.mail.address import named
from etl.mail.smtp import message_id
from etl.notices.words import Words

__all__ = ["message_of"]


class _Ways(UnstructuredHeader, BaseHeader):
    """Addresses in brackets. Python would cut a long one up and encode the pieces, and no mail
    program would know it again; a line may have 998 signs (RFC 5322)."""

    def fold(self, *, policy: Policy) -> str:
        end = policy.linesep
        return f"{self.name}: {str(self).replace(', ', f',{end} ')}{end}"


REGISTRY = HeaderRegistry()
REGISTRY.map_to_type("List-Unsubscribe", _Ways)
POLICY = EmailPolicy(header_factory=REGISTRY)


def message_of(
    words: Words,
    recipients: Sequence[str],
    *,
    sender: str,
    name: str,
    at: datetime,
    on_behalf_of: str | None = None,
    reply_to: str | None = None,
    unsubscribe: str = "",
) -> EmailMessage:
    """A message under a `name` that is given once. Customers see from whom it is `on_behalf_of`,
    and may unsubscribe by an answer to `reply_to`, or by a link where there is one (RFC 8058)."""
    message = EmailMessage(POLICY)
    message["From"] = named(on_behalf_of, sender) if on_behalf_of else sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(name, sender)
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = reply_to
        ways_out = f"<mailto:{reply_to}?subject=unsubscribe>"
        message["List-Unsubscribe"] = f"<{unsubscribe}>, {ways_out}" if unsubscribe else ways_out
    if unsubscribe:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    return message
