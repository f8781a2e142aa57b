"""Two pure questions about a failed call: may it be sent again, and when?"""

from collections.abc import Callable
from datetime import datetime

from billcom.errors import (
    BillError,
    BudgetSpentError,
    CircuitOpenError,
    ConcurrencyLimitError,
    HourLimitError,
    LoginLimitError,
    RateLimitedError,
    UnreachableError,
)
from billcom.protocol import Request

__all__ = ["MAX_ATTEMPTS", "delay_s", "may_retry"]

MAX_ATTEMPTS = 5
LONGEST_DELAY_S = 30.0
NOT_WAITED_OUT = (BudgetSpentError, CircuitOpenError, HourLimitError, LoginLimitError)


def may_retry(request: Request, error: BillError, attempt: int, now: datetime) -> bool:
    """Whether the same request may go out again after its `attempt`-th try failed.

    A write is repeated only where BILL rejected it before executing it (a limit) or was never
    reached. A limit that lasts longer than half a minute is not waited out here: the caller yields
    its place instead.
    """
    if attempt >= MAX_ATTEMPTS or isinstance(error, NOT_WAITED_OUT):
        return False
    if error.retry_at and (error.retry_at - now).total_seconds() > LONGEST_DELAY_S:
        return False
    if isinstance(error, RateLimitedError | UnreachableError):
        return True
    return request.may_repeat and error.transient


def delay_s(error: BillError, attempt: int, now: datetime, chance: Callable[[], float]) -> float:
    """Seconds to wait before try `attempt` + 1: doubling from half a second, with full jitter.

    `chance` gives a number from 0 to 1. A time that BILL names is honoured.
    """
    if error.retry_at:
        return max(0.0, (error.retry_at - now).total_seconds())
    ceiling = min(LONGEST_DELAY_S, 0.5 * 2.0 ** (attempt - 1))
    floor = 0.2 if isinstance(error, ConcurrencyLimitError) else 0.0
    return float(floor + ceiling * chance())
