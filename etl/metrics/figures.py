"""What a metric is asked, and what it answers: small frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from etl.money import rounded
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = [
    "Amount",
    "Column",
    "Converted",
    "Figures",
    "Kind",
    "Metric",
    "Missing",
    "Needs",
    "Question",
    "RatesOf",
    "answered",
    "ask",
    "fetch",
]

# ratio: a share or multiple; percent: one times 100; days; score: points; reason: why the cell
# before it is empty.
Kind = Literal[
    "text",
    "id",
    "money",
    "date",
    "month",
    "count",
    "ratio",
    "percent",
    "days",
    "score",
    "reason",
]

# What is converted: balances at a day's closing rate, the others at the rate of their own day.
Amount = Literal["open_item", "unapplied", "invoiced", "cash", "on_account", "held", "failed"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's stable name, what its cells are, and its heading on a page.

    `adds_up`: whether the sum of its cells means anything; `currency`: of money that is not in the
    row's own.
    """

    name: str
    kind: Kind
    heading: str
    adds_up: bool = True
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `as_of` in the tenant's days; the rest narrows the rows.

    `limit` is how many rows of a list are wanted, None for all. `basis`, `edges` and `grace_days`
    are a tenant's own way to count: age from the due or the invoice date, the last days of buckets
    or classes, days after the due date that are forgiven. `known_on` asks for the answer of what
    was known at the end of that day, as first reported; None for that of all that is known now,
    restated. `reporting` is a currency to tell the total of all in, after the rows of each.
    `among` are the ids of the only records wanted; `amount_…` and `due_…` are bounds, themselves
    included.
    """

    as_of: date
    from_on: date | None = None
    to_on: date | None = None
    currency: str | None = None
    customer: str | None = None
    invoice: str | None = None
    record: str | None = None
    search: str | None = None
    state: str | None = None
    basis: Literal["due", "invoice"] = "due"
    edges: tuple[int, ...] | None = None
    grace_days: int = 0
    limit: int | None = None
    known_on: date | None = None
    reporting: str | None = None
    among: tuple[str, ...] | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    due_from: date | None = None
    due_to: date | None = None

    def parameters(self, names: Sequence[str]) -> dict[str, Any]:
        """The values of the SQL parameters of these names."""
        return {name: _bound(getattr(self, name)) for name in names}


def _bound(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Needs:
    """The rates that a metric's total in a reporting currency needs.

    `closings`: the days its balances are of, the last, both ends of the period, or every month's
    end; `days`: how many its period has where nobody says; `reaches_back`: what is before the
    period counts as well.
    """

    amounts: tuple[Amount, ...]
    closings: Literal["last", "both", "months"] = "last"
    days: int | None = None
    reaches_back: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A defined number or list: what docs/metrics.md says of it, as data.

    Its file in etl/metrics/sql has its name, unless `source` names one that several share.
    `parameters` are the fields of Question it uses; `ways` those of them that are a tenant's
    preference, and which. Of a list (`is_counted`) the SQL's last column is how many rows there
    are. `needs` is None where it has no total in a reporting currency.
    """

    name: str
    title: str
    unit: str
    grain: str
    owner: str
    definition: str
    page: str
    columns: tuple[Column, ...]
    parameters: tuple[str, ...]
    needs_customer: bool = False
    needs_record: bool = False
    source: str | None = None
    ways: tuple[tuple[str, str], ...] = ()
    is_counted: bool = False
    needs: Needs | None = None

    @property
    def needs_reporting(self) -> bool:
        """Whether it is asked for a reporting currency."""
        return "reporting" in self.parameters

    @property
    def sql(self) -> str:
        """The name of its SQL file."""
        return self.source or self.name


@dataclass(frozen=True, slots=True)
class Missing:
    """Documents of a currency without a rate: how many, and what they come to in it."""

    kind: Amount
    currency: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RatesOf:
    """What a source says of a currency: from when to when, and `closing`, at the question's day,
    where it is the one that counts then. `is_inverse`: worked out of the other direction."""

    currency: str
    quote: str
    source: str
    is_inverse: bool
    first_on: date
    last_on: date
    closing: Decimal | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A metric's answer. Money cells are Decimal with exactly their currency's digits.

    `total` is how many rows there are, of which those asked for are here.
    `converted` where a reporting currency was asked for.
    """

    metric: Metric
    question: Question
    snapshot: int
    rows: tuple[tuple[Any, ...], ...]
    total: int
    converted: "Converted | None" = None

    @property
    def as_of(self) -> date:
        """The day they are true for."""
        return self.question.as_of

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.metric.columns)

    def records(self) -> list[dict[str, Any]]:
        """The rows as mappings from column name to cell."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def texts(self) -> list[dict[str, Any]]:
        """The rows as JSON keeps them: amounts as decimal texts, days as YYYY-MM-DD."""
        return [{name: _text(cell) for name, cell in record.items()} for record in self.records()]


def _text(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, date) else cell


@dataclass(frozen=True, slots=True)
class Converted:
    """The total of all currencies in one: `figures` of the same metric, each document converted,
    rounded and then added. What has no rate is not in them, and is counted beside."""

    currency: str
    figures: Figures
    unconverted_count: int
    unconverted: tuple[Missing, ...]
    rates: tuple[RatesOf, ...]


def ask(metric: Metric, snapshot: Snapshot, question: Question) -> Figures:
    """A metric's figures of one snapshot, its columns those of its SQL."""
    rows = fetch(metric, snapshot, question.parameters(metric.parameters))
    if not metric.is_counted:
        return answered(metric, snapshot, question, rows)
    counted = [row[:-1] for row in rows]
    return replace(answered(metric, snapshot, question, counted), total=rows[0][-1] if rows else 0)


def fetch(
    metric: Metric, snapshot: Snapshot, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The rows of a metric's SQL: exact sums, of which Python makes what cannot be added."""
    return snapshot.rows(read_sql(f"metrics/sql/{metric.sql}.sql"), parameters)


def answered(
    metric: Metric, snapshot: Snapshot, question: Question, rows: Sequence[tuple[Any, ...]]
) -> Figures:
    """Rows in a metric's columns as its figures, money in its currency's digits."""
    return Figures(metric, question, snapshot.seq, _exact(metric, rows), len(rows))


def _exact(metric: Metric, rows: Sequence[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    names = [column.name for column in metric.columns]
    if "currency" not in names:
        return tuple(rows)
    at = names.index("currency")
    money = {
        i: column.currency for i, column in enumerate(metric.columns) if column.kind == "money"
    }
    return tuple(
        tuple(
            rounded(cell, money[i] or row[at]) if i in money and isinstance(cell, Decimal) else cell
            for i, cell in enumerate(row)
        )
        for row in rows
    )
