"""How a tenant wants its letters, as people type it."""

from collections.abc import Collection

from etl.errors import UsageError
from etl.mail.address import is_address

__all__ = ["as_hours", "as_reply_to", "as_sms", "as_steps", "hours_said"]

FURTHEST = 365


def as_steps(text: str) -> tuple[int, ...]:
    """Days from the due date given as -3,1,7; UsageError where they are none, or too many."""
    try:
        steps = sorted({int(part) for part in text.split(",")})
    except ValueError:
        steps = []
    if not steps or len(steps) > 12 or max(map(abs, steps)) > FURTHEST:
        raise UsageError(
            f"“{text}” are no steps: give up to 12 days from the due date, such as -3,1,7,14."
        )
    return tuple(steps)


def as_sms(text: str, steps: Collection[int]) -> tuple[str, ...]:
    """What goes by text message as well, given as failed_payment,7,14; empty for nothing.

    UsageError for what is neither a kind of letter nor one of the `steps` reminded at.
    """
    said = [part.strip() for part in text.split(",") if part.strip()]
    known = ("failed_payment", "receipt", *map(str, steps))
    for one in said:
        if one not in known:
            raise UsageError(
                f"“{one[:40]}” cannot go by text message: give some of {', '.join(known)}."
            )
    return tuple(dict.fromkeys(said))


def as_hours(text: str) -> tuple[int, int]:
    """Quiet hours given as 20-8, empty for none; UsageError for anything else."""
    start, _, end = (text or "0-0").partition("-")
    if not (_is_hour(start) and _is_hour(end)):
        raise UsageError(f"“{text}” are no quiet hours: give the first and the end, such as 20-8.")
    return int(start), int(end)


def _is_hour(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) < 24


def hours_said(hours: tuple[int, int]) -> str:
    """Quiet hours as they are typed."""
    start, end = hours
    return "" if start == end else f"{start}-{end}"


def as_reply_to(text: str) -> str:
    """Where customers' answers go; UsageError for what is no address."""
    if not is_address(text.strip()):
        raise UsageError(f"“{text[:60]}” is not an e-mail address.")
    return text.strip()
