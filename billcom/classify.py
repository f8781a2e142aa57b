"""From a failed answer to a typed error: BDC code first, HTTP status second.

BILL leaves the status of several failures undocumented, so a code decides wherever there is one.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from billcom.errors import (
    AuthenticationError,
    BillError,
    BusinessError,
    CallFacts,
    ConcurrencyLimitError,
    ConfigurationError,
    HourLimitError,
    LoginLimitError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    ValidationError,
)
from billcom.protocol import Answer, Request, http_date
from billcom.redaction import redacted

__all__ = ["error_from"]

Maker = Callable[[str, CallFacts], BillError]


def _always(cls: type[BillError], sentence: str) -> Maker:
    return lambda _messages, facts: cls(sentence, facts)


BY_CODE: dict[str, Maker] = {
    "BDC_1001": lambda messages, facts: ServerError(f"BILL reports a fault: {messages}", facts),
    "BDC_1101": _always(
        ConfigurationError,
        "BILL does not know this user name and password for this organization: check them, and "
        "that they belong to the chosen environment.",
    ),
    "BDC_1102": _always(
        ConfigurationError,
        "BILL does not accept this developer key: check it, and that it belongs to the chosen "
        "environment.",
    ),
    "BDC_1105": _always(
        ConfigurationError,
        "This organization has no API access: ask BILL to enable it.",
    ),
    "BDC_1109": _always(AuthenticationError, "BILL says the session is no longer valid."),
    "BDC_1120": _always(AuthenticationError, "BILL says the session is no longer valid."),
    "BDC_1121": lambda _messages, facts: NotFoundError(
        f"BILL has no path {facts.path}: check that the address ends in /connect.", facts
    ),
    "BDC_1361": _always(
        PermissionDeniedError,
        "BILL asks for a session confirmed by a second factor, which this user's is not.",
    ),
}


def error_from(request: Request, answer: Answer, now: datetime) -> BillError:
    """The typed error of an answer that is not a success.

    `now` (aware) dates the end of an hourly limit, which is BILL's next full clock hour.
    """
    problems = _problems(answer.text)
    codes = tuple(dict.fromkeys(p["code"] for p in problems if isinstance(p.get("code"), str)))
    facts = CallFacts(request.method, request.path, answer.status, codes)
    said = [redacted(message, request.body) for message in _messages(problems)]
    messages = "; ".join(said)
    limit = _limit(codes, answer, facts, now, is_login=request.is_login)
    if limit:
        return limit
    known = next((BY_CODE[code](messages, facts) for code in codes if code in BY_CODE), None)
    error = _unless_unknown(request, known or _by_status(request, answer, facts, said))
    if error.transient:
        error.retry_at = _retry_after(answer, now)
    return error


def _limit(
    codes: tuple[str, ...], answer: Answer, facts: CallFacts, now: datetime, *, is_login: bool
) -> RateLimitedError | None:
    asked = _retry_after(answer, now)
    if "BDC_1322" in codes:
        return ConcurrencyLimitError("BILL is at its three calls in flight.", facts, asked)
    if "BDC_1144" in codes:
        at = asked or now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        kind, what = (LoginLimitError, " of sign-ins") if is_login else (HourLimitError, "")
        return kind(
            f"BILL's hourly limit{what} for this developer key is reached; it lifts at "
            f"{at:%H:%M} UTC.",
            facts,
            at,
        )
    if answer.status == 429:
        return RateLimitedError("BILL asks for fewer calls.", facts, asked)
    return None


def _retry_after(answer: Answer, now: datetime) -> datetime | None:
    # Not documented by BILL; honoured should it ever come, in seconds or as a date.
    text = answer.headers.get("retry-after", "")
    if text.isdecimal() and len(text) < 6:
        return now + timedelta(seconds=int(text))
    return http_date(text)


BY_STATUS: dict[int, tuple[type[BillError], str]] = {
    401: (AuthenticationError, "BILL refuses the session"),
    403: (PermissionDeniedError, "BILL does not permit this"),
    404: (NotFoundError, "BILL does not have this"),
}


def _by_status(
    request: Request, answer: Answer, facts: CallFacts, reasons: Sequence[str]
) -> BillError:
    said = "; ".join(reasons) or f"HTTP {answer.status} at {request.path}"
    if answer.status == 400:
        return ValidationError(f"BILL does not accept the request: {said}", facts, reasons)
    if answer.status >= 500 or answer.status == 408:
        return ServerError(f"BILL has a fault: {said}", facts)
    if answer.status >= 400:
        kind, sentence = BY_STATUS.get(answer.status, (BusinessError, "BILL declines"))
        return kind(f"{sentence}: {said}", facts)
    return ProtocolError(f"BILL answered {request.path} unexpectedly: {said}", facts)


def _unless_unknown(request: Request, error: BillError) -> BillError:
    """A fault after a write was sent leaves open whether it was carried out."""
    if not request.may_repeat and isinstance(error, ServerError | ProtocolError):
        return OutcomeUnknownError(
            f"BILL did not say whether it carried out {request.method} {request.path}; that has "
            "to be looked up before it is sent again.",
            error.facts,
        )
    return error


def _problems(text: str) -> list[dict[str, Any]]:
    """BILL's error objects, from an array, a bare object, or none at all."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return []
    items = body if isinstance(body, list) else [body]
    return [item for item in items if isinstance(item, dict)]


def _messages(problems: list[dict[str, Any]]) -> list[str]:
    """BILL's messages, each once: business errors come twice, the second with an id in front."""
    kept: list[str] = []
    for problem in problems:
        message = str(problem.get("message") or "").strip()
        message = re.sub(r"\s*:?\s*\$\{paramName\d+\}", "", message)
        if message and not any(message.endswith(seen) for seen in kept):
            kept.append(message)
    return kept
