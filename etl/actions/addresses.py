"""E-mail addresses that BILL is given: an address and nothing else."""

import re

from etl.errors import UsageError

__all__ = ["demand_address"]

ADDRESS = re.compile(
    r"[^@\s,;:<>\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


def demand_address(text: str) -> None:
    """UsageError where it is not one e-mail address."""
    if not ADDRESS.fullmatch(text):
        raise UsageError(f"“{text[:60]}” is not an e-mail address: nothing was proposed.")
