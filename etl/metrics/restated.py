"""What changed of a month since it was closed: document by document, and figure by figure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from etl.metrics.figures import Column, Figures, Metric, Question, answered
from etl.money import rounded
from etl.warehouse.snapshot_pair import SnapshotPair
from etl.warehouse.sqlfile import read_sql

__all__ = ["RESTATED_DOCUMENTS", "RESTATED_FIGURES", "moves", "restated_documents"]

NUMBERS = frozenset({"money", "ratio", "percent", "days", "score", "count"})

RESTATED_DOCUMENTS = Metric(
    name="restated_documents",
    title="Restated documents",
    unit="money",
    grain="document, currency",
    owner="finance",
    definition=(
        "Every document that is not what it was when the month was closed, for days up to the "
        "month's end, with what that does to receivables then and to revenue in the month."
    ),
    page="Close",
    columns=(
        Column("kind", "text", "Kind"),
        Column("document_id", "id", "Id"),
        Column("document", "text", "Document"),
        Column("customer_id", "id", "Customer id"),
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("change", "text", "Change"),
        Column("before", "text", "Before"),
        Column("after", "text", "After"),
        Column("observed_on", "date", "Seen"),
        Column("receivables", "money", "Receivables"),
        Column("invoiced", "money", "Invoiced"),
        Column("tax", "money", "Tax invoiced"),
        Column("collected", "money", "Collected"),
    ),
    parameters=("as_of", "from_on"),
)

RESTATED_FIGURES = Metric(
    name="restated_figures",
    title="Restated figures",
    unit="as each figure's",
    grain="metric, figure, of",
    owner="finance",
    definition="Every figure kept when the month was closed that would be another now.",
    page="Close",
    columns=(
        Column("metric", "text", "Metric"),
        Column("figure", "text", "Figure"),
        Column("of", "text", "Of"),
        Column("currency", "text", "Currency"),
        # Amounts, days, shares and counts alike, each in the digits of its metric.
        Column("then", "ratio", "When closed"),
        Column("now", "ratio", "Now"),
        Column("difference", "ratio", "Difference"),
    ),
    parameters=("as_of", "from_on"),
)


def restated_documents(pair: SnapshotPair, question: Question) -> Figures:
    """The documents of a month (`from_on` to `as_of`) that changed: see RESTATED_DOCUMENTS."""
    sql = read_sql("metrics/sql/restated_documents.sql")
    rows = pair.rows(sql, question.parameters(RESTATED_DOCUMENTS.parameters))
    told = [_told(row) for row in rows]
    return answered(RESTATED_DOCUMENTS, pair.now, question, told)


def _told(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *names, currency, is_new, is_gone, before, after, fields, observed_on = row[:12]
    left, right = Counter(_events(before, currency)), Counter(_events(after, currency))
    gone, come, changed = left - right, right - left, fields or []
    change = "added" if is_new else "removed" if is_gone else _change(gone, come, changed)
    return (
        *names,
        currency,
        change,
        _text([*(name for _, name in gone), *(_field(part, "before") for part in changed)]),
        _text([*(name for _, name in come), *(_field(part, "after") for part in changed)]),
        observed_on,
        *row[12:],
    )


def _events(events: Sequence[Mapping[str, Any]] | None, currency: str) -> Iterator[tuple[str, str]]:
    """An event's name, and the whole of it as a person reads it."""
    for event in events or ():
        name = event["event"].replace("_", " ")
        amount = rounded(event["amount"], currency)
        yield name, f"{name} {event['on']} {amount} ({event['document']})"


def _field(part: Mapping[str, Any], side: str) -> str:
    return f"{part['field']} {part[side] or 'none'}"


def _change(
    gone: Counter[tuple[str, str]],
    come: Counter[tuple[str, str]],
    fields: Sequence[Mapping[str, Any]],
) -> str:
    """What to call it: events that came or went, events that are other ones now, fields."""
    was, is_now = {name for name, _ in gone}, {name for name, _ in come}
    words = [
        *sorted(is_now - was),
        *(f"no {name}" for name in sorted(was - is_now)),
        *(f"{name} otherwise" for name in sorted(was & is_now)),
        *(part["field"] for part in fields),
    ]
    return ", ".join(words) or "through another document"


def _text(parts: Sequence[str]) -> str | None:
    return "; ".join(parts) or None


def moves(
    figures: Figures, kept: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Rows of RESTATED_FIGURES: where a metric's figures are not the texts kept of them."""
    columns = [
        column
        for column in figures.metric.columns
        if column.kind in NUMBERS and column.name not in key
    ]
    then = {_key(row, key): row for row in kept}
    now = {_key(row, key): row for row in figures.texts()}
    for place in dict.fromkeys([*then, *now]):
        of = ", ".join(
            str(part) for name, part in zip(key, place, strict=True) if name != "currency"
        )
        currency = dict(zip(key, place, strict=True)).get("currency")
        for column in columns:
            before, after = (_number(side.get(place), column) for side in (then, now))
            if before != after:
                difference = None if before is None or after is None else after - before
                yield (
                    figures.metric.title,
                    column.heading,
                    of,
                    currency,
                    before,
                    after,
                    difference,
                )


def _key(row: Mapping[str, Any], key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key)


def _number(row: Mapping[str, Any] | None, column: Column) -> Decimal | None:
    """The cell as a number; what has no row is nothing, where nothing can be counted."""
    if row is None:
        return Decimal(0) if column.kind in {"money", "count"} else None
    cell = row.get(column.name)
    return None if cell is None else Decimal(str(cell))
