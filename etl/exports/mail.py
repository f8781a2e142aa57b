"""Exports by e-mail: SMTP, never in the clear but to this machine."""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from etl.errors import DeliveryError
from etl.exports.parcel import Parcel
from etl.settings import Settings

__all__ = ["MOST_BYTES", "by_mail"]

MOST_BYTES = 10_000_000  # a third more on its way, and many servers take 15 MB to 25 MB
TIMEOUT_S = 30
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def by_mail(parcel: Parcel, recipients: Sequence[str], settings: Settings, at: datetime) -> str:
    """Sends the file and its facts to each; gives the addresses.

    The message is known by the file's name: a mailbox that gets it twice can tell.
    """
    if not settings.smtp_url or not settings.smtp_from:
        raise DeliveryError("No mail can be sent: set TIEOUT_SMTP_URL and TIEOUT_SMTP_FROM.")
    if len(parcel.content) > MOST_BYTES:
        raise DeliveryError(
            f"{parcel.name} has {len(parcel.content):,} bytes, more than mail takes "
            f"({MOST_BYTES:,}): narrow it down, choose Parquet, or deliver it to a folder."
        )
    message = _message(parcel, recipients, settings.smtp_from, at)
    try:
        _send(message, settings.smtp_url)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(
            f"The mail server did not take it ({_reason(error)}): check TIEOUT_SMTP_URL."
        ) from None
    return ", ".join(recipients)


def _message(parcel: Parcel, recipients: Sequence[str], sender: str, at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Subject"] = parcel.title
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{parcel.name}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{parcel.title}\n\nAttached: {parcel.name}, and what it is.\n")
    kind, _, form = parcel.mime.partition("/")
    message.add_attachment(parcel.content, maintype=kind, subtype=form, filename=parcel.name)
    message.add_attachment(
        parcel.facts_json.encode(),
        maintype="application",
        subtype="json",
        filename=f"{parcel.name}.facts.json",
    )
    return message


def _send(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
    with server:
        if parts.scheme == "smtp" and not _is_plain_enough(server, host):
            server.starttls(context=context)  # refuses where the server offers none
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _is_plain_enough(server: smtplib.SMTP, host: str) -> bool:
    """Whether nothing leaves this machine and its server speaks in the clear only."""
    server.ehlo()
    return host in LOOPBACK and not server.has_extn("starttls")


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code}"
    return type(error).__name__
