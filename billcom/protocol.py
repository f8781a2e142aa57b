"""BILL's v3 protocol without a network: requests out, answers and errors in.

Shapes and codes: BILL's developer pages on lists, errors and limits
(https://developer.bill.com/docs/search-op-with-lists, …/docs/common-api-error-codes).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from billcom.errors import ProtocolError, ValidationError
from billcom.paging import Page, page_from

__all__ = [
    "LOGIN_PATH",
    "MAX_PAGE_SIZE",
    "Answer",
    "Host",
    "Request",
    "Shape",
    "clause",
    "decode",
    "encode",
    "http_date",
    "instant",
    "list_params",
    "parse_instant",
]

MAX_PAGE_SIZE = 100
LOGIN_PATH = "/v3/login"
LOGOUT_PATH = "/v3/logout"


class Host(Enum):
    """Which of BILL's two services: they have addresses of their own."""

    CONNECT = "/connect"
    EVENTS = "/connect-events"


class Shape(Enum):
    """What the body of a successful answer is."""

    RECORD = "a record"
    PAGE = "a page of records"
    RECORDS = "an object that holds one list of records"
    LIST = "a list"
    ANY = "anything, or nothing"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: a path below the service, query parameters, and a body or none.

    `body` is sent as JSON, or as it is where it is bytes. `endpoint` names the kind of call
    without any id, for counting.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    host: Host = Host.CONNECT
    shape: Shape = Shape.ANY
    is_repeatable: bool = False
    endpoint: str = ""

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again can do no harm: it reads, or doing it twice is once."""
        return self.method == "GET" or self.is_repeatable

    @property
    def is_write(self) -> bool:
        """Whether it could change a book."""
        return self.method != "GET" and self.path not in {LOGIN_PATH, LOGOUT_PATH}

    @property
    def is_login(self) -> bool:
        """Whether it signs in."""
        return self.path == LOGIN_PATH


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (lower-case names), the body as text and its size."""

    status: int
    headers: Mapping[str, str]
    text: str
    size_bytes: int = 0

    @property
    def is_success(self) -> bool:
        """Whether BILL did what was asked."""
        return 200 <= self.status < 300

    @property
    def dated(self) -> datetime | None:
        """When its host says that it was written, to the second; None where it does not say."""
        return http_date(self.headers.get("date", ""))


def clause(name: str, operator: str, value: str | datetime | bool) -> str:
    """One filter, `field:op:value`, quoted where BILL's pages quote.

    BILL documents no way to escape a double quote, so a value that holds one is refused
    with ValidationError: filter such a value after reading.
    """
    if isinstance(value, bool):
        return f"{name}:{operator}:{str(value).lower()}"
    text = instant(value) if isinstance(value, datetime) else value
    if '"' in text:
        raise ValidationError(f"BILL cannot filter {name} by a text that holds a double quote.")
    return f'{name}:{operator}:"{text}"'


def list_params(
    *,
    page_size: int = MAX_PAGE_SIZE,
    filters: Sequence[str] = (),
    sort: str | None = None,
    cursor: str | None = None,
) -> dict[str, str]:
    """One page of a list. Filters and sort go with every page, as the cursor is bound to them."""
    if not 1 <= page_size <= MAX_PAGE_SIZE:
        raise ValidationError(
            f"BILL gives pages of 1 to {MAX_PAGE_SIZE} records, not of {page_size}."
        )
    params = {"max": str(page_size)}
    if filters:
        params["filters"] = ",".join(filters)
    if sort:
        params["sort"] = sort
    if cursor:
        params["page"] = cursor
    return params


def encode(body: Any) -> bytes | None:
    """A JSON body with every Decimal written digit by digit; bytes as they are; None for none."""
    if body is None or isinstance(body, bytes):
        return body
    return "".join(_tokens(body)).encode()


def _tokens(value: Any) -> list[str]:
    # The standard encoder knows no Decimal and would need a float on the way.
    if isinstance(value, Decimal):
        return [format(value, "f")]
    if isinstance(value, Mapping):
        parts = [f"{json.dumps(str(k))}:{''.join(_tokens(v))}" for k, v in value.items()]
        return ["{", ",".join(parts), "}"]
    if isinstance(value, list | tuple):
        return ["[", ",".join("".join(_tokens(v)) for v in value), "]"]
    return [json.dumps(value)]


def decode(request: Request, answer: Answer) -> Any:
    """What a successful answer holds, numbers with a fraction as Decimal; None for no body; a
    `Page` of what lists one.

    Raises ProtocolError where it is not JSON, as when a proxy answers with a page, or not what
    the request's `shape` says.
    """
    if request.shape is Shape.PAGE:
        return _page(request, answer)
    payload = _parsed(request, answer) if answer.text.strip() else None
    if not SHAPED[request.shape](payload):
        raise ProtocolError(
            f"The answer to {request.endpoint or request.path} is not {request.shape.value}."
        )
    return payload


def _page(request: Request, answer: Answer) -> Page:
    try:
        return page_from(answer.text)
    except (ValueError, RecursionError):
        _parsed(request, answer)  # says so where it is not even JSON
        raise ProtocolError(
            f"The answer to a list of {request.path} holds no records with an id."
        ) from None


def _parsed(request: Request, answer: Answer) -> Any:
    try:
        return json.loads(answer.text, parse_float=Decimal)
    except (ValueError, RecursionError):
        kind = "an HTML page" if "<html" in answer.text[:2000].lower() else "something"
        raise ProtocolError(
            f"The address answers {request.method} {request.path} with {kind} that is not BILL's "
            "JSON: check that it ends in /connect and that nothing stands in between."
        ) from None


def _holds_one_list(payload: Any) -> bool:
    lists = [v for v in payload.values() if isinstance(v, list)] if is_record(payload) else []
    return len(lists) == 1 and all(is_record(record) for record in lists[0])


def is_record(payload: Any) -> bool:
    """Whether it is a JSON object."""
    return isinstance(payload, dict)


SHAPED: dict[Shape, Callable[[Any], bool]] = {
    Shape.RECORD: is_record,
    Shape.RECORDS: _holds_one_list,
    Shape.LIST: lambda payload: isinstance(payload, list),
    Shape.ANY: lambda _payload: True,
}


def instant(value: datetime) -> str:
    """A moment as BILL's filters take it, in UTC with milliseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{value.microsecond // 1000:03d}Z"
    )


def http_date(text: str) -> datetime | None:
    """The moment of a header like `Date`, to the second; None where it is none."""
    try:
        said = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """A moment as BILL writes it (numeric offset or `Z`); one without a zone is UTC.

    Raises ValueError where it is no moment.
    """
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
