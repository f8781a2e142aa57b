"""What can go wrong between us and BILL, one class a cause.

    BillError
     +-- ConfigurationError        the address, key or password is wrong; a person must mend it
     +-- AuthenticationError       the session is refused even after signing in again
     +-- PermissionDeniedError     this user, or this organization, may not do that
     +-- ValidationError           BILL names the fields it does not accept
     +-- BusinessError             BILL understood and declines
     +-- NotFoundError             no such record, or no such path
     +-- RateLimitedError          a limit is reached; .retry_at says when to come back
     |    +-- HourLimitError       BILL's calls an hour for a developer key
     |    +-- ConcurrencyLimitError  more than three calls in flight
     |    +-- BudgetSpentError     our own budget an hour, before BILL's is touched
     +-- ServerError               BILL failed; a read may be repeated
     +-- NetworkError              BILL was not reached; nothing was done
     +-- OutcomeUnknownError       a write was sent and its answer never came
     +-- ProtocolError             BILL was reached, but this is not its language

Each says whether the same call may succeed later (`transient`) and keeps what BILL
sent: status and codes, never a body, a key or a session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = [
    "AuthenticationError",
    "BillError",
    "BudgetSpentError",
    "BusinessError",
    "ConcurrencyLimitError",
    "ConfigurationError",
    "HourLimitError",
    "NetworkError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitedError",
    "ServerError",
    "ValidationError",
]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What may be told of a call: no body, no header."""

    method: str = ""
    path: str = ""
    status: int | None = None
    codes: tuple[str, ...] = ()


class BillError(Exception):
    """Any failure of a call to BILL; its text is one sentence for a person."""

    transient = False

    def __init__(self, sentence: str, facts: CallFacts | None = None) -> None:
        super().__init__(sentence)
        self.facts = facts or CallFacts()


class ConfigurationError(BillError):
    """The address or the credentials are wrong."""


class AuthenticationError(BillError):
    """BILL refuses the session."""


class PermissionDeniedError(BillError):
    """The user or the organization lacks a permission."""


class ValidationError(BillError):
    """BILL does not accept the request; `reasons` has a line a field."""

    def __init__(
        self, sentence: str, facts: CallFacts | None = None, reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence, facts)
        self.reasons = tuple(reasons)


class BusinessError(BillError):
    """BILL understood the request and declines it."""


class NotFoundError(BillError):
    """BILL has no such record or path."""


class RateLimitedError(BillError):
    """A limit is reached; `retry_at` (UTC) is when it lifts, where that is known."""

    transient = True

    def __init__(
        self, sentence: str, facts: CallFacts | None = None, retry_at: datetime | None = None
    ) -> None:
        super().__init__(sentence, facts)
        self.retry_at = retry_at


class HourLimitError(RateLimitedError):
    """BILL's hourly limit of the developer key is spent until the next full hour."""


class ConcurrencyLimitError(RateLimitedError):
    """BILL counts more than three calls in flight for this key and organization."""


class BudgetSpentError(RateLimitedError):
    """Our own hourly budget of a tenant is spent until the next full hour."""


class ServerError(BillError):
    """BILL answered with a fault of its own."""

    transient = True


class NetworkError(BillError):
    """No connection to BILL: nothing was sent."""

    transient = True


class OutcomeUnknownError(BillError):
    """A write was sent, but whether BILL carried it out is not known."""


class ProtocolError(BillError):
    """The answer is not JSON, or not in the shape BILL documents."""
