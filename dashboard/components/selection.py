"""What is chosen in a grid, kept by its rows' ids: a newer snapshot's grid begins with it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from dashboard import session
from etl.metrics.figures import Figures

__all__ = ["begun", "is_clicked_anew", "keep"]

Row = tuple[Any, ...]


def begun(grid: str, about: Any, found: Figures, names: Sequence[str]) -> Any:
    """What a grid that is drawn for the first time has chosen: what was chosen before of the rows
    that are still there. `about` is what the grid is of: of anything else nothing was chosen."""
    rows, cells = session.kept_choice(grid, about)
    places = {row: place for place, row in enumerate(_rows(found))}
    still = [(row, column) for row, column in cells if row in places and column in names]
    return {
        "selection": {
            "rows": sorted(places[row] for row in rows if row in places),
            "columns": [],
            "cells": [(places[row], column) for row, column in still],
        }
    }


def keep(grid: str, about: Any, found: Figures, chosen: Any) -> None:
    """Keeps what is chosen now; `chosen` is what Streamlit says of the grid."""
    rows, selection = list(_rows(found)), chosen.selection
    cells = tuple((rows[place], column) for place, column in selection.cells)
    session.keep_choice(grid, about, (tuple(rows[place] for place in selection.rows), cells))


def is_clicked_anew(grid: str, found: Figures, chosen: Any) -> bool:
    """Whether another cell is clicked on than the last time this was asked.

    A grid goes on telling a cell that was clicked, also where a newer snapshot moved its row: going
    back must not open it again.
    """
    rows, cells = list(_rows(found)), chosen.selection.cells
    clicked = tuple((rows[place], column) for place, column in cells)
    return session.is_news(f"clicked-{grid}", clicked) and bool(clicked)


def _rows(found: Figures) -> Iterator[Row]:
    """Each row by its ids and currency, and by how many before it have the same."""
    kept = [c.name for c in found.metric.columns if c.kind == "id" or c.name == "currency"]
    seen: Counter[Row] = Counter()
    for record in found.records():
        row = tuple(record[name] for name in kept)
        seen[row] += 1
        yield (*row, seen[row])
