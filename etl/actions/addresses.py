"""E-mail addresses that BILL is given: an address and nothing else."""

from etl.errors import UsageError
from etl.mail.address import is_address

__all__ = ["demand_address"]


def demand_address(text: str) -> None:
    """UsageError where it is not one e-mail address."""
    if not is_address(text):
        raise UsageError(f"“{text[:60]}” is not an e-mail address: nothing was proposed.")
