"""Handing a message to a server: SMTP, never in the clear but to this machine."""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from etl.errors import DeliveryError, MailLostError, MailRefusedError
from etl.settings import LOOPBACK, Settings

__all__ = ["can_mail", "knock", "message_id", "send", "sender_of"]

TIMEOUT_S = 30
UNSET = "No mail can be sent: set TIEOUT_SMTP_URL and TIEOUT_SMTP_FROM."
SAID_NO = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)


def can_mail(settings: Settings) -> bool:
    """Whether there is a server and a sender for mail."""
    return bool(settings.smtp_url and settings.smtp_from)


def sender_of(settings: Settings) -> str:
    """From whom mail comes; DeliveryError where nobody said."""
    if not settings.smtp_from or not settings.smtp_url:
        raise DeliveryError(UNSET)
    return settings.smtp_from


def message_id(name: str, sender: str) -> str:
    """The Message-ID of a name that is given once: a mailbox that gets it twice can tell."""
    return f"<{name}@{sender.rpartition('@')[2].rstrip('>')}>"


def send(
    message: EmailMessage, settings: Settings, *, about_to: Callable[[], None] = lambda: None
) -> None:
    """Hands a message to the server; `about_to` is called when nothing but that is left to do.

    DeliveryError where it surely did not go; MailRefusedError where it never will;
    MailLostError where the server may have taken it.
    """
    sender_of(settings)
    server = _opened(settings.smtp_url or "")
    try:
        about_to()
        _hand_over(server, message)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def knock(settings: Settings) -> None:
    """Greets the server, signs in, and leaves; DeliveryError where that fails."""
    sender_of(settings)
    with suppress(OSError, smtplib.SMTPException):
        _opened(settings.smtp_url or "").quit()


def _opened(url: str) -> smtplib.SMTP:
    """A server that was told who we are."""
    try:
        server = _connected(url)
        try:
            _introduce(server, url)
        except BaseException:
            server.close()
            raise
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(_told(error)) from None
    return server


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)


def _introduce(server: smtplib.SMTP, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "smtp" and not _is_plain_enough(server, parts.hostname or ""):
        # Refuses where the server offers none.
        server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))


def _is_plain_enough(server: smtplib.SMTP, host: str) -> bool:
    """Whether nothing leaves this machine and its server speaks in the clear only."""
    server.ehlo()
    return host in LOOPBACK and not server.has_extn("starttls")


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except SAID_NO as refusal:
        if _is_final(refusal):
            raise MailRefusedError(
                f"The mail server refuses it ({_codes(refusal)}): check the address."
            ) from None
        raise DeliveryError(_told(refusal)) from None
    except (OSError, smtplib.SMTPException) as loss:
        raise MailLostError(
            f"The mail server may have taken it, but its answer never came ({_reason(loss)}): look "
            "into its log before sending it again."
        ) from None


def _is_final(refusal: smtplib.SMTPException) -> bool:
    """Whether these recipients, or this content, will never be taken."""
    match refusal:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in refusal.recipients.values())
        case smtplib.SMTPDataError():
            return refusal.smtp_code >= 500
    return False


def _codes(refusal: smtplib.SMTPException) -> str:
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({str(code) for code, _ in refusal.recipients.values()}))
    return _reason(refusal)


def _told(error: Exception) -> str:
    return f"The mail server did not take it ({_reason(error)}): check TIEOUT_SMTP_URL."


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code}"
    return type(error).__name__
