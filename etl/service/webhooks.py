"""BILL's webhooks received: proven, written down and answered; a sync follows by itself.

Neither a body nor an address is logged, and nobody is told why one is refused.
"""

import asyncio
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.errors import ProtocolError
from billcom.protocol import parse_instant
from billcom.webhooks import SIGNATURE_HEADER, is_signed, notification
from etl.back_office import BackOffice
from etl.errors import StoreError
from etl.store.webhook_events import Outcome, Told, refuse, take
from etl.store.webhooks import of_token

__all__ = ["webhook_route"]

LARGEST_BODY = 256 * 1024
BODY_TAKES_S = 10  # BILL itself waits no longer for its answer


def webhook_route(office: BackOffice) -> Route:
    """`POST /webhooks/TOKEN`: 200 for an event, new or not; 401 unsigned; 404 no subscription."""

    async def receive(request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_TAKES_S):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=408)
        token, given = request.path_params["token"], request.headers.get(SIGNATURE_HEADER)
        status = await run_in_threadpool(_status, office, token, body, given)
        return Response(status_code=status)

    return Route("/webhooks/{token}", receive, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The bytes as they came; None where they are too many."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _status(office: BackOffice, token: str, body: bytes | None, given: str | None) -> int:
    try:
        return _taken(office, token, body, given)
    except (StoreError, SQLAlchemyError):
        return 503  # BILL sends it again


def _taken(office: BackOffice, token: str, body: bytes | None, given: str | None) -> int:
    with office.store.read() as session:
        known = of_token(session, token)
    if known is None or known.bill_id is None:
        return 404
    key = office.box.open(known.sealed)
    if body is None or not is_signed(body, given, key):
        outcome = Outcome.TOO_LARGE if body is None else Outcome.UNSIGNED
        with office.store.begin() as session:
            refuse(session, known.tenant_id, outcome, office.clock())
        return 413 if body is None else 401
    told = told_by(body)
    with office.store.begin() as session:
        take(session, known.tenant_id, told, office.clock())
    return 200


def told_by(body: bytes) -> Told:
    """What is kept of a signed body. One that cannot be read is a hint all the same: refused, it
    would come again until BILL disabled the subscription."""
    try:
        told = notification(body)
        record = told.record if isinstance(told.record, dict) else {}
    except ProtocolError:
        return Told(f"sha256:{sha256(body).hexdigest()}", "unread", None, None)
    record_id = record.get("id")
    return Told(
        event_id=told.event_id,
        type=told.event_type,
        record_id=None if record_id is None else str(record_id),
        happened_at=_instant(record.get("updatedTime")),
    )


def _instant(text: object) -> datetime | None:
    try:
        return parse_instant(str(text))
    except (ValueError, OverflowError):
        return None
