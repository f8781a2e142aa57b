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

# DuckDB reads a JSON number by way of a double, which gives fifteen digits back as they were. A
# record with a longer one has its fractions quoted, to be read as text (docs/adr/0003). To find it:
# every digit becomes a 9, and what stands before a number in JSON (but not before a text) a colon.
SHAPES = bytes.maketrans(b"012345678.,[- \t\r\n", b"9999999999:::::::")
TOO_LONG = b":" + b"9" * 16

FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Incoming:
    """Records in the order they came: when each was made and changed, and a table with bill_id,
    content_hash, record_updated_at, payload and position."""

    created_at: list[datetime | None]
    updated_at: list[datetime | None]
    table: pa.Table


def read_in(step: Step, pages: Sequence[Page]) -> Incoming:
    """The records of pages."""
    decoder = _decoder(step.key, step.created, step.watermark)
    texts = [_kept(step, text) for page in pages for text in page.texts]
    heads = [decoder.decode(text) for text in texts]
    payloads = [_exact(text) for text in texts]
    updated_at = [_instant(head.updated) for head in heads]
    table = pa.table(
        {
            "bill_id": pa.array([head.bill_id for head in heads], pa.string()),
            "content_hash": pa.array(map(_hash, payloads), pa.string()),
            "record_updated_at": pa.array(updated_at, pa.timestamp("us", tz="UTC")),
            "payload": pa.array(payloads, pa.string()),
            "position": pa.array(range(len(heads)), pa.int64()),
        }
    )
    return Incoming([_instant(head.created) for head in heads], updated_at, table)


def _kept(step: Step, text: bytes) -> bytes:
    if step.keeps is None:
        return text
    fields = FIELDS.decode(text)
    return msgspec.json.encode({name: fields[name] for name in step.keeps if name in fields})


def _hash(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


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
    if TOO_LONG not in text.translate(SHAPES):
        return text
    return json.dumps(json.loads(text, parse_float=str), ensure_ascii=False).encode()


def has_same_content(one: str, other: str) -> bool:
    """Whether two texts hold the same record, whatever the order of its fields."""
    return bool(json.loads(one, parse_float=str) == json.loads(other, parse_float=str))
