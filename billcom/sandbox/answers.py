"""Responses: a record, raw JSON, an error array."""

from datetime import datetime

from starlette.responses import Response

from billcom.sandbox.errors import ApiError
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.wire import encode

_JSON = "application/json"


def answer(value: object, status: int = 200) -> Response:
    """`value` as JSON; with None an empty body."""
    return raw_answer(b"" if value is None else encode(value), status)


def raw_answer(body: bytes, status: int = 200) -> Response:
    """JSON that has been written already."""
    return Response(body, status, media_type=_JSON)


def refusal(error: ApiError, now: datetime, knobs: Knobs, *, status: int | None = None) -> Response:
    """The array of an error, under `status` or else its own."""
    return answer(error.body(now), status or error.status_by(knobs))
