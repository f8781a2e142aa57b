"""Taking out of BILL's words what must not be written down: it may quote what it was sent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["redacted"]

SECRET_FIELDS = frozenset(
    {
        "accountNumber",
        "devKey",
        "message",
        "nameOnAccount",
        "password",
        "phone",
        "routingNumber",
        "taxId",
        "token",
        "username",
    }
)
NUMBER = re.compile(r"\d{7,}")  # of an account or a phone; BILL's ids have letters in them
ADDRESS = re.compile(r"[^\s@\"'<>:,;]+@[^\s@\"'<>:,;]+")


def redacted(message: str, body: Any) -> str:
    """The message without the secrets of the body it answers, long numbers and mail addresses."""
    for secret in sorted(set(_secrets(body)), key=len, reverse=True):
        message = message.replace(secret, "…")
    return ADDRESS.sub("…", NUMBER.sub("…", message))


def _secrets(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping):
        for name, value in body.items():
            if name in SECRET_FIELDS and isinstance(value, str) and len(value) > 2:
                yield value
            else:
                yield from _secrets(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from _secrets(value)
