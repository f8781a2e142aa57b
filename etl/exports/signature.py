"""Signing a request to S3: AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

__all__ = ["StorageKeys", "path_of", "signed"]

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class StorageKeys:
    """The two halves of a key to a storage."""

    key_id: str
    secret: str = field(repr=False)


def signed(
    method: str,
    url: str,
    content: bytes,
    keys: StorageKeys,
    *,
    region: str,
    at: datetime,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All headers of a request, its signature among them; `url` has no query."""
    parts = urlsplit(url)
    sent = {name.lower(): value for name, value in (headers or {}).items()} | {
        "host": parts.netloc,
        "x-amz-content-sha256": hashlib.sha256(content).hexdigest(),
        "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}",
    }
    names = ";".join(sorted(sent))
    lines = [f"{name}:{sent[name].strip()}" for name in sorted(sent)]
    # S3 wants the path encoded once, as it is in the address.
    request = [method, parts.path or "/", "", *lines, "", names, sent["x-amz-content-sha256"]]
    scope = f"{at:%Y%m%d}/{region}/s3/aws4_request"
    digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
    to_sign = "\n".join([ALGORITHM, sent["x-amz-date"], scope, digest])
    signature = hmac.new(_key(keys.secret, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"{ALGORITHM} Credential={keys.key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    )
    return sent


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def path_of(*parts: str) -> str:
    """Parts of a path, encoded as S3 reads them."""
    return "/".join(quote(part, safe="-_.~/") for part in parts if part)
