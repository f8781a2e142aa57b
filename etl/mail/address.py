"""E-mail addresses, as far as they can be told from other texts."""

import re
from email.utils import formataddr, parseaddr

__all__ = ["bare", "is_address", "named"]

ADDRESS = re.compile(
    r"[^@\s,;:<>\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


def is_address(text: str) -> bool:
    """Whether it is one address and nothing else."""
    return ADDRESS.fullmatch(text) is not None


def bare(text: str) -> str:
    """An address as lists of addresses keep it, so that two ways to write one are one."""
    return text.strip().lower()


def named(name: str, text: str) -> str:
    """The address of “Name <address>” under another name."""
    return formataddr((" ".join(name.split()), parseaddr(text)[1]))
