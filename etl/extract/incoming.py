"""Pages made ready to land: of each record its id, its dates, its text and the text's hash."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import pyarrow as pa

from billcom.paging import Page
from billcom.protocol import parse_instant
from etl.extract.plan import Step

__all__ = ["Incoming", "has_same_content", "read_in"]

# DuckDB reads a JSON number by way of a double, which gives fifteen digits back as they were. What
# is longer is quoted, so that it is read as text (docs/adr/0003).
DIGITS = bytes.maketrans(b"012345678.", b"9" * 10)
TOO_LONG = b"9" * 16


@dataclass(frozen=True, slots=True)
class Incoming:
    """Records in the order they came, a list a fact."""

    bill_ids: list[str]
    created_at: list[datetime | None]
    updated_at: list[datetime | None]
    payloads: list[bytes]

    def table(self) -> pa.Table:
        """As landing takes it: bill_id, content_hash, record_updated_at, payload, position."""
        hashes = [hashlib.sha256(payload).hexdigest() for payload in self.payloads]
        return pa.table(
            {
                "bill_id": pa.array(self.bill_ids, pa.string()),
                "content_hash": pa.array(hashes, pa.string()),
                "record_updated_at": pa.array(self.updated_at, pa.timestamp("us", tz="UTC")),
                "payload": pa.array(self.payloads, pa.string()),
                "position": pa.array(range(len(hashes)), pa.int64()),
            }
        )


def read_in(step: Step, pages: Sequence[Page]) -> Incoming:
    """The records of pages."""
    decoder = _decoder(step.key, step.created, step.watermark)
    texts = [text for page in pages for text in page.texts]
    heads = [decoder.decode(text) for text in texts]
    return Incoming(
        [head.bill_id for head in heads],
        [_instant(head.created) for head in heads],
        [_instant(head.updated) for head in heads],
        [_exact(text) for text in texts],
    )


@cache
def _decoder(key: str, created: str, updated: str) -> msgspec.json.Decoder[Any]:
    """Reads nothing of a record but what landing needs."""
    fields = {"bill_id": key, "created": created, "updated": updated}
    head = msgspec.defstruct(
        "Head",
        [("bill_id", str), ("created", Any, None), ("updated", Any, None)],
        rename=fields,
    )
    return msgspec.json.Decoder(head)


def _instant(value: object) -> datetime | None:
    """What BILL says in a field that holds an instant, or None where it does not."""
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _exact(text: bytes) -> bytes:
    if TOO_LONG not in text.translate(DIGITS):
        return text
    return json.dumps(json.loads(text, parse_float=str), ensure_ascii=False).encode()


def has_same_content(one: str, other: str) -> bool:
    """Whether two texts hold the same record, whatever the order of its fields."""
    return bool(json.loads(one, parse_float=str) == json.loads(other, parse_float=str))
