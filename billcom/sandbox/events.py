"""Events as webhooks tell them: which there are, what they carry, how they are signed."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime

from billcom.sandbox.changes import Change
from billcom.sandbox.clock import timestamp
from billcom.sandbox.fields import without_gaps
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.wire import Record, encode, rows

INVOICE_EVENTS = ("invoice.created", "invoice.updated", "invoice.archived", "invoice.restored")
# The others can be subscribed to; nothing in the sandbox brings them about.
CATALOG = (
    *INVOICE_EVENTS,
    *(f"{kind}.{what}" for kind in ("vendor", "bill") for what in ("created", "updated")),
    *(f"{kind}.{what}" for kind in ("vendor", "bill") for what in ("archived", "restored")),
    "payment.updated",
    "payment.failed",
    "autopay.failed",
    "bank-account.created",
    "bank-account.updated",
    "card-account.created",
    "card-account.updated",
    "risk-verification.updated",
)
VERSION = "1"
# A PDF that has become ready is no change of its invoice.
_SILENT = {"invoicePdfId": None}
_TOLD = (
    *("id", "customerId", "archived", "invoiceNumber", "invoiceDate", "dueDate", "totalAmount"),
    *("dueAmount", "createdBy", "createdTime", "updatedTime", "status", "scheduledAmount"),
    *("creditAmount", "salesTaxTotal"),
)


@dataclass(frozen=True)
class Event:
    """One thing that happened, as one subscription is told of it. `body` is sent to the letter."""

    id: str
    type: str
    subscription_id: str
    entity_id: str
    body: bytes
    created_at: datetime

    def record(self, status: int | None) -> Record:
        """As the API lists it; `status` is what the receiver answered last."""
        return without_gaps(
            id=self.id,
            type=self.type,
            version=VERSION,
            subscriptionId=self.subscription_id,
            payload=self.body.decode(),
            createdTime=timestamp(self.created_at),
            statusCode=status,
        )


def event_type(change: Change, knobs: Knobs) -> str | None:
    """Which event a change of an invoice is, None when it is none."""
    before, after = change.before, change.after
    if before is None:
        return "invoice.created"
    if {**before, **_SILENT} == {**after, **_SILENT}:
        return None
    if bool(before.get("archived")) != bool(after.get("archived")):
        return "invoice.archived" if after.get("archived") else "invoice.restored"
    return (
        None if _is_payments(before, after) and not knobs.webhook_on_payment else "invoice.updated"
    )


def invoice_event(
    kind: str,
    invoice: Record,
    *,
    place: tuple[str, str],
    now: datetime,
    knobs: Knobs,
) -> Event:
    """The event `kind` of an invoice; `place` is (organization id, subscription id)."""
    organization_id, subscription_id = place
    event_id = str(uuid.uuid4())
    metadata = {
        "eventId": event_id,
        "subscriptionId": subscription_id,
        "organizationId": organization_id,
        "eventType": kind,
        "version": int(VERSION) if knobs.webhook_version == "number" else VERSION,
    }
    told = {name: invoice[name] for name in _TOLD if name in invoice}
    told["salesTaxPercentage"] = invoice.get("salesTaxPercentage", 0)
    body = encode({"metadata": metadata, "invoice": told})
    return Event(event_id, kind, subscription_id, str(invoice.get("id", "")), body, now)


def sign(security_key: str, body: bytes) -> str:
    """The signature of a body as it goes over the wire: base64 of HMAC-SHA256."""
    digest = hmac.new(security_key.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _is_payments(before: Record, after: Record) -> bool:
    """Whether payments are what changed, their number aside."""
    old, new = rows(before, "payments"), rows(after, "payments")
    return len(old) == len(new) and old != new
