"""The figures that are to be explained: which rows and columns, and what tells them apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from etl.errors import UsageError
from etl.explanations.declared import Explained
from etl.explanations.explanation import Narrowing
from etl.explanations.formulas import Formula
from etl.explanations.workspace import Gap
from etl.metrics.figures import Column, Figures, Kind

__all__ = ["Key", "Shown", "text_of"]

Key = tuple[str, ...]


def text_of(value: Any) -> str:
    """A cell as a person names it with `--row`, and as inputs name the row they enter."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class Shown:
    """Figures, the part of them that is asked for, and what their metric declares."""

    declared: Explained
    figures: Figures
    narrowing: Narrowing

    @classmethod
    def of(cls, declared: Explained, figures: Figures, narrowing: Narrowing) -> "Shown":
        """The rows that are as asked; UsageError where no row or column is."""
        names = (*(name for name, _ in narrowing.rows), narrowing.column)
        for name in filter(None, names):
            _refuse_unknown(figures, name)
        rows = [
            tuple(record.values())
            for record in figures.records()
            if all(text_of(record[name]) == text for name, text in narrowing.rows)
        ]
        if narrowing.rows and not rows:
            wanted = ", ".join(f"{name}={text}" for name, text in narrowing.rows)
            raise UsageError(f"{figures.metric.name} has no row with {wanted}.")
        return cls(declared, replace(figures, rows=tuple(rows)), narrowing)

    @property
    def keys(self) -> list[str]:
        """The columns of the inputs that say which row they enter."""
        return [*self.declared.keys, *(["part"] if self.declared.part else [])]

    def key(self, record: Mapping[str, Any]) -> Key:
        """What inputs that enter a row have in these."""
        keys = tuple(text_of(record[name]) for name in self.declared.keys)
        return (*keys, self._part(record)) if self.declared.part else keys

    def _part(self, record: Mapping[str, Any]) -> str:
        return " · ".join(text_of(record[name]) for name in self.declared.part)

    def formulas(self, record: Mapping[str, Any]) -> Iterator[Formula]:
        """Those that hold for a row and give a column that is asked for."""
        for formula in self.declared.formulas:
            if formula.holds(record) and self.is_asked(formula.column):
                yield formula

    def is_asked(self, column: str) -> bool:
        """Whether a column is among those asked for."""
        return self.narrowing.column in {None, column}

    def summed(self, *kinds: Kind) -> list[Column]:
        """The columns of these kinds whose cells are sums of inputs."""
        given = {formula.column for formula in self.declared.formulas} - self.declared.both
        columns = self.figures.metric.columns
        return [
            column
            for column in columns
            if column.kind in kinds and column.name not in given | self.declared.modelled
        ]

    def wanted(self) -> list[str] | None:
        """The columns and terms whose inputs are asked for; None for all."""
        held = {f for record in self.figures.records() for f in self.formulas(record)}
        summed = {c.name for c in self.summed("money", "count") if self.is_asked(c.name)}
        is_everything = self.narrowing.column is None and len(held) == len(self.declared.formulas)
        if is_everything or not (held or summed):  # what is modelled comes from all there is
            return None
        return sorted({term for formula in held for term in formula.terms} | summed)

    def undecided(self) -> Iterator[tuple[list[str], str, str]]:
        """Sums that are left empty: the row's key, the column, and the reason the row gives."""
        columns = self.summed("money", "count")
        for record in self.figures.records():
            for column in columns:
                if record[column.name] is None:
                    reason = record.get("reason") or "not known"
                    yield list(self.key(record)), column.name, reason

    def gaps(self) -> Iterator[Gap]:
        """Rows that say why they have no figure."""
        named = [column.name for column in self.figures.metric.columns if column.kind == "reason"]
        for record in self.figures.records():
            for name in named:
                if record[name]:
                    yield self._gap(record, f"no figure: {record[name]}")

    def _gap(self, record: Mapping[str, Any], reason: str) -> Gap:
        return Gap(
            reason=reason,
            currency=record.get("currency"),
            month=record.get("month"),
            part=self._part(record) if self.declared.part else None,
            customer_id=record.get("customer_id"),
            document=record.get("customer") or self.figures.metric.title,
        )

    def places(self) -> dict[str, list[str] | None]:
        """What exclusions must have in common with the rows asked for; None: anything."""
        names = {
            "months": "month",
            "currencies": "currency",
            "customers": "customer_id",
            "invoices": "invoice_id",
            "payments": "payment_id",
        }
        places = {name: self._texts(column) for name, column in names.items()}
        return places | {"parts": self._parts()}

    def _texts(self, column: str) -> list[str] | None:
        if not self.narrowing.rows or column not in self.figures.names:
            return None
        return sorted({text_of(record[column]) for record in self.figures.records()})

    def _parts(self) -> list[str] | None:
        if not self.narrowing.rows or not self.declared.part:
            return None
        return sorted({self._part(record) for record in self.figures.records()})


def _refuse_unknown(figures: Figures, name: str) -> None:
    if name not in figures.names:
        known = ", ".join(figures.names)
        raise UsageError(f"{figures.metric.name} has no column “{name}”: choose one of {known}.")
