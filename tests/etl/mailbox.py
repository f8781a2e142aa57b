"""A mail server of the tests' own, and what it took."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope


class Mailbox:
    """What a mail server took, and whether it came encrypted. `answers` are what it says to the
    next messages, where not that it took them."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage, bool]] = []
        self.answers: list[str] = []
        self.raw: list[bytes] = []

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        message = message_from_bytes(envelope.content, policy=policy.default)
        is_safe = server.transport.get_extra_info("sslcontext") is not None
        self.taken.append((envelope.rcpt_tos, message, is_safe))
        return "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        """What it took, in order."""
        return [message for _, message, _ in self.taken]


@contextmanager
def mail_server(
    certificate: Path | None = None, form: str = "plain"
) -> Iterator[tuple[Mailbox, int]]:
    """A server that speaks TLS at once (`smtps`), after STARTTLS (`starttls`), or not at all."""
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="localhost", port=port, **_options(certificate, form))
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def _options(certificate: Path | None, form: str) -> dict[str, Any]:
    if certificate is None:
        return {}
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if form == "smtps":
        return {"ssl_context": context}
    return {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": lambda *about: AuthResult(
            success=about[-1].login == b"us@r" and about[-1].password == b"p/w",
            handled=False,  # the server answers, 235 or 535
        ),
    }


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
