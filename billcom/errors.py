"""What can go wrong between us and BILL, one class a cause.

    BillError
     +-- ConfigurationError        the address, key or password is wrong; a person must mend it
     +-- AuthenticationError       the session is refused even after signing in again
     +-- PermissionDeniedError     this user, or this organization, may not do that
     |    +-- WritesNotEnabledError  ours: nobody said yet that this tenant may be written to
     +-- ValidationError           the fields that are not accepted, in .reasons
     +-- BusinessError             BILL understood and declines
     +-- NotFoundError             no such record, or no such path
     +-- RateLimitedError          a limit is reached; .retry_at says when to come back
     |    +-- HourLimitError       BILL's calls an hour for a developer key
     |    +-- LoginLimitError      sign-ins an hour for a developer key
     |    +-- ConcurrencyLimitError  more than three calls in flight
     |    +-- BudgetSpentError     our own budget an hour, before BILL's is touched
     +-- CircuitOpenError          BILL failed too often lately; .retry_at says when it is tried
     +-- ServerError               BILL failed; a read may be repeated
     +-- NetworkError              the way to BILL is broken
     |    +-- UnreachableError     no connection: nothing was sent
     |    +-- UntrustedHostError   the certificate is not BILL's: nothing was sent
     |    +-- AnswerLostError      a read's answer never came whole
     +-- OutcomeUnknownError       a write was sent and its answer never came
     +-- ProtocolError             BILL was reached, but this is not its language

Each says whether the same call may succeed later by itself (`transient`) and what to do (`advice`),
and keeps what BILL sent: status and codes, never a body, a key or a session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

__all__ = [
    "AnswerLostError",
    "AuthenticationError",
    "BillError",
    "BudgetSpentError",
    "BusinessError",
    "CircuitOpenError",
    "ConcurrencyLimitError",
    "ConfigurationError",
    "HourLimitError",
    "LoginLimitError",
    "NetworkError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitedError",
    "ServerError",
    "UnreachableError",
    "UntrustedHostError",
    "ValidationError",
    "WritesNotEnabledError",
]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What may be told of a call: no body, no header."""

    method: str = ""
    path: str = ""
    status: int | None = None
    codes: tuple[str, ...] = ()


class BillError(Exception):
    """Any failure of a call to BILL; its text is one sentence for a person.

    `retry_at` (UTC) is when the same call may be sent again, where that is known.
    """

    transient: ClassVar[bool] = False
    advice: ClassVar[str] = "read what it says"

    def __init__(
        self, sentence: str, facts: CallFacts | None = None, retry_at: datetime | None = None
    ) -> None:
        super().__init__(sentence)
        self.facts = facts or CallFacts()
        self.retry_at = retry_at


class ConfigurationError(BillError):
    """The address or the credentials are wrong."""

    advice = "mend the credentials with tieout tenant credentials"


class AuthenticationError(BillError):
    """BILL refuses the session."""

    advice = "look whether the user is still active in BILL"


class PermissionDeniedError(BillError):
    """The user or the organization lacks a permission."""

    advice = "have an administrator of the organization grant it in BILL"


class WritesNotEnabledError(PermissionDeniedError):
    """Nobody has enabled writing to this production tenant yet; nothing was sent."""

    advice = "enable it with tieout tenant allow-writes"


class ValidationError(BillError):
    """The request is not acceptable; `reasons` has one `field: reason` a field."""

    advice = "correct the fields it names"

    def __init__(
        self, sentence: str, facts: CallFacts | None = None, reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence, facts)
        self.reasons = tuple(reasons)


class BusinessError(BillError):
    """BILL understood the request and declines it."""

    advice = "look at the record in BILL, then change what is asked for"


class NotFoundError(BillError):
    """BILL has no such record or path."""

    advice = "check the record, and that the address ends in /connect"


class RateLimitedError(BillError):
    """A limit is reached; `retry_at` is when it lifts, where that is known."""

    transient = True
    advice = "wait: the call comes again by itself"


class HourLimitError(RateLimitedError):
    """BILL's hourly limit of the developer key is spent until the next full hour."""

    advice = "wait for the next full hour; find out who else uses the developer key"


class LoginLimitError(RateLimitedError):
    """The sign-ins of the developer key are spent until the next full hour."""

    advice = "wait for the next full hour; find out who else signs in with the developer key"


class ConcurrencyLimitError(RateLimitedError):
    """BILL counts more than three calls in flight for this key and organization."""

    advice = "wait; another program calls BILL with the same developer key"


class BudgetSpentError(RateLimitedError):
    """Our own hourly budget is spent until the next full hour; nothing was sent."""

    advice = "wait for the next full hour, or raise TIEOUT_HOURLY_BUDGET"


class CircuitOpenError(BillError):
    """BILL failed too often lately; nothing is sent before `retry_at` (UTC)."""

    transient = True
    advice = "wait: BILL is tried again by itself at the time named"


class ServerError(BillError):
    """BILL answered with a fault of its own."""

    transient = True
    advice = "wait; if it lasts, look at BILL's status page"


class NetworkError(BillError):
    """The way between us and BILL is broken."""

    transient = True
    advice = "check the network"


class UnreachableError(NetworkError):
    """No connection to BILL: nothing was sent."""

    advice = "check the address, the name server and the network"


class UntrustedHostError(NetworkError):
    """The host does not prove that it is BILL: nothing was sent."""

    transient = False
    advice = "check the address, this machine's clock, and what inspects its traffic"


class AnswerLostError(NetworkError):
    """A read was sent, and its answer never came whole."""

    advice = "wait; if it lasts, check the network"


class OutcomeUnknownError(BillError):
    """A write was sent, but whether BILL carried it out is not known."""

    advice = "look in BILL whether it was done before asking for it again"


class ProtocolError(BillError):
    """The answer is not JSON, or not in the shape BILL documents."""

    advice = "check the address, and what stands between this machine and BILL"
