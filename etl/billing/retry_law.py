"""How often and until when a failed payment may be tried again: its code's limits, within law."""

from dataclasses import dataclass
from datetime import date, timedelta

from etl.billing.failure_codes import FailureCode

__all__ = ["MOST_OF_SCHEME", "Allowance", "allowance"]

# What the schemes allow at most: ACH twice in 180 days, Visa, the strictest, 15 times in 30 days.
MOST_OF_SCHEME = {"ach": 2, "card": 15}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left: None where nothing limits it or, of attempts, where nobody knows the reason.

    `not_before` is the first day on which another attempt makes sense.
    """

    attempts_left: int | None
    days_left: int | None = None
    not_before: date | None = None


def allowance(
    rail: str, code: FailureCode, *, made: int, first_on: date, failed_on: date, as_of: date
) -> Allowance:
    """What may still be tried after `made` attempts within the scheme's days, the first of them on
    `first_on` and the last failed on `failed_on`.

    Without a bank's code nothing is retried by itself, so nothing is counted down either.
    """
    if not code.is_of_a_bank:
        return Allowance(None)
    if code.retry == "never" or not code.most_retries:
        return Allowance(0)
    most = min(code.most_retries, MOST_OF_SCHEME.get(rail, code.most_retries))
    days_left = _days_left(code, first_on, as_of)
    left = 0 if days_left == 0 else max(0, most - (made - 1))
    wait = timedelta(days=-(-(code.wait_hours or 0) // 24))
    return Allowance(left, days_left, failed_on + wait if left else None)


def _days_left(code: FailureCode, first_on: date, as_of: date) -> int | None:
    if code.within_days is None:
        return None
    return max(0, code.within_days - (as_of - first_on).days)
