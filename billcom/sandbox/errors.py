"""Every refusal the sandbox gives, one class a cause, each with BILL's status, code and words.

ApiError
├── InvalidRequestError       400  a field, a parameter or the JSON itself is wrong
├── UnknownUserError          401  BDC_1101
├── UnknownKeyError           401  BDC_1102
├── SessionInvalidError       401  BDC_1109
├── UntrustedSessionError     403  BDC_1361
├── UnknownRecordError        404  no such id
├── UnknownPathError          404  BDC_1121
├── SubscriptionRefusedError  400  one webhook subscription too many
├── BusinessRuleError         422  well formed, refused all the same
│   ├── DuplicateNameError
│   ├── DuplicateNumberError
│   ├── BadCodeError               BDC_1356
│   └── BadProcessDateError        BDC_1152
├── LimitReachedError         422 or 429
│   ├── HourlyLimitError           BDC_1144
│   └── ConcurrencyLimitError      BDC_1322
├── InjectedError             any  BDC_1001, asked for by a fault
└── SystemFaultError          500  BDC_1001, a mistake of the sandbox itself
"""

from collections.abc import Iterable
from datetime import datetime

from billcom.sandbox.clock import timestamp
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.wire import Record


class ApiError(Exception):
    """A call that is answered with an error body: a JSON array with one object a message."""

    status = 500
    # The knob that says which status it has, where BILL does not.
    status_knob: str | None = None
    code: str | None = None
    category = "DOWNSTREAM"

    def __init__(self, *messages: str) -> None:
        """One object in the body for each message."""
        super().__init__(*messages)
        self.messages = messages

    def status_by(self, knobs: Knobs) -> int:
        """Its HTTP status with the knobs in these positions."""
        return self.status if self.status_knob is None else int(getattr(knobs, self.status_knob))

    def body(self, now: datetime) -> list[Record]:
        """The array BILL sends, stamped with `now`."""
        return [self._entry(message, timestamp(now)) for message in self.messages]

    def _entry(self, message: str, at: str) -> Record:
        return {
            "timestamp": at,
            "code": self.code,
            "severity": "ERROR",
            "category": self.category,
            "message": message,
        }


class InvalidRequestError(ApiError):
    """What was sent breaks the schema; each message reads `field: reason`."""

    status = 400
    category = "REQUEST"

    def __init__(self, messages: Iterable[str]) -> None:
        """BILL lists the fields alphabetically; so do we."""
        super().__init__(*sorted(messages))

    def _entry(self, message: str, at: str) -> Record:
        return {**super()._entry(message, at), "params": {}}


class UnknownUserError(ApiError):
    """The user, the password or the organization does not fit."""

    status = 401
    status_knob = "bad_login_status"
    code = "BDC_1101"

    def __init__(self) -> None:
        """The same words whichever of the three is wrong."""
        super().__init__("User name and/or password do not match our records.")


class UnknownKeyError(ApiError):
    """No developer key like that."""

    status = 401
    status_knob = "bad_login_status"
    code = "BDC_1102"

    def __init__(self) -> None:
        """BILL's words."""
        super().__init__("Developer key is invalid.")


class SessionInvalidError(ApiError):
    """No session, a dead one, or one that another developer key made."""

    status = 401
    code = "BDC_1109"

    def __init__(self) -> None:
        """BILL's words, two spaces included."""
        super().__init__("Session is invalid.  Please log in.")


class UntrustedSessionError(ApiError):
    """The session is not good enough for what is asked; logging in again does not help."""

    status = 403
    code = "BDC_1361"

    def __init__(self) -> None:
        """BILL's words."""
        super().__init__("Untrusted session.")


class UnknownRecordError(ApiError):
    """The organization has no record with this id."""

    status = 404
    status_knob = "unknown_id_status"
    category = "REQUEST"

    def __init__(self, kind: str, record_id: str) -> None:
        """`kind` as a person would say it: customer, invoice."""
        super().__init__(f"No {kind} with id {record_id}.")


class UnknownPathError(ApiError):
    """No endpoint at this path, or not with this method."""

    status = 404
    status_knob = "unknown_path_status"
    code = "BDC_1121"

    def __init__(self) -> None:
        """BILL's words."""
        super().__init__("API not supported.")


class BusinessRuleError(ApiError):
    """The request is well formed and the book says no."""

    status = 422


class DuplicateNameError(BusinessRuleError):
    """Another customer has this name, and a knob forbids it."""

    def __init__(self, existing_id: str) -> None:
        """Names the customer that has it."""
        super().__init__(f"Duplicate customer name for {existing_id}.")


class DuplicateNumberError(BusinessRuleError):
    """Another invoice of the organization has this number."""

    def __init__(self, existing_id: str) -> None:
        """Names the invoice that has it."""
        super().__init__(f"Duplicate invoice number for {existing_id}.")


class BadCodeError(BusinessRuleError):
    """The code from the text message is wrong or has expired."""

    code = "BDC_1356"

    def __init__(self) -> None:
        """The code is not repeated."""
        super().__init__("The code is wrong or has expired.")


class BadProcessDateError(BusinessRuleError):
    """Money cannot be drawn on a day that has gone by."""

    code = "BDC_1152"

    def __init__(self) -> None:
        """BILL sends the placeholder unreplaced; clients must live with it."""
        super().__init__("Invalid Process Date : ${paramName0}.")


class LimitReachedError(ApiError):
    """Too many calls. BILL documents no status for it."""

    status = 422
    status_knob = "rate_limit_status"


class HourlyLimitError(LimitReachedError):
    """The developer key has used up this clock hour."""

    code = "BDC_1144"

    def __init__(self, allowed: int) -> None:
        """Names the number of calls allowed."""
        super().__init__(f"Max number of allowed requests per hour reached: {allowed}.")


class ConcurrencyLimitError(LimitReachedError):
    """Too many calls of this key for this organization are open at once."""

    code = "BDC_1322"

    def __init__(self) -> None:
        """BILL's words."""
        super().__init__("Max number of concurrent requests per organization reached.")


class InjectedError(ApiError):
    """BILL is out of order, because a fault says so."""

    code = "BDC_1001"
    category = "SERVER"

    status = 503

    def __init__(self) -> None:
        """BILL's words; the status is the fault's."""
        super().__init__("System error occurred.")


class SubscriptionRefusedError(ApiError):
    """One webhook subscription too many, or one there is already."""

    status = 400
    status_knob = "webhook_refusal_status"
    category = "REQUEST"


class SystemFaultError(ApiError):
    """The sandbox failed; its own log has the traceback."""

    code = "BDC_1001"
    category = "SERVER"

    def __init__(self) -> None:
        """BILL's words."""
        super().__init__("System error occurred.")
