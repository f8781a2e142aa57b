"""Exports by e-mail."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from etl.errors import DeliveryError
from etl.exports.parcel import Parcel
from etl.mail.smtp import message_id, send, sender_of
from etl.settings import Settings

__all__ = ["MOST_BYTES", "by_mail"]

MOST_BYTES = 10_000_000  # a third more on its way, and many servers take 15 MB to 25 MB


def by_mail(parcel: Parcel, recipients: Sequence[str], settings: Settings, at: datetime) -> str:
    """Sends the file and its facts to each; gives the addresses.

    The message is known by the file's name: a mailbox that gets it twice can tell.
    """
    sender = sender_of(settings)
    if len(parcel.content) > MOST_BYTES:
        raise DeliveryError(
            f"{parcel.name} has {len(parcel.content):,} bytes, more than mail takes "
            f"({MOST_BYTES:,}): narrow it down, choose Parquet, or deliver it to a folder."
        )
    send(_message(parcel, recipients, sender, at), settings)
    return ", ".join(recipients)


def _message(parcel: Parcel, recipients: Sequence[str], sender: str, at: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Subject"] = parcel.title
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(parcel.name, sender)
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
