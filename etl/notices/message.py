"""A letter as a message: who it is from, where answers go, and its two forms."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from etl.mail.address import named
from etl.mail.smtp import message_id
from etl.notices.words import Words

__all__ = ["message_of"]


def message_of(
    words: Words,
    recipients: Sequence[str],
    *,
    sender: str,
    name: str,
    at: datetime,
    on_behalf_of: str | None = None,
    reply_to: str | None = None,
) -> EmailMessage:
    """A message under a `name` that is given once. Customers see from whom it is `on_behalf_of`,
    and may unsubscribe by an answer to `reply_to`."""
    message = EmailMessage()
    message["From"] = named(on_behalf_of, sender) if on_behalf_of else sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(name, sender)
    message["Auto-Submitted"] = "auto-generated"
    if reply_to:
        message["Reply-To"] = reply_to
        message["List-Unsubscribe"] = f"<mailto:{reply_to}?subject=unsubscribe>"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    return message
