"""Figures as Parquet: exact decimals, dates as dates, and what they are in the file's metadata."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.exports.layout import Layout, layout_of
from etl.metrics.figures import Column, Figures
from etl.store.access import Grant

__all__ = ["parquet_file"]

MONEY = pa.decimal128(38, 4)
ROWS_AT_ONCE = 20_000
LEAD = (
    pa.field("tenant", pa.string()),
    pa.field("as_of", pa.date32()),
    pa.field("time_zone", pa.string()),
    pa.field("currency", pa.string()),
)
CONVERTED = pa.field("converted", pa.bool_())
PLAIN = {"date": pa.date32(), "count": pa.int64(), "money": MONEY}
NUMBERS = frozenset({"ratio", "days", "score"})


def parquet_file(grant: Grant, figures: Figures, facts: Mapping[str, Any]) -> bytes:
    """The Parquet of a metric's figures; facts are metadata whose keys begin with `tieout.`."""
    layout = layout_of(grant, figures)
    schema = _schema(layout, figures).with_metadata(_metadata(facts))
    target = io.BytesIO()
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in _batches(layout, figures, schema):
            writer.write_batch(batch)
    return target.getvalue()


def _metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"tieout.{name}": fact if isinstance(fact, str) else json.dumps(fact)
        for name, fact in facts.items()
    }


def _schema(layout: Layout, figures: Figures) -> pa.Schema:
    own = [
        pa.field(column.name, _type(column, (line.cells[at] for line in layout.lines(figures))))
        for at, column in enumerate(layout.columns)
    ]
    return pa.schema([*LEAD, *([CONVERTED] if layout.has_conversion else []), *own])


def _type(column: Column, cells: Iterator[Any]) -> pa.DataType:
    if column.kind in NUMBERS:
        # Each metric rounds its numbers as it says; none loses a digit here.
        digits = (-int(cell.as_tuple().exponent) for cell in cells if isinstance(cell, Decimal))
        return pa.decimal128(38, max(digits, default=0))
    return PLAIN.get(column.kind, pa.string())


def _batches(layout: Layout, figures: Figures, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    tenant, _as_of, time_zone = layout.lead
    lines: list[list[Any]] = []
    for line in layout.lines(figures):
        mark = [line.is_converted] if layout.has_conversion else []
        currency = line.currency or None
        lines.append([tenant, figures.as_of, time_zone, currency, *mark, *line.cells])
        if len(lines) == ROWS_AT_ONCE:
            yield _batch(lines, schema)
            lines = []
    yield _batch(lines, schema)


def _batch(lines: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*lines, strict=True) if lines else [()] * len(schema)
    arrays = [
        pa.array([_cell(cell, field.type) for cell in column], field.type)
        for column, field in zip(columns, schema, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)


def _cell(cell: Any, type_: pa.DataType) -> Any:
    if cell is None or type_ != pa.string():
        return cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)
