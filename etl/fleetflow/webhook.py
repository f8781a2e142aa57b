"""Webhooks to FleetFlow, signed as Standard Webhooks say: https://www.standardwebhooks.com/"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from etl.errors import FleetFlowError, UsageError
from etl.settings import LOOPBACK

__all__ = ["Webhook", "is_safe", "read_key", "signature"]

TIMEOUT_S = 15
LEAST_BYTES, MOST_BYTES = 24, 64  # of a key, by the standard


def is_safe(url: str) -> bool:
    """Whether an address is HTTPS, or on this machine, and holds no password."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_here = parts.scheme == "http" and host in LOOPBACK
    return bool(host) and (parts.scheme == "https" or is_here) and "@" not in parts.netloc


def read_key(name: str, text: str) -> bytes:
    """The key of `whsec_` and base64; UsageError, without showing it, where it is none."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith("whsec_") or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise UsageError(
            f"{name} must read whsec_ and {LEAST_BYTES} to {MOST_BYTES} bytes in base64."
        )
    return key


def signature(key: bytes, webhook_id: str, at: datetime, body: str) -> str:
    """The value of webhook-signature: over id, second and body."""
    signed = f"{webhook_id}.{int(at.timestamp())}.{body}"
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of FleetFlow's, and the key that it knows ours by."""

    url: str
    key: bytes = field(repr=False)

    def send(self, webhook_id: str, body: str, at: datetime) -> int:
        """Sends once and gives the status; FleetFlowError where there was no answer."""
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature(self.key, webhook_id, at, body),
        }
        host = urlsplit(self.url).hostname
        try:
            # A proxy of the environment would get what goes to this machine in the clear.
            with (
                httpx.Client(timeout=TIMEOUT_S, trust_env=host not in LOOPBACK) as http,
                http.stream("POST", self.url, content=body.encode(), headers=headers) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FleetFlowError(
                f"FleetFlow's webhook at {host} gave no answer ({type(error).__name__}): check the "
                "address and the network; it is sent again by itself."
            ) from None
