"""Whether inputs give the figures: their sums cell by cell, told in words and compared."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from etl.explanations.explanation import Difference
from etl.explanations.formulas import Cell, number, tell, valued
from etl.explanations.shown import Key, Shown
from etl.metrics.figures import Column
from etl.money import rounded

__all__ = ["Proof", "proof_of"]

TOLD_ROWS = 60  # sums are told in words for figures a person can look through


@dataclass(frozen=True, slots=True)
class _Sums:
    of_all: dict[str, Decimal] = field(default_factory=dict)
    by_month: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, month: str | None, column: str, value: Decimal, count: int) -> None:
        self.of_all[column] = self.of_all.get(column, Decimal(0)) + value
        self.counts[column] += count
        if month is not None:
            self.by_month.setdefault(month, {})[column] = value


@dataclass(frozen=True, slots=True)
class Proof:
    """Rows of figures with the sums of their inputs."""

    shown: Shown
    cells: Sequence[Cell]

    def told(self) -> Iterator[str]:
        """Every formula with its numbers, a line each."""
        for cell in self.cells:
            where = " · ".join(filter(None, self.shown.key(cell.row)))
            for line in self._lines(cell):
                yield f"{where}: {line}" if where else line

    def _lines(self, cell: Cell) -> Iterator[str]:
        if len(self.cells) <= TOLD_ROWS:
            yield from self._sums_told(cell)
        for formula in self.shown.formulas(cell.row):
            yield tell(formula, cell)
        yield from self.shown.declared.steps(cell)

    def _sums_told(self, cell: Cell) -> Iterator[str]:
        for column in self.shown.summed("money"):
            count = cell.counts.get(column.name, 0)
            if count and self.shown.is_asked(column.name):
                inputs = "1 input" if count == 1 else f"{count:,} inputs"
                yield f"{column.name} = {number(cell.row[column.name])}, the sum of {inputs}"

    def differences(self) -> Iterator[Difference]:
        """Cells that their inputs do not give, by sum or formula."""
        for key, cells in _by_key(self.shown, self.cells).items():
            for column in self.shown.summed("money", "count"):
                if self.shown.is_asked(column.name):
                    yield from _unlike_sum(key, cells, column)
        kinds = {column.name: column.kind for column in self.shown.figures.metric.columns}
        for cell in self.cells:
            for formula in self.shown.formulas(cell.row):
                figure = cell.row[formula.column]
                found = valued(formula, cell, kinds[formula.column])
                if figure is not None and found != figure:
                    yield Difference(self.shown.key(cell.row), formula.column, figure, found)


def _by_key(shown: Shown, cells: Sequence[Cell]) -> dict[Key, list[Cell]]:
    found: dict[Key, list[Cell]] = {}
    for cell in cells:
        found.setdefault(shown.key(cell.row), []).append(cell)
    return found


def _unlike_sum(key: Key, cells: Sequence[Cell], column: Column) -> Iterator[Difference]:
    """The rows of one key share their inputs: a column that adds up has them once in all."""
    given = [cell.row[column.name] for cell in cells if cell.row[column.name] is not None]
    figures = [sum(given, Decimal(0))] if given and column.adds_up else given
    found = cells[0].sums.get(column.name, Decimal(0))
    if column.kind == "money":
        found = rounded(found, cells[0].row["currency"])
    for figure in figures:
        if figure != found:
            yield Difference(key, column.name, Decimal(figure), found)


def proof_of(shown: Shown, totals: Sequence[tuple[Any, ...]]) -> Proof:
    """The proof from totals by cell, month and column: how many, amounts, amounts by days."""
    sums: dict[Key, _Sums] = defaultdict(_Sums)
    kinds = {column.name: column.kind for column in shown.figures.metric.columns}
    for cell, month, column, count, amount, by_days, by_late_days in totals:
        if kinds.get(column) == "count":
            value = Decimal(count)
        elif column in shown.declared.weighted:
            value = by_days
        else:
            value = by_late_days if column in shown.declared.late else amount
        sums[tuple(cell)].add(month, column, value, count)
    return Proof(shown, [_cell(shown, record, sums) for record in shown.figures.records()])


def _cell(shown: Shown, record: Mapping[str, Any], sums: Mapping[Key, _Sums]) -> Cell:
    found = sums.get(shown.key(record), _Sums())
    row = shown.declared.terms(record)
    return Cell(row, found.of_all, found.by_month, found.counts)
