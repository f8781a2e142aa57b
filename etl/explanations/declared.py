"""What a metric declares, so that its figures can be explained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.explanations.formulas import Cell, Formula
from etl.explanations.workspace import Workspace
from etl.metrics.figures import Metric, Question

__all__ = ["Explained", "Source", "same"]


@dataclass(frozen=True, slots=True)
class Source:
    """An SQL file of inputs or exclusions, and its parameters."""

    sql: str
    parameters: Mapping[str, Any]


NONE: frozenset[str] = frozenset()


def same(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row that needs nothing added to its numbers."""
    return row


def _no_inputs(_workspace: Workspace, _question: Question) -> None:
    """Everything comes from SQL."""


def _silent(_cell: Cell) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a metric's figures come from.

    `inputs` and `exclusions` are the SQL files that list them; `worked_out` adds inputs that only
    Python can tell. `keys` are the columns that say which row of the figures an input enters;
    where the metric has other names for it, `part` are the columns whose texts, joined by ` · `,
    are an input's part. A term that is no column adds up amounts, or amounts times days
    (`weighted`), or times days that are at least 0 (`late`). `both` are columns that inputs add up
    to and a formula gives as well. `modelled` are numbers that are no sum
    of inputs and follow no formula: `notes` say how they come about, `steps` with their numbers.
    `terms` adds to a row what its formulas need and it does not show.
    """

    metric: Metric
    inputs: Callable[[Question], Sequence[Source]]
    exclusions: Callable[[Question], Sequence[Source]]
    keys: tuple[str, ...] = ("currency",)
    part: tuple[str, ...] = ()
    formulas: tuple[Formula, ...] = ()
    worked_out: Callable[[Workspace, Question], None] = _no_inputs
    weighted: frozenset[str] = NONE
    late: frozenset[str] = NONE
    both: frozenset[str] = NONE
    modelled: frozenset[str] = NONE
    notes: tuple[str, ...] = ()
    terms: Callable[[Mapping[str, Any]], Mapping[str, Any]] = same
    steps: Callable[[Cell], Sequence[str]] = _silent
