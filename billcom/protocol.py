"""BILL's v3 protocol without a network: requests out, answers and errors in.

Shapes and codes: BILL's developer pages on lists, errors and limits
(https://developer.bill.com/docs/search-op-with-lists, …/docs/common-api-error-codes).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billcom.errors import ProtocolError, ValidationError

__all__ = [
    "Answer",
    "Request",
    "clause",
    "decode",
    "encode",
    "instant",
    "list_request",
    "parse_instant",
]

MAX_PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Request:
    """One call: a path below `/connect`, query parameters, and a JSON body or none."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again can do no harm: it reads, or signs in."""
        return self.method == "GET" or self.path == "/v3/login"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (lower-case names) and the body as text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_success(self) -> bool:
        """Whether BILL did what was asked."""
        return 200 <= self.status < 300


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


def list_request(
    path: str,
    *,
    page_size: int = MAX_PAGE_SIZE,
    filters: Sequence[str] = (),
    sort: str | None = None,
    cursor: str | None = None,
) -> Request:
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
    return Request("GET", path, params)


def encode(body: Any) -> bytes | None:
    """A JSON body with every Decimal written digit by digit; None where there is no body."""
    if body is None:
        return None
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
    """The JSON of a successful answer, numbers with a fraction as Decimal; None for no body.

    Raises ProtocolError where the body is not JSON, as when a proxy answers with a page.
    """
    if not answer.text.strip():
        return None
    try:
        return json.loads(answer.text, parse_float=Decimal)
    except (ValueError, RecursionError):
        kind = "an HTML page" if "<html" in answer.text[:2000].lower() else "something"
        raise ProtocolError(
            f"The address answers {request.method} {request.path} with {kind} that is not BILL's "
            "JSON: check that it ends in /connect and that nothing stands in between."
        ) from None


def instant(value: datetime) -> str:
    """A moment as BILL's filters take it, in UTC with milliseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{value.microsecond // 1000:03d}Z"
    )


def parse_instant(text: str) -> datetime:
    """A moment as BILL writes it (numeric offset or `Z`); one without a zone is UTC.

    Raises ValueError where it is no moment.
    """
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
