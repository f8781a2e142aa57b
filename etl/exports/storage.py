"""Exports into storage that speaks S3."""

from datetime import datetime
from urllib.parse import urlsplit

import httpx

from etl.errors import DeliveryError, UsageError
from etl.exports.parcel import Parcel
from etl.exports.signature import StorageKeys, path_of, signed

__all__ = ["Bucket", "checked_endpoint", "into_storage"]

TIMEOUT_S = 60
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Bucket = dict[str, str]  # endpoint, bucket, prefix, region


def checked_endpoint(url: str) -> str:
    """The address; UsageError where a file would travel in the clear, or it is none."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.query or "@" in parts.netloc:
        raise UsageError(
            f"“{parts.scheme}://{parts.hostname or ''}” cannot be a storage's address: give one "
            "like https://s3.eu-central-1.amazonaws.com, without keys in it."
        )
    return url.rstrip("/")


def into_storage(parcel: Parcel, bucket: Bucket, keys: StorageKeys, at: datetime) -> str:
    """Puts the facts and then the file; gives the file's place."""
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        for name, content, mime in (
            (f"{parcel.name}.facts.json", parcel.facts_json.encode(), "application/json"),
            (parcel.name, parcel.content, parcel.mime),
        ):
            _put(client, bucket, keys, name, content, mime, at)
    return f"s3://{bucket['bucket']}/{_key(bucket, parcel.name)}"


def _key(bucket: Bucket, name: str) -> str:
    return "/".join(part for part in (bucket["prefix"].strip("/"), name) if part)


def _put(
    client: httpx.Client,
    bucket: Bucket,
    keys: StorageKeys,
    name: str,
    content: bytes,
    mime: str,
    at: datetime,
) -> None:
    url = f"{bucket['endpoint']}/{path_of(bucket['bucket'], _key(bucket, name))}"
    headers = signed(
        "PUT",
        url,
        content,
        keys,
        region=bucket["region"],
        at=at,
        headers={"content-type": mime},
    )
    try:
        answer = client.put(url, content=content, headers=headers)
    except httpx.HTTPError as error:
        raise DeliveryError(
            f"{bucket['endpoint']} cannot be reached ({type(error).__name__}): check the address "
            "and the network."
        ) from None
    if not answer.is_success:
        raise DeliveryError(
            f"The storage answered {answer.status_code} for bucket {bucket['bucket']}: check its "
            "name, region and keys."
        )
