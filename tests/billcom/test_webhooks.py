"""Webhooks as BILL signs and tells them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from billcom.errors import ProtocolError
from billcom.webhooks import is_signed, notification, signature

EXAMPLES = Path(__file__).parents[3] / "shared" / "bill-api" / "examples"
VECTORS = EXAMPLES / "webhook-signature-vectors.json"
KEY = "not-a-security-key"
EVENT = {
    "metadata": {
        "eventId": "7f1e6c58-0000-4000-8000-000000000001",
        "subscriptionId": "7f1e6c58-0000-4000-8000-000000000002",
        "organizationId": "00802AAAAAAAAAAAAAAA",
        "eventType": "invoice.updated",
        "version": 1,
    },
    "invoice": {"id": "00e02AAAAAAAAAAAAAAA", "dueAmount": 120.10},
}
BODY = json.dumps(EVENT, separators=(",", ":")).encode()


def test_a_signature_is_of_the_bytes_as_they_came() -> None:
    given = signature(BODY, KEY)
    assert is_signed(BODY, given, KEY)
    assert not is_signed(BODY + b" ", given, KEY)
    assert not is_signed(BODY, given, "another-key")
    assert not is_signed(BODY, None, KEY)
    assert not is_signed(BODY, "ünsigned", KEY)


def test_a_known_signature_is_reproduced() -> None:
    # As `printf '{}' | openssl dgst -sha256 -hmac k -binary | base64` says it.
    assert signature(b"{}", "k") == "rdhTsQP7zJNqGU+esV4pxP8Ir25H1dG8pPICGOMeT/8="


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not at hand")
def test_the_recorded_vectors_are_signed_as_told() -> None:
    for vector in json.loads(VECTORS.read_text()):
        given = vector["x-bill-sha-signature"]
        assert is_signed(vector["body"].encode(), given, vector["securityKey"])


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        json.dumps(BODY.decode()).encode(),
        json.dumps({"id": "x", "payload": BODY.decode()}).encode(),
        json.dumps(json.dumps({"payload": BODY.decode()})).encode(),
    ],
)
def test_an_event_is_read_however_it_is_wrapped(body: bytes) -> None:
    told = notification(body)
    assert (told.event_type, told.event_id) == ("invoice.updated", EVENT["metadata"]["eventId"])  # type: ignore[index]
    assert told.record == {"id": "00e02AAAAAAAAAAAAAAA", "dueAmount": Decimal("120.1")}


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"7", b'"x"', b'{"metadata": 1}', b"\xff"])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="not an event"):
        notification(body)
