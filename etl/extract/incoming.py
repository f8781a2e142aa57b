"""Pages made ready to land: of each record its id, its dates, its text and the text's hash."""

import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import msgspec
import pyarrow as pa

from billcom.paging import Page
from billcom.protocol import parse_instant
from etl.extract.contract import Form, look
from etl.extract.plan import Step

__all__ = ["Change", "Incoming", "changes_between", "read_in"]

# Arrow's own allocator keeps what a batch took for the next one; a sync's memory is counted.
pa.set_memory_pool(pa.system_memory_pool())

# DuckDB reads a JSON number by way of a double, which gives fifteen digits back as they were. A
# record with a longer one has its fractions quoted, to be read as text (docs/adr/0003). To find it:
# every digit becomes a 9, and what stands before a number in JSON (but not before a text) a colon.
SHAPES = bytes.maketrans(b"012345678.,[- \t\r\n", b"9999999999:::::::")
TOO_LONG = b":" + b"9" * 16

FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Incoming:
    """Records in the order they came: when each was made and changed, and what their `form` was;
    and a table with bill_id, content_hash, record_updated_at, payload and position, in which a
    record that came twice is as it was last."""

    created_at: list[datetime | None]
    updated_at: list[datetime | None]
    table: pa.Table
    form: Form


def read_in(step: Step, pages: Sequence[Page]) -> Incoming:
    """The records of pages."""
    texts = [_kept(step, text) for page in pages for text in page.texts]
    heads, form = look(step.resource.name, (step.key, step.created, step.watermark), texts)
    updated_at = [_instant(head.updated) for head in heads]
    created_at = [_instant(head.created) for head in heads]
    last = {head.bill_id: at for at, head in enumerate(heads)}
    kept = {bill_id: (_exact(texts[at]), updated_at[at]) for bill_id, at in last.items()}
    return Incoming(created_at, updated_at, _table(kept), form)


def _table(records: Mapping[str, tuple[bytes, datetime | None]]) -> pa.Table:
    payloads = [payload for payload, _ in records.values()]
    updated_at = [at for _, at in records.values()]
    return pa.table(
        {
            "bill_id": pa.array(list(records), pa.string()),
            "content_hash": pa.array(map(_hash, payloads), pa.string()),
            "record_updated_at": pa.array(updated_at, pa.timestamp("us", tz="UTC")),
            "payload": _strings(payloads),
            "position": pa.array(range(len(payloads)), pa.int64()),
        }
    )


def _strings(texts: Sequence[bytes]) -> pa.Array:
    """Texts in UTF-8 as one column: their bytes put together and where each begins, which takes a
    fraction of the time of making strings of them."""
    offsets = array("q", accumulate(map(len, texts), initial=0))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(texts))]
    return pa.Array.from_buffers(pa.large_string(), len(texts), buffers)


def _kept(step: Step, text: bytes) -> bytes:
    if step.keeps is None:
        return text
    fields = FIELDS.decode(text)
    return msgspec.json.encode({name: fields[name] for name in step.keeps if name in fields})


def _hash(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


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


@dataclass(frozen=True, slots=True)
class Change:
    """A top-level field that two versions of a record have differently: the JSON texts of its
    values, None where it is not there."""

    field: str
    before: str | None
    after: str | None


def changes_between(before: str, after: str) -> list[Change]:
    """What two texts of a record have differently, whatever the order of fields within."""
    old, new = FIELDS.decode(before), FIELDS.decode(after)
    return [
        Change(name, _text(old.get(name)), _text(new.get(name)))
        for name in {**old, **new}
        if not _is_same(old.get(name), new.get(name))
    ]


def _text(value: msgspec.Raw | None) -> str | None:
    return None if value is None else bytes(value).decode()


def _is_same(one: msgspec.Raw | None, other: msgspec.Raw | None) -> bool:
    if one is None or other is None or bytes(one) == bytes(other):
        return (one is None) == (other is None)
    return bool(
        json.loads(bytes(one), parse_float=str) == json.loads(bytes(other), parse_float=str)
    )
