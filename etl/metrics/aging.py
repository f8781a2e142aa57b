"""Receivables by age, in buckets that a tenant may draw otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from etl.errors import UsageError
from etl.metrics.figures import Column, Figures, Metric, Needs, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["AR_AGING", "EDGES", "ar_aging", "bucket_columns", "bucket_names", "checked_edges"]

EDGES = (30, 60, 90)
UNAPPLIED = -1  # the bucket of money that no invoice holds


def bucket_columns(edges: Sequence[int]) -> tuple[Column, ...]:
    """Not yet due, a column an edge, and what is beyond the last."""
    starts = [1, *(edge + 1 for edge in edges)]
    bounded = (
        Column(f"d{start}_{edge}", "money", f"{start}–{edge}")
        for start, edge in zip(starts, edges, strict=False)
    )
    last = Column(f"d{starts[-1]}_plus", "money", f"{starts[-1]}+")
    return (Column("current", "money", "Current"), *bounded, last)


def bucket_names(edges: Sequence[int]) -> list[str]:
    """The buckets' columns, in the order of their days."""
    return [column.name for column in bucket_columns(edges)]


def _columns(edges: Sequence[int]) -> tuple[Column, ...]:
    return (
        Column("currency", "text", "Currency"),
        *bucket_columns(edges),
        Column("gross", "money", "Gross"),
        Column("unapplied", "money", "Unapplied"),
        Column("net", "money", "Net"),
    )


AR_AGING = Metric(
    name="ar_aging",
    title="Receivables aging",
    unit="money",
    grain="currency",
    owner="collections",
    definition=(
        "Open amounts at the end of a day by days past due: not yet due, 1–30, 31–60, 61–90, 91 "
        "and more; beside them money not applied to an invoice, negative."
    ),
    page="Overview",
    columns=_columns(EDGES),
    parameters=("as_of", "currency", "customer", "basis", "edges"),
    needs=Needs(("open_item", "unapplied")),
    ways=(("basis", "aging_basis"), ("edges", "aging_edges")),
)


def checked_edges(edges: tuple[int, ...]) -> tuple[int, ...]:
    """The edges, if they rise from at least 1 and are at most 12; otherwise UsageError."""
    rises = all(low < high for low, high in zip((0, *edges), edges, strict=False))
    if not edges or len(edges) > 12 or not rises or edges[-1] > 36500:
        raise UsageError("Edges are 1 to 12 rising numbers of days, such as 30,60,90.")
    return edges


def ar_aging(snapshot: Snapshot, question: Question) -> Figures:
    """Open amounts by bucket: see AR_AGING. Other edges give other bucket columns."""
    edges = checked_edges(question.edges or EDGES)
    asked = question.parameters(AR_AGING.parameters) | {"edges": list(edges)}
    buckets: dict[str, dict[int, Decimal]] = {}
    for currency, bucket, amount in fetch(AR_AGING, snapshot, asked):
        buckets.setdefault(currency, {})[bucket] = amount
    rows = [(currency, *_row(found, len(edges) + 2)) for currency, found in buckets.items()]
    return answered(replace(AR_AGING, columns=_columns(edges)), snapshot, question, rows)


def _row(found: dict[int, Decimal], count: int) -> tuple[Decimal, ...]:
    amounts = [found.get(bucket, Decimal(0)) for bucket in range(count)]
    gross, unapplied = sum(amounts, Decimal(0)), found.get(UNAPPLIED, Decimal(0))
    return (*amounts, gross, unapplied, gross + unapplied)
