"""Webhooks of BILL, received: is it BILL's, and what does it say?

https://developer.bill.com/docs/test-with-webhook-security
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billcom.errors import ProtocolError

__all__ = ["SIGNATURE_HEADER", "Notification", "is_signed", "notification", "signature"]

SIGNATURE_HEADER = "x-bill-sha-signature"


@dataclass(frozen=True, slots=True)
class Notification:
    """One event as told. `event_id` is its name: the same may come twice, and out of order.

    `record` is a hint only, money as Decimal: BILL's book is asked before anything follows from it.
    """

    event_id: str
    event_type: str
    subscription_id: str
    organization_id: str
    record: Mapping[str, Any]


def signature(body: bytes, security_key: str) -> str:
    """The signature of a body's bytes: base64 of their HMAC-SHA256 under the key's text."""
    digest = hmac.new(security_key.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def is_signed(body: bytes, given: str | None, security_key: str) -> bool:
    """Whether the bytes as they were received bear the signature given."""
    return given is not None and hmac.compare_digest(
        signature(body, security_key).encode(), given.strip().encode()
    )


def notification(body: bytes) -> Notification:
    """What a body says; ProtocolError where it is not an event of BILL's.

    Deliveries are objects; what is resent or listed may hold the event as a text in `payload`.
    """
    try:
        event = _unwrapped(json.loads(body, parse_float=Decimal))
        metadata = event["metadata"]
        kind = str(metadata["eventType"])
        return Notification(
            event_id=str(metadata["eventId"]),
            event_type=kind,
            subscription_id=str(metadata["subscriptionId"]),
            organization_id=str(metadata["organizationId"]),
            record=event.get(kind.partition(".")[0]) or {},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ProtocolError("This is not an event as BILL tells them.") from None


def _unwrapped(event: Any) -> Any:
    for _ in range(2):
        if isinstance(event, dict) and isinstance(event.get("payload"), str):
            event = event["payload"]
        if isinstance(event, str):
            event = json.loads(event, parse_float=Decimal)
    return event
